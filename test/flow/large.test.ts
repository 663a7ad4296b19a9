// A write over 4 MiB: segments first, then one small frame that names them.

import { beforeAll, describe, expect, it } from 'vitest';
import type { Doc } from '../../src/model/document.ts';
import { Database, HashEmbedder } from '../kit/database.ts';
import { startEngine } from '../kit/engine.ts';
import { Disk } from '../kit/memory-store.ts';
import { Random } from '../kit/random.ts';

beforeAll(startEngine);

const random = new Random(11);
/** 5.5 MB of text: each word once, then shuffled runs of them. */
const docs: Doc[] = Array.from({ length: 170 }, (_, i) => ({
  id: `${i}.txt`,
  text: Array.from({ length: 70 }, (_, p) => `Part ${i} ${p} ${random.words(20).repeat(6)}`).join('\n\n'),
}));

describe('a large put', () => {
  it('goes to segments and one small frame, answers, is edited, and reopens the same', async () => {
    const size = docs.reduce((sum, doc) => sum + doc.text.length, 0);
    expect(size).toBeGreaterThan(4_600_000);
    const disk = new Disk();
    const db = await Database.open(disk, { embedder: new HashEmbedder(4) });
    await db.put([
      { id: 'before.txt', text: 'The zebra before.' },
      { id: '5.txt', text: 'Short.' },
    ]);
    const appended = disk.appended;
    const report = await db.put(docs);
    expect(report).toMatchObject({ seq: 2, added: 169, updated: 1, skipped: 0 });
    expect(report.embedded + report.reused).toBe(report.chunks);
    expect(disk.appended - appended).toBeLessThan(size / 10);
    expect(disk.segments.size).toBeGreaterThan(4);
    for (const { id, text } of docs) expect((await db.text(id)) === text).toBe(true);
    expect((await db.search('part 57 33', { mode: 'lexical', k: 3 })).map((hit) => hit.id)).toContain('57.txt');
    expect(await db.text('5.txt', 'HEAD~1')).toBe('Short.');

    db.embedder.texts = [];
    expect(await db.put([{ id: '7.txt', text: `${docs[7]?.text}\n\nA new end.` }])).toMatchObject({ embedded: 1 });
    const live = await db.picture();
    const again = await db.reopen();
    expect([again.dropped, again.orphans]).toEqual([0, []]);
    expect(await again.picture()).toEqual(live);
    await again.flush();
    const last = await again.reopen();
    expect(await last.picture()).toEqual(live);
    expect(await last.put(docs)).toMatchObject({ updated: 1, unchanged: 169, embedded: 0 });
  });
});
