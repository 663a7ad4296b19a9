// Finds chunks that were cut in several or put together of several, by the words they share.

import type { Delta, DeltaOp, Origin } from '../model/history.ts';
import { tokensOf } from './tokens.ts';

/** Share of the whole's words that its parts must cover together. */
const COVER_MIN = 0.8;
/** Share of the whole's words that each part must bring, and of a part's own words that must come from the whole. */
const PART_MIN = 0.1;
const OWN_MIN = 0.5;
/** A chunk of fewer words than this is neither split nor merged: chance would do it. */
const WORDS_MIN = 8;
/** How many changed chunks away from its own place, counted from either end of the gap, a part may stand. */
const NEAR = 16;

/** A chunk of one side with its words counted. */
interface Counted {
  readonly at: number;
  readonly words: ReadonlyMap<string, number>;
  readonly total: number;
  readonly origin: Origin;
}

function counted(deltas: readonly Delta[], side: 'from' | 'to', ops: readonly DeltaOp[]): Counted[] {
  const out: Counted[] = [];
  for (const [at, delta] of deltas.entries()) {
    const { version, text } = delta[side] ?? {};
    if (!ops.includes(delta.op) || delta.chunkId === undefined || version === undefined || text === undefined) continue;
    // The same text under another heading was not cut.
    if (delta.op === 'modify' && delta.from?.text === delta.to?.text) continue;
    const words = new Map<string, number>();
    let total = 0;
    for (const { key, kind } of tokensOf(text)) {
      if (kind === 'mark') continue;
      words.set(key, (words.get(key) ?? 0) + 1);
      total++;
    }
    out.push({ at, words, total, origin: { id: delta.id, chunkId: delta.chunkId, version } });
  }
  return out;
}

/** How many words of the part are left in the whole, and takes them out of it. */
function take(left: Map<string, number>, { words }: Counted): number {
  let common = 0;
  for (const [word, count] of words) {
    const got = Math.min(count, left.get(word) ?? 0);
    if (got > 0) left.set(word, (left.get(word) ?? 0) - got);
    common += got;
  }
  return common;
}

function isNear(place: number, places: number, other: number, others: number): boolean {
  return Math.abs(place - other) <= NEAR || Math.abs(places - place - (others - other)) <= NEAR;
}

/** The parts that make up the whole: at least two that cover it; the largest take their words first. */
function partsOf(whole: Counted, place: number, places: number, others: readonly Counted[]): Counted[] {
  if (whole.total < WORDS_MIN) return [];
  const ranked = others
    .filter((_, other) => isNear(place, places, other, others.length))
    .map((part) => ({ part, common: take(new Map(whole.words), part) }))
    .filter(({ part, common }) => common >= OWN_MIN * part.total && common >= PART_MIN * whole.total)
    .sort((a, b) => b.common - a.common || a.part.at - b.part.at);
  const left = new Map(whole.words);
  const parts: Counted[] = [];
  let covered = 0;
  for (const { part } of ranked) {
    const trial = new Map(left);
    const got = take(trial, part);
    if (got < PART_MIN * whole.total || got < OWN_MIN * part.total) continue;
    take(left, part);
    parts.push(part);
    covered += got;
  }
  return parts.length >= 2 && covered >= COVER_MIN * whole.total ? parts.sort((a, b) => a.at - b.at) : [];
}

/**
 * The deltas of one gap, with splits and merges told: an old chunk, gone or edited, whose words two or more new ones near each other
 * cover makes those `split`; the reverse makes the new one `merge`. Only `op` and `origins` change, so the patch stays the same.
 */
export function markSplits(deltas: readonly Delta[]): Delta[] {
  const out = [...deltas];
  const mark = (at: number, op: DeltaOp, origins: readonly Origin[]): void => {
    const delta = out[at];
    if (delta !== undefined && (delta.op === 'add' || delta.op === 'modify')) out[at] = { ...delta, op, origins };
  };
  const [olds, news] = [counted(deltas, 'from', ['delete', 'modify']), counted(deltas, 'to', ['add', 'modify'])];
  if (olds.length + news.length < 3) return out;
  for (const [place, old] of olds.entries())
    for (const { at } of partsOf(old, place, olds.length, news)) mark(at, 'split', [old.origin]);
  for (const [place, now] of news.entries()) {
    const parts = partsOf(now, place, news.length, olds);
    if (parts.length > 0)
      mark(
        now.at,
        'merge',
        parts.map(({ origin }) => origin),
      );
  }
  return out;
}
