// Several tabs on one database: one writes, the others read along and take over.
import type { CommitInfo } from 'aetherv';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { Site } from '../kit/site.ts';

declare global {
  /** The database of this tab and what it told. */
  var tab: {
    db: Awaited<ReturnType<typeof kit.AetherV.open>>;
    told: CommitInfo[];
    roles: string[];
    warnings: string[];
  };
}

let site: Site;
let first: Page;
let second: Page;
let name: string;
let count = 0;
beforeAll(async () => {
  site = await Site.start();
});
afterAll(() => site.stop());

beforeEach(async () => {
  name = `shared ${count++}`;
  first = await site.tab();
  second = await site.tab();
  return async () => {
    await first.close();
    await second.close();
  };
});

/** Opens the database in a tab and keeps what it tells. */
function open(page: Page): Promise<string> {
  return page.evaluate(async (name) => {
    const db = await kit.AetherV.open(name);
    globalThis.tab = { db, told: [], roles: [], warnings: [] };
    db.on('change', (commit) => tab.told.push(commit));
    db.on('status', ({ role }) => tab.roles.push(role));
    db.on('warning', ({ code }) => tab.warnings.push(code));
    await db.search('until the model is there');
    return (await db.info()).role;
  }, name);
}

const put = (page: Page, from: number, n = 1) =>
  page.evaluate(([from, n]) => tab.db.put(kit.docs(n, from)), [from, n] as const);
const state = (page: Page) => page.evaluate(() => kit.state(tab.db));
/** Waits until a tab has seen commit `seq`. */
const sees = (page: Page, seq: number) =>
  page.evaluate((seq) => kit.until(async () => (await tab.db.info()).head?.seq === seq, `commit ${seq}`), seq);

it('the first writes; the second reads what it writes, as it writes it', async () => {
  expect(await open(first)).toBe('writer');
  await put(first, 0, 5);
  expect(await open(second)).toBe('reader');
  expect(await state(second)).toBe(await state(first));
  for (let seq = 2; seq <= 4; seq++) {
    await put(first, seq * 10, 2);
    await sees(second, seq);
  }
  await first.evaluate(() => tab.db.delete('notes/0000.md'));
  await sees(second, 5);
  const seen = await second.evaluate(async () => ({
    told: tab.told.map(({ seq, stats }) => [seq, stats.added, stats.deleted]),
    hit: (await tab.db.search('only41x'))[0]?.id,
    text: (await tab.db.get('notes/0041.md'))?.text === kit.doc(41).text,
    gone: await tab.db.has('notes/0000.md'),
    old: await tab.db.has('notes/0000.md', 'HEAD~1'),
    how: tab.db.capabilities().worker.how,
    warnings: tab.warnings,
  }));
  expect(seen).toMatchObject({ hit: 'notes/0041.md', text: true, gone: false, old: true, warnings: [] });
  expect(seen.told.at(-1)).toEqual([5, 0, 1]);
  expect(seen.how).toContain('reader');
  expect(await state(second)).toBe(await state(first));
});

it('the second follows across flushes, large writes and many quick ones', async () => {
  await open(first);
  await open(second);
  await put(first, 0, 3);
  await first.evaluate(() => tab.db.flush());
  await put(first, 10, 3);
  await sees(second, 2);
  await first.evaluate(async () => {
    await tab.db.flush();
    await tab.db.put(kit.docs(1500, 100));
    await Promise.all(Array.from({ length: 30 }, (_, i) => tab.db.put({ id: `quick ${i}`, text: `quick q${i}` })));
    await tab.db.flush();
  });
  await sees(second, 33);
  await second.evaluate(() => kit.until(async () => (await tab.db.info()).walFrames === 0, 'the flush'));
  expect(await state(second)).toBe(await state(first));
  expect(await second.evaluate(() => [tab.warnings, tab.told.at(-1)?.seq])).toEqual([[], 33]);
});

it('a reader refuses to write and changes nothing', async () => {
  await open(first);
  await put(first, 0, 3);
  await open(second);
  const before = await state(second);
  const codes = await second.evaluate(async () => [
    (await kit.failure(tab.db.put(kit.doc(9)))).code,
    (await kit.failure(tab.db.put(kit.doc(0)))).code,
    (await kit.failure(tab.db.delete('notes/0001.md'))).code,
  ]);
  expect(codes).toEqual(['AV_BUSY', 'AV_BUSY', 'AV_BUSY']);
  expect(await state(second)).toBe(before);
  expect(await state(first)).toBe(before);
});

