// Moves what the WAL holds into segments and swaps manifests: one transaction, then the WAL starts anew.

import { headerSum, KIND, writeEnvelope } from '../base/envelope.ts';
import { TEXT_FRAME_BYTES, VECTOR_FRAME_BYTES } from '../base/limits.ts';
import { encodeHead, encodeManifest, type Manifest, type SegmentEntry, type SegmentKind } from '../version/manifest.ts';
import { encodeCommits, encodeDocs, encodeTimeline } from '../version/record.ts';
import { EMPTY_WAL, nextSegment, orBroken, previousIn, type State } from '../version/state.ts';

/**
 * Seals the memtable. Changes nothing when there is nothing to seal.
 *
 * @throws `AV_QUOTA`, `AV_STORAGE`; the database goes on as before then.
 */
export async function flush(
  state: State,
  edit: (manifest: Manifest) => Manifest = (manifest) => manifest,
): Promise<void> {
  const { index, history, manifest } = state;
  if (state.wal.frames === 0 && edit(manifest) === manifest) return;
  const [text, vectors] = [index.sealText(), index.sealVectors()];
  const written: SegmentEntry[] = [];
  let id = nextSegment(state);
  const store = async (kind: SegmentKind, bytes: Uint8Array): Promise<void> => {
    if (bytes.length === 0) return;
    const space = kind === 'vector' ? manifest.space : 0;
    written.push({ id, kind, space, bytes: bytes.length, sum: headerSum(bytes) });
    await state.store.writeSegment(id++, bytes, kind === 'vector' ? VECTOR_FRAME_BYTES : TEXT_FRAME_BYTES);
  };
  try {
    await store('text', text);
    await store('vector', vectors);
    await store('history', sealHistory(state));
    const segments = [...manifest.segments, ...state.walSegments, ...written];
    await publish(
      state,
      edit({
        ...manifest,
        epoch: manifest.epoch + 1,
        seq: history.head.seq,
        nextDno: history.docs.length,
        nextSegment: id,
        segments,
      }),
    );
  } catch (error) {
    await state.store.dropSegments(written.map((entry) => entry.id)).catch(() => undefined);
    throw error;
  }
  orBroken(state, () => {
    for (const { id, kind } of written) {
      if (kind === 'text') index.attachText(id, { frames: [text], length: text.length });
      if (kind === 'vector') index.attachVectors(id, { frames: [vectors], length: vectors.length });
    }
    index.clearMem();
  });
}

/** Makes a manifest the current one. The one before stays, with its WAL, in case this one turns out damaged. */
export async function publish(state: State, manifest: Manifest): Promise<void> {
  const { crc32c } = state.hasher;
  const bytes = encodeManifest(manifest, crc32c);
  await state.store.publish({
    slot: manifest.epoch % 2 === 0 ? 'A' : 'B',
    head: encodeHead({ epoch: manifest.epoch, manifestCrc: crc32c(bytes) }, crc32c),
    epoch: manifest.epoch,
    manifest: bytes,
    dropWalTo: manifest.epoch - 2,
    dropManifestsBefore: manifest.epoch - 1,
  });
  state.manifest = manifest;
  state.wal = EMPTY_WAL;
  state.walSegments = [];
}

/** Commits, document versions and timeline since the manifest, as one piece; empty when there are none. */
function sealHistory(state: State): Uint8Array {
  const { history, manifest } = state;
  const commits = history.commits.slice(manifest.seq);
  if (commits.length === 0) return new Uint8Array(0);
  const docs = history.docs.slice(manifest.nextDno).filter((doc) => doc !== undefined);
  const batches = [...history.batches].slice(manifest.seq);
  const sections = [
    { tag: 'Cmmt', body: encodeCommits(commits.map((info, i) => ({ info, batch: batches[i] ?? info.id }))) },
    { tag: 'Docs', body: encodeDocs(docs, previousIn(history)) },
    { tag: 'Time', body: encodeTimeline(history.timeline.slice(manifest.seq)) },
  ];
  return writeEnvelope(KIND.history, sections, state.hasher.crc32c);
}
