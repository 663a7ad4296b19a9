// A test site in real Chromium: the library and the page kit under one origin, a profile that outlives the browser.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { AetherV, Doc, Embedder, EventMap } from 'aetherv';
import type { BrowserContext, Page } from 'playwright-core';
import { kill, launch } from './browser.mjs';
import { type Served, serve } from './server.mjs';

/** How a call failed; code `none` when it did not, `untyped` when the error has no code. */
export interface Failure {
  code: string;
  name: string;
  message: string;
  detail?: unknown;
}

/** A model of the page that counts the texts it is asked for. */
export interface PageEmbedder extends Embedder {
  texts: { document: number; query: number };
  vector(text: string): Float32Array;
}

type StoreName = 'head' | 'manifest' | 'wal' | 'seg' | 'key';

declare global {
  /** See site/kit.js. */
  var kit: {
    AetherV: typeof AetherV;
    workers: Worker[];
    doc(i: number): Doc;
    docs(count: number, from?: number): Doc[];
    prose(seed: number, sentences: number): string;
    failure(call: Promise<unknown> | (() => unknown)): Promise<Failure>;
    all<T>(iterable: AsyncIterable<T>): Promise<T[]>;
    pause(ms: number): Promise<void>;
    until<T>(check: () => T | Promise<T>, what?: string): Promise<NonNullable<T>>;
    state(db: AetherV): Promise<string>;
    embedder(
      options?: { id?: string; dims?: number; salt?: number; weight?: number } & Partial<Pick<Embedder, 'embed'>>,
    ): PageEmbedder;
    raw<T>(
      name: string,
      store: StoreName,
      mode: IDBTransactionMode,
      run: (store: IDBObjectStore) => IDBRequest<T>,
    ): Promise<T>;
    keys(name: string, store: StoreName): Promise<IDBValidKey[]>;
    flip(name: string, store: StoreName, key: IDBValidKey, at: number): Promise<void>;
  };
  /** See site/load.js. */
  var load: (url: string) => Promise<{ AetherV: typeof AetherV }>;
}

export type Role = EventMap['status']['role'];

const here = fileURLToPath(new URL('.', import.meta.url));
export const dist = fileURLToPath(new URL('../../dist', import.meta.url));

/** Serves the library at /aetherv/ and the test pages at /. */
export function serveSite(options: { headers?: Record<string, string>; cors?: boolean } = {}): Promise<Served> {
  return serve({ roots: { '/': join(here, 'site'), '/aetherv/': dist }, ...options });
}

/** A served site, a browser on a profile of its own, and a page on it. */
export class Site {
  readonly served: Served;
  readonly profile: string;
  /** Requests to anything but this machine. */
  readonly foreign: string[] = [];
  context!: BrowserContext;
  page!: Page;

  private constructor(served: Served, profile: string) {
    this.served = served;
    this.profile = profile;
  }

  static async start(): Promise<Site> {
    const site = new Site(await serveSite(), mkdtempSync(join(tmpdir(), 'aetherv-test-')));
    await site.launch();
    return site;
  }

  /** Starts the browser, again on the same profile after it was killed or closed. */
  async launch(): Promise<void> {
    this.context = await launch({ profile: this.profile });
    this.context.on('request', (request) => {
      const { protocol, hostname } = new URL(request.url());
      if (/^(http|ws)/.test(protocol) && hostname !== '127.0.0.1') this.foreign.push(request.url());
    });
    this.page = this.context.pages()[0] ?? (await this.context.newPage());
    await this.page.goto(this.served.url);
  }

  /** Another tab. */
  async tab(path = ''): Promise<Page> {
    const page = await this.context.newPage();
    await page.goto(this.served.url + path);
    return page;
  }

  /** Ends the browser as a crash would. */
  async kill(): Promise<void> {
    await kill(this.context, this.profile);
  }

  async stop(): Promise<void> {
    await this.context.close();
    await this.served.close();
    rmSync(this.profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }
}
