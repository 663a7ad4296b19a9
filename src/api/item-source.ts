// Items of a put as a stream of small batches of columns, each checked: the worker pulls, the page is never busy for long.

import { AetherError, toWire } from '../base/errors.ts';
import { BATCH_CHARS, ITEMS_PER_BATCH, TEXT_BYTES_MAX } from '../base/limits.ts';
import type { Meta } from '../model/document.ts';
import type { Item, ItemBatch, ItemColumns, ItemUpdate } from '../model/vectors.ts';
import type { SideReply } from '../protocol/engine.ts';
import type { Pulls } from './source.ts';
import { checkId, checkKeys, checkMeta, checkString, describe, invalid, isPlainObject } from './validate.ts';

const ITEM_KEYS = ['id', 'vector', 'text', 'meta'];
/** Values of one slice: 2 MiB, which the page copies in a millisecond. */
const COLUMN_VALUES = 524_288;

/** A vector in a buffer of its own: crossing to the worker copies all of a buffer. */
export function toVector(value: unknown, dims: number, name: string): Float32Array {
  const isList = Array.isArray(value);
  if (!(value instanceof Float32Array) && !isList)
    throw invalid(`${name} must be a Float32Array or a list of numbers, not ${describe(value)}`);
  if (value.length !== dims)
    throw new AetherError(
      'AV_DIM_MISMATCH',
      `${name} has ${value.length} values; the collection has ${dims} dimensions`,
    );
  if (!isList) return own(value as Float32Array);
  const wrong = value.findIndex((each) => typeof each !== 'number');
  if (wrong >= 0)
    throw invalid(`${name} holds ${describe(value[wrong])} at place ${wrong}; all values must be numbers`);
  return Float32Array.from(value as number[]);
}

/** Values in a buffer of their own. */
export const own = (values: Float32Array): Float32Array =>
  values.byteLength === values.buffer.byteLength ? values : values.slice();

/** Items as batches of columns, each checked; of an update they may lack a vector. */
export class ItemBatches implements Pulls {
  readonly #items: AsyncIterator<ItemUpdate> | Iterator<ItemUpdate>;
  readonly #dims: number;
  readonly #updates: boolean;

  constructor(items: ItemUpdate | Iterable<ItemUpdate> | AsyncIterable<ItemUpdate>, dims: number, updates: boolean) {
    const isMany =
      typeof items === 'object' && items !== null && (Symbol.iterator in items || Symbol.asyncIterator in items);
    const all = isMany ? items : [items as ItemUpdate];
    this.#items =
      Symbol.asyncIterator in all ? all[Symbol.asyncIterator]() : (all as Iterable<ItemUpdate>)[Symbol.iterator]();
    this.#dims = dims;
    this.#updates = updates;
  }

  async next(call: number): Promise<SideReply> {
    const [ids, rows]: [string[], (Float32Array | undefined)[]] = [[], []];
    const [metas, texts]: [(Meta | undefined)[], (string | undefined)[]] = [[], []];
    let done = false;
    try {
      for (let chars = 0; ids.length < ITEMS_PER_BATCH && chars < BATCH_CHARS; ) {
        const step = this.#items.next();
        const { done: ended, value } = step instanceof Promise ? await step : step;
        done = ended === true;
        if (done) break;
        const { id, vector, text, meta } = checkItem(value, this.#dims, this.#updates);
        ids.push(id);
        rows.push(vector);
        texts.push(text);
        metas.push(meta);
        chars += (text?.length ?? 0) + 4 * this.#dims;
      }
    } catch (error) {
      void this.close();
      return { kind: 'failed', call, error: toWire(error, 'AV_INVALID') };
    }
    const vectors = new Float32Array(ids.length * this.#dims);
    for (const [i, row] of rows.entries()) if (row) vectors.set(row, i * this.#dims);
    const moved = this.#updates ? rows.map((row) => row !== undefined) : undefined;
    return { kind: 'items', call, batch: { ids, vectors, metas, texts, moved }, done };
  }

  async close(): Promise<void> {
    try {
      await this.#items.return?.();
    } catch {
      // The write has its own error by now.
    }
  }
}

/** A copy of an item with only what is stored, checked. */
function checkItem(
  item: unknown,
  dims: number,
  isUpdate: boolean,
): ItemUpdate & { readonly vector?: Float32Array | undefined } {
  if (typeof item !== 'object' || item === null)
    throw invalid(`an item must be an object { id, vector, ... }, not ${describe(item)}`);
  const { id, vector, text, meta } = item as Item;
  checkId(id);
  const name = `of item "${id.slice(0, 60)}"`;
  const unknown = Object.keys(item).find((key) => !ITEM_KEYS.includes(key));
  if (unknown !== undefined)
    throw invalid(
      `unknown field "${unknown}" ${name}. Known: ${ITEM_KEYS.join(', ')}; your own data belongs into meta.`,
    );
  if (text !== undefined) checkString(text, `the text ${name}`, TEXT_BYTES_MAX);
  const values = isUpdate && vector === undefined ? undefined : toVector(vector, dims, `the vector ${name}`);
  return { id, vector: values, text, meta: meta === undefined ? undefined : checkMeta(meta, name) };
}

/** Columns of one length, checked but for what is in them. */
export function checkColumns(columns: unknown, dims: number): ItemColumns {
  if (!isPlainObject(columns))
    throw invalid(`the columns are an object { ids, vectors, meta }, not ${describe(columns)}`);
  checkKeys(columns, ['ids', 'vectors', 'meta']);
  const { ids, vectors, meta } = columns;
  if (!Array.isArray(ids)) throw invalid(`ids of the columns must be a list, not ${describe(ids)}`);
  if (!(vectors instanceof Float32Array))
    throw invalid(`vectors of the columns must be a Float32Array, not ${describe(vectors)}`);
  if (vectors.length !== ids.length * dims)
    throw new AetherError(
      'AV_DIM_MISMATCH',
      `${ids.length} ids need ${ids.length * dims} values of ${dims} dimensions; there are ${vectors.length}`,
    );
  if (meta !== undefined && (!Array.isArray(meta) || meta.length !== ids.length))
    throw invalid(`meta of the columns must be a list with an entry for each of the ${ids.length} ids`);
  return { ids, vectors, meta };
}

/** Slices of columns. */
export class ColumnBatches implements Pulls {
  readonly #columns: ItemColumns;
  readonly #dims: number;
  #at = 0;

  constructor(columns: ItemColumns, dims: number) {
    this.#columns = columns;
    this.#dims = dims;
  }

  async next(call: number): Promise<SideReply> {
    const { ids, vectors, meta } = this.#columns;
    const from = this.#at;
    this.#at = Math.min(ids.length, from + Math.max(1, Math.floor(COLUMN_VALUES / this.#dims)));
    try {
      const some = ids.slice(from, this.#at);
      for (const id of some) checkId(id);
      const metas = meta
        ?.slice(from, this.#at)
        .map((each, i) => (each === undefined ? undefined : checkMeta(each, `of item "${some[i]}"`)));
      const batch: ItemBatch = { ids: some, vectors: vectors.slice(from * this.#dims, this.#at * this.#dims), metas };
      return { kind: 'items', call, batch, done: this.#at === ids.length };
    } catch (error) {
      return { kind: 'failed', call, error: toWire(error, 'AV_INVALID') };
    }
  }

  async close(): Promise<void> {
    this.#at = this.#columns.ids.length;
  }
}
