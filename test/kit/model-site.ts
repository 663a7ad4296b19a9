// A site for the transformers.js embedder: the product, the library, the runtime and the real model from one origin, and from others.
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { BrowserContext, Page } from 'playwright-core';
import { launch } from './browser.mjs';
import { type Served, serve } from './server.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const models = join(resolve(root, process.env.AETHERV_DATA ?? '../shared'), 'models');
export const model = join(models, 'all-MiniLM-L6-v2');
export const absent = !existsSync(join(model, 'onnx/model_quantized.onnx'));
if (absent)
  console.info(`skipped: no model in ${model} (AETHERV_DATA names the folder that holds models/all-MiniLM-L6-v2)`);

export interface ModelSite {
  readonly home: Served;
  /** Cross-origin isolated. */
  readonly guarded: Served;
  readonly elsewhere: Served;
  readonly context: BrowserContext;
  /** The folder it is served from. */
  readonly folder: string;
  /** Addresses of requests that left this machine. */
  readonly foreign: readonly string[];
  open(url: string): Promise<Page>;
  close(): Promise<void>;
}

/** Starts its servers and a browser. */
export async function openModelSite(): Promise<ModelSite> {
  const site = mkdtempSync(join(tmpdir(), 'aetherv-transformers-'));
  writeFileSync(join(site, 'index.html'), html('/'));
  // A server that answers everything it has not with its start page.
  for (const file of ['tokenizer_config.json', 'tokenizer.json', 'config.json']) {
    mkdirSync(join(site, 'start-page/all-MiniLM-L6-v2', file), { recursive: true });
    writeFileSync(join(site, 'start-page/all-MiniLM-L6-v2', file, 'index.html'), '<!doctype html>');
  }
  const product = {
    '/aetherv/': join(root, 'dist'),
    '/transformers/': join(root, 'node_modules/@huggingface/transformers/dist'),
    '/ort/': join(root, 'node_modules/onnxruntime-web/dist'),
    '/models/': models,
  };
  const home = await serve({ roots: { '/': site, ...product } });
  const guarded = await serve({
    roots: { '/': site, ...product },
    headers: { 'cross-origin-opener-policy': 'same-origin', 'cross-origin-embedder-policy': 'require-corp' },
  });
  const elsewhere = await serve({ roots: product, cors: true });
  writeFileSync(join(site, 'far.html'), html(elsewhere.url));
  const foreign: string[] = [];
  const context = await launch();
  context.on('request', (request) => {
    const { protocol, hostname } = new URL(request.url());
    if (/^(http|ws)/.test(protocol) && hostname !== '127.0.0.1') foreign.push(request.url());
  });
  return {
    home,
    guarded,
    elsewhere,
    context,
    folder: site,
    foreign,
    async open(url) {
      const page = await context.newPage();
      await page.goto(url);
      return page;
    },
    async close() {
      await context.close();
      await Promise.all([home.close(), guarded.close(), elsewhere.close()]);
      rmSync(site, { recursive: true });
    },
  };
}

/** A page that has the product, the library and the runtime from `origin`. */
function html(origin: string): string {
  return `<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><script type="module">
    import { AetherV } from '${origin}aetherv/index.js';
    import { crossEncoder, transformers } from '${origin}aetherv/transformers.js';
    const library = '${origin}transformers/transformers.min.js';
    const wasmPaths = { wasm: '${origin}ort/ort-wasm-simd-threaded.wasm' };
    globalThis.bareTransformers = transformers;
    globalThis.AetherV = AetherV;
    globalThis.makeReranker = (options) => crossEncoder({ library, wasmPaths, ...options });
    globalThis.make = (options) => transformers({ library, wasmPaths, ...options });
    globalThis.failure = (promise) => promise.then(() => ({ code: 'none' }), ({ code, message }) => ({ code, message }));
  </script>`;
}

export const dims = 384;

/** Values row by row. */
export function rows(values: number[]): number[][] {
  return Array.from({ length: values.length / dims }, (_, at) => values.slice(at * dims, (at + 1) * dims));
}

export function cosine(a: readonly number[], b: readonly number[]): number {
  const dot = a.reduce((sum, value, at) => sum + value * (b[at] ?? 0), 0);
  return dot / (Math.hypot(...a) * Math.hypot(...b));
}
