// What a search gives in real Chromium: modes, groups, fields of a hit, history.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Site } from '../kit/site.ts';

let site: Site;
beforeAll(async () => {
  site = await Site.start();
});
afterAll(() => site.stop());

const cat = `\ufeff# Pets 🐈\r\n\r\nCats sleep 🐈‍⬛ a lot.\r\n\r\n## Feeding\r\n\r\nFeed the cat twice a day. Kittens 🍼 eat more.\r\n\r\nWater helps every cat.\r\n`;
const car = '# Cars\n\nA car needs oil and petrol.\n\n## Brakes\n\nBrakes stop the car. Check the brake fluid.\n';
const soup = '# Soup\n\nBoil vegetables in water, add salt and serve hot.\n';

describe('a hit', () => {
  const modes = ['hybrid', 'lexical', 'dense'] as const;
  const collapses = ['section', 'document', 'none'] as const;

  it.each(modes.flatMap((mode) => collapses.map((collapse) => [mode, collapse] as const)))(
    'of mode %s, one per %s, stands where it says in the text that was given',
    async (mode, collapse) => {
      const texts: Record<string, string> = { 'pets.md': cat, 'cars.md': car, 'soup.md': soup };
      const docs = Object.entries(texts).map(([id, text]) => ({ id, text, title: id.slice(0, 4), meta: { id } }));
      const { hits, report, log } = await site.page.evaluate(
        async ({ docs, mode, collapse }) => {
          const db = await kit.AetherV.open();
          const report = await db.put(docs);
          const hits = await db.search('what do cats eat', { mode, collapse, explain: true });
          const log = await kit.all(db.log());
          await db.close();
          return { hits, report, log };
        },
        { docs, mode, collapse },
      );
      expect(hits[0]).toMatchObject({ id: 'pets.md', meta: { id: 'pets.md' } });
      for (const hit of hits) {
        const text = texts[hit.id] ?? '';
        expect(text.slice(...hit.range)).toBe(hit.text);
        for (const [start, end] of hit.highlights) {
          expect(start >= hit.range[0] && end <= hit.range[1]).toBe(true);
          expect(text.slice(start, end)).toMatch(/^(cats?|eat)$/i);
        }
        const words = hit.text.match(/\b(cats?|eat)\b/gi) ?? [];
        expect(hit.highlights.map((range) => text.slice(...range))).toEqual(words);
        expect(hit.path[0]).toBe(hit.id.slice(0, 4));
        expect(hit.interval).toEqual({ system: [log[0]?.time], valid: [undefined, undefined] });
        expect(hit.space).toBe(mode === 'lexical' ? 'lexical' : 'aether-static-256x2');
        expect(hit.chunkId).toMatch(/^[0-9a-f]{32}$/);
        expect(hit.version).toMatch(/^[0-9a-f]{32}$/);
        const { bm25 = Number.NaN, cosine = Number.NaN } = hit.why ?? {};
        if (mode === 'lexical') expect(hit.score).toBeCloseTo(bm25 / (bm25 + 10), 6);
        if (mode === 'dense') expect(hit.score).toBeCloseTo((1 + cosine) / 2, 6);
      }
      const scores = hits.map(({ score }) => score);
      expect(scores).toEqual([...scores].sort((a, b) => b - a));
      expect(scores.every((score) => score >= 0 && score <= 1)).toBe(true);
      // Every chunk is a dense candidate, only those with a word of the query are lexical ones.
      const groups = { section: hits.map(({ id, path }) => `${id} ${path}`), document: hits.map(({ id }) => id) };
      const keys = collapse === 'none' ? hits.map(({ chunkId }) => chunkId) : groups[collapse];
      expect(new Set(keys).size).toBe(hits.length);
      const all = { section: 5, document: 3, none: report.chunks }[collapse];
      const withWord = { section: 2, document: 1, none: 3 }[collapse];
      expect(report.chunks).toBe(6);
      expect(hits).toHaveLength(mode === 'lexical' ? withWord : all);
    },
  );

  it('has raw scores only when they are asked for, and follows the weight', async () => {
    const { plain, lexical, dense, half } = await site.page.evaluate(async () => {
      const db = await kit.AetherV.open();
      await db.put(kit.docs(40));
      const ask = (weight?: number) =>
        db.search('a ladder near the window', {
          k: 40,
          explain: true,
          collapse: 'none',
          ...(weight !== undefined && { weight }),
        });
      const [plain] = await db.search('a ladder');
      const [lexical, dense, half] = [await ask(1), await ask(0), await ask(0.25)];
      await db.close();
      return { plain, lexical, dense, half };
    });
    expect(plain && 'why' in plain).toBe(false);
    const raw = (hits: typeof half, key: 'bm25' | 'cosine') => hits.map(({ why }) => why?.[key] ?? Number.NaN);
    const falls = (values: number[]) => values.every((value, at) => at === 0 || value <= (values[at - 1] ?? 0));
    expect(falls(raw(lexical, 'bm25'))).toBe(true);
    expect(falls(raw(dense, 'cosine'))).toBe(true);
    const [bestBm25, bestCosine] = [Math.max(...raw(lexical, 'bm25')), Math.max(...raw(dense, 'cosine'))];
    for (const { score, why } of half) {
      const { bm25 = 0, cosine = 0 } = why ?? {};
      expect(score).toBeCloseTo((0.25 * bm25) / bestBm25 + (0.75 * Math.max(0, cosine)) / bestCosine, 4);
    }
  });

  it('is the same for the same question, and ties have one order', async () => {
    const orders = await site.page.evaluate(async () => {
      const orders: string[] = [];
      for (const turn of [0, 1, 3]) {
        const db = await kit.AetherV.open();
        const docs = Array.from({ length: 12 }, (_, i) => ({
          id: `same-${(i * (turn * 2 + 5)) % 12}`,
          text: 'one and the same',
        }));
        for (const doc of turn === 3 ? docs : []) await db.put(doc);
        await db.put(docs);
        for (const mode of ['hybrid', 'lexical', 'dense'] as const)
          orders.push(
            (await db.search('the same one', { mode, k: 7 })).map(({ id, score }) => `${id} ${score}`).join(),
          );
        await db.close();
      }
      return orders;
    });
    expect(new Set([orders[0], orders[3], orders[6]]).size).toBe(1);
    expect(new Set([orders[1], orders[4], orders[7]]).size).toBe(1);
    expect(new Set([orders[2], orders[5], orders[8]]).size).toBe(1);
    expect(orders[0]?.split(',')).toHaveLength(7);
  });
});

