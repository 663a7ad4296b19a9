// Vectors in files of the private file system (`store: 'opfs'`), in real Chromium: the same answers, by one tab or two, and what goes is gone.
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { Site } from '../kit/site.ts';

let site: Site;
let name: string;
let count = 0;
const DIMS = 192;

type Database = Awaited<ReturnType<typeof kit.AetherV.open>>;
declare global {
  /** Puts rows numbered from one to before another, and compacts. */
  var putRows: (db: Database, from: number, to: number) => Promise<void>;
  /** What a few questions are answered with, and what was read for it. */
  var askRows: (db: Database) => Promise<{ out: string; bytes: number }>;
  /** Names of the files of a database. */
  var filesOf: (name: string) => Promise<string[]>;
  var folderOf: (name: string) => Promise<FileSystemDirectoryHandle>;
  var mine: Database;
}

const prepare = (page: Page): Promise<void> =>
  page.evaluate((dims) => {
    const rows = (from: number, to: number) =>
      Float32Array.from({ length: (to - from) * dims }, (_, i) => Math.sin((from * dims + i) * 1.7) + Math.sin(i * i));
    globalThis.putRows = async (db, from, to) => {
      const ids = Array.from({ length: to - from }, (_, i) => `v${from + i}`);
      await db.vectors('rows', { dims, index: 'hnsw' }).putColumns({ ids, vectors: rows(from, to) });
      await db.compact();
    };
    globalThis.askRows = async (db) => {
      const things = db.vectors('rows', { dims, index: 'hnsw' });
      const out: unknown[] = [];
      let bytes = 0;
      for (let i = 0; i < 12; i++) {
        const query = rows(i, i + 1).map((value, j) => value + Math.sin(j + i) / 3);
        const hits = await things.search(query, { k: 12, exact: i % 4 === 0, includeVector: true, explain: true });
        bytes += hits[0]?.why?.bytesRead ?? 0;
        out.push(hits.map(({ id, score, vector }) => [id, score, vector?.join()]));
      }
      return { out: JSON.stringify(out), bytes };
    };
    globalThis.folderOf = async (name) =>
      (await navigator.storage.getDirectory()).getDirectoryHandle(encodeURIComponent(`aetherv:${name}`));
    globalThis.filesOf = async (name) => {
      const out: string[] = [];
      const folder = await folderOf(name).catch(() => undefined);
      if (folder) for await (const file of folder.keys()) out.push(file);
      return out;
    };
  }, DIMS);

beforeAll(async () => {
  site = await Site.start();
  await prepare(site.page);
});
afterAll(() => site.stop());
beforeEach(() => {
  name = `disk/${count++}`;
});

it('are answered from as from IndexedDB, all in memory or none; and go with the database', async () => {
  const seen = await site.page.evaluate(async (name) => {
    const outs: string[] = [];
    const bytes: number[] = [];
    const kinds: string[] = [];
    for (const store of ['auto', 'opfs'] as const) {
      const own = `${name} ${store}`;
      const db = await kit.AetherV.open(own, { store });
      await putRows(db, 0, 7000);
      outs.push((await askRows(db)).out);
      kinds.push(db.capabilities().storage.kind);
      await db.close();
      // How a segment is kept is told by the segment, not by the option.
      for (const options of [{}, { memoryBudgetBytes: 0 }, { store: 'opfs', memoryBudgetBytes: 0 }] as const) {
        const again = await kit.AetherV.open(own, options);
        const answer = await askRows(again);
        outs.push(answer.out);
        bytes.push(answer.bytes);
        await again.close();
      }
    }
    const files = [await filesOf(`${name} auto`), await filesOf(`${name} opfs`)];
    const values = await Promise.all(
      (await kit.keys(`${name} opfs`, 'seg')).map((key) =>
        kit.raw<unknown>(`${name} opfs`, 'seg', 'readonly', (store) => store.get(key)),
      ),
    );
    await kit.AetherV.destroy(`${name} opfs`);
    const left = await filesOf(`${name} opfs`);
    return { outs: new Set(outs).size, bytes, kinds, files, values: values.filter((v) => v === 'file').length, left };
  }, name);
  expect(seen.outs).toBe(1);
  expect(seen.kinds).toEqual(['indexeddb', 'opfs']);
  expect(seen.bytes.filter((bytes) => bytes > 0).length).toBeGreaterThanOrEqual(4);
  expect(seen.files[0]).toEqual([]);
  expect(seen.files[1]).toHaveLength(1);
  expect(seen.values).toBe(1);
  expect(seen.left).toEqual([]);
});