it.each(['closes the database', 'closes the page', 'dies'] as const)(
  'the second becomes the writer when the first %s',
  async (how) => {
    await open(first);
    await put(first, 0, 4);
    await first.evaluate(() => tab.db.flush());
    await put(first, 10, 4);
    await open(second);
    const before = await state(first);
    if (how === 'closes the database') await first.evaluate(() => tab.db.close());
    else if (how === 'closes the page') await first.close();
    else await first.goto('chrome://crash').catch(() => undefined);
    await second.evaluate(() => kit.until(() => tab.roles.includes('writer'), 'the writer role'));
    expect(await state(second)).toBe(before);
    expect((await put(second, 20)).seq).toBe(3);
    const { roles, role } = await second.evaluate(async () => ({ roles: tab.roles, role: (await tab.db.info()).role }));
    expect([roles, role]).toEqual([['writer'], 'writer']);
    if (first.isClosed() || how === 'dies') return;
    expect(await open(first)).toBe('reader');
    expect(await state(first)).toBe(await state(second));
  },
);

it.each([false, true])('a reader whose model arrives late has it then (flushed meanwhile: %s)', async (flush) => {
  await open(first);
  await put(first, 0, 4);
  let arrive: () => void = () => undefined;
  const late = new Promise<void>((done) => {
    arrive = done;
  });
  await second.route('**/late.bin', async (route) => {
    await late;
    await route.continue({ url: `${site.served.url}aetherv/embed/aether-static-256x2.bin` });
  });
  await second.evaluate(async (name) => {
    const db = await kit.AetherV.open(name, { assets: { tableUrl: '/late.bin' } });
    globalThis.tab = { db, told: [], roles: [], warnings: [] };
  }, name);
  await put(first, 10, 4);
  await sees(second, 2);
  if (flush) {
    await first.evaluate(() => tab.db.flush());
    await second.evaluate(() => kit.until(async () => (await tab.db.info()).walFrames === 0, 'the flush'));
  }
  arrive();
  const failed = await second.evaluate(() => kit.failure(tab.db.search('a lantern', { mode: 'dense' })));
  expect(failed.code).toBe('none');
  expect(await state(second)).toBe(await state(first));
});

it('a reader whose branch the writer deletes stands on main, and is told', async () => {
  await open(first);
  await put(first, 0);
  await first.evaluate(() => tab.db.branch('gone'));
  await open(second);
  await second.evaluate(() => tab.db.checkout('gone'));
  await first.evaluate(() => tab.db.deleteBranch('gone'));
  const seen = await second.evaluate(async () => {
    await kit.until(() => tab.warnings.length > 0, 'a warning');
    const [current] = (await tab.db.refs()).filter((ref) => ref.current);
    return { warnings: tab.warnings, current: current?.name };
  });
  expect(seen).toEqual({ warnings: ['AV_REF_UNKNOWN'], current: 'main' });
});

it('many at once: exactly one writes', async () => {
  const tabs = [first, second, await site.tab(), await site.tab()];
  const roles = await Promise.all(tabs.map(open));
  expect(roles.sort()).toEqual(['reader', 'reader', 'reader', 'writer']);
  const results = await Promise.all(
    tabs.map((page, i) => page.evaluate((i) => kit.failure(tab.db.put(kit.doc(i))), i)),
  );
  expect(results.map(({ code }) => code).sort()).toEqual(['AV_BUSY', 'AV_BUSY', 'AV_BUSY', 'none']);
  await Promise.all(tabs.map((page) => sees(page, 1)));
  expect(new Set(await Promise.all(tabs.map(state))).size).toBe(1);
  await Promise.all(tabs.slice(2).map((page) => page.close()));
});

it('two handles of one page are a writer and a reader', async () => {
  const seen = await first.evaluate(async (name) => {
    const [a, b] = [await kit.AetherV.open(name), await kit.AetherV.open(name)];
    const roles = [(await a.info()).role, (await b.info()).role];
    await a.put(kit.doc(1));
    await kit.until(() => b.has('notes/0001.md'), 'the commit');
    const busy = (await kit.failure(b.put(kit.doc(2)))).code;
    await a.close();
    await kit.until(async () => (await b.info()).role === 'writer', 'the writer role');
    const { seq } = await b.put(kit.doc(2));
    await b.close();
    return { roles, busy, seq };
  }, name);
  expect(seen).toEqual({ roles: ['writer', 'reader'], busy: 'AV_BUSY', seq: 2 });
});

it('is not destroyed while a tab has it open, and is afterwards', async () => {
  await open(first);
  await put(first, 0, 3);
  const destroy = (page: Page) =>
    page.evaluate(async (name) => {
      const { code } = await kit.failure(kit.AetherV.destroy(name));
      return { code, there: (await kit.AetherV.list()).some((found) => found.name === name) };
    }, name);
  expect(await destroy(first)).toEqual({ code: 'AV_BUSY', there: true });
  expect(await destroy(second)).toEqual({ code: 'AV_BUSY', there: true });
  expect((await put(first, 10)).seq).toBe(2);
  await first.evaluate(() => tab.db.close());
  // A deletion that was refused must not come true later.
  expect(await open(first)).toBe('writer');
  expect(await first.evaluate(async () => (await tab.db.info()).commits)).toBe(2);
  await first.evaluate(() => tab.db.close());
  expect(await destroy(second)).toEqual({ code: 'none', there: false });
});
