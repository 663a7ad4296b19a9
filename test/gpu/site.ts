// The page that runs kernels by themselves, and databases whose GPU fails as it is told to.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { BrowserContext, Page } from 'playwright-core';
import { launch } from '../kit/browser.mjs';
import { projectFile } from '../kit/engine.ts';
import { type Served, serve } from '../kit/server.mjs';
import { bundleDoor, bundleFolder } from './bundle.mjs';

declare global {
  /** The modules of page/, see index.html. */
  var modules: Record<string, Record<string, (...args: unknown[]) => unknown>>;
}

export class GpuSite {
  readonly page: Page;
  readonly #context: BrowserContext;
  readonly #served: Served;
  readonly #profile: string;

  private constructor(page: Page, context: BrowserContext, served: Served, profile: string) {
    this.page = page;
    this.#context = context;
    this.#served = served;
    this.#profile = profile;
  }

  static async start(): Promise<GpuSite> {
    await bundleDoor();
    const pages = fileURLToPath(new URL('page', import.meta.url));
    const roots = { '/': pages, '/kernels/': pages, '/gpu/': bundleFolder, '/aetherv/': projectFile('dist') };
    const served = await serve({ roots: { ...roots, '/twins/': projectFile('wasm/pkg/twins/scalar') } });
    const profile = mkdtempSync(join(tmpdir(), 'aetherv-gpu-'));
    const context = await launch({ profile });
    const page = context.pages()[0] ?? (await context.newPage());
    await page.goto(`${served.url}index.html`);
    await page.waitForFunction(() => 'modules' in globalThis);
    return new GpuSite(page, context, served, profile);
  }

  /** Calls an exported function of a module of page/. */
  call<T>(module: string, name: string, ...args: unknown[]): Promise<T> {
    return this.page.evaluate(([module, name, args]) => modules[module]?.[name]?.(...args), [
      module,
      name,
      args,
    ] as const) as Promise<T>;
  }

  async stop(): Promise<void> {
    await this.#context.close();
    await this.#served.close();
    rmSync(this.#profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }
}
