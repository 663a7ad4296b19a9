// Segments on their way: written, and part of the database once a manifest or a frame names them.

import { headerSum } from '../base/envelope.ts';
import { ITEM_FILE_BYTES_MIN, PAGED_BYTES_MIN, TEXT_FRAME_BYTES, VECTOR_FRAME_BYTES } from '../base/limits.ts';
import type { SegmentEntry, SegmentKind } from './manifest.ts';
import { nextSegment, type State } from './state.ts';

/** Unreferenced segments of one flush, compaction or large write. */
export class Shelf {
  readonly written: SegmentEntry[] = [];
  next: number;
  readonly #state: State;

  constructor(state: State) {
    this.#state = state;
    this.next = nextSegment(state);
  }

  /** Writes a segment; nothing for no bytes. */
  async put(
    kind: SegmentKind,
    bytes: Uint8Array,
    of: { readonly collection?: number | undefined; readonly archive?: boolean } = {},
  ): Promise<SegmentEntry | undefined> {
    if (bytes.length === 0) return undefined;
    const { manifest, store } = this.#state;
    const space = kind === 'vector' ? manifest.space : of.archive ? ARCHIVE_SPACE : 0;
    const { collection } = of;
    const own = collection === undefined ? {} : { collection };
    const entry = { id: this.next++, kind, ...own, space, bytes: bytes.length, sum: headerSum(bytes) };
    this.written.push(entry);
    await store.writeSegment(entry.id, bytes, frameBytes(kind), isFile(entry));
    return entry;
  }

  /** Takes everything back. */
  async discard(): Promise<void> {
    await this.#state.store.dropSegments(this.written.map(({ id }) => id)).catch(() => undefined);
  }
}

const frameBytes = (kind: SegmentKind): number =>
  kind === 'vector' || kind === 'item-vectors' ? VECTOR_FRAME_BYTES : TEXT_FRAME_BYTES;

const isFile = ({ kind, bytes }: SegmentEntry): boolean =>
  (kind === 'item-vectors' && bytes >= PAGED_BYTES_MIN) || (kind === 'items' && bytes >= ITEM_FILE_BYTES_MIN);

/** In place of a space: vectors of items that only history shows. */
export const ARCHIVE_SPACE = 1;
