// The walk of opening (house 4.4): newest good manifest, its segments, then the log; and what damage does to it.

import { beforeAll, describe, expect, it } from 'vitest';
import type { Doc } from '../../src/model/document.ts';
import { Database } from '../kit/database.ts';
import { startEngine } from '../kit/engine.ts';
import { Disk } from '../kit/memory-store.ts';
import { Random, seedOf } from '../kit/random.ts';

beforeAll(startEngine);
const seed = seedOf('recover');

const doc = (id: string, text: string): Doc => ({
  id,
  title: 'History',
  text: `${text} module reload.\n\nThe engine of ${id}.`,
});

/** Three commits, the first `flushed` of them in segments; and what could be seen after each. */
async function three(flushed: number): Promise<{ db: Database; disk: Disk; seen: unknown[] }> {
  const disk = new Disk();
  const db = await Database.open(disk);
  const steps = [
    () => db.put([doc('a', 'first'), doc('b', 'first')]),
    () => db.put([doc('a', 'second')]),
    () => db.put([doc('c', 'third'), doc('b', '日本語')]),
  ];
  const seen: unknown[] = [];
  for (const [i, step] of steps.entries()) {
    await step();
    if (i + 1 === flushed) await db.flush();
    seen.push(await db.picture());
  }
  return { db, disk, seen };
}

/** A stored value with one bit turned. */
function flipped(bytes: Uint8Array, bit: number): Uint8Array {
  const out = bytes.slice();
  out[bit >> 3] = (out[bit >> 3] ?? 0) ^ (1 << (bit & 7));
  return out;
}

describe('reopening', () => {
  it.each([0, 1, 2, 3])('gives the state that was live, with %i of 3 commits in segments', async (flushed) => {
    const { db } = await three(flushed);
    const pictures = [await db.picture(), await db.picture('HEAD~1'), await db.picture('HEAD~2')];
    const again = await db.reopen();
    expect([await again.picture(), await again.picture('HEAD~1'), await again.picture('HEAD~2')]).toEqual(pictures);
    expect([again.dropped, again.orphans, again.embedder.texts.length > 0]).toEqual([0, [], true]);
    again.embedder.texts = [];
    expect(await again.put([doc('d', 'first'), doc('a', 'first')])).toMatchObject({ seq: 4, embedded: 1 });
    const live = await again.picture();
    expect(await (await again.reopen()).picture()).toEqual(live);
  });

  it('of nothing makes an empty database, once', async () => {
    const disk = new Disk();
    const db = await Database.open(disk);
    expect([await db.search('anything'), db.state.history.commits.size]).toEqual([[], 0]);
    const id = db.state.manifest.databaseId;
    expect((await db.reopen({ clock: 5 })).state.manifest.databaseId).toBe(id);
  });

  it('sweeps segments that nothing names, and only those', async () => {
    const { db } = await three(2);
    const kept = [...db.store.disk.segments.keys()];
    await db.store.writeSegment(900, new Uint8Array(10), 1024);
    const again = await db.reopen();
    expect(again.orphans).toEqual([900]);
    expect([...again.store.disk.segments.keys()]).toEqual(kept);
  });

  it('is not kept from by a remnant that cannot be read, but by a segment that the log names, until it can be', async () => {
    const { db, disk } = await three(2);
    const def = { name: 'rows', dims: 1024, metric: 'l2', index: 'flat', m: 0, efConstruction: 0 } as const;
    // Over 4 MiB: to segments, which the log names.
    const ids = Array.from({ length: 1100 }, (_, i) => `${i}`);
    const vectors = Float32Array.from({ length: 1100 * 1024 }, (_, i) => i % 7);
    await db.putItems(def, [{ ids, vectors }]);
    const [live, named] = [await db.picture(), db.state.walSegments.map(({ id }) => id)];
    await db.store.writeSegment(900, new Uint8Array(10), 1024);
    const kept = disk.copy();
    disk.unreadable.add(900);
    let again = await db.reopen();
    expect([again.orphans, again.dropped, await again.picture()]).toEqual([[900], 0, live]);
    expect(disk.segments.has(900)).toBe(false);
    for (const id of named) {
      const whole = kept.copy();
      whole.unreadable.add(id);
      await expect(Database.open(whole, { embedder: db.embedder })).rejects.toMatchObject({ code: 'AV_CORRUPT' });
      // Nothing was taken for lost meanwhile.
      whole.unreadable.delete(id);
      again = await Database.open(whole, { embedder: db.embedder });
      expect([again.dropped, await again.picture()]).toEqual([0, live]);
    }
    expect(named.length).toBe(2);
  });

  it('drops a write whose items are there in part, and keeps what was before', async () => {
    const { db, disk } = await three(2);
    const def = { name: 'rows', dims: 4, metric: 'l2', index: 'flat', m: 0, efConstruction: 0 } as const;
    const before = await db.picture();
    const ids = Array.from({ length: 9000 }, (_, i) => `${i}`);
    // Over 4 MiB: to segments, which the log names.
    const metas = ids.map((id) => ({ of: id.padEnd(500, '.') }));
    await db.putItems(def, [{ ids, vectors: new Float32Array(4 * ids.length), metas }]);
    const [items] = db.state.walSegments.filter(({ kind }) => kind === 'items');
    const frames = disk.segments.get(items?.id ?? 0);
    expect(frames?.size).toBeGreaterThan(2);
    frames?.delete(frames.size - 1);
    const again = await db.reopen();
    expect([again.dropped, await again.picture()]).toEqual([1, before]);
  });

  it('after many flushes still knows everything', async () => {
    let db = await Database.open(new Disk());
    for (let i = 0; i < 12; i++) {
      await db.put([doc('a', `edit ${i}`), doc(`d${i % 4}`, `edit ${i}`)]);
      await db.flush();
      await db.flush();
    }
    const pictures = [await db.picture(), await db.picture('HEAD~7')];
    expect(db.store.disk.manifests.size).toBeLessThanOrEqual(2);
    db = await db.reopen();
    expect([await db.picture(), await db.picture('HEAD~7')]).toEqual(pictures);
  });
});

