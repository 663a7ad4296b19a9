// Opens archive segments when what they hold is read, and closes those not needed for long when they are many.

import { ARCHIVE_BYTES_MAX } from '../base/limits.ts';
import { unpack } from '../base/pack.ts';
import { Bitset } from './bitset.ts';
import { loadStemsOfOld, type State } from './state.ts';

/** Opens the archive segments that hold any of these chunk versions; true when it had to wait for one. */
export async function openFor(state: State, vnos: Bitset): Promise<boolean> {
  const closed = state.archives.closedWith(vnos);
  if (closed.length > 0) await openArchives(state, closed, vnos);
  return closed.length > 0;
}

/**
 * Reads with the archive open: `rows` says which chunk versions, looked at anew after each wait, as what they are of may
 * be replaced meanwhile; `read` runs at once when all are there.
 */
export async function reading<T>(state: State, rows: () => Bitset, read: () => T): Promise<T> {
  while (await openFor(state, rows()));
  return read();
}

/** Every chunk version in an archive. */
export function archived(state: State): Bitset {
  const rows = new Bitset();
  for (const { vnos } of state.archives.all.values()) rows.addAll(vnos);
  return rows;
}

/**
 * Opens archive segments by id. One that compaction replaced meanwhile is passed over: its rows are elsewhere now.
 *
 * @throws `AV_CORRUPT` when a segment is damaged or missing, `AV_STORAGE`.
 */
export async function openArchives(state: State, ids: readonly number[], needed?: Bitset): Promise<void> {
  for (const id of ids) {
    const entry = state.manifest.segments.find((segment) => segment.id === id);
    if (!entry || state.archives.open.has(id)) continue;
    const frames = await state.store.readSegment(id);
    const plain = await unpack({ frames, length: entry.bytes }, entry.sum, state.hasher.crc32c).catch(
      (cause: unknown) => {
        if (state.archives.all.has(id)) throw cause;
        return undefined;
      },
    );
    if (plain) await loadStemsOfOld(state, { frames: [plain], length: plain.length });
    // Another call may have opened it, and compaction may have replaced it, while this one waited.
    if (!plain || !state.archives.all.has(id) || state.archives.open.has(id)) continue;
    state.history.chunks.add(state.index.attachText(id, { frames: [plain], length: plain.length }));
    state.archives.open.set(id, plain.length);
  }
  closeOthers(state, ids, needed);
}

/** Detaches archives that were opened longest ago until the rest fits its budget; never one that is needed now. */
function closeOthers(state: State, ids: readonly number[], needed: Bitset | undefined): void {
  const { open, all } = state.archives;
  let bytes = [...open.values()].reduce((sum, size) => sum + size, 0);
  for (const [id, size] of [...open]) {
    if (bytes <= ARCHIVE_BYTES_MAX) return;
    const archive = all.get(id);
    if (ids.includes(id) || !archive || (needed && archive.vnos.intersects(needed))) continue;
    state.index.detach(Uint32Array.of(id));
    open.delete(id);
    bytes -= size;
  }
}
