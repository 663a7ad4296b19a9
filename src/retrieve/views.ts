// Views and filter masks as handles of the index, kept while they are likely to be asked again.

import type { Meta } from '../model/document.ts';
import type { Index } from '../ports/index.ts';
import { Bitset } from '../version/bitset.ts';
import type { History, View } from '../version/history.ts';
import type { DocVersion } from '../version/record.ts';

const HANDLES_MAX = 24;

/** What a search reads: the view, its handle, and the mask of its filter if it has one. */
export interface Lens {
  readonly view: View;
  readonly handle: number;
  readonly mask: number | undefined;
}

/** The handles of one index. */
export class Views {
  readonly #history: History;
  readonly #index: Index;
  readonly #handles = new Map<string, number>();

  constructor(history: History, index: Index) {
    this.#history = history;
    this.#index = index;
  }

  /**
   * The view of a seq at a valid time. Documents outside their valid time are not in the view: its statistics are those
   * of a store that never had them. `filter` narrows which rows may be found, not the statistics.
   */
  lens(seq: number, valid: number, filter: { key: string; fits: (meta: Meta) => boolean } | undefined): Lens {
    const view = this.#history.view(seq);
    const holds = this.#history.hasValidTime ? (doc: DocVersion) => isValid(doc, valid) : undefined;
    const time = holds ? `${seq}@${valid}` : `${seq}`;
    const handle = this.#handle(time, () => (holds ? this.#select(view, holds) : view.chunks.words));
    if (!filter) return { view, handle, mask: undefined };
    const fits = (doc: DocVersion): boolean => filter.fits(doc.meta) && (holds?.(doc) ?? true);
    return { view, handle, mask: this.#handle(`${time} ${filter.key}`, () => this.#select(view, fits)) };
  }

  #handle(key: string, words: () => Uint32Array): number {
    const known = this.#handles.get(key);
    // Asked again: to the back of the queue.
    this.#handles.delete(key);
    const handle = known ?? this.#index.addView(words());
    this.#handles.set(key, handle);
    const [oldest] = this.#handles;
    if (this.#handles.size > HANDLES_MAX && oldest) {
      this.#handles.delete(oldest[0]);
      this.#index.dropView(oldest[1]);
    }
    return handle;
  }

  #select(view: View, fits: (doc: DocVersion) => boolean): Uint32Array {
    const chunks = new Bitset(new Uint32Array(view.chunks.words.length));
    for (const dno of view.docs) {
      const doc = this.#history.docs[dno];
      if (doc && fits(doc)) for (const part of doc.parts) if (typeof part === 'number') chunks.add(part);
    }
    return chunks.words;
  }
}

/** Half-open: from <= at < to. */
export function isValid(doc: DocVersion, at: number): boolean {
  return (doc.validFrom ?? Number.NEGATIVE_INFINITY) <= at && at < (doc.validTo ?? Number.POSITIVE_INFINITY);
}
