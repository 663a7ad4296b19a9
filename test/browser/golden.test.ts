// Databases as released versions stored them open in this one: a golden file per format version.
// A file is made once, when its version is released: AETHERV_GOLDEN=write npm test -- --only browser
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Site } from '../kit/site.ts';

const folder = fileURLToPath(new URL('../golden', import.meta.url));
const file = (version: number) => `${folder}/format-${version}.json.gz`;
const CURRENT = 7;
/** Of a key's stored value only these bytes matter; the rest is noise that no compression removes. */
const KEY_BYTES = 32;

/** Every store's keys and values, values in base64. */
type Dump = Record<string, [key: unknown, value: string][]>;

let site: Site;
beforeAll(async () => {
  site = await Site.start();
});
afterAll(() => site.stop());

/** Commits in an archive, in segments and in the log; branches, a tag, a merge, an undo, valid time, odd text; items likewise. */
async function make(): Promise<Dump> {
  await site.page.evaluate(async () => {
    const db = await kit.AetherV.open('golden');
    const odd = '\ufeff# Ünïcode\r\n\r\nEmoji 👩‍👩‍👧 and a tail  \n';
    await db.put([...kit.docs(4), { id: 'odd.md', text: odd, meta: { n: 99 } }], {
      message: 'first',
      author: 'golden',
    });
    await db.put({ ...kit.doc(2), text: kit.doc(2).text.replace('only2x', 'edited2x') }, { message: 'edit' });
    await db.put(kit.doc(2), { message: 'undo' });
    await db.tag('v1', 'HEAD~1');
    await db.branch('side');
    await db.compact();
    await db.checkout('side');
    await db.put({ ...kit.doc(1), text: kit.doc(1).text.replace('only1x', 'sided1x') }, { message: 'on the side' });
    await db.checkout('main');
    await db.delete('notes/0003.md', { message: 'delete' });
    await db.flush();
    await db.merge('side', { message: 'merge side' });
    await db.put({ id: 'timed.txt', text: 'A timed lantern.', valid: { from: 0, to: 4e12 } }, { message: 'timed' });
    const things = db.vectors('things', { dims: 4, metric: 'l2', index: 'hnsw' });
    const item = (n: number) => ({ id: `i${n}`, vector: [n, 1, 0, -n], meta: { n }, text: `thing ${n}` });
    await things.put([1, 2, 3, 4, 5, 6].map(item), { message: 'items' });
    await things.delete('i2', { message: 'one less' });
    await db.compact();
    await things.put([{ ...item(3), meta: { n: 33 } }, item(7)], { message: 'in the log' });
    await db.close();
  });
  return site.page.evaluate(async (keyBytes) => {
    const dump: Dump = {};
    for (const store of ['head', 'manifest', 'wal', 'seg', 'key'] as const) {
      const entries: [unknown, string][] = [];
      for (const key of await kit.keys('golden', store)) {
        const value = await kit.raw<Uint8Array>('golden', store, 'readonly', (opened) => opened.get(key));
        const bytes = store === 'key' ? value.slice(0, keyBytes) : value;
        entries.push([key, btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''))]);
      }
      dump[store] = entries;
    }
    return dump;
  }, KEY_BYTES);
}

/** Lays a dump down as a database, without the library. */
async function layDown(dump: Dump, name: string): Promise<void> {
  await site.page.evaluate(
    async ([dump, name]) => {
      const request = indexedDB.open(`aetherv:${name}`, 1);
      request.onupgradeneeded = () => {
        for (const store of Object.keys(dump)) request.result.createObjectStore(store);
      };
      await new Promise((done) => {
        request.onsuccess = done;
      });
      const tx = request.result.transaction(Object.keys(dump), 'readwrite');
      for (const [store, entries] of Object.entries(dump)) {
        for (const [key, value] of entries)
          tx.objectStore(store).put(
            Uint8Array.from(atob(value), (char) => char.charCodeAt(0)),
            key as IDBValidKey,
          );
      }
      await new Promise((done) => {
        tx.oncomplete = done;
      });
      request.result.close();
    },
    [dump, name] as const,
  );
}

/** Lays a version's file down; one of the current version is made first when asked for. */
async function opened(version: number): Promise<string> {
  if (version === CURRENT && process.env.AETHERV_GOLDEN === 'write') {
    mkdirSync(folder, { recursive: true });
    writeFileSync(file(version), gzipSync(JSON.stringify(await make()), { level: 9 }));
  }
  expect(existsSync(file(version)), `${file(version)} is missing`).toBe(true);
  const name = `laid down ${version}`;
  await layDown(JSON.parse(gunzipSync(readFileSync(file(version))).toString('utf8')), name);
  return name;
}

