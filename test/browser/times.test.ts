// Two axes of time, newness and verification in real Chromium: what held when, by whose account, and is it all still there.
import type { SearchOptions } from 'aetherv';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Site } from '../kit/site.ts';

let site: Site;
beforeAll(async () => {
  site = await Site.start();
});
afterAll(() => site.stop());

describe('valid time', () => {
  it('a put within it trims what was there, and both axes can be asked', async () => {
    const seen = await site.page.evaluate(async () => {
      const db = await kit.AetherV.open('valid');
      const year = (y: number) => Date.UTC(y, 0);
      await db.put({ id: 'price', text: 'a pelican costs ten' });
      await db.put(
        { id: 'price', text: 'a pelican costs twelve' },
        { valid: { from: year(2020), to: new Date(year(2022)) } },
      );
      const ask = async (of: typeof db) => {
        const points = [
          { valid: year(2020) - 1 },
          { valid: year(2020) },
          { valid: new Date(year(2022) - 1) },
          { valid: year(2022) },
          { system: 'HEAD~1', valid: year(2021) },
          { system: 'HEAD', valid: year(2021) },
        ];
        const texts: string[] = [];
        for (const asOf of points) {
          const view = of.at(asOf);
          const [hit, more] = await view.search('pelican', { mode: 'lexical' });
          const text = (await view.get('price'))?.text;
          texts.push(hit?.text === text && more === undefined ? String(text) : `hit ${hit?.text}, text ${text}`);
          view.close();
        }
        const [now] = await of.search('pelican', { mode: 'lexical' });
        return { texts, now: now?.text, valid: now?.interval.valid, get: (await of.get('price'))?.text };
      };
      const before = await ask(db);
      await db.flush();
      await db.close();
      const again = await kit.AetherV.open('valid');
      const after = await ask(again);
      await again.close();
      return { before, same: JSON.stringify(before) === JSON.stringify(after), year: [year(2022)] };
    });
    const [ten, twelve] = ['a pelican costs ten', 'a pelican costs twelve'];
    expect(seen.before.texts).toEqual([ten, twelve, twelve, ten, ten, twelve]);
    expect(seen.before).toMatchObject({ now: ten, get: ten });
    expect(seen.before.valid).toEqual([...seen.year, undefined]);
    expect(seen.same).toBe(true);
  });

  it('a delete within it takes only what held then, and the commit before knows it still', async () => {
    const seen = await site.page.evaluate(async () => {
      const db = await kit.AetherV.open();
      const year = (y: number) => Date.UTC(y, 0);
      await db.put({ id: 'a', text: 'a pelican' });
      const report = await db.delete('a', { valid: { from: year(2021), to: year(2023) } });
      const has: boolean[] = [];
      for (const y of [2020, 2021, 2022, 2023]) has.push(await db.has('a', { valid: year(y) }));
      const old = await db.has('a', { system: 'HEAD~1', valid: year(2022) });
      const found = (await db.search('pelican', { asOf: { valid: year(2022) } })).length;
      const listed: number[] = [];
      for (const y of [2020, 2022]) listed.push((await kit.all(db.list({ asOf: { valid: year(y) } }))).length);
      const outside = await db.delete('a', { valid: { from: year(2021), to: year(2022) } });
      const whole = await db.delete('a');
      return { report, has, old, found, listed, outside, whole, left: await db.has('a', { valid: year(2020) }) };
    });
    expect(seen.report).toMatchObject({ seq: 2, embedded: 0 });
    expect(seen).toMatchObject({ has: [true, false, false, true], old: true, found: 0, listed: [1, 0], left: false });
    // Nothing held then: nothing to commit.
    expect(seen.outside.seq).toBe(2);
    expect(seen.whole).toMatchObject({ seq: 3, deleted: 1 });
  });

  it('what does not hold yet is not found now, but is there to be read', async () => {
    const seen = await site.page.evaluate(async () => {
      const db = await kit.AetherV.open();
      const soon = Date.now() + 3_600_000;
      await db.put([
        { id: 'later', text: 'a pelican', valid: { from: soon } },
        { id: 'past', text: 'a pelican', valid: { to: new Date(1) } },
        { id: 'now', text: 'a pelican' },
      ]);
      const ids = async (asOf?: { valid: number }) =>
        (await db.search('pelican', { ...(asOf && { asOf }), mode: 'lexical', collapse: 'document' }))
          .map(({ id }) => id)
          .sort();
      return {
        now: await ids(),
        coming: await ids({ valid: soon }),
        once: await ids({ valid: 0 }),
        has: await db.has('later'),
      };
    });
    expect(seen).toEqual({ now: ['now'], coming: ['later', 'now'], once: ['now', 'past'], has: true });
  });
});

