// Views and filter masks as handles of the index, kept while they are likely to be asked again.

import type { Meta } from '../model/document.ts';
import { Bitset } from '../version/bitset.ts';
import type { View } from '../version/history.ts';
import type { DocVersion } from '../version/record.ts';
import type { State } from '../version/state.ts';
import { isValidAt } from '../version/valid.ts';

const HANDLES_MAX = 24;

/** What a search reads: the view, its handle, and the mask of its filter if it has one. */
export interface Lens {
  readonly view: View;
  readonly handle: number;
  readonly mask: number | undefined;
  /** The documents that are there and fit. */
  documents(): Iterable<DocVersion>;
}

const kept = new WeakMap<object, Views>();

/** The handles of a state's index. */
export function viewsOf(state: State): Views {
  const views = kept.get(state.index) ?? new Views(state);
  kept.set(state.index, views);
  return views;
}

/** Drops all handles: what views hold has changed, which only erasing does. */
export function forgetViews(state: State): void {
  kept.get(state.index)?.clear();
}

/** The handles of one index. */
export class Views {
  readonly #state: Pick<State, 'history' | 'index'>;
  readonly #handles = new Map<string, number>();

  constructor(state: Pick<State, 'history' | 'index'>) {
    this.#state = state;
  }

  /**
   * The view of a seq at a valid time. Documents outside their valid time are not in the view: its statistics are those
   * of a store that never had them. `filter` narrows which rows may be found, not the statistics.
   */
  lens(seq: number, valid: number, filter: { key: string; fits: (meta: Meta) => boolean } | undefined): Lens {
    const { history } = this.#state;
    const view = history.view(seq);
    const holds = history.hasValidTime ? (doc: DocVersion) => isValidAt(doc, valid) : undefined;
    const time = holds ? `${seq}@${history.validSince(valid)}` : `${seq}`;
    const handle = this.#handle(time, () => (holds ? this.#select(view, holds) : view.chunks.words));
    if (!filter) return { view, handle, mask: undefined, documents: () => this.#documents(view, holds) };
    const fits = (doc: DocVersion): boolean => filter.fits(doc.meta) && (holds?.(doc) ?? true);
    const mask = this.#handle(`${time} ${filter.key}`, () => this.#select(view, fits));
    return { view, handle, mask, documents: () => this.#documents(view, fits) };
  }

  /** Any set of chunk versions as a view of its own. */
  of(key: string, chunks: Bitset): number {
    return this.#handle(key, () => chunks.words);
  }

  clear(): void {
    for (const handle of this.#handles.values()) this.#state.index.dropView(handle);
    this.#handles.clear();
  }

  #handle(key: string, words: () => Uint32Array): number {
    const known = this.#handles.get(key);
    // Asked again: to the back of the queue.
    this.#handles.delete(key);
    const handle = known ?? this.#state.index.addView(words());
    this.#handles.set(key, handle);
    const [oldest] = this.#handles;
    if (this.#handles.size > HANDLES_MAX && oldest) {
      this.#handles.delete(oldest[0]);
      this.#state.index.dropView(oldest[1]);
    }
    return handle;
  }

  #select(view: View, fits: (doc: DocVersion) => boolean): Uint32Array {
    const chunks = new Bitset(new Uint32Array(view.chunks.words.length));
    for (const doc of this.#documents(view, fits))
      for (const part of doc.parts) if (typeof part === 'number') chunks.add(part);
    return chunks.words;
  }

  *#documents(view: View, fits: ((doc: DocVersion) => boolean) | undefined): Generator<DocVersion> {
    for (const dno of view.docs) {
      const doc = this.#state.history.docs[dno];
      if (doc && (fits?.(doc) ?? true)) yield doc;
    }
  }
}
