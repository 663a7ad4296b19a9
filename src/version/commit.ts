// Makes a commit: its time, its place, and an id that means the same in every store (D7).

import { ByteWriter, hex, unhex } from '../base/bytes.ts';
import type { CommitInfo, CommitStats } from '../model/report.ts';
import type { Hasher } from '../ports/index.ts';
import type { ChunkTable } from './chunks.ts';
import type { DocVersion, TimelineEntry } from './record.ts';

/** What a commit is made of. */
export interface CommitParts {
  /** Ids of the commit before and, for a merge, of the one merged. */
  readonly parents: readonly string[];
  readonly message: string;
  readonly author: string;
  /** Milliseconds since 1970; later than every commit before (D15). */
  readonly time: number;
  readonly stats: CommitStats;
  readonly entry: TimelineEntry;
  /** Resolves the document versions that the entry names. */
  readonly docOf: (dno: number) => DocVersion | undefined;
  readonly chunks: ChunkTable;
  readonly chunkerVersion: number;
  /** Versions of items born and dead, 16 bytes each, of every collection touched. */
  readonly items?: readonly ItemVersions[] | undefined;
}

/** What a commit changed of a collection, by content. */
export interface ItemVersions {
  readonly collection: string;
  readonly born: Uint8Array;
  readonly died: Uint8Array;
}

/**
 * The commit. Its id is hash(chunker version, parents, message, author, time, document and chunk versions born and
 * dead, valid times): never of seq, ordinals or vectors, so two stores with the same history agree on it.
 */
export function makeCommit(parts: CommitParts, hasher: Hasher): CommitInfo {
  const { time, parents } = parts;
  const out = new ByteWriter().string('commit').varint(parts.chunkerVersion).varint(parents.length);
  for (const parent of parents) out.bytes(unhex(parent));
  out.string(parts.message).string(parts.author).f64(time);
  const { docsBorn, docsDied, chunksBorn, chunksDied } = parts.entry;
  const sorted = (ids: string[]): void => {
    out.varint(ids.length);
    for (const id of ids.sort()) out.string(id);
  };
  for (const list of [docsBorn, docsDied]) {
    sorted(
      list.map((dno) => {
        const doc = parts.docOf(dno);
        return `${doc?.versionId} ${doc?.validFrom} ${doc?.validTo} ${doc?.id}`;
      }),
    );
  }
  for (const list of [chunksBorn, chunksDied])
    sorted(list.map((vno) => hex(parts.chunks.chunkId(vno)) + hex(parts.chunks.versionId(vno))));
  for (const { collection, born, died } of parts.items ?? []) {
    out.string('items').string(collection);
    for (const versions of [born, died])
      sorted(Array.from({ length: versions.length / 16 }, (_, i) => hex(versions.subarray(16 * i, 16 * (i + 1)))));
  }
  const id = hex(hasher.hashes(out.take(), Uint32Array.of(out.length)));
  return { id, seq: parts.entry.seq, parents, message: parts.message, author: parts.author, time, stats: parts.stats };
}
