// The walk of a write (house 4.1): detect, chunk, embed what is new, one durable frame, visible.

import { beforeAll, describe, expect, it } from 'vitest';
import { missing } from '../../src/change/backfill.ts';
import type { Doc } from '../../src/model/document.ts';
import type { Ask } from '../../src/retrieve/search.ts';
import { Database, HashEmbedder } from '../kit/database.ts';
import { startEngine } from '../kit/engine.ts';
import { Disk } from '../kit/memory-store.ts';

beforeAll(startEngine);

const guide: Doc = {
  id: 'guide.md',
  title: 'Guide',
  text: '# Start\n\nHot reload of modules.\n\n# Stop\n\nCold start of the engine.\n\nA second paragraph.\n',
};
const notes: Doc = { id: 'notes.txt', text: 'Zebras are striped.\r\n\r\nThey live in herds.', meta: { tag: 'animal' } };

describe('a put', () => {
  it('is one frame of one commit, stored before it can be seen, and reports what it did', async () => {
    const db = await Database.open(new Disk());
    const writes = db.store.writes;
    const pending = db.put([guide, notes], { message: 'first', author: 'me' });
    expect(await db.text('guide.md')).toBeUndefined();
    const report = await pending;
    expect(report).toMatchObject({
      seq: 1,
      added: 2,
      updated: 0,
      unchanged: 0,
      deleted: 0,
      chunks: 5,
      embedded: 5,
      reused: 0,
    });
    expect([db.store.writes - writes, db.store.disk.wal.length]).toEqual([1, 1]);
    expect(db.embedder.texts).toContain('Guide > Start. Hot reload of modules.');
    expect(await db.text('guide.md')).toBe(guide.text);
    expect(db.state.history.commits.get(1)).toMatchObject({ id: report.commit, message: 'first', author: 'me' });
  });

  it('of the same again is no commit, no write and no embedding', async () => {
    const db = await Database.open(new Disk());
    const first = await db.put([guide, notes]);
    const [writes, texts] = [db.store.writes, db.embedder.texts.length];
    const again = await db.put([notes, { ...guide, meta: {} }]);
    expect(again).toMatchObject({ commit: first.commit, seq: 1, unchanged: 2, added: 0, updated: 0, embedded: 0 });
    expect([db.store.writes, db.embedder.texts.length]).toEqual([writes, texts]);
  });

  it('embeds exactly the chunk that was edited', async () => {
    const db = await Database.open(new Disk());
    await db.put([guide]);
    db.embedder.texts = [];
    const report = await db.put([{ ...guide, text: guide.text.replace('modules', 'packages') }]);
    expect(report).toMatchObject({ updated: 1, chunks: 3, embedded: 1, reused: 2 });
    expect(db.embedder.texts).toEqual(['Guide > Start. Hot reload of packages.']);
  });

  it('embeds nothing for a copy, a rename, an undo, a return and a change of metadata', async () => {
    const db = await Database.open(new Disk());
    await db.put([guide]);
    const edited = { ...guide, text: guide.text.replace('modules', 'packages') };
    await db.put([edited]);
    db.embedder.texts = [];
    expect(await db.put([{ ...guide, id: 'copy.md' }])).toMatchObject({ added: 1, chunks: 3, embedded: 0, reused: 3 });
    await db.delete('copy.md');
    expect(await db.put([{ ...guide, id: 'renamed.md' }])).toMatchObject({ added: 1, embedded: 0, reused: 3 });
    expect(await db.put([guide])).toMatchObject({ updated: 1, embedded: 0, reused: 3 });
    expect(await db.put([{ ...guide, id: 'copy.md' }])).toMatchObject({ added: 1, embedded: 0, reused: 3 });
    expect(await db.put([{ ...guide, meta: { a: 1 } }])).toMatchObject({ updated: 1, embedded: 0, reused: 3 });
    expect(db.embedder.texts).toEqual([]);
  });

  it('of metadata alone stores no chunk and no vector', async () => {
    const db = await Database.open(new Disk());
    await db.put([notes]);
    const [size, contents, bytes] = [
      db.state.history.chunks.size,
      db.state.index.contentCount(),
      db.state.index.memBytes(),
    ];
    const commit = await db.put([{ ...notes, meta: { tag: 'plant' } }]);
    expect(commit.seq).toBe(2);
    expect([db.state.history.chunks.size, db.state.index.contentCount(), db.state.index.memBytes()]).toEqual([
      size,
      contents,
      bytes,
    ]);
    expect(db.state.history.timeline.get(2)).toMatchObject({ chunksBorn: [], chunksDied: [] });
  });

  it('computes a vector once for equal chunks of several documents in one put', async () => {
    const db = await Database.open(new Disk());
    const same = Array.from({ length: 5 }, (_, i) => ({ id: `${i}.txt`, text: 'The same words.' }));
    expect(await db.put(same)).toMatchObject({ added: 5, chunks: 5, embedded: 1, reused: 4 });
    expect(db.state.index.contentCount()).toBe(1);
    expect((await db.search('same words', { k: 9 })).map((hit) => hit.id)).toHaveLength(5);
  });

  it('keeps every character: line ends, byte order mark, emoji, blank tails', async () => {
    const db = await Database.open(new Disk());
    const texts = [
      '\ufeffa\r\nb\r\n\r\nc\t \n',
      '😀 first\n\n\n\n日本語です。',
      '',
      ' \n ',
      '```\ncode\n```',
      '# only a heading',
      '\u0000\u001f',
    ];
    const docs = texts.flatMap((text, i) => [
      { id: `${i}.md`, text },
      { id: `${i}.txt`, text },
    ]);
    await db.put(docs);
    await db.flush();
    for (const { id, text } of docs) expect(await db.text(id)).toBe(text);
  });

  it('takes the last of several versions of one document', async () => {
    const db = await Database.open(new Disk());
    const one = { id: 'a.txt', text: 'one\n\nshared' };
    const two = { id: 'a.txt', text: 'two\n\nshared' };
    const report = await db.put([one, two]);
    expect(report).toMatchObject({ added: 1, chunks: 2, embedded: 2, reused: 0, skipped: 0 });
    expect(await db.text('a.txt')).toBe(two.text);
    // Regression: `reused` was -1, which no varint can hold; the frame could not be read and the commit was lost.
    const live = await db.picture();
    expect(await (await db.reopen()).picture()).toEqual(live);
  });
});

