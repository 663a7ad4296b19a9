// The package in a page: script tag or module, from here or from another origin, under a strict policy, all three engines.
import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dist, Site, serveSite } from '../kit/site.ts';

declare global {
  /** What the script-tag file defines. */
  var AetherV: typeof kit.AetherV;
}

let site: Site;
let elsewhere: Awaited<ReturnType<typeof serveSite>>;
beforeAll(async () => {
  site = await Site.start();
  elsewhere = await serveSite({ cors: true });
});
afterAll(async () => {
  await elsewhere.close();
  expect(site.foreign).toEqual([]);
  await site.stop();
});

/** Puts, searches and reopens with the library of `globalThis.AetherV`; the page has nothing else of ours. */
function useIt(page: Page, name: string) {
  return page.evaluate(async (name) => {
    const text = '# Tea\n\nPour hot water over the leaves.\n\n# Coffee\n\nGrind the beans.\n';
    const db = await AetherV.open(name);
    const warnings: string[] = [];
    db.on('warning', ({ message }) => warnings.push(message));
    const report = await db.put({ id: 'drinks.md', text });
    const hits = await db.search('how to brew a pot of tea');
    await db.close();
    const again = await AetherV.open(name);
    const kept = (await again.get('drinks.md'))?.text === text;
    const { worker, wasm } = again.capabilities();
    await again.close();
    await AetherV.destroy(name);
    return {
      embedded: report.embedded,
      hit: hits[0]?.path,
      space: hits[0]?.space,
      kept,
      how: worker.how,
      wasm,
      warnings,
    };
  }, name);
}
const good = { embedded: 2, hit: ['Tea'], space: 'aether-static-256x2', kept: true, warnings: [] };

describe('a script tag', () => {
  it.each(['here', 'elsewhere'] as const)('gives the global AetherV, the script served from %s', async (where) => {
    const page = await site.tab('bare.html');
    const before = await page.evaluate(() => Object.keys(globalThis));
    const base = where === 'here' ? site.served.url : elsewhere.url;
    await page.addScriptTag({ url: `${base}aetherv/aetherv.global.js` });
    const added = await page.evaluate(
      (before) => Object.keys(globalThis).filter((key) => !before.includes(key)),
      before,
    );
    expect(added).toEqual(['AetherV']);
    const seen = await useIt(page, `tag ${where}`);
    expect(seen).toMatchObject(good);
    expect(seen.wasm).toEqual({ build: 'simd128', why: 'the one-file build holds this engine' });
    expect(seen.how).toContain('inside the script');
    await page.close();
  });

  it('without its table beside it searches lexically and says so', async () => {
    const page = await site.tab('bare.html');
    await page.addScriptTag({ content: readFileSync(join(dist, 'aetherv.global.js'), 'utf8') });
    const seen = await useIt(page, 'tag alone');
    expect(seen).toMatchObject({ embedded: 0, hit: ['Tea'], space: 'lexical', kept: true });
    expect(seen.warnings).toEqual([expect.stringContaining('assets.tableUrl')]);
    await page.close();
  });
});