describe('a search', () => {
  it('finds what an edit brought, and no longer what it took away', async () => {
    const seen = await site.page.evaluate(async () => {
      const db = await kit.AetherV.open();
      await db.put(kit.docs(30));
      const doc = kit.doc(3);
      await db.put({ ...doc, text: doc.text.replace('only3x', 'zebrafish') });
      const find = async (query: string) => (await db.search(query, { mode: 'lexical' })).map(({ id }) => id);
      return { zebra: await find('zebrafish'), gone: await find('only3x'), other: await find('only4x') };
    });
    expect(seen).toEqual({ zebra: ['notes/0003.md'], gone: [], other: ['notes/0004.md'] });
  });

  it('gives as many hits as there are when k is more, and k when there are more', async () => {
    const counts = await site.page.evaluate(async () => {
      const db = await kit.AetherV.open();
      const none = (await db.search('anything')).length;
      await db.put(kit.docs(20));
      const count = async (k?: number) =>
        (await db.search('the basket', { collapse: 'none', ...(k !== undefined && { k }) })).length;
      return [none, await count(), await count(1), await count(59), await count(60), await count(10_000)];
    });
    expect(counts).toEqual([0, 10, 1, 59, 60, 60]);
  });

  it('knows words by their stem and meaning by its neighbours', async () => {
    const { stem, meaning, nonsense } = await site.page.evaluate(async () => {
      const db = await kit.AetherV.open();
      await db.put([
        { id: 'dog', text: 'The puppy was barking at the postman.' },
        { id: 'tax', text: 'Invoices are due at the end of the month.' },
        { id: 'sea', text: 'Ships sail across the ocean.' },
      ]);
      const find = async (query: string, mode: 'lexical' | 'dense') =>
        (await db.search(query, { mode })).map(({ id }) => id);
      return {
        stem: await find('barks', 'lexical'),
        meaning: [
          (await find('hound', 'dense'))[0],
          (await find('payment deadline', 'dense'))[0],
          (await find('boat voyage', 'dense'))[0],
        ],
        nonsense: await find('qqqqzzzz', 'lexical'),
      };
    });
    expect(stem).toEqual(['dog']);
    expect(meaning).toEqual(['dog', 'tax', 'sea']);
    expect(nonsense).toEqual([]);
  });

  it('takes a vector of the space in place of words', async () => {
    const { same, lengths } = await site.page.evaluate(async () => {
      const embedder = kit.embedder();
      const db = await kit.AetherV.open(undefined, { embedder });
      await db.put(kit.docs(30));
      const text = 'the kettle near the needle';
      const vector = embedder.vector(text);
      const [byText, byVector, byLong] = await Promise.all([
        db.search(text, { mode: 'dense', k: 5 }),
        db.search(vector, { k: 5 }),
        db.search(
          vector.map((value) => value * 40),
          { k: 5 },
        ),
      ]);
      const short = (hits: typeof byText) => JSON.stringify(hits.map(({ id, score }) => [id, score.toFixed(5)]));
      return {
        same: new Set([short(byText), short(byVector), short(byLong)]).size,
        lengths: byVector.map(({ highlights }) => highlights.length),
      };
    });
    expect(same).toBe(1);
    expect(lengths).toEqual([0, 0, 0, 0, 0]);
  });

  it('sees a document only while it is valid', async () => {
    const seen = await site.page.evaluate(async () => {
      const db = await kit.AetherV.open();
      const now = Date.now();
      await db.put([
        { id: 'past', text: 'price list', valid: { to: now - 1000 } },
        { id: 'present', text: 'price list', valid: { from: now - 1000, to: now + 1_000_000 } },
        { id: 'future', text: 'price list', valid: { from: new Date(now + 1_000_000) } },
        { id: 'always', text: 'price list' },
      ]);
      const hits = await db.search('price list');
      return {
        ids: hits.map(({ id }) => id).sort(),
        valid: hits.find(({ id }) => id === 'present')?.interval.valid,
        now,
      };
    });
    expect(seen.ids).toEqual(['always', 'present']);
    expect(seen.valid).toEqual([seen.now - 1000, seen.now + 1_000_000]);
  });
});