it('format 1 opens with its history, answers, and takes new commits', async () => {
  const name = await opened(1);
  const seen = await site.page.evaluate(async (name) => {
    const warnings: string[] = [];
    const db = await kit.AetherV.open(name);
    db.on('warning', ({ code }) => warnings.push(code));
    const ids = async (query: string, asOf: string) =>
      (await db.search(query, { asOf, k: 1, mode: 'lexical' })).map(({ id }) => id);
    const log = (await kit.all(db.log())).map(({ message, author, seq }) => [seq, message, author]);
    const texts = await Promise.all(['notes/0002.md', 'odd.md'].map(async (id) => (await db.get(id))?.text));
    const old = (await db.get('notes/0002.md', 'HEAD~2'))?.text;
    const found = [await ids('edited2x', 'HEAD~2'), await ids('edited2x', 'HEAD'), await ids('only3x', 'HEAD~2')];
    const gone = await db.has('notes/0003.md');
    const again = await db.put(kit.doc(1));
    const dense = (await db.search('a timed lantern', { mode: 'dense', k: 1 })).map(({ id }) => id);
    const report = await db.put(kit.doc(7), { message: 'new' });
    await db.flush();
    const info = await db.info();
    await db.close();
    return { warnings, log, texts, old, found, gone, again, dense, report, info, doc: kit.doc(2).text };
  }, name);
  expect(seen.warnings).toEqual([]);
  expect(seen.log).toEqual([
    [4, 'undo', ''],
    [3, 'delete', ''],
    [2, 'edit', ''],
    [1, 'first', 'golden'],
  ]);
  expect(seen.texts).toEqual([seen.doc, '\ufeff# Ünïcode\r\n\r\nEmoji 👩‍👩‍👧 and a tail  \n']);
  expect(seen.old).toContain('edited2x');
  expect(seen.found).toEqual([['notes/0002.md'], [], ['notes/0003.md']]);
  expect(seen.gone).toBe(false);
  expect(seen.again).toMatchObject({ unchanged: 1, seq: 4 });
  expect(seen.dense).toEqual(['timed.txt']);
  expect(seen.report).toMatchObject({ seq: 5, added: 1 });
  expect(seen.info).toMatchObject({ commits: 5, documents: 6 });
});

it.each([2, 3])(
  'format %i opens with its branches, tag and archive, answers, and takes new commits',
  async (version) => {
    const name = await opened(version);
    const seen = await site.page.evaluate(async (name) => {
      const warnings: string[] = [];
      const db = await kit.AetherV.open(name);
      db.on('warning', ({ code }) => warnings.push(code));
      const ids = async (query: string, asOf: string, mode: 'lexical' | 'dense' = 'lexical') =>
        (await db.search(query, { asOf, k: 1, mode })).map(({ id }) => id);
      const log = (await kit.all(db.log())).map(({ message, seq, parents }) => [seq, message, parents.length]);
      const refs = (await db.refs()).map(({ name, kind, seq, current }) => [name, kind, seq, current]);
      const found = [
        await ids('edited2x', 'v1'),
        await ids('edited2x', 'main'),
        await ids('sided1x', 'side'),
        await ids('sided1x', 'main'),
      ];
      const dense = [await ids('a timed lantern', 'HEAD', 'dense'), await ids('edited2x', 'v1', 'dense')];
      const odd = (await db.get('odd.md', 'v1'))?.text;
      const merged = (await kit.all(db.diff('main~1', 'main'))).map(({ op, id }) => `${op} ${id}`);
      const report = await db.put(kit.doc(7), { message: 'new' });
      const verified = [await db.verify(), await db.verify({ against: 'checksums' })].map(({ ok }) => ok);
      await db.close();
      return { warnings, log, refs, found, dense, odd, merged, report, verified };
    }, name);
    expect(seen.warnings).toEqual([]);
    expect(seen.log).toEqual([
      [7, 'timed', 1],
      [6, 'merge side', 2],
      [5, 'delete', 1],
      [3, 'undo', 1],
      [2, 'edit', 1],
      [1, 'first', 0],
    ]);
    expect(seen.refs).toEqual([
      ['main', 'branch', 7, true],
      ['side', 'branch', 4, false],
      ['v1', 'tag', 2, false],
    ]);
    expect(seen.found).toEqual([['notes/0002.md'], [], ['notes/0001.md'], ['notes/0001.md']]);
    expect(seen.dense[0]).toEqual(['timed.txt']);
    expect(seen.dense[1]).toHaveLength(1);
    expect(seen.odd).toBe('\ufeff# Ünïcode\r\n\r\nEmoji 👩‍👩‍👧 and a tail  \n');
    expect(seen.merged).toContain('add timed.txt');
    expect(seen.report).toMatchObject({ seq: 8, added: 1 });
    expect(seen.verified).toEqual([true, true]);
  },
);

it.each([4, 5, 6, 7])(
  'format %i opens with its collection, searches it as it is and was, and takes new items',
  async (version) => {
    const name = await opened(version);
    const seen = await site.page.evaluate(async (name) => {
      const db = await kit.AetherV.open(name);
      const things = db.vectors<{ n: number }>('things', { dims: 4, metric: 'l2', index: 'hnsw' });
      const ids = async (asOf?: string) => (await things.search([2, 1, 0, -2], { k: 3, asOf })).map(({ id }) => id);
      const first = (await kit.all(db.log())).find(({ message }) => message === 'items')?.id;
      const found = [await ids(), await ids(first)];
      const third = [await things.get('i3'), await things.get('i3', first)].map((item) => [item?.meta, item?.text]);
      const { used, count } = (await things.info()) ?? {};
      const report = await things.put({ id: 'i8', vector: [8, 1, 0, -8] });
      const verified = (await db.verify({ against: 'checksums' })).ok;
      await db.close();
      return { found, third, used, count, report, verified };
    }, name);
    expect(seen.found).toEqual([
      ['i1', 'i3', 'i4'],
      ['i2', 'i1', 'i3'],
    ]);
    expect(seen.third).toEqual([
      [{ n: 33 }, 'thing 3'],
      [{ n: 3 }, 'thing 3'],
    ]);
    expect([seen.used, seen.count]).toEqual(['hnsw', 6]);
    expect(seen.report).toMatchObject({ added: 1 });
    expect(seen.verified).toBe(true);
  },
);
