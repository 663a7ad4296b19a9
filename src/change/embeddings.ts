// Vectors for chunk rows: looked up by content first, the model runs on what is new (D2).

import { ByteWriter, hex } from '../base/bytes.ts';
import { pattern } from '../base/pattern.ts';
import type { Embedder } from '../ports/embedder.ts';
import { type Hasher, NONE } from '../ports/index.ts';
import type { IndexSection } from '../version/frame.ts';
import { embed } from '../version/space.ts';
import { spaceOf, type State } from '../version/state.ts';

const ID_BYTES = 16;
const TEXTS_PER_CALL = 256;

/** A chunk version and its embedding input. */
export interface Input {
  readonly vno: number;
  readonly text: string;
}

/** Counts over one write. */
export class EmbeddingTally {
  embedded = 0;
  tokensEmbedded = 0;
  skipped = 0;
}

/** Gives chunk versions their contents over one write. */
export class Embeddings {
  readonly tally = new EmbeddingTally();
  readonly #state: State;
  readonly #new = new Map<string, number>();
  #next: number;

  constructor(state: State) {
    this.#state = state;
    this.#next = state.index.contentCount();
  }

  /**
   * The Vect and Vmap sections for these chunk versions; none without an embedder.
   *
   * @throws `AV_EMBEDDER` when the model fails or breaks its contract, `AV_ABORTED`.
   */
  async sections(
    inputs: readonly Input[],
    signal: AbortSignal | undefined,
    onEmbedded: (done: number) => void,
  ): Promise<IndexSection[]> {
    const { embedder, index } = this.#state;
    if (!embedder) {
      this.tally.skipped += inputs.length;
      return [];
    }
    const space = spaceOf(this.#state);
    const keys = contentKeys(
      this.#state.hasher,
      space.id,
      inputs.map(({ text }) => text),
    );
    const known = index.findContents(keys);
    const fresh: { key: Uint8Array; text: string }[] = [];
    const pairs = inputs.map(({ vno, text }, i) => {
      const key = keys.subarray(i * ID_BYTES, (i + 1) * ID_BYTES);
      const stored = known[i] ?? NONE;
      const cno = stored !== NONE ? stored : this.#new.get(hex(key));
      if (cno !== undefined) {
        return [vno, cno] as const;
      }
      this.#new.set(hex(key), this.#next);
      fresh.push({ key, text });
      return [vno, this.#next++] as const;
    });
    const map = new ByteWriter().u32s([space.ordinal, pairs.length]).u32s(pairs.flat());
    if (fresh.length === 0) return [{ tag: 'Vmap', body: map.take() }];
    const first = this.#next - fresh.length;
    const vectors = await this.#run(
      embedder,
      fresh.map(({ text }) => text),
      signal,
      onEmbedded,
    );
    const out = new ByteWriter().u32s([space.ordinal, space.dims, first, fresh.length]);
    for (const { key } of fresh) out.bytes(key);
    out.bytes(new Uint8Array(vectors.buffer, vectors.byteOffset, vectors.byteLength));
    return [
      { tag: 'Vect', body: out.take() },
      { tag: 'Vmap', body: map.take() },
    ];
  }

  async #run(
    embedder: Embedder,
    texts: string[],
    signal: AbortSignal | undefined,
    onEmbedded: (done: number) => void,
  ): Promise<Float32Array> {
    const vectors = new Float32Array(texts.length * embedder.dims);
    for (let first = 0; first < texts.length; first += TEXTS_PER_CALL) {
      signal?.throwIfAborted();
      const batch = texts.slice(first, first + TEXTS_PER_CALL);
      vectors.set(await embed(embedder, batch, 'document', signal), first * embedder.dims);
      onEmbedded(batch.length);
    }
    this.tally.embedded += texts.length;
    for (const text of texts) this.tally.tokensEmbedded += countTokens(text);
    return vectors;
  }
}

/** hash(recipe of the space, input) of each text. */
export function contentKeys(hasher: Hasher, space: string, texts: readonly string[]): Uint8Array {
  const out = new ByteWriter();
  const ends = texts.map((text) => {
    out.string('content').string(space).raw(text);
    return out.length;
  });
  return hasher.hashes(out.take(), Uint32Array.from(ends));
}

const WORDS = pattern(String.raw`[\p{L}\p{N}]+`, 'gu');

/** Words, roughly: what a user pays for at a model, in a unit that every model shares. */
export function countTokens(text: string): number {
  return text.match(WORDS())?.length ?? 0;
}