it('are read by another tab while the first replaces them, and those replaced are deleted', async () => {
  const other = await site.tab();
  await prepare(other);
  const before = await site.page.evaluate(async (name) => {
    globalThis.mine = await kit.AetherV.open(name, { store: 'opfs' });
    await putRows(mine, 0, 7000);
    return { files: await filesOf(name), out: (await askRows(mine)).out };
  }, name);
  await other.evaluate(async (name) => {
    globalThis.mine = await kit.AetherV.open(name, { store: 'opfs', memoryBudgetBytes: 0 });
  }, name);
  expect(await other.evaluate(async () => (await askRows(mine)).out)).toBe(before.out);
  const after = await site.page.evaluate(async (name) => {
    await putRows(mine, 7000, 7500);
    const files = await kit.until(async () => {
      const files = await filesOf(name);
      return files.length === 1 && files;
    });
    return { files, out: (await askRows(mine)).out };
  }, name);
  expect(after.files).not.toEqual(before.files);
  const there = await other.evaluate(async (wanted) => {
    let out = '';
    await kit.until(async () => {
      out = (await askRows(mine)).out;
      return out === wanted;
    });
    await mine.close();
    return out;
  }, after.out);
  expect(there).toBe(after.out);
  await site.page.evaluate(async () => mine.close());
  await other.close();
});

it.each([
  ['is gone', 'gone'],
  ['is cut short', 'cut'],
  ['has a wrong byte in its head', 'head'],
  ['has a wrong byte in its codes', 'codes'],
  ['has a wrong byte in its last row', 'row'],
] as const)('a file that %s: AV_CORRUPT, and nothing hangs', async (_, how) => {
  const seen = await site.page.evaluate(
    async ([name, how]) => {
      const db = await kit.AetherV.open(name, { store: 'opfs' });
      await putRows(db, 0, 7000);
      await db.close();
      const folder = await folderOf(name);
      const [id = ''] = await filesOf(name);
      const handle = await folder.getFileHandle(id);
      const bytes = new Uint8Array(await (await handle.getFile()).arrayBuffer());
      if (how === 'gone') await folder.removeEntry(id);
      else {
        const at = { head: 30_000, codes: 200_000, cut: 0, row: bytes.length - 5 }[how];
        bytes[at] = (bytes[at] ?? 0) ^ 4;
        const writable = await handle.createWritable();
        await writable.write(how === 'cut' ? bytes.slice(0, 700_000) : bytes);
        await writable.close();
      }
      const again = await kit.AetherV.open(name, { memoryBudgetBytes: 0 });
      const things = again.vectors('rows', { dims: 192, index: 'hnsw' });
      const failures = [await kit.failure(askRows(again)), await kit.failure((async () => things.get('v6999'))())].map(
        ({ code }) => code,
      );
      await again.close();
      return failures;
    },
    [name, how] as const,
  );
  expect(seen).toContain('AV_CORRUPT');
  expect(seen.filter((code) => code !== 'none' && code !== 'AV_CORRUPT')).toEqual([]);
});

it('a file that nothing names is deleted when the database is opened to write', async () => {
  const seen = await site.page.evaluate(async (name) => {
    const db = await kit.AetherV.open(name, { store: 'opfs' });
    await putRows(db, 0, 7000);
    await db.close();
    const before = await filesOf(name);
    const stray = await (await folderOf(name)).getFileHandle('4711', { create: true });
    const writable = await stray.createWritable();
    await writable.write('left by a write that was cut off');
    await writable.close();
    const again = await kit.AetherV.open(name, { store: 'opfs' });
    const { out } = await askRows(again);
    await again.close();
    return { before, after: await filesOf(name), hits: out.length };
  }, name);
  expect(seen.after).toEqual(seen.before);
  expect(seen.hits).toBeGreaterThan(100);
});

it.each([
  ['no such files: IndexedDB, and a warning', 'no-disk.js', 'indexeddb', 1],
  ['files that one may open at a time: read without opening', 'one-reader.js', 'opfs', 0],
] as const)('a browser with %s', async (_, worker, kind, warned) => {
  const seen = await site.page.evaluate(
    async ([name, worker]) => {
      const assets = { workerUrl: new URL(worker, location.href).href };
      const db = await kit.AetherV.open(name, { store: 'opfs', assets });
      const warnings: string[] = [];
      db.on('warning', ({ code }) => warnings.push(code));
      await putRows(db, 0, 7000);
      const whole = await askRows(db);
      const { kind } = db.capabilities().storage;
      await db.close();
      const again = await kit.AetherV.open(name, { memoryBudgetBytes: 0, assets });
      const paged = await askRows(again);
      await again.close();
      return { kind, same: whole.out === paged.out, bytes: paged.bytes, warnings };
    },
    [name, worker] as const,
  );
  expect(seen).toMatchObject({ kind, same: true });
  expect(seen.bytes).toBeGreaterThan(0);
  expect(seen.warnings).toEqual(warned ? ['AV_STORAGE'] : []);
});
