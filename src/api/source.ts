// The documents of a put as a stream of small batches: the worker pulls, the page is never busy for long.

import { toWire } from '../base/errors.ts';
import { BATCH_CHARS, BATCH_DOCS } from '../base/limits.ts';
import type { Doc } from '../model/document.ts';
import type { SideReply } from '../protocol/engine.ts';
import { checkDoc } from './validate.ts';

/** What `put` takes. */
export type Docs = Doc | Iterable<Doc> | AsyncIterable<Doc>;

/** How many documents there are, where that is known without reading them. */
export function countOf(docs: Docs): number | undefined {
  if (Array.isArray(docs)) return docs.length;
  return isIterable(docs) ? undefined : 1;
}

function isIterable(docs: Docs): docs is Iterable<Doc> | AsyncIterable<Doc> {
  return typeof docs === 'object' && docs !== null && (Symbol.iterator in docs || Symbol.asyncIterator in docs);
}

/** A document with the valid time of its write, if it has none of its own. */
export function withValid(doc: Doc, valid: Doc['valid']): Doc {
  return valid === undefined || doc.valid !== undefined ? doc : { ...doc, valid };
}

/** What the worker pulls batch by batch. */
export interface Pulls {
  /** The next batch as the worker wants it; what goes wrong here is the write's error. */
  next(call: number): Promise<SideReply>;
  /** Nobody will ask again. */
  close(): Promise<void>;
}

/** Cuts documents into batches, checking each. */
export class Batches implements Pulls {
  readonly #docs: AsyncIterator<Doc> | Iterator<Doc>;
  readonly #each: (doc: Doc) => Doc;

  /** `each` sees every document on its way, checked, and may give another. */
  constructor(docs: Docs, each: (doc: Doc) => Doc = (doc) => doc) {
    this.#each = each;
    const iterable = isIterable(docs) ? docs : [docs];
    this.#docs = Symbol.asyncIterator in iterable ? iterable[Symbol.asyncIterator]() : iterable[Symbol.iterator]();
  }

  async next(call: number): Promise<SideReply> {
    try {
      const docs: Doc[] = [];
      for (let chars = 0; docs.length < BATCH_DOCS && chars < BATCH_CHARS; ) {
        const step = this.#docs.next();
        const { done, value } = step instanceof Promise ? await step : step;
        if (done) return { kind: 'batch', call, docs, done: true };
        docs.push(this.#each(checkDoc(value)));
        chars += value.text.length;
      }
      return { kind: 'batch', call, docs, done: false };
    } catch (error) {
      void this.close();
      return { kind: 'failed', call, error: toWire(error, 'AV_INVALID') };
    }
  }

  /** Tells an iterator that nobody will ask again. */
  async close(): Promise<void> {
    try {
      await this.#docs.return?.();
    } catch {
      // The write has its own error by now.
    }
  }
}
