// The page that runs kernels by themselves, and databases whose GPU fails as it is told to.
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
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

  /** Ends the browser's GPU process as a crash would. */
  killGpuProcess(): void {
    const browser = Number(/-(\d+)$/.exec(readlinkSync(join(this.#profile, 'SingletonLock')))?.[1]);
    const all = readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? processOf(Number(name)) : []));
    const family = new Set([browser]);
    // Children of children too: browsers start some of theirs through another.
    for (let before = 0; before < family.size; ) {
      before = family.size;
      for (const { pid, parent } of all) if (family.has(parent)) family.add(pid);
    }
    const gpu = all.filter(({ pid, command }) => family.has(pid) && command.includes('--type=gpu-process'));
    if (gpu.length === 0) throw new Error('this browser has no GPU process');
    for (const { pid } of gpu) process.kill(pid, 'SIGKILL');
  }

  async stop(): Promise<void> {
    await this.#context.close();
    await this.#served.close();
    rmSync(this.#profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }
}

/** A process with its parent; none when it has ended meanwhile. */
function processOf(pid: number): { pid: number; parent: number; command: string }[] {
  try {
    const parent = Number(/\) \S (\d+)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.[1]);
    return [{ pid, parent, command: readFileSync(`/proc/${pid}/cmdline`, 'utf8') }];
  } catch {
    return [];
  }
}
