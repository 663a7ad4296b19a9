// Models of the page beside the embedded table: their contract, their failures, changing from one to another, doing without.
import type { Embedder } from 'aetherv';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Site } from '../kit/site.ts';

let site: Site;
beforeAll(async () => {
  site = await Site.start();
});
afterAll(() => site.stop());

describe('a model of the page', () => {
  it('embeds what is new and every query, and its name stands on every hit', async () => {
    const seen = await site.page.evaluate(async () => {
      const embedder = kit.embedder({ weight: 0.25 });
      const db = await kit.AetherV.open('own model', { embedder });
      const report = await db.put(kit.docs(10));
      const hits = await db.search('the needle near only3x', { explain: true, collapse: 'none' });
      await db.put(kit.docs(10));
      const [info, { space }] = [await db.info(), db.capabilities()];
      await db.close();
      const again = await kit.AetherV.open('own model', { embedder });
      const same = JSON.stringify(await again.search('the needle near only3x', { explain: true, collapse: 'none' }));
      await again.close();
      return { report, hits, info, space, texts: embedder.texts, same: same === JSON.stringify(hits) };
    });
    expect(seen.report).toMatchObject({ embedded: 30, chunks: 30 });
    expect(seen.texts).toEqual({ document: 30, query: 2 });
    expect(new Set(seen.hits.map(({ space }) => space))).toEqual(new Set(['hash-16']));
    expect(seen.space).toMatchObject({ id: 'hash-16', dims: 16 });
    expect(seen.info.embedding).toMatchObject({ space: 'hash-16', dims: 16, texts: 31 });
    expect(seen.same).toBe(true);
    // The best of 30 in both channels is the one with the odd word; its own weight is used.
    const [best] = seen.hits;
    expect(best?.id).toBe('notes/0003.md');
    expect(best?.score).toBeCloseTo(
      0.25 + (0.75 * (best?.why?.cosine ?? 0)) / Math.max(...seen.hits.map(({ why }) => why?.cosine ?? 0)),
      4,
    );
  });

  it('may give rows, lists of numbers or one array, of any length', async () => {
    const answers = await site.page.evaluate(async () => {
      const { vector } = kit.embedder();
      const shapes: Embedder['embed'][] = [
        async (texts) => texts.map(vector),
        async (texts) => texts.map((text) => Array.from(vector(text))),
        async (texts) => Float32Array.from(texts.flatMap((text) => Array.from(vector(text)))),
        async (texts) => texts.map((text) => vector(text).map((value) => value * 1000)),
      ];
      const answers: string[] = [];
      for (const embed of shapes) {
        const db = await kit.AetherV.open(undefined, { embedder: kit.embedder({ embed }) });
        await db.put(kit.docs(20));
        const hits = await db.search('the needle near the dragon', { mode: 'dense' });
        answers.push(hits.map(({ id, score }) => `${id} ${score.toFixed(4)}`).join());
        await db.close();
      }
      return answers;
    });
    expect(new Set(answers).size).toBe(1);
    expect(answers[0]?.split(',')).toHaveLength(10);
  });

  it('gives zeros for a text without meaning, and nothing becomes NaN', async () => {
    const hits = await site.page.evaluate(async () => {
      const db = await kit.AetherV.open(undefined, { embedder: kit.embedder() });
      await db.put([
        { id: 'dots', text: '… … …' },
        { id: 'word', text: 'needle' },
      ]);
      const ask = (query: string | Float32Array, mode: 'hybrid' | 'dense') => db.search(query, { mode, explain: true });
      const hits = [
        await ask('needle', 'hybrid'),
        await ask('needle', 'dense'),
        await ask('… !', 'hybrid'),
        await ask('… !', 'dense'),
      ];
      hits.push(await ask(new Float32Array(16), 'dense'));
      return hits;
    });
    expect(hits[0]?.[0]?.id).toBe('word');
    expect(hits[1]?.map(({ id, score }) => [id, score])).toEqual([
      ['word', 1],
      ['dots', 0.5],
    ]);
    for (const { score, why } of hits.flat())
      expect(Number.isFinite(score + (why?.cosine ?? 0) + (why?.bm25 ?? 0))).toBe(true);
  });

  it('that breaks its contract fails the put with a typed error, and nothing is changed', async () => {
    const results = await site.page.evaluate(async () => {
      let broken: Embedder['embed'] | undefined;
      const good = kit.embedder();
      const embed: Embedder['embed'] = (texts, options) => broken?.(texts, options) ?? good.embed(texts, options);
      const db = await kit.AetherV.open('breaks', { embedder: kit.embedder({ embed }) });
      await db.put(kit.docs(5));
      const before = await kit.state(db);
      const ways: Record<string, Embedder['embed']> = {
        'too few': async (texts) => texts.slice(1).map(good.vector),
        'too many': async (texts) => [...texts, 'more'].map(good.vector),
        'none at all': async () => [],
        'wrong dims': async (texts) => texts.map(() => new Float32Array(17)),
        'one wrong row': async (texts) => texts.map((text, i) => (i === 1 ? new Float32Array(15) : good.vector(text))),
        'wrong flat length': async (texts) => new Float32Array(texts.length * 16 + 1),
        NaN: async (texts) => texts.map((text) => good.vector(text).fill(Number.NaN, 3, 4)),
        infinity: async (texts) => texts.map(() => new Float32Array(16).fill(Number.POSITIVE_INFINITY)),
        'no vectors': async () => 'vectors' as never,
        undefined: async () => undefined as never,
        rejects: async () => Promise.reject(new TypeError('out of tea')),
        throws: () => {
          throw new RangeError('at once');
        },
      };
      const results: { what: string; code: string; message: string; same: boolean }[] = [];
      for (const [what, way] of Object.entries(ways)) {
        broken = way;
        const { code, message } = await kit.failure(db.put(kit.docs(9)));
        const search = await kit.failure(db.search('anything', { mode: 'lexical' }));
        broken = undefined;
        results.push({ what, code: `${code} ${search.code}`, message, same: (await kit.state(db)) === before });
      }
      const { added } = await db.put(kit.docs(9));
      await db.close();
      return { results, added };
    });
    const wanted = (what: string) =>
      what === 'NaN' || what === 'infinity' ? 'AV_NON_FINITE none' : 'AV_EMBEDDER none';
    expect(results.results.map(({ what, code, same }) => ({ what, code, same }))).toEqual(
      results.results.map(({ what }) => ({ what, code: wanted(what), same: true })),
    );
    expect(results.results.find(({ what }) => what === 'rejects')?.message).toContain('out of tea');
    expect(results.added).toBe(4);
  });

  it('that never answers can be given up, by a put and by a search', async () => {
    const seen = await site.page.evaluate(async () => {
      let stuck = false;
      const good = kit.embedder();
      const embed: Embedder['embed'] = (texts, options) =>
        stuck ? new Promise(() => undefined) : good.embed(texts, options);
      const db = await kit.AetherV.open(undefined, { embedder: kit.embedder({ embed }) });
      await db.put(kit.docs(5));
      const before = await kit.state(db);
      stuck = true;
      const give = () => AbortSignal.timeout(50);
      const codes = [
        (await kit.failure(db.put(kit.docs(9), { signal: give() }))).code,
        (await kit.failure(db.search('x', { signal: give() }))).code,
        (await kit.failure(db.search('x', { deadlineMs: 50 }))).code,
      ];
      stuck = false;
      return { codes, same: (await kit.state(db)) === before, added: (await db.put(kit.docs(9))).added };
    });
    expect(seen).toEqual({ codes: ['AV_ABORTED', 'AV_ABORTED', 'AV_TIMEOUT'], same: true, added: 4 });
  });

  it('whose answer is awaited when the database closes does not leave a search hanging', async () => {
    const code = await site.page.evaluate(async () => {
      let slow = false;
      const good = kit.embedder();
      const embed: Embedder['embed'] = async (texts, options) => {
        if (slow) await kit.pause(1000);
        return good.embed(texts, options);
      };
      const db = await kit.AetherV.open(undefined, { embedder: kit.embedder({ embed }) });
      await db.put(kit.doc(1));
      slow = true;
      const searching = kit.failure(db.search('only1x'));
      await kit.pause(20);
      await db.close();
      return Promise.race([searching.then((failed) => failed.code), kit.pause(4000).then(() => 'hangs')]);
    });
    expect(code).toBeOneOf(['AV_CLOSED', 'none']);
  });
});

