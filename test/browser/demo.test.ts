// The demo page as a user meets it, in real Chromium: the sample is there, search, edit, go back, reload, drop files.
//
// The steps build on each other, as a visit does. Needs demo/dist, which the build part makes.
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packHistories } from '../../demo/histories.mjs';
import { launch } from '../kit/browser.mjs';
import { type Served, serve } from '../kit/server.mjs';

const at = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'aetherv-demo-'));
/** Whatever the page should not do: fail, complain, or ask another machine. */
const wrongs: string[] = [];
let served: Served;
let context: BrowserContext;
let page: Page;

beforeAll(async () => {
  served = await serve({ roots: { '/': at('demo/dist'), '/aetherv/': at('dist'), '/histories/': histories() } });
  context = await launch({ profile: join(folder, 'profile') });
  context.on('weberror', (error) => wrongs.push(String(error.error())));
  context.on('console', (message) => {
    if (message.type() === 'error') wrongs.push(message.text());
  });
  context.on('request', (request) => {
    if (/^(http|ws)/.test(request.url()) && !request.url().startsWith(served.url)) wrongs.push(request.url());
  });
  page = context.pages()[0] ?? (await context.newPage());
  await page.setViewportSize({ width: 1280, height: 900 });
  await page.goto(served.url);
});
afterAll(async () => {
  await context.close();
  await served.close();
  rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
});

/** A history of 40 commits with a rename and a delete, as the shared data has them. */
function histories(): string {
  const commits = Array.from({ length: 40 }, (_, seq) => {
    const change = {
      path: 'a.md',
      op: seq === 0 ? 'add' : 'modify',
      text: `# Counting\n\nThe lighthouse keeper counts ${seq} ships.\n`,
    };
    const extra = [
      ...(seq === 0 ? [{ path: 'b.md', op: 'add', text: '# Harbour\n\nBoats sleep here.\n' }] : []),
      ...(seq === 20 ? [{ path: 'c.md', op: 'rename', from: 'b.md', text: null }] : []),
      ...(seq === 30 ? [{ path: 'c.md', op: 'delete', text: null }] : []),
    ];
    const time = new Date(Date.UTC(2020, 0, seq + 1)).toISOString();
    return { seq, time, sha: `sha${seq}`, message: `ships: ${seq}`, changes: [change, ...extra] };
  });
  const source = join(folder, 'data');
  mkdirSync(source);
  writeFileSync(join(source, 'light-house.jsonl.gz'), gzipSync(commits.map((each) => JSON.stringify(each)).join('\n')));
  return packHistories({ source, target: join(folder, 'histories') });
}

const tales = [
  '# Otters\n\nOtters know a lot.',
  ...['kelp', 'urchins', 'stones', 'tides', 'pups', 'fur', 'sleep', 'rafts'].map(
    (word) => `## About ${word}\n\nThe otter knows a good deal about ${word}, and tells nobody.`,
  ),
].join('\n\n');

const count = async (of: 'documents' | 'commits') => Number((await page.textContent(`#${of}-count`))?.replace(',', ''));
const texts = (selector: string) => page.locator(selector).allTextContents();
const search = async (query: string) => {
  await page.fill('#query', query);
  await page.waitForSelector('#results[aria-busy="false"]', { state: 'attached' });
};
const until = (text: string) => page.getByText(text).first().waitFor();
const drop = (files: { name: string; text: string }[]) =>
  page.evaluate((list) => {
    const dataTransfer = new DataTransfer();
    for (const { name, text } of list) dataTransfer.items.add(new File([text], name));
    for (const type of ['dragenter', 'dragover', 'drop'])
      document.body.dispatchEvent(new DragEvent(type, { dataTransfer, bubbles: true, cancelable: true }));
  }, files);