describe('a delete', () => {
  it('ends what was there and ignores what was not', async () => {
    const db = await Database.open(new Disk());
    await db.put([guide, notes]);
    expect(await db.delete('notes.txt', 'never.txt')).toMatchObject({ seq: 2, deleted: 1 });
    expect(await db.text('notes.txt')).toBeUndefined();
    expect(await db.search('zebras', { mode: 'lexical' })).toEqual([]);
    expect(await db.delete('notes.txt')).toMatchObject({ seq: 2, deleted: 0 });
  });
});

describe('a write that fails', () => {
  it('by its signal is AV_ABORTED and changes nothing', async () => {
    const db = await Database.open(new Disk());
    await db.put([notes]);
    const before = await db.picture();
    for (const phase of ['prepare', 'embed', 'write']) {
      const given = new AbortController();
      const plan = { signal: given.signal, onProgress: (p: { phase: string }) => p.phase === phase && given.abort() };
      const ended = await db.put([guide], plan as object).then(
        () => 'done',
        (error) => error.code,
      );
      // Once the frame is on its way the commit stands.
      expect(ended).toBe(phase === 'write' ? 'done' : 'AV_ABORTED');
      if (phase !== 'write') expect(await db.picture()).toEqual(before);
    }
  });

  it('by its model is AV_EMBEDDER or AV_NON_FINITE, and the next one works', async () => {
    const embedder = new HashEmbedder();
    const db = await Database.open(new Disk(), { embedder });
    const embed = embedder.embed.bind(embedder);
    const cases: [string, () => Promise<Float32Array>][] = [
      ['AV_EMBEDDER', () => Promise.reject(new Error('no'))],
      ['AV_EMBEDDER', async () => new Float32Array(3)],
      ['AV_NON_FINITE', async () => new Float32Array(3 * embedder.dims).fill(Number.NaN)],
    ];
    for (const [code, broken] of cases) {
      embedder.embed = broken;
      await expect(db.put([guide])).rejects.toMatchObject({ code });
      expect([db.store.disk.wal.length, db.state.history.commits.size, db.state.history.chunks.size]).toEqual([
        0, 0, 0,
      ]);
    }
    embedder.embed = embed;
    expect(await db.put([guide])).toMatchObject({ seq: 1, embedded: 3 });
  });

  it('by the store leaves live state and disk as they were, and the same write then works', async () => {
    const db = await Database.open(new Disk());
    await db.put([notes]);
    const before = await db.picture();
    db.store.fault = { at: db.store.writes + 1, how: 'refuse' };
    await expect(db.put([guide, { ...notes, text: 'Other.' }])).rejects.toMatchObject({ code: 'AV_QUOTA' });
    expect(await db.picture()).toEqual(before);
    await db.put([guide, { ...notes, text: 'Other.' }]);
    const live = await db.picture();
    expect(await (await db.reopen()).picture()).toEqual(live);
  });
});

