// The transformers.js embedder with the real model all-MiniLM-L6-v2 in real Chromium: vectors against fp32, life and death of its worker,
// what it says when something is missing, and that nothing is fetched from elsewhere. The model comes from AETHERV_DATA (../shared).
import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TransformersOptions, transformers } from 'aetherv/transformers';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { absent, cosine, dims, type ModelSite, model, openModelSite, rows } from '../kit/model-site.ts';

/** What scripts in the page use. */
declare global {
  var bareTransformers: typeof transformers;
  var make: (options?: TransformersOptions) => ReturnType<typeof transformers>;
  var failure: (promise: Promise<unknown>) => Promise<{ code: string; message: string }>;
}

let site: ModelSite;
let page: Page;

describe.skipIf(absent)('transformers()', { timeout: 120_000 }, () => {
  beforeAll(async () => {
    site = await openModelSite();
  });

  afterAll(() => site?.close());

  beforeEach(async () => {
    page = await site.open(site.home.url);
    return () => page.close();
  });

  it('gives the vectors of the model, and zeros for a text without meaning', async () => {
    const { items } = JSON.parse(readFileSync(join(model, 'reference.json'), 'utf8')) as Reference;
    const texts = items.map(({ text }) => text);
    const vectors = rows(await embed(page, texts));
    const cosines = items.map(({ fp32 }, at) => cosine(vectors[at] ?? [], fp32));
    console.info(`cosine with fp32: ${cosines.map((value) => value.toFixed(4)).join(' ')}`);
    for (const [at, { text, q8_cosine }] of items.entries()) {
      if (text === '') {
        expect(vectors[at]?.every((value) => value === 0)).toBe(true);
        continue;
      }
      expect(cosines[at], text).toBeGreaterThan(0.97);
      expect(Math.hypot(...(vectors[at] ?? []))).toBeCloseTo(1, 5);
      // The last reference is cut at 256 tokens; here the whole text counts.
      if (text.length < 1000) expect(cosines[at], text).toBeCloseTo(q8_cosine, 3);
    }
  });

  it('gives a text the same vector whatever comes with it', async () => {
    const texts = [
      'Port 3000 is the default.',
      'a',
      'Caching is not enabled by default.',
      'word '.repeat(200),
      '日本語のテキスト',
    ];
    const together = rows(await embed(page, texts));
    const alone = await Promise.all(texts.map((text) => embed(page, [text])));
    expect(together).toEqual(alone);
  });

  it('reads a text that is longer than the model to its end', async () => {
    const start = 'Bees carry pollen from one flower to the next. '.repeat(40);
    const [bees = [], both = [], ships = []] = rows(
      await embed(page, [
        start,
        start + 'Ships cross the ocean with containers. '.repeat(40),
        'Ships cross the ocean.',
      ]),
    );
    expect(cosine(both, ships)).toBeGreaterThan(cosine(bees, ships) + 0.2);
    expect(cosine(both, bees)).toBeLessThan(0.95);
  });

  it('loads nothing before it is used, then once, with progress', async () => {
    const seen = await page.evaluate(async () => {
      const progress: { phase: string; done: number; total: number; file: string }[] = [];
      const embedder = make({ onProgress: (event) => progress.push(event) });
      await new Promise((done) => setTimeout(done, 200));
      const early = progress.length;
      await Promise.all([embedder.embed(['one'], { kind: 'document' }), embedder.embed(['two'], { kind: 'query' })]);
      return {
        early,
        last: progress.at(-1),
        files: [...new Set(progress.map(({ file }) => file))],
        id: embedder.id,
        dims: embedder.dims,
        weight: embedder.weight,
      };
    });
    expect(seen).toMatchObject({
      early: 0,
      dims,
      weight: 0.5,
      id: 'transformers:all-MiniLM-L6-v2:q8-cpu:mean-256:unit',
    });
    expect(seen.files.sort()).toEqual([
      'config.json',
      'onnx/model_quantized.onnx',
      'tokenizer.json',
      'tokenizer_config.json',
    ]);
    expect(seen.last).toMatchObject({ phase: 'load', done: seen.last?.total });
    expect(page.workers().length).toBe(1);
    const fetched = (await page
      .workers()[0]
      ?.evaluate(() =>
        performance.getEntriesByType('resource').map(({ name }) => name.slice(name.lastIndexOf('/') + 1)),
      )) as string[];
    expect(fetched.filter((name) => name === 'model_quantized.onnx')).toHaveLength(1);
  });

  it('answers on a port, queries before documents, and no more once a call was cancelled', async () => {
    const order = await page.evaluate(async () => {
      const port = (await make().connect?.(() => undefined)) as MessagePort;
      const order: string[] = [];
      const done = new Promise((all) => {
        port.onmessage = ({ data }) => {
          order.push(`${data.call} ${data.error?.code ?? data.vectors.length}`);
          if (order.length === 3) all(order);
        };
      });
      const texts = Array.from({ length: 40 }, (_, at) => `document ${at}`);
      port.postMessage({ call: 1, texts, kind: 'document' });
      port.postMessage({ call: 2, texts, kind: 'document' });
      port.postMessage({ call: 3, texts: ['query'], kind: 'query' });
      port.postMessage({ call: 2, cancel: true });
      await done;
      return order;
    });
    expect(order).toEqual(['2 AV_ABORTED', '3 384', `1 ${40 * dims}`]);
  });

  it('gives up a call that is aborted, and only that', async () => {
    const result = await page.evaluate(async () => {
      const embedder = make();
      await embedder.embed(['warm'], { kind: 'query' });
      const texts = Array.from({ length: 1000 }, (_, at) => `a text of some words, number ${at}`);
      const control = new AbortController();
      const given = failure(embedder.embed(texts, { kind: 'document', signal: control.signal }));
      const other = embedder.embed(['another'], { kind: 'document' });
      setTimeout(() => control.abort(), 100);
      const started = performance.now();
      const { code } = await given;
      const other_values = (await other).length;
      const before = await failure(embedder.embed(['x'], { kind: 'query', signal: AbortSignal.abort() }));
      return { code, other_values, before: before.code, ms: performance.now() - started };
    });
    expect(result).toMatchObject({ code: 'AV_ABORTED', before: 'AV_ABORTED', other_values: dims });
    // All 1,000 texts take about 10 s.
    expect(result.ms).toBeLessThan(5000);
  });

  it('says what to do when model, library or runtime are missing', async () => {
    const missing = (options: TransformersOptions) =>
      page.evaluate(async (options) => failure(make(options).embed(['x'], { kind: 'document' })), options);
    const cases: [TransformersOptions, RegExp][] = [
      [
        { model: 'no-such-model', dims: 3 },
        /missing: http.*\/models\/no-such-model\/tokenizer_config\.json.*allowRemote/,
      ],
      [{ base: '/start-page' }, /missing: http.*\/start-page\/all-MiniLM-L6-v2\/tokenizer_config\.json/],
      [{ base: 'http://127.0.0.1:1/' }, /missing: .*127\.0\.0\.1:1\/all-MiniLM-L6-v2/],
      [{ dtype: 'fp16' }, /missing: .*model_fp16\.onnx/],
      [{ library: '/no/transformers.js' }, /no\/transformers\.js .*Serve/],
      [{ wasmPaths: { wasm: '/no/ort.wasm' } }, /wasmPaths/],
    ];
    for (const [options, message] of cases) {
      const error = await missing(options);
      expect(error).toMatchObject({ code: 'AV_MODEL_UNAVAILABLE', message: expect.stringMatching(message) });
    }
    const bare = await page.evaluate(() => failure(bareTransformers().embed(['x'], { kind: 'document' })));
    expect(bare).toMatchObject({ code: 'AV_MODEL_UNAVAILABLE', message: expect.stringContaining('give library') });
  });

  it('refuses options outside their range', async () => {
    const refused = (options: TransformersOptions) =>
      page.evaluate(async (options) => failure((async () => make(options).embed(['x'], { kind: 'query' }))()), options);
    expect(await refused({ model: 'unknown' })).toMatchObject({
      code: 'AV_INVALID',
      message: expect.stringContaining('Give dims'),
    });
    expect(await refused({ weight: 2 })).toMatchObject({ code: 'AV_INVALID' });
    expect(await refused({ maxTokens: 1 })).toMatchObject({ code: 'AV_INVALID' });
    expect(await refused({ maxTokens: 513 })).toMatchObject({
      code: 'AV_INVALID',
      message: expect.stringContaining('512'),
    });
    expect(await refused({ dims: 100 })).toMatchObject({
      code: 'AV_DIM_MISMATCH',
      message: expect.stringContaining('384'),
    });
  });

  it('tries again after it could not load the model', async () => {
    await page.evaluate(() => {
      Object.assign(globalThis, { late: make({ base: '/late/' }) });
    });
    const ask = () =>
      page.evaluate(
        async () =>
          (await (globalThis as unknown as { late: ReturnType<typeof make> }).late.embed(['x'], { kind: 'query' }))
            .length,
      );
    await expect(ask()).rejects.toThrow('AV_MODEL_UNAVAILABLE');
    cpSync(model, join(site.folder, 'late/all-MiniLM-L6-v2'), { recursive: true });
    expect(await ask()).toBe(dims);
  });

  it.each([
    ['fails', 'setTimeout(() => { throw new Error("killed by the test") })', 'AV_WORKER_LOST'],
    // On a port this cannot be noticed.
    ['ends silently', 'self.close()', 'no answer'],
  ])('rejects the calls in flight when its worker %s, and starts another', async (_how, kill, onPort) => {
    await page.evaluate(async () => {
      const embedder = make();
      const port = (await embedder.connect?.(() => undefined)) as MessagePort;
      await embedder.embed(['warm'], { kind: 'query' });
      const texts = Array.from({ length: 3000 }, (_, at) => `a text of some words, number ${at}`);
      const state = { embedder, onPort: 'no answer', lost: [] as Promise<{ code: string }>[] };
      port.onmessage = ({ data }) => {
        state.onPort = data.error?.code;
      };
      port.postMessage({ call: 1, texts, kind: 'document' });
      state.lost = [texts, ['x']].map((each) => failure(embedder.embed(each, { kind: 'document' })));
      Object.assign(globalThis, { state });
    });
    await page
      .workers()[0]
      ?.evaluate(kill)
      .catch(() => undefined);
    const after = await page.evaluate(async () => {
      const { state } = globalThis as unknown as {
        state: { embedder: ReturnType<typeof make>; onPort: string; lost: Promise<{ code: string }>[] };
      };
      const codes = (await Promise.all(state.lost)).map(({ code }) => code);
      const again = (await state.embedder.embed(['again'], { kind: 'query' })).length;
      return { codes, again, onPort: state.onPort };
    });
    expect(after).toEqual({ codes: ['AV_WORKER_LOST', 'AV_WORKER_LOST'], again: dims, onPort });
    await expect.poll(() => page.workers().length).toBe(1);
  });

  it('frees its worker on close', async () => {
    const code = await page.evaluate(async () => {
      const embedder = make();
      const asked = failure(embedder.embed(['x'], { kind: 'query' }));
      await embedder.close?.();
      return (await asked).code;
    });
    expect(code).toBe('AV_CLOSED');
    await expect.poll(() => page.workers().length).toBe(0);
  });

  it('runs from a script of another origin', async () => {
    const far = await site.open(`${site.home.url}far.html`);
    const near = await embed(page, ['Port 3000 is the default.']);
    expect(await embed(far, ['Port 3000 is the default.'])).toEqual(near);
    await far.close();
  });

  it('gives the same vectors in an isolated page, where it may use threads', async () => {
    const isolated = await site.open(site.guarded.url);
    expect(await isolated.evaluate(() => crossOriginIsolated)).toBe(true);
    const text = ['Port 3000 is the default.'];
    expect(cosine(await embed(isolated, text), await embed(page, text))).toBeGreaterThan(0.9999);
    await isolated.close();
  });

  it.each(['/ort', { wasm: '/ort/ort-wasm-simd-threaded.asyncify.wasm' }])(
    'runs with wasmPaths %j',
    async (wasmPaths) => {
      const values = await page.evaluate(
        async (wasmPaths) => [...((await make({ wasmPaths }).embed(['a'], { kind: 'query' })) as Float32Array)],
        wasmPaths,
      );
      expect(values).toEqual(await embed(page, ['a']));
    },
  );

  it('fetches nothing from elsewhere', () => {
    expect(site.foreign).toEqual([]);
  });
});

interface Reference {
  items: { text: string; fp32: number[]; q8_cosine: number }[];
}

function embed(where: Page, texts: string[]): Promise<number[]> {
  return where.evaluate(async (texts) => {
    const scope = globalThis as unknown as { shared?: ReturnType<typeof make> };
    scope.shared ??= make();
    return [...((await scope.shared.embed(texts, { kind: 'document' })) as Float32Array)];
  }, texts);
}