describe('a first visit', () => {
  it('finds the documentation of the project indexed, with its history', async () => {
    await page.waitForSelector('.commit');
    await page.waitForSelector('#job', { state: 'hidden' });
    await expect.poll(() => count('documents')).toBeGreaterThan(0);
    expect(await count('commits')).toBeGreaterThan(0);
    expect((await texts('.cost'))[0]).toMatch(/^\d+ embedded, \d+ reused$|deleted$/);
    expect((await texts('#facts dd')).join(' ')).toMatch(/SIMD.*IndexedDB, strict.*Writer/);
    const sample = readdirSync(at('demo/dist/assets')).find((name) => name.startsWith('sample')) ?? 'none';
    expect(statSync(join(at('demo/dist/assets'), sample)).size).toBeLessThan(300_000);
  });

  it('answers while one types: heading path, marked words, score, version, commit and space', async () => {
    const title = await page.evaluate(() => document.querySelector<HTMLElement>('.row')?.title ?? '');
    await page.click('.row');
    const heading = (await page.locator('.document h1, .document h2, .document p').first().textContent()) ?? '';
    await search(heading.slice(0, 60));
    const hit = page.locator('.hit').first();
    expect(await hit.locator('.hit-title').textContent()).not.toBe('');
    expect(await page.locator('.hit mark').count()).toBeGreaterThan(0);
    expect(await hit.locator('.score').textContent()).toMatch(/^Score [01]\.\d\d$/);
    expect(await hit.locator('.origin').textContent()).toMatch(
      /version [0-9a-f]{7}since .*, [0-9a-f]{7}.*aether-static/,
    );
    expect(await texts('.hit .file')).toContain(title);
  });

  it('goes by keys alone: slash, arrows, Enter, Esc', async () => {
    await page.locator('.hit-title').first().focus();
    await page.keyboard.press('/');
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('query');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('Enter');
    await page.waitForSelector('.document .found');
    expect(new URLSearchParams(new URL(page.url()).hash.slice(1)).get('doc')).not.toBeNull();
    await page.keyboard.press('Escape');
    await page.waitForSelector('#document', { state: 'hidden' });
    expect(await page.evaluate(() => document.activeElement?.className)).toBe('hit-title');
  });
});

describe('own documents', () => {
  it('takes dropped files as one commit and says which it left out; markup in them stays text', async () => {
    const before = await count('commits');
    const hostile =
      '# Hostile\n\n<img src=x onerror="window.broken=1"> <script>window.broken=1</script> [x](javascript:window.broken=1)\n';
    await drop([
      { name: 'otters.md', text: tales },
      { name: 'hostile.md', text: hostile },
      { name: 'picture.png', text: 'no' },
    ]);
    await page.getByText(/^2 added: \d+ chunks embedded/).waitFor();
    await until('Left out: picture.png (no Markdown or text)');
    await expect.poll(() => count('commits')).toBe(before + 1);
    expect((await texts('.commit .subject'))[0]).toBe('Add 2 files');
    await page.click('.row[title="hostile.md"]');
    await until('window.broken=1');
    expect(await page.locator('.document img, .document script, .document a').count()).toBe(0);
    expect(await page.evaluate(() => 'broken' in window)).toBe(false);
  });

  it('embeds only the edited chunk, says so, and finds the new text', async () => {
    await page.click('.row[title="otters.md"]');
    await page.getByRole('button', { name: 'Edit', exact: true }).click();
    const text = await page.inputValue('#text');
    expect(text).toBe(tales);
    await page.fill('#text', text.replace('about kelp, and tells nobody', 'about xylophones, and plays them'));
    // Looking at something else does not lose what was typed.
    await page.click('.row[title="hostile.md"]');
    await page.click('.row[title="otters.md"]');
    await page.getByRole('button', { name: 'Go on editing' }).click();
    await page.fill('#message', 'Music for otters');
    await page.keyboard.press('Control+Enter');
    await until('1 of 9 chunks re-embedded, 8 reused');
    await search('who plays xylophones');
    const hit = page.locator('.hit').first();
    expect(await hit.locator('.passage').textContent()).toContain('about xylophones, and plays them');
    expect(await hit.locator('mark').allTextContents()).toContain('xylophones');
  });

  it('completes the word that is typed, and asks whether another was meant', async () => {
    await search('who plays xylo');
    await expect.poll(() => page.locator('.hit mark').allTextContents()).toContain('xylophones');
    expect(await page.locator('.refine p').count()).toBe(0);
    await search('xylofones and');
    await page.getByRole('button', { name: 'xylophones and' }).click();
    await expect.poll(() => page.inputValue('#query')).toBe('xylophones and');
  });

  it('searches and shows the old text as of the commit before, under a banner that leads back', async () => {
    await page.locator('.commit').nth(1).click();
    await until('Back to now');
    expect(await page.textContent('#as-of')).toContain('As of Add 2 files');
    await search('otter kelp');
    await expect
      .poll(() => page.locator('.hit .passage').first().textContent())
      .toContain('about kelp, and tells nobody');
    expect((await texts('.hit .passage')).join(' ')).not.toContain('xylophones');
    await page.locator('.hit-title').first().click();
    await page.waitForSelector('.document .found');
    expect(await page.textContent('.document')).toContain('about kelp, and tells nobody');
    expect(await page.getByRole('button', { name: 'Edit', exact: true }).count()).toBe(0);
    await page.getByRole('button', { name: 'Back to now' }).click();
    await expect.poll(() => page.textContent('.document')).toContain('about xylophones, and plays them');
  });

  it('keeps everything over a reload, and the view with it', async () => {
    const before = { documents: await count('documents'), commits: await count('commits') };
    await page.keyboard.press('Escape');
    await search('who plays xylophones');
    await page.reload();
    await page.waitForSelector('.hit');
    expect(await page.inputValue('#query')).toBe('who plays xylophones');
    expect(await page.locator('.hit .passage').first().textContent()).toContain('and plays them');
    expect({ documents: await count('documents'), commits: await count('commits') }).toEqual(before);
  });

  it('restores an old text without embedding anything, and deletes', async () => {
    await page.locator('.commit').nth(1).click();
    await page.click('.row[title="otters.md"]');
    await page.getByRole('button', { name: 'Restore this text' }).click();
    await until('otters.md is restored: 0 of 9 chunks re-embedded, 9 reused');
    await page.getByRole('button', { name: 'Delete', exact: true }).click();
    await page.getByRole('button', { name: 'Delete from now on' }).click();
    await until('otters.md is deleted');
    await expect.poll(() => page.locator('.row[title="otters.md"]').count()).toBe(0);
    await search('who knows about kelp');
    expect((await texts('.hit .file')).join(' ')).not.toContain('otters.md');
  });

  it('shows a second tab as a reader that follows', async () => {
    const tab = await context.newPage();
    await tab.goto(served.url);
    await tab.getByText('Read only').waitFor();
    await drop([{ name: 'follow.md', text: '# Follow\n\nThe second tab sees this.\n' }]);
    await tab.waitForSelector('.row[title="follow.md"]');
    await tab.close();
  });
});