describe('an ES module', () => {
  it('works from another origin', async () => {
    const page = await site.tab('bare.html');
    await page.evaluate(async (url) => {
      globalThis.AetherV = (await load(url)).AetherV;
    }, `${elsewhere.url}aetherv/index.js`);
    const seen = await useIt(page, 'module elsewhere');
    expect(seen).toMatchObject(good);
    expect(seen.how).toContain('another origin');
    await page.close();
  });

  it('works under a policy that allows scripts and workers of this origin and WebAssembly only', async () => {
    const policy = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'";
    const guarded = await serveSite({ headers: { 'content-security-policy': policy } });
    const page = await site.context.newPage();
    const said: string[] = [];
    page.on('console', (message) => said.push(message.text()));
    await page.goto(`${guarded.url}bare.html`);
    const evil = await page
      .evaluate(async () => (await load('data:text/javascript,export default 1')) && 'allowed')
      .catch(() => 'refused');
    await page.evaluate(async () => {
      globalThis.AetherV = (await load('/aetherv/index.js')).AetherV;
    });
    said.length = 0;
    expect(await useIt(page, 'guarded')).toMatchObject(good);
    expect(said.filter((text) => /policy/i.test(text))).toEqual([]);
    expect(evil).toBe('refused');
    await page.close();
    await guarded.close();
  });

  it('does nothing by being imported: no worker, no request but its own files, no storage, no global', async () => {
    const page = await site.tab('bare.html');
    const requests: string[] = [];
    page.on('request', (request) => requests.push(new URL(request.url()).pathname));
    const workers: string[] = [];
    page.on('worker', (worker) => workers.push(worker.url()));
    const seen = await page.evaluate(async () => {
      const before = Object.keys(globalThis);
      const databases = (await indexedDB.databases()).length;
      await load('/aetherv/index.js');
      await new Promise((done) => setTimeout(done, 100));
      const added = Object.keys(globalThis).filter((key) => !before.includes(key));
      return {
        added,
        databases: (await indexedDB.databases()).length - databases,
        locks: (await navigator.locks.query()).held,
      };
    });
    expect(seen).toEqual({ added: [], databases: 0, locks: [] });
    expect(workers).toEqual([]);
    expect(requests.filter((path) => !/^\/aetherv\/(index\.js|chunks\/[\w.-]+\.js)$/.test(path))).toEqual([]);
    await page.close();
  });

  it('can be imported in plain Node, and says there that it needs a browser', async () => {
    const url = JSON.stringify(pathToFileURL(join(dist, 'index.js')).href);
    const code = `const before = Object.keys(globalThis);
      const { AetherV, AetherError } = await import(${url});
      const added = Object.keys(globalThis).filter((key) => !before.includes(key));
      const failed = await AetherV.open('x').catch((error) => error);
      console.log(JSON.stringify({ added, list: await AetherV.list(), code: failed.code, typed: failed instanceof AetherError }));`;
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', code], {
      timeout: 20_000,
    });
    expect(JSON.parse(stdout)).toEqual({ added: [], list: [], code: 'AV_STORAGE', typed: true });
  });

  it('holds no address of another machine and no code from strings', () => {
    const files = readdirSync(dist, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.js'));
    expect(files).toContain('index.js');
    expect(existsSync(join(dist, 'embed/aether-static-256x2.bin'))).toBe(true);
    for (const file of files) {
      const text = readFileSync(join(dist, file), 'utf8');
      expect(text, file).not.toMatch(/\beval\(|new Function\(/);
      expect(text.match(/(https?|wss?):\/\/[^\s"'`)]+/g) ?? [], file).toEqual([]);
    }
  });
});

describe('the three engines', () => {
  it('are all usable in this browser and give the same hits to the last bit', async () => {
    const asked: string[] = [];
    site.context.on('request', (request) => {
      if (request.url().endsWith('.wasm')) asked.push(new URL(request.url()).pathname);
    });
    const answers: string[] = [];
    for (const build of ['relaxed', 'simd128', 'scalar']) {
      const url = `/aetherv/wasm/aetherv.${build}.wasm`;
      const answer = await site.page.evaluate(async (url) => {
        const wasmUrl = { relaxed: url, simd128: url, scalar: url };
        const db = await kit.AetherV.open(`engine ${url}`, { assets: { wasmUrl } });
        await db.put(kit.docs(300));
        await db.put(kit.docs(200, 250).map((doc) => ({ ...doc, text: doc.text.replaceAll('basket', 'hamper') })));
        const answers: unknown[] = [];
        for (const flushed of [false, true]) {
          if (flushed) await db.flush();
          for (const query of ['the hamper near the glacier', 'only17x', 'sewing tools', 'wet weather'])
            for (const mode of ['hybrid', 'lexical', 'dense'] as const) {
              const hits = await db.search(query, { mode, k: 50, explain: true, collapse: 'none' });
              const bits = Array.from(
                new Uint8Array(
                  new Float64Array(hits.flatMap(({ score, why }) => [score, why?.bm25 ?? 0, why?.cosine ?? 0])).buffer,
                ),
              );
              answers.push(
                hits.map(({ chunkId, version, highlights }) => [chunkId, version, highlights]),
                bits.join(),
              );
            }
        }
        const { build, why } = db.capabilities().wasm;
        await db.close();
        return { text: JSON.stringify(answers), build, why };
      }, url);
      expect(answer).toMatchObject({ build: 'relaxed', why: 'the browser validates relaxed SIMD' });
      expect(answer.text.length).toBeGreaterThan(10_000);
      answers.push(answer.text);
    }
    expect(asked).toEqual(['relaxed', 'simd128', 'scalar'].map((build) => `/aetherv/wasm/aetherv.${build}.wasm`));
    expect(answers[1] === answers[0]).toBe(true);
    expect(answers[2] === answers[0]).toBe(true);
  });
});
