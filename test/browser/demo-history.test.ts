// The history view of the demo page in real Chromium: branch, edit, merge with a conflict, compare, blame, tag.
//
// The steps build on each other, as a visit does. Needs demo/dist, which the build part makes.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { launch } from '../kit/browser.mjs';
import { type Served, serve } from '../kit/server.mjs';

const at = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'aetherv-demo-'));
const wrongs: string[] = [];
let served: Served;
let context: BrowserContext;
let page: Page;

beforeAll(async () => {
  served = await serve({ roots: { '/': at('demo/dist'), '/aetherv/': at('dist') } });
  context = await launch({ profile: join(folder, 'profile') });
  context.on('weberror', (error) => wrongs.push(String(error.error())));
  page = context.pages()[0] ?? (await context.newPage());
  await page.setViewportSize({ width: 1280, height: 900 });
  await page.goto(served.url);
  await page.waitForFunction(() => document.querySelectorAll('#commits .commit').length > 1);
});
afterAll(async () => {
  await context.close();
  await served.close();
  rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
});

/** Waits until the page says that it writes to a branch. */
async function onBranch(name: string): Promise<void> {
  await page.waitForFunction((name) => document.querySelector<HTMLSelectElement>('#branch')?.value === name, name);
}

/** Adds words to the first line of the first document and saves. */
async function edit(words: string): Promise<void> {
  await page.click('#documents .row >> nth=0');
  await page.click('.document-head button:has-text("dit")');
  const text = await page.inputValue('.source');
  const end = text.indexOf('\n');
  await page.fill('.source', text.slice(0, end) + words + text.slice(end));
  await page.click('.editor-bar .primary');
  await page.waitForSelector('.report');
}

it('a branch is made and written to, and main does not change', async () => {
  await page.click('#branches >> text=New branch');
  await page.fill('#branches input', 'draft');
  await page.click('#branches >> text=Make branch');
  await onBranch('draft');
  await edit(' draftword');
  await page.selectOption('#branch', 'main');
  await onBranch('main');
  await page.waitForFunction(() => !document.querySelector('.document')?.textContent?.includes('draftword'));
});

it('the branch is in the address: reload and back lead to it', async () => {
  await page.selectOption('#branch', 'draft');
  await onBranch('draft');
  await page.waitForFunction(() => location.hash.includes('branch=draft'));
  await page.reload();
  await onBranch('draft');
  await page.goBack();
  await onBranch('main');
});

it('a conflict is shown with what was before and both sides, and the side that was chosen is merged', async () => {
  await edit(' mainword');
  await page.click('#branches >> text=Merge draft');
  await page.waitForSelector('#conflicts[open]');
  const side = (name: string) => page.locator(`#conflicts [data-side=${name}]`);
  expect(await side('ours').locator('ins').allTextContents()).toEqual([' mainword']);
  expect(await side('theirs').locator('ins').allTextContents()).toEqual([' draftword']);
  expect(await side('base').textContent()).not.toMatch(/mainword|draftword/);
  await page.click('#conflicts >> text=Take draft');
  await page.waitForSelector('.commit:has-text("merge")');
  await page.waitForFunction(() => document.querySelector('.document')?.textContent?.includes('draftword'));
});

it('what a commit changed is shown side by side, with the words that differ', async () => {
  await page.click('.commit-tools >> text=What it changed');
  await page.waitForSelector('#compare .delta');
  expect(await page.locator('#compare ins').allTextContents()).toContain('draftword');
  expect(await page.locator('#compare del').allTextContents()).toContain('mainword');
  await page.click('#compare >> text=Back');
  expect(await page.isHidden('#compare')).toBe(true);
});

it('blame names the commits beside the sentences', async () => {
  await page.click('#documents .row >> nth=1');
  await page.click('.document-head >> text=Blame');
  await page.waitForSelector('.blame-row');
  expect(await page.locator('.blame-commit .link').count()).toBeGreaterThan(0);
});

it('the slider goes back in time, and a tag names where it stands', async () => {
  const slider = page.locator('#as-of-slider');
  await slider.focus();
  await page.keyboard.press('ArrowLeft');
  await page.waitForSelector('#as-of:not([hidden])');
  await page.click('.commit-tools >> text=Tag');
  await page.fill('.commit-tools input', 'v1');
  await page.click('.commit-tools button[type=submit]');
  await page.waitForSelector('.label.tag:has-text("v1")');
  expect(wrongs).toEqual([]);
});
