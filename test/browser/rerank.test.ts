// Reranking in real Chromium: by an object of the page, and by transformers.js as far as it goes without a cross-encoder at hand.
import type { SearchOptions } from 'aetherv';
import type { crossEncoder } from 'aetherv/transformers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { absent, type ModelSite, openModelSite } from '../kit/model-site.ts';
import { Site } from '../kit/site.ts';

type Db = Awaited<ReturnType<typeof kit.AetherV.open>>;
/** What scripts of this file keep in the page. */
interface Kept {
  db: Db;
  asked: { query: string; texts: readonly string[]; aborted: boolean }[];
  /** Replaces the scores. */
  scores: ((texts: readonly string[]) => unknown) | undefined;
}

/** What the pages of the model site have. */
interface Models {
  AetherV: typeof kit.AetherV;
  makeReranker: typeof crossEncoder;
}

let site: Site;
beforeAll(async () => {
  site = await Site.start();
  await site.page.evaluate(async () => {
    const kept = globalThis as unknown as Kept;
    kept.asked = [];
    const reranker = {
      id: 'longest',
      async score(query: string, texts: readonly string[], { signal }: { signal?: AbortSignal } = {}) {
        const call = { query, texts, aborted: false };
        signal?.addEventListener('abort', () => Object.assign(call, { aborted: true }));
        kept.asked.push(call);
        return (kept.scores?.(texts) ?? texts.map((text) => text.length)) as number[];
      },
    };
    kept.db = await kit.AetherV.open(undefined, { reranker });
    const docs = ['', ' and', ' and more', ' and', ''].map((end, i) => ({
      id: `${i}.md`,
      text: `# Note\n\nA lantern${end}`,
    }));
    await kept.db.put(docs);
    await kept.db.put({ id: '2.md', text: '# Note\n\nA lantern' });
  });
});
afterAll(() => site.stop());

const search = (options: SearchOptions) =>
  site.page.evaluate(async (json) => {
    const { db } = globalThis as unknown as Kept;
    const hits = await db.search('lantern', JSON.parse(json));
    return hits.map(({ id, score, text, why }) => ({ id, score, text, why }));
  }, JSON.stringify(options));
const last = () => site.page.evaluate(() => (globalThis as unknown as Kept).asked.at(-1));
const failure = (options: Record<string, unknown>, query: unknown = 'lantern') =>
  site.page.evaluate(
    ([options, query]) => kit.failure(() => (globalThis as unknown as Kept).db.search(query as string, options)),
    [options, query] as const,
  );
const scoring = (scores: string | undefined) =>
  site.page.evaluate((scores) => {
    // biome-ignore lint/security/noGlobalEval: the test's own text
    (globalThis as unknown as Kept).scores = scores === undefined ? undefined : eval(scores);
  }, scores);

