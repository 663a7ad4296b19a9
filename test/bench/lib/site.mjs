// The page that everything runs in: one origin with the built library, the bench pages, data, models; and browsers on it.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { root } from '../../../.ci/shell.mjs';
import { launch } from '../../kit/browser.mjs';
import { serve } from '../../kit/server.mjs';
import { bundleFolder } from '../../gpu/bundle.mjs';
import { cache, dataFolder } from './data.mjs';

const pages = (name) => fileURLToPath(new URL(name, import.meta.url));

/** Serves everything and keeps track of browsers, profiles and their network logs; `close` leaves nothing behind. */
export class Site {
  #server;
  #scratch = mkdtempSync(join(tmpdir(), 'aetherv-bench-'));
  #count = 0;
  #open = new Set();
  /** Network logs of every browser started here (see lib/network.mjs). */
  logs = [];

  async start() {
    const roots = {
      '/': pages('../page'),
      '/eval/': pages('../../eval/page'),
      '/aetherv/': join(root, 'dist'),
      '/data/': cache,
      '/models/': join(dataFolder, 'models'),
      '/ort/': join(root, 'node_modules/onnxruntime-web/dist'),
      '/transformers/': join(root, 'node_modules/@huggingface/transformers/dist'),
      '/hnswlib-wasm/': pages('../node_modules/hnswlib-wasm/dist'),
      '/minisearch/': pages('../node_modules/minisearch/dist/es'),
      '/kernels/': pages('../../gpu/page'),
      '/gpu/': bundleFolder,
      '/twins/': join(root, 'wasm/pkg/twins/scalar'),
    };
    this.#server = await serve({ roots, port: Number(process.env.PORT ?? 0) });
    return this;
  }

  get origin() {
    return new URL(this.#server.url).origin;
  }

  /** A new profile folder. */
  profile() {
    return join(this.#scratch, `profile-${++this.#count}`);
  }

  /** Starts a browser process on a profile and opens the page; `netLog: false` for one whose requests nobody counts. */
  async browse({ profile = this.profile(), path = '', args = [], netLog = true } = {}) {
    const log = join(this.#scratch, `net-${++this.#count}.json`);
    if (netLog) this.logs.push(log);
    const context = await launch({ profile, args: netLog ? [...args, `--log-net-log=${log}`] : args });
    this.#open.add(context);
    context.once('close', () => this.#open.delete(context));
    const page = context.pages()[0] ?? (await context.newPage());
    await page.goto(`${this.#server.url}${path}`);
    return new Tab(context, page, profile);
  }

  async close() {
    for (const context of this.#open) await context.close();
    await this.#server?.close();
    rmSync(this.#scratch, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** The page of one browser. */
class Tab {
  constructor(context, page, profile) {
    Object.assign(this, { context, page, profile });
  }

  /** Calls an exported function of a page module (test/bench/page, or `eval/NAME.js`) in the page. */
  call(module, name, ...args) {
    const job = { url: `/${module}.js`, name, args };
    return this.page.evaluate(async ({ url, name, args }) => (await import(url))[name](...args), job);
  }

  /** A page as after a visit: nothing of the last one is in memory. */
  async reload() {
    await this.page.reload();
  }

  close() {
    return this.context.close();
  }
}