describe('a change of the model', () => {
  it('is refused, unless it is told to upgrade; then what lives is embedded anew, and going back costs nothing', async () => {
    const seen = await site.page.evaluate(async () => {
      const [a, b] = [kit.embedder({ id: 'model a' }), kit.embedder({ id: 'model b', dims: 24, salt: 5 })];
      const open = (embedder: typeof a | undefined, onModelChange?: 'upgrade') =>
        kit.AetherV.open('changes', { embedder, onModelChange });
      const first = await open(a);
      await first.put(kit.docs(8));
      await first.put({ id: 'notes/0000.md', text: 'now only these words' });
      const before = await kit.state(first);
      await first.close();
      const refused = [await kit.failure(open(b)), await kit.failure(open(undefined))];
      const dims = await kit.failure(open(kit.embedder({ id: 'model a', dims: 8 })));
      const again = await open(a);
      const untouched = (await kit.state(again)) === before;
      await again.close();
      const second = await open(b, 'upgrade');
      const embeddedB = b.texts.document;
      const spaces = (await second.search('words', { mode: 'dense', k: 100, collapse: 'none' })).map(
        ({ space }) => space,
      );
      await second.put(kit.doc(20));
      const sameLog = (await second.info()).commits;
      await second.close();
      const embeddedA = a.texts.document;
      const back = await open(a, 'upgrade');
      const cost = a.texts.document - embeddedA;
      const found = (await back.search(a.vector('only20x'), { k: 100, collapse: 'none' })).length;
      const info = await back.info();
      await back.close();
      const plain = await open(a);
      await plain.close();
      return { refused, dims: dims.code, untouched, embeddedB, spaces, sameLog, cost, found, info };
    });
    expect(seen.refused).toMatchObject([
      { code: 'AV_MODEL_MISMATCH', detail: { stored: 'model a', given: 'model b' } },
      { code: 'AV_MODEL_MISMATCH', detail: { stored: 'model a', given: 'aether-static-256x2' } },
    ]);
    expect(seen).toMatchObject({ dims: 'AV_MODEL_MISMATCH', untouched: true, sameLog: 3 });
    // Seven documents of three chunks and one of one: the dead version's chunks are not embedded.
    expect(seen.embeddedB).toBe(22);
    expect(seen.spaces).toEqual(Array.from({ length: 22 }, () => 'model b'));
    // Only the document that came meanwhile.
    expect(seen).toMatchObject({ cost: 3, found: 25, info: { embedding: { space: 'model a', dims: 16 } } });
  });

  it('to the embedded table works, too, and two databases of one page have a model each', async () => {
    const seen = await site.page.evaluate(async () => {
      const embedder = kit.embedder();
      const first = await kit.AetherV.open('two', { embedder });
      await first.put(kit.docs(4));
      await first.close();
      const upgraded = await kit.AetherV.open('two', { onModelChange: 'upgrade' });
      const own = await kit.AetherV.open('own', { embedder });
      await own.put(kit.docs(4));
      const spaces = await Promise.all([upgraded, own].map(async (db) => (await db.search('only2x'))[0]));
      await upgraded.close();
      await own.close();
      return spaces.map((hit) => [hit?.id, hit?.space]);
    });
    expect(seen).toEqual([
      ['notes/0002.md', 'aether-static-256x2'],
      ['notes/0002.md', 'hash-16'],
    ]);
  });
});