describe('system time', () => {
  it('goes on rising when the clock of the machine went back, and the future can be asked for', async () => {
    const seen = await site.page.evaluate(async () => {
      const day = 86_400_000;
      const open = (by: number) => kit.AetherV.open('clock', { assets: { workerUrl: `/shifted-clock.js?by=${by}` } });
      const ahead = await open(day);
      const first = await ahead.put({ id: 'a', text: 'first heron' });
      await ahead.close();
      const now = Date.now();
      const db = await open(0);
      await db.put({ id: 'a', text: 'second heron' });
      await db.flush();
      await db.put({ id: 'a', text: 'third heron' });
      const log = await kit.all(db.log());
      const times = log.map(({ time }) => time).reverse();
      const texts: (string | undefined)[] = [];
      for (const time of [...times, now + 2 * day]) texts.push((await db.at(new Date(time)).get('a'))?.text);
      const [hit] = await db.search('heron');
      const failure = await kit.failure(db.at(now).get('a'));
      await db.close();
      return {
        ahead: (times[0] ?? 0) - now > day / 2,
        first: first.commit === log[2]?.id,
        times,
        texts,
        hit: hit?.text,
        failure,
      };
    });
    const [first = 0] = seen.times;
    expect(seen).toMatchObject({ ahead: true, first: true, hit: 'third heron' });
    // One millisecond after the last commit, until the clock has caught up.
    expect(seen.times).toEqual([first, first + 1, first + 2]);
    expect(seen.texts).toEqual(['first heron', 'second heron', 'third heron', 'third heron']);
    expect(seen.failure.code).toBe('AV_REF_UNKNOWN');
  });
});

describe('recency', () => {
  it('favours the newer of equals when asked, or when the words ask for it, and never when off', async () => {
    const seen = await site.page.evaluate(async () => {
      const db = await kit.AetherV.open();
      await db.put({ id: 'old', text: 'The latest pelican report.' });
      await kit.pause(400);
      await db.put({ id: 'new', text: 'The latest pelican report.' });
      const ask = async (recency: SearchOptions['recency']) =>
        Object.fromEntries(
          (await db.search('pelican', { recency, mode: 'lexical', collapse: 'document' })).map(({ id, score }) => [
            id,
            score,
          ]),
        );
      return {
        off: await ask('off'),
        auto: await ask('auto'),
        short: await ask({ halfLifeMs: 100, weight: 4 }),
        none: await ask({ halfLifeMs: 100, weight: 0 }),
        long: await ask({ halfLifeMs: 1e12 }),
      };
    });
    expect(seen.off.old).toBe(seen.off.new);
    expect(seen.auto).toEqual(seen.off);
    expect(seen.none).toEqual(seen.off);
    expect(seen.long.old).toBe(seen.long.new);
    // Four half-lives: 1 + 4 / 16 over 1 + 4 at most, from the pause alone.
    expect(seen.short.new).toBe(seen.off.new);
    expect(seen.short.old).toBeLessThan(0.26 * Number(seen.short.new));
  });
});