describe('damage to the log', () => {
  it('anywhere in a frame gives the state before it, or changes nothing', async () => {
    const { db, disk: good, seen } = await three(1);
    const random = new Random(seed);
    const [, last] = good.wal.filter(({ epoch }) => epoch === db.state.manifest.epoch);
    if (!last) throw new Error('no frame');
    const length = new DataView(last.bytes.buffer).getUint32(12, true);
    const header = Array.from({ length: 16 * 8 }, (_, bit) => bit);
    const anywhere = Array.from({ length: 60 }, () => random.below(length * 8));
    for (const bit of [...header, ...anywhere]) {
      const disk = good.copy();
      const bytes = flipped(last.bytes, bit);
      disk.wal = disk.wal.map((frame) => (frame === last ? { ...frame, bytes } : frame));
      const again = await Database.open(disk, { embedder: db.embedder });
      expect(await again.picture()).toEqual(seen[2 - again.dropped]);
      again.state.index.free();
    }
  });

  it('in the middle drops what follows too; writing goes on from there and lasts', async () => {
    const { db, disk, seen } = await three(0);
    disk.wal = disk.wal.map((frame) => (frame.n === 1 ? { ...frame, bytes: flipped(frame.bytes, 900) } : frame));
    const again = await db.reopen();
    expect(again.dropped).toBe(2);
    expect(await again.picture()).toEqual(seen[0]);
    expect(await again.put([doc('e', 'new')])).toMatchObject({ seq: 2 });
    const live = await again.picture();
    const last = await again.reopen();
    expect([last.dropped, await last.picture()]).toEqual([0, live]);
  });

  it('that takes a frame away drops what follows', async () => {
    const { db, disk, seen } = await three(0);
    disk.wal = disk.wal.filter(({ n }) => n !== 1);
    const again = await db.reopen();
    expect([again.dropped, await again.picture()]).toEqual([1, seen[0]]);
  });
});

