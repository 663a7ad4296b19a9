// What stays: databases by name, through flush, close, reload of the page and restart of the browser.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Site } from '../kit/site.ts';

let site: Site;
beforeAll(async () => {
  site = await Site.start();
});
afterAll(() => site.stop());

it('opens, lists and destroys databases by name', async () => {
  const seen = await site.page.evaluate(async () => {
    const { AetherV } = kit;
    const names = async () => (await AetherV.list()).map(({ name }) => name);
    const before = await names();
    const [a, b, memory] = [await AetherV.open('beta'), await AetherV.open('älpha 1/2'), await AetherV.open()];
    const inMemory = await AetherV.open('gamma', { store: 'memory' });
    await a.put(kit.doc(1));
    const open = await names();
    const apart = [
      await b.has('notes/0001.md'),
      await memory.has('notes/0001.md'),
      await inMemory.has('notes/0001.md'),
    ];
    for (const db of [a, b, memory, inMemory]) await db.close();
    await AetherV.destroy('beta');
    await AetherV.destroy('never was');
    const left = await names();
    const fresh = await AetherV.open('beta');
    const info = await fresh.info();
    await fresh.close();
    for (const name of await names()) await AetherV.destroy(name);
    return { before, open, apart, left, info, end: await names() };
  });
  expect(seen).toMatchObject({ before: [], open: ['beta', 'älpha 1/2'], apart: [false, false, false], end: [] });
  expect(seen.left).toEqual(['älpha 1/2']);
  expect(seen.info).toMatchObject({ documents: 0, commits: 0, name: 'beta', role: 'writer' });
  expect(seen.info.head).toBeUndefined();
});

it('answers the same before and after a flush, a reopening, a reload of the page and a restart of the browser', async () => {
  const ask = async (flush: boolean) =>
    site.page.evaluate(async (flush) => {
      const db = await kit.AetherV.open('stays');
      if (flush) await db.flush();
      const answers: unknown[] = [];
      for (const mode of ['hybrid', 'lexical', 'dense'] as const)
        for (const asOf of ['HEAD', 'HEAD~1', 'HEAD~3'])
          answers.push(await db.search('the lantern near the harbor', { mode, asOf, k: 20, explain: true }));
      const all = { answers, log: await kit.all(db.log()), list: await kit.all(db.list()) };
      const { segments, walFrames, documents, commits } = await db.info();
      await db.close();
      return { all: JSON.stringify(all), segments, walFrames, documents, commits };
    }, flush);
  await site.page.evaluate(async () => {
    const db = await kit.AetherV.open('stays');
    await db.put(kit.docs(120), { message: 'many' });
    const doc = kit.doc(5);
    await db.put({ ...doc, text: `${doc.text}\n\nA lantern hangs in the harbor.\n` });
    await db.flush();
    await db.put({ id: 'late.txt', text: 'A lantern near a needle.' });
    await db.delete(['notes/0007.md', 'notes/0009.md']);
    await db.put(doc);
    await db.close();
  });
  const logged = await ask(false);
  expect(logged).toMatchObject({ commits: 5, documents: 119, walFrames: 3 });
  expect(logged.all).toContain('A lantern hangs');
  const flushed = await ask(true);
  expect(flushed.walFrames).toBe(0);
  expect(flushed.segments).toBeGreaterThan(logged.segments);
  expect(flushed.all).toBe(logged.all);
  expect((await ask(false)).all).toBe(logged.all);
  await site.page.reload();
  expect((await ask(false)).all).toBe(logged.all);
  await site.context.close();
  await site.launch();
  expect((await ask(true)).all).toBe(logged.all);
});

it('keeps what was written in a page that was reloaded without closing', async () => {
  await site.page.evaluate(async () => {
    const db = await kit.AetherV.open('left open');
    await db.put(kit.docs(20));
  });
  await site.page.reload();
  const seen = await site.page.evaluate(async () => {
    const db = await kit.AetherV.open('left open');
    const report = await db.put(kit.docs(21));
    await db.close();
    return report;
  });
  expect(seen).toMatchObject({ seq: 2, added: 1, unchanged: 20, embedded: 3 });
});

it('flushes by itself when the log has grown, and loses nothing', async () => {
  const seen = await site.page.evaluate(async () => {
    const db = await kit.AetherV.open('long', { durability: 'relaxed' });
    const put = (i: number) => db.put({ id: `d${i}`, text: `number n${i}` });
    for (let i = 0; i < 540; i += 20) await Promise.all(Array.from({ length: 20 }, (_, j) => put(i + j)));
    const before = await db.info();
    await db.close();
    const again = await kit.AetherV.open('long');
    const found = await Promise.all([0, 511, 512, 539].map((i) => again.search(`n${i}`, { mode: 'lexical' })));
    const after = await again.info();
    await again.close();
    return { before, after, found: found.map((hits) => hits.map(({ id }) => id)) };
  });
  expect(seen.before).toMatchObject({ commits: 540, documents: 540 });
  // It had all 540 if it had not.
  expect(seen.before.walFrames).toBeLessThan(400);
  expect(seen.before.segments).toBeGreaterThan(0);
  expect(seen.after).toMatchObject({ commits: 540, documents: 540, head: seen.before.head });
  expect(seen.found).toEqual([['d0'], ['d511'], ['d512'], ['d539']]);
});
