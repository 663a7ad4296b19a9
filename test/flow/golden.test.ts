// Segments that an earlier version wrote are analysed anew at every opening, until a compaction has written them again.

import { beforeAll, describe, expect, it } from 'vitest';
import { Database, HashEmbedder } from '../kit/database.ts';
import { startEngine } from '../kit/engine.ts';
import { goldenDisk } from '../kit/golden.ts';
import type { Disk } from '../kit/memory-store.ts';

beforeAll(startEngine);

const open = (disk: Disk) =>
  Database.open(disk, { embedder: new HashEmbedder(256, 'aether-static-256x2', true), clock: 1_900_000_000_000 });
const anew = ({ state }: Database): number[] => [...state.index.analysedAnew()];
const ids = async (db: Database, query: string, asOf?: string) =>
  (await db.search(query, { asOf, mode: 'lexical', k: 1 })).map(({ id }) => id);

async function answers(db: Database): Promise<unknown> {
  return [await ids(db, 'edited2x', 'v1'), await ids(db, 'sided1x', 'side'), await ids(db, 'timed lantern')];
}

describe.each([2, 4])('a database of format %i', (version) => {
  it.each(['now', 'idle'] as const)('is written anew by upkeep (%s), and then opens as it lies', async (eager) => {
    const db = await open(await goldenDisk(version));
    const before = await answers(db);
    expect(before).toEqual([['notes/0002.md'], ['notes/0001.md'], ['timed.txt']]);
    // The archive was opened to answer: it is known to be old from then on.
    const kinds = anew(db).map((id) => db.state.manifest.segments.find((segment) => segment.id === id)?.kind);
    expect(new Set(kinds)).toEqual(new Set(['text', 'archive']));
    const report = await db.compact(eager);
    expect(report.merged).toBeGreaterThan(0);
    expect([anew(db), await answers(db)]).toEqual([[], before]);
    const again = await db.reopen();
    expect([await answers(again), anew(again)]).toEqual([before, []]);
    expect((await again.compact(eager)).merged).toBe(0);
  });
});
