// A query on its way into the guest and its answer on the way back: clauses as bytes, settings and hits as numbers.

import { utf8 } from '../base/bytes.ts';
import { splitPath } from '../base/path.ts';
import type {
  IndexAnswer,
  IndexClause,
  IndexCorrection,
  IndexHit,
  IndexQuery,
  IndexTuning,
  IndexWord,
  Proposed,
  Shown,
  VectorRows,
} from '../ports/index.ts';
import { FIELD, NONE } from '../ports/index.ts';

const OCCUR = { should: 0, must: 1, not: 2 } as const;
const KIND = { words: 0, phrase: 1, prefix: 2, fuzzy: 3 } as const;
const COLLAPSE = { section: 0, document: 1, none: 2 } as const;
const RANKED = ['lexical', 'dense', 'both'] as const;
const EDITS_BY_LENGTH = 255;
const CLAUSE_HEAD_BYTES = 12;
const NUMBERS_PER_HIT = 8;

const BECAME = ['unused', 'proved', 'scanned', 'wrong'] as const;

/** The part of the guest that answers. */
interface Guest {
  vector_parts(view: number, mask: number): Uint32Array;
  search(view: number, mask: number, clauses: Uint8Array, vector: Float32Array, settings: Float64Array): Float64Array;
}

/** Asks the guest. */
export function ask(guest: Guest, query: IndexQuery): IndexAnswer {
  const { view, mask = NONE, clauses, vector = new Float32Array(0) } = query;
  const flat = guest.search(view, mask, clauseBytes(clauses), vector, settingsOf(query));
  const hits: IndexHit[] = [];
  for (let at = 1; at < flat.length; at += NUMBERS_PER_HIT) {
    const number = (i: number): number => flat[at + i] ?? 0;
    const [vno, score, bm25, cosine] = [number(0), number(1), number(2), number(3)];
    const [chunk, section, lexicalRank, cosineRank] = [number(4), number(5), number(6), number(7)];
    hits.push({ vno, score, bm25, cosine, chunk, section, lexicalRank, cosineRank });
  }
  const [kind = 0] = flat;
  return { ranked: RANKED[kind & 3] ?? 'lexical', became: BECAME[kind >> 2] ?? 'unused', hits };
}

/** The attached vector segments; see `Shard::vector_parts`. `valuesAt` gives bytes of the guest's memory. */
export function vectorRows(
  guest: Guest,
  view: number,
  mask: number | undefined,
  dims: number,
  valuesAt: (address: number, bytes: number) => Uint8Array,
): VectorRows[] {
  const words = guest.vector_parts(view, mask ?? NONE);
  const parts: VectorRows[] = [];
  for (let at = 0; at < words.length; ) {
    const [id = NONE, rows = 0, address = 0, count = 0] = words.subarray(at, at + 4);
    const end = at + 4 + Math.ceil(rows / 32);
    const values = (from: number, to: number) => valuesAt(address + 4 * dims * from, 4 * dims * (to - from));
    parts.push({ id, rows, count, mask: words.subarray(at + 4, end), values });
    at = end;
  }
  return parts;
}

/** The bytes of the clauses of a query: they are asked for again with every hit. */
const known = new WeakMap<readonly IndexClause[], Uint8Array>();

/** Clauses as `wasm/crates/lsm/src/clause.rs` reads them. */
export function clauseBytes(clauses: readonly IndexClause[]): Uint8Array {
  const bytes = known.get(clauses) ?? encodeClauses(clauses);
  known.set(clauses, bytes);
  return bytes;
}

function encodeClauses(clauses: readonly IndexClause[]): Uint8Array {
  const texts = clauses.map(({ text }) => utf8(text));
  const out = new Uint8Array(texts.reduce((sum, text) => sum + CLAUSE_HEAD_BYTES + text.length, 0));
  const view = new DataView(out.buffer);
  let at = 0;
  for (const [i, { occur, kind, fields = FIELD.all, boost = 1, slop = 0, edits = 'auto' }] of clauses.entries()) {
    const text = texts[i] ?? new Uint8Array(0);
    const argument = kind === 'fuzzy' ? (edits === 'auto' ? EDITS_BY_LENGTH : edits) : slop;
    out.set([OCCUR[occur], KIND[kind], argument, fields], at);
    view.setFloat32(at + 4, boost, true);
    view.setUint32(at + 8, text.length, true);
    out.set(text, at + CLAUSE_HEAD_BYTES);
    at += CLAUSE_HEAD_BYTES + text.length;
  }
  return out;
}

function settingsOf(q: IndexQuery): Float64Array {
  const flag = (value: boolean | undefined): number => (value ? 1 : 0);
  const { weight, k, tuning, diversity = 0, proposed } = q;
  const four = (values: IndexTuning['b']): number[] => [0, 1, 2, 3].map((field) => values?.[field] ?? Number.NaN);
  // NaN is the guest's own value.
  const own = tuning || proposed ? [...four(tuning?.boosts), tuning?.k1 ?? Number.NaN, ...four(tuning?.b)] : [];
  const channels = [flag(q.lexical), flag(q.dense), COLLAPSE[q.collapse], weight, k];
  const near = proposed ? [proposed.error, proposed.rest, ...proposedPairs(proposed)] : [];
  return Float64Array.of(...channels, flag(q.byRank), flag(q.feedback), diversity, flag(q.explain), ...own, ...near);
}

/** Place and cosine in turn. */
const proposedPairs = ({ rows, cosines }: Proposed): number[] =>
  [...rows].flatMap((row, i) => [row, cosines[i] ?? Number.NaN]);

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** What is shown of so many chunks, from the guest's bytes; see `Index::shown`. */
export function readShown(count: number, bytes: Uint8Array): Shown[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  const next = (): number => view.getUint32(4 * at++, true);
  const rows = Array.from({ length: count }, () => {
    const [text, path] = [next(), next()];
    return { text, path, matches: Array.from({ length: next() / 2 }, () => [next(), next()] as const) };
  });
  // Decoded as one: a call for each would take longer.
  const all = decoder.decode(bytes.subarray(4 * at));
  let from = 0;
  return rows.map(({ text, path, matches }) => {
    const [start, middle] = [from, from + text];
    from = middle + path;
    return { text: all.slice(start, middle), path: splitPath(all.slice(middle, from)), matches };
  });
}

/** Words from the guest's numbers. */
export function readWords(flat: Uint32Array): IndexWord[] {
  const words: IndexWord[] = [];
  for (let at = 0; at < flat.length; at += 3) {
    const [start, end, state] = [flat[at] ?? 0, flat[at + 1] ?? 0, flat[at + 2] ?? 0];
    words.push({ start, end, held: (state & 1) !== 0, begun: (state & 2) !== 0 });
  }
  return words;
}

/** Corrections from the guest's lines. */
export function readCorrections(lines: string): IndexCorrection[] {
  if (lines === '') return [];
  return lines.split('\n').map((line) => {
    const [word = '', edits, rows] = line.split('\0');
    return { word, edits: Number(edits), rows: Number(rows) };
  });
}