describe('without the table', () => {
  it.each(['/nothing.bin', '/index.html'])(
    'search is lexical and says so, and the vectors follow when it is there (%s)',
    async (tableUrl) => {
      const seen = await site.page.evaluate(async (tableUrl) => {
        const name = `no table ${tableUrl}`;
        const db = await kit.AetherV.open(name, { assets: { tableUrl } });
        const report = await db.put(kit.docs(6));
        const hits = await db.search('only3x');
        const dense = await kit.failure(db.search('basket', { mode: 'dense' }));
        // Told before anybody listened.
        const warnings: string[] = [];
        db.on('warning', ({ code }) => warnings.push(code));
        await kit.until(() => warnings.length > 0, 'the warning');
        await db.close();
        const again = await kit.AetherV.open(name);
        await kit.until(async () => (await again.info()).contents === 18, 'the vectors');
        const later = await again.search('basket', { mode: 'dense', k: 100, collapse: 'none' });
        const { commits } = await again.info();
        await again.close();
        return { report, hits, dense: dense.code, warnings, later: later.map(({ space }) => space), commits };
      }, tableUrl);
      expect(seen.report).toMatchObject({ added: 6, chunks: 18, embedded: 0, reused: 0, skipped: 18 });
      expect(seen.hits[0]).toMatchObject({ id: 'notes/0003.md', space: 'lexical' });
      expect(seen).toMatchObject({ dense: 'AV_MODEL_UNAVAILABLE', warnings: ['AV_MODEL_UNAVAILABLE'], commits: 1 });
      expect(seen.later).toEqual(Array.from({ length: 18 }, () => 'aether-static-256x2'));
    },
  );

  it('the vectors of a put that does not wait for them follow by themselves', async () => {
    const seen = await site.page.evaluate(async () => {
      const db = await kit.AetherV.open();
      const report = await db.put(kit.docs(40), { wait: 'lexical' });
      const found = (await db.search('only33x', { mode: 'lexical' }))[0]?.id;
      await kit.until(async () => (await db.info()).contents === 120, 'the vectors');
      return { report, found, dense: (await db.search('basket', { mode: 'dense', k: 200, collapse: 'none' })).length };
    });
    expect(seen.report).toMatchObject({ added: 40, chunks: 120, embedded: 0, skipped: 120 });
    expect(seen).toMatchObject({ found: 'notes/0033.md', dense: 120 });
  });
});