describe('verify', () => {
  it('finds a database sound, built anew and by its checksums, after all kinds of history', async () => {
    const seen = await site.page.evaluate(async () => {
      const db = await kit.AetherV.open('verified');
      await db.put(kit.docs(30));
      await db.branch('x');
      await db.put(kit.docs(10).map((doc) => ({ ...doc, text: doc.text.replace('The ', 'One ') })));
      await db.checkout('x');
      await db.put(kit.doc(50));
      await db.flush();
      await db.checkout('main');
      await db.merge('x');
      await db.delete('notes/0020.md');
      await db.restore('HEAD~1', { path: 'notes/0020.md' });
      const before = await kit.state(db);
      const reports = [await db.verify(), await db.verify({ against: 'checksums' })];
      await db.compact();
      reports.push(await db.verify({ against: 'rebuild' }), await db.verify({ against: 'checksums' }));
      const same = (await kit.state(db)).replace(/"contents":\d+/, '') === before.replace(/"contents":\d+/, '');
      await db.close();
      return { reports, same };
    });
    for (const { ok, differences, unreachable, stale } of seen.reports)
      expect({ ok, differences, unreachable, stale }).toEqual({ ok: true, differences: [], unreachable: 0, stale: 0 });
    expect(seen.reports.map(({ against }) => against)).toEqual(['rebuild', 'checksums', 'rebuild', 'checksums']);
    expect(seen.reports[0]).toMatchObject({ documents: 31, overlapAt10: 1 });
    expect(seen.reports[0]?.queries).toBeGreaterThan(0);
    expect(seen.reports[1]?.pieces).toBeGreaterThan(0);
    expect(seen.same).toBe(true);
  });

  it.each(['force', 'off'] as const)('says how much the graphs of collections find, with the GPU %s', async (gpu) => {
    const seen = await site.page.evaluate(async (gpu) => {
      const db = await kit.AetherV.open(undefined, { gpu });
      await db.put(kit.docs(3));
      const vectors = Float32Array.from({ length: 3000 * 8 }, (_, i) => Math.sin(i * i));
      const columns = { ids: Array.from({ length: 3000 }, (_, i) => `i${i}`), vectors };
      const graph = db.vectors('graph', { dims: 8, index: 'hnsw' });
      for (const own of [graph, db.vectors('scanned', { dims: 8, index: 'flat' })]) await own.putColumns(columns);
      await db.compact();
      const report = await db.verify();
      const checked = await db.verify({ against: 'checksums' });
      const recall = (await graph.info({ recall: 200 }))?.recall;
      await db.close();
      return { report, recall, checked };
    }, gpu);
    expect(seen.report).toMatchObject({
      ok: true,
      documents: 3,
      collections: [{ name: 'graph', recall: seen.recall }],
    });
    expect(seen.report.collections).toHaveLength(1);
    expect(seen.recall).toMatchObject({ queries: 200, why: { path: gpu === 'force' ? 'gpu' : 'cpu' } });
    expect(seen.recall?.recall).toBeGreaterThan(0.9);
    expect(seen.checked.collections).toEqual([]);
  });

  it('says so when a stored byte is another than it was', async () => {
    const seen = await site.page.evaluate(async () => {
      const db = await kit.AetherV.open('flipped');
      await db.put(kit.docs(30));
      await db.flush();
      const sound = await db.verify({ against: 'checksums' });
      // Behind the back of the open database, so that opening cannot notice first.
      for (const key of await kit.keys('flipped', 'seg'))
        for (const at of [100, 1000, 4000]) await kit.flip('flipped', 'seg', key, at);
      const damaged = await db.verify({ against: 'checksums' });
      await db.close();
      return { sound: sound.ok, damaged };
    });
    expect(seen.sound).toBe(true);
    expect(seen.damaged.ok).toBe(false);
    expect(seen.damaged.differences.join()).toMatch(/.{10,}/);
  });
});