describe('rerank', () => {
  it('orders the best hits by the model, equal scores as they were, and leaves those behind', async () => {
    const plain = await search({ mode: 'lexical' });
    const again = await search({ mode: 'lexical', rerank: true, explain: true });
    const byLength = [...plain].sort((a, b) => b.text.length - a.text.length);
    expect(again.map(({ id }) => id)).toEqual(byLength.map(({ id }) => id));
    expect(again.map(({ score }) => score)).toEqual(byLength.map(({ score }) => score));
    expect(again.map(({ why }) => why?.rerank)).toEqual(again.map(({ text }) => 'Note\n'.length + text.length));
    const first = await search({ mode: 'lexical', rerank: { n: 2 }, explain: true });
    expect(first.slice(2).map(({ id }) => id)).toEqual(plain.slice(2).map(({ id }) => id));
    expect(first.map(({ why }) => typeof why?.rerank)).toEqual(plain.map((_, i) => (i < 2 ? 'number' : 'undefined')));
  });

  it('reads more hits than it gives, with the texts of the commit searched', async () => {
    const hits = await search({ k: 1, rerank: true, asOf: 'HEAD~1' });
    expect(hits.map(({ id, text }) => [id, text])).toEqual([['2.md', 'A lantern and more']]);
    const { query, texts } = (await last()) ?? {};
    expect([query, texts?.length, texts?.[0]?.startsWith('Note\nA lantern')]).toEqual(['lantern', 5, true]);
    const now = await search({ rerank: true });
    expect(now.some(({ text }) => text.includes('more'))).toBe(false);
  });

  it('refuses what makes no sense', async () => {
    const options = [
      ...[{ rerank: 1 }, { rerank: { n: 0 } }, { rerank: { n: 1.5 } }, { rerank: { k: 1 } }],
      ...[
        { rerank: true, sort: { by: 'n' } },
        { rerank: true, mmr: 0.5 },
      ],
    ];
    for (const each of options) expect(await failure(each)).toMatchObject({ code: 'AV_INVALID' });
    expect(await failure({ rerank: true }, { must: 'lantern' })).toMatchObject({ code: 'AV_INVALID' });
    const without = await site.page.evaluate(async () => {
      const db = await kit.AetherV.open();
      const failed = await kit.failure(db.search('lantern', { rerank: true }));
      await db.close();
      const given = { reranker: { id: 'x' } } as unknown as Parameters<typeof kit.AetherV.open>[1];
      return [failed, await kit.failure(() => kit.AetherV.open(undefined, given))].map(({ code }) => code);
    });
    expect(without).toEqual(['AV_MODEL_UNAVAILABLE', 'AV_INVALID']);
  });

  it.each([
    ['(texts) => texts.slice(1)', 'AV_EMBEDDER'],
    ['() => 7', 'AV_EMBEDDER'],
    ['(texts) => texts.map(() => NaN)', 'AV_NON_FINITE'],
    ['() => { throw new Error("no") }', 'AV_EMBEDDER'],
    ['() => Promise.reject(new Error("no"))', 'AV_EMBEDDER'],
  ])('with scores %s fails as %s', async (scores, code) => {
    await scoring(scores);
    expect(await failure({ rerank: true })).toMatchObject({ code });
    await scoring(undefined);
  });

  it('ends with the deadline, the abort or the database, and tells the model', async () => {
    await scoring('() => new Promise(() => undefined)');
    expect(await failure({ rerank: true, deadlineMs: 300 })).toMatchObject({ code: 'AV_TIMEOUT' });
    expect(await last()).toMatchObject({ aborted: true });
    const aborted = await site.page.evaluate(async () => {
      const kept = globalThis as unknown as Kept;
      const [control, before] = [new AbortController(), kept.asked.length];
      const failed = kit.failure(kept.db.search('lantern', { rerank: true, signal: control.signal }));
      await kit.until(() => kept.asked.length > before);
      control.abort();
      return [(await failed).code, kept.asked.at(-1)?.aborted];
    });
    expect(aborted).toEqual(['AV_ABORTED', true]);
    await scoring(undefined);
  });
});

describe.skipIf(absent)('crossEncoder()', { timeout: 120_000 }, () => {
  let models: ModelSite;
  beforeAll(async () => {
    models = await openModelSite();
  });
  afterAll(() => models?.close());

  it.each([
    ['no-such-model', 'AV_MODEL_UNAVAILABLE', 'no-such-model/tokenizer_config.json'],
    // It has no head that scores: all that is missing of a cross-encoder.
    ['all-MiniLM-L6-v2', 'AV_EMBEDDER', 'Use a cross-encoder'],
  ])('of model %s fails as %s, in every search', async (model, code, message) => {
    const page = await models.open(models.home.url);
    const failures = await page.evaluate(async (model) => {
      const { AetherV, makeReranker } = globalThis as unknown as Models;
      const reranker = makeReranker({ model });
      const db = await AetherV.open(undefined, { reranker });
      await db.put({ id: 'a', text: 'A lantern.' });
      const failed = () =>
        db.search('lantern', { rerank: true }).then(
          () => ({ code: 'none', message: '' }),
          ({ code, message }) => ({ code, message }),
        );
      const failures = [await failed(), await failed()];
      const plain = await db.search('lantern');
      await reranker.close?.();
      await db.close();
      return [...failures, { code: 'none', message: String(plain.length) }];
    }, model);
    const typed = { code, message: expect.stringContaining(message) };
    expect(failures).toEqual([typed, typed, { code: 'none', message: '1' }]);
    await page.close();
  });
});