describe('the frame', () => {
  it('replays the newest commits of a long history, renames and deletes too', async () => {
    await page.selectOption('#corpus', { label: 'Light house' });
    await page.getByText('2 documents').or(page.getByText('1 document after 40 commits')).first().waitFor();
    await page.getByRole('button', { name: 'Load' }).click();
    // The older ones as one, 30 more; the rename and the delete also remove, which is a commit of its own.
    await expect.poll(() => count('commits'), { timeout: 20_000 }).toBe(33);
    await page.waitForSelector('#job', { state: 'hidden' });
    expect(await texts('.row .name')).toEqual(['a.md']);
    expect((await texts('.moment'))[0]).toMatch(/^Feb 9, 2020/);
    await search('how many ships');
    expect(await page.locator('.hit .passage').first().textContent()).toContain('counts 39 ships');
    await page.locator('.commit').last().click();
    await expect.poll(() => page.locator('.hit .passage').first().textContent()).toContain('counts 9 ships');
    expect(await texts('.row .name')).toEqual(['a.md', 'b.md']);
  });

  it('switches between light and dark and remembers it', async () => {
    const shade = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const light = await shade();
    await page.click('#theme');
    const dark = await shade();
    expect(dark).not.toBe(light);
    await page.reload();
    expect(await shade()).toBe(dark);
  });

  it('fits on a screen of 380 px, one panel at a time', async () => {
    await page.setViewportSize({ width: 380, height: 720 });
    for (const panel of ['search', 'documents', 'history', 'facts']) {
      await page.click(`#tabs button[value="${panel}"]`);
      expect(await page.locator('.panel:visible').getAttribute('data-name')).toBe(panel);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(380);
    }
  });

  it('has asked no other machine and raised no error', () => {
    expect(wrongs).toEqual([]);
  });
});