describe('vectors that come later', () => {
  it('are counted as skipped, found by words meanwhile, and filled in by the backfill', async () => {
    const db = await Database.open(new Disk(), { embedder: new HashEmbedder(16, 'hash', false) });
    expect(await db.put([guide], { dense: false })).toMatchObject({ embedded: 0, skipped: 3, reused: 0 });
    const [hit] = await db.search('hot modules', { explain: true });
    expect(hit?.why).toMatchObject({ cosine: 0 });
    await db.backfill();
    expect((await db.search('hot modules', { explain: true }))[0]?.why?.cosine).toBeGreaterThan(0.3);
    const dense = await Database.open(new Disk());
    await dense.put([guide]);
    expect(await db.search('hot modules')).toEqual(await dense.search('hot modules'));
    const live = await db.picture();
    expect(await (await db.reopen()).picture()).toEqual(live);
  });

  it('are there at the first search when the model gives the same bits everywhere, and stored by the backfill', async () => {
    const embedder = (): HashEmbedder => new HashEmbedder(16, 'hash', true);
    const db = await Database.open(new Disk(), { embedder: embedder() });
    const dense = await Database.open(new Disk(), { embedder: embedder() });
    expect(await db.put([guide], { dense: false })).toMatchObject({ embedded: 0, skipped: 3, reused: 0 });
    expect(db.embedder.texts).toEqual([]);
    await dense.put([guide]);
    expect(await db.search('hot modules', { mode: 'lexical' })).toEqual(
      await dense.search('hot modules', { mode: 'lexical' }),
    );
    expect([db.embedder.texts, missing(db.state).length]).toEqual([[], 3]);
    const asks: Ask[] = [{ explain: true }, { explain: true, mode: 'dense' }];
    for (const ask of asks) expect(await db.search('hot modules', ask)).toEqual(await dense.search('hot modules', ask));
    expect(missing(db.state).length).toBe(3);
    await db.backfill();
    expect(missing(db.state)).toEqual([]);
    const live = await db.picture();
    const logged = await db.reopen();
    // The log holds no vector that the text gives again.
    expect(missing(logged.state).length).toBe(3);
    expect(await logged.picture()).toEqual(live);
    await logged.backfill();
    await logged.flush();
    const stored = await logged.reopen();
    expect(missing(stored.state)).toEqual([]);
    expect(await stored.picture()).toEqual(live);
  });
});

describe('ids', () => {
  it('of chunks and commits are the same in two stores with the same history, flushed or not', async () => {
    const run = async (flushed: boolean): Promise<unknown> => {
      const db = await Database.open(new Disk());
      await db.put([guide, notes], { message: 'one' });
      if (flushed) await db.flush();
      await db.put([{ ...guide, text: guide.text.replace('Hot', 'Warm') }]);
      await db.delete('notes.txt');
      if (flushed) await db.flush();
      await db.put([notes], { message: 'back' });
      const hits = await db.search('warm zebras', { k: 20, collapse: 'none' });
      return { commits: db.state.history.commits, hits };
    };
    expect(await run(true)).toEqual(await run(false));
  });
});