describe('damage to the manifest', () => {
  const slotOf = (db: Database): 'A' | 'B' => (db.state.manifest.epoch % 2 === 0 ? 'A' : 'B');

  it.each(['head', 'manifest'])(
    '(its %s) falls back to the one before, with every commit, and goes on for good',
    async (what) => {
      const { db, disk, seen } = await three(2);
      const epoch = db.state.manifest.epoch;
      if (what === 'head') disk.heads.set(slotOf(db), flipped(disk.heads.get(slotOf(db)) ?? new Uint8Array(20), 37));
      else disk.manifests.set(epoch, flipped(disk.manifests.get(epoch) ?? new Uint8Array(1), 200));
      const again = await db.reopen();
      expect(await again.picture()).toEqual(seen[2]);
      await again.put([doc('e', 'new')]);
      const withNew = await again.picture();
      expect(await (await Database.open(disk.copy(), { embedder: db.embedder })).picture()).toEqual(withNew);
      await again.flush();
      const last = await again.reopen();
      expect([last.dropped, await last.picture()]).toEqual([0, withNew]);
    },
  );

  it('survives that the process dies again while it is being repaired', async () => {
    const { db, disk: good, seen } = await three(2);
    good.heads.set(slotOf(db), flipped(good.heads.get(slotOf(db)) ?? new Uint8Array(20), 37));
    for (const how of ['before', 'after'] as const) {
      for (let at = 1; at <= 6; at++) {
        const disk = good.copy();
        await Database.open(disk, { embedder: db.embedder, fault: { at, how } }).catch(() => undefined);
        const again = await Database.open(disk, { embedder: db.embedder });
        expect(await again.picture(), `${how} write ${at}`).toEqual(seen[2]);
        await again.put([doc('e', 'new')]);
        const live = await again.picture();
        expect(await (await again.reopen()).picture(), `${how} write ${at}`).toEqual(live);
      }
    }
  });

  it('of both slots is AV_CORRUPT, and nothing is written over it', async () => {
    const { disk } = await three(2);
    for (const [slot, bytes] of disk.heads) disk.heads.set(slot, flipped(bytes, 64));
    const [frames, segments] = [disk.wal.length, disk.segments.size];
    await expect(Database.open(disk)).rejects.toMatchObject({ code: 'AV_CORRUPT' });
    expect([disk.wal.length, disk.segments.size]).toEqual([frames, segments]);
  });
});

describe('damage to a segment', () => {
  it('is AV_CORRUPT and names the segment, wherever the bit is', async () => {
    const { db, seen } = await three(3);
    const random = new Random(seed);
    for (const { id, bytes } of db.state.manifest.segments) {
      for (let i = 0; i < 12; i++) {
        const disk = db.store.disk.copy();
        const frames = new Map(disk.segments.get(id));
        const length = Math.min(bytes, frames.get(0)?.length ?? 0);
        frames.set(0, flipped(frames.get(0) ?? new Uint8Array(1), random.below(length * 8)));
        disk.segments.set(id, frames);
        const opened = await Database.open(disk, { embedder: db.embedder }).then(
          (again) => again.picture(),
          (error) => error,
        );
        // A bit of the gap between two sections belongs to nothing.
        if (opened instanceof Error) expect(opened).toMatchObject({ code: 'AV_CORRUPT', detail: { segment: id } });
        else expect(opened).toEqual(seen[2]);
      }
    }
  });

  it('or its loss is AV_CORRUPT and says which', async () => {
    const { db } = await three(3);
    for (const { id } of db.state.manifest.segments) {
      const disk = db.store.disk.copy();
      disk.segments.delete(id);
      await expect(Database.open(disk)).rejects.toMatchObject({ code: 'AV_CORRUPT', detail: { segment: id } });
    }
  });
});
