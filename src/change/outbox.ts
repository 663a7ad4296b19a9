// The encoded rows of one write on their way to the store: in the WAL frame, or as segments when they are many.

import { headerSum } from '../base/envelope.ts';
import { STAGE_BYTES_LATER_MAX, STAGE_BYTES_MAX, TEXT_FRAME_BYTES, VECTOR_FRAME_BYTES } from '../base/limits.ts';
import type { Piece, Stage } from '../ports/index.ts';
import type { IndexSection } from '../version/frame.ts';
import type { SegmentEntry } from '../version/manifest.ts';
import { nextSegment, type State } from '../version/state.ts';

/** Collects sections; past a size it builds segments and writes them, unreferenced until the frame names them. */
export class Outbox {
  sections: IndexSection[] = [];
  readonly segments: SegmentEntry[] = [];
  readonly pieces = new Map<number, Piece>();
  isCommitted = false;
  /** Chnk sections that are in segments already. */
  readonly spilledRows: Uint8Array[] = [];
  readonly #state: State;
  #stage: Stage | undefined;
  #bytes = 0;
  #nextSegment = 0;

  constructor(state: State) {
    this.#state = state;
  }

  /** Is the write too large for one frame, or what came since for a segment? */
  get full(): boolean {
    return this.#bytes > (this.segments.length === 0 ? STAGE_BYTES_MAX : STAGE_BYTES_LATER_MAX);
  }

  add(sections: readonly IndexSection[]): void {
    this.sections.push(...sections);
    for (const { body } of sections) this.#bytes += body.length;
  }

  /** Writes what was collected as segments. The memtable must be empty: ordinals in a segment follow each other. */
  async spill(): Promise<void> {
    this.#stage ??= this.#state.createStage();
    const stage = this.#stage;
    this.#nextSegment = Math.max(this.#nextSegment, nextSegment(this.#state));
    for (const { tag, body } of this.sections) {
      if (tag === 'Chnk') {
        stage.applyChunks(body);
        this.spilledRows.push(body);
      } else if (tag === 'Vect') stage.applyVectors(body);
      else stage.applyMap(body);
    }
    this.sections = [];
    this.#bytes = 0;
    await this.#write('text', stage.takeText(), TEXT_FRAME_BYTES);
    await this.#write('vector', stage.takeVectors(), VECTOR_FRAME_BYTES);
  }

  async #write(kind: 'text' | 'vector', bytes: Uint8Array, frameBytes: number): Promise<void> {
    if (bytes.length === 0) return;
    const id = this.#nextSegment++;
    const { store, manifest } = this.#state;
    this.segments.push({
      id,
      kind,
      space: kind === 'vector' ? manifest.space : 0,
      bytes: bytes.length,
      sum: headerSum(bytes),
    });
    this.pieces.set(id, { frames: [bytes], length: bytes.length });
    await store.writeSegment(id, bytes, frameBytes);
  }

  /** The frame that names the segments is durable: they stay. */
  committed(): void {
    this.isCommitted = true;
  }

  /** Deletes what was written, after a write that failed. What cannot be deleted now is swept when the database opens. */
  async discard(): Promise<void> {
    if (this.isCommitted) return;
    await this.#state.store.dropSegments(this.segments.map(({ id }) => id)).catch(() => undefined);
  }

  /** Frees what it holds in the engine. */
  free(): void {
    this.#stage?.free();
  }
}