describe('as of', () => {
  it('an id, a short id, HEAD~n, a Date or a number answers as it did then', async () => {
    const { wanted, got, verbs } = await site.page.evaluate(async () => {
      const db = await kit.AetherV.open();
      const ask = (asOf?: string | Date | number) =>
        db.search('the saddle of the dragon', { k: 5, explain: true, ...(asOf !== undefined && { asOf }) });
      const plain = (hits: Awaited<ReturnType<typeof ask>>) =>
        JSON.stringify(hits.map(({ interval, ...hit }) => ({ ...hit, from: interval.system[0] })));
      const wanted: string[] = [];
      for (let round = 0; round < 3; round++) {
        await db.put(
          kit.docs(10, round * 8).map((doc) => ({ ...doc, text: doc.text.replaceAll('stands', `stands ${round}`) })),
        );
        wanted.push(plain(await ask()));
        await kit.pause(5);
      }
      const log = (await kit.all(db.log())).reverse();
      const got: string[][] = [];
      for (const [i, { id, time }] of log.entries()) {
        const refs = [id, id.slice(0, 8), `HEAD~${2 - i}`, `main~${2 - i}`, new Date(time), time + 1];
        got.push(await Promise.all(refs.map(async (ref) => plain(await ask(ref)))));
      }
      const view = db.at('HEAD~2');
      const verbs = {
        same: plain(await view.search('the saddle of the dragon', { k: 5, explain: true })) === wanted[0],
        get: (await view.get('notes/0008.md'))?.text.includes('stands 0'),
        now: (await db.get('notes/0008.md'))?.text.includes('stands 1'),
        has: [await view.has('notes/0010.md'), await db.has('notes/0010.md')],
        list: (await kit.all(view.list())).length,
        log: (await kit.all(view.log())).map(({ seq }) => seq),
      };
      return { wanted, got, verbs };
    });
    expect(new Set(wanted).size).toBe(3);
    for (const [i, answers] of got.entries()) expect(answers).toEqual(Array.from({ length: 6 }, () => wanted[i]));
    expect(verbs).toEqual({ same: true, get: true, now: true, has: [false, true], list: 10, log: [1] });
  });

  it('tells when a version was current', async () => {
    const { intervals, times } = await site.page.evaluate(async () => {
      const db = await kit.AetherV.open();
      for (const text of ['a violin', 'a viola', 'a violin']) await db.put({ id: 'x', text });
      const life = async (asOf: string) => (await db.search('instrument', { mode: 'dense', asOf }))[0]?.interval.system;
      const times = (await kit.all(db.log())).reverse().map(({ time }) => time);
      return { intervals: [await life('HEAD~2'), await life('HEAD~1'), await life('HEAD')], times };
    });
    const [one, two, three] = times;
    expect(intervals).toEqual([[one, two], [two, three], [three]]);
    expect((one ?? 0) < (two ?? 0) && (two ?? 0) < (three ?? 0)).toBe(true);
  });
});
