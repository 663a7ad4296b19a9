// Cuts a block that is too long at places chosen by content, so that an edit does not move the cuts behind it.

import { pattern } from '../../base/pattern.ts';
import { CLOSERS, ENDS_ANYWHERE, ENDS_BEFORE_SPACE } from '../../base/stops.ts';
import type { BodyBlock, Cut } from './block.ts';
import { halfWords, hashWords, isSpace, wordEnd } from './words.ts';

/** No chunk has more words. */
export const CHUNK_WORDS_MAX = 160;
/** No chunk has more UTF-16 units, whatever its words. */
export const CHUNK_CHARS_MAX = 4000;
const PIECE_WORDS_MIN = 60;
const PIECE_CHARS_MIN = 1500;
const RUN_CHARS_MAX = 2000;

/** A place to cut: finds the end of the unit that starts at `at`; one unit in `odds` ends a piece that is long enough. */
interface Level {
  readonly odds: number;
  readonly next: (text: string, at: number, end: number) => number;
}

const LF = 10;
const CR = 13;

function lineEnd(text: string, at: number, end: number): number {
  let to = at;
  while (to < end && text.charCodeAt(to) !== LF && text.charCodeAt(to) !== CR) to++;
  if (text.charCodeAt(to) === CR && text.charCodeAt(to + 1) === LF) to++;
  return Math.min(to + 1, end);
}

/** Up to and with the next run of blank lines. */
function stanzaEnd(text: string, at: number, end: number): number {
  let to = at;
  let seenBlank = false;
  let seenText = false;
  while (to < end) {
    const next = lineEnd(text, to, end);
    let first = to;
    while (first < next && isSpace(text.charCodeAt(first))) first++;
    const blank = first === next;
    if (!blank && seenBlank && seenText) return to;
    seenBlank = blank;
    seenText ||= !blank;
    to = next;
  }
  return end;
}

const LOWER = pattern(String.raw`\p{Ll}`);

/** After a full stop and what closes with it; not before a small letter, which tells an abbreviation. */
function sentenceEnd(text: string, at: number, end: number): number {
  for (let to = at; to < end; to++) {
    const code = text.charCodeAt(to);
    const anywhere = ENDS_ANYWHERE.has(code);
    if (!anywhere && !ENDS_BEFORE_SPACE.has(code)) continue;
    let next = to + 1;
    while (next < end && CLOSERS.has(text.charCodeAt(next))) next++;
    let start = next;
    while (start < end && isSpace(text.charCodeAt(start))) start++;
    if (start >= end) return end;
    if (anywhere || (start > next && !LOWER().test(text.charAt(start)))) return start;
    to = next - 1;
  }
  return end;
}

function spaceEnd(text: string, at: number, end: number): number {
  let to = at;
  while (to < end && isSpace(text.charCodeAt(to))) to++;
  while (to < end && !isSpace(text.charCodeAt(to))) to++;
  while (to < end && isSpace(text.charCodeAt(to))) to++;
  return to;
}

function runEnd(text: string, at: number, end: number): number {
  const to = at + RUN_CHARS_MAX;
  if (to >= end) return end;
  const low = text.charCodeAt(to);
  const high = text.charCodeAt(to - 1);
  return low >= 0xdc00 && low <= 0xdfff && high >= 0xd800 && high <= 0xdbff ? to - 1 : to;
}

const STANZA: Level = { odds: 3, next: stanzaEnd };
const SENTENCE: Level = { odds: 3, next: sentenceEnd };
const LINE: Level = { odds: 6, next: lineEnd };
const HARD: readonly Level[] = [
  { odds: 32, next: spaceEnd },
  { odds: 32, next: wordEnd },
  { odds: 1, next: runEnd },
];

function itemLevel(marks: readonly number[]): Level {
  let mark = 0;
  const next = (_text: string, at: number, end: number): number => {
    while (mark < marks.length && (marks[mark] ?? end) <= at) mark++;
    return Math.min(marks[mark] ?? end, end);
  };
  return { odds: 3, next };
}

function levelsOf(cut: Cut, marks: readonly number[]): readonly Level[] {
  if (cut === 'sentences') return [SENTENCE, LINE, ...HARD];
  if (cut === 'lines') return [STANZA, LINE, ...HARD];
  return [itemLevel(marks), STANZA, SENTENCE, LINE, ...HARD];
}

/** Units in parallel arrays, because a text of dense script has one per character. */
interface Units {
  readonly ends: number[];
  readonly halves: number[];
  readonly hashes: number[];
  readonly odds: number[];
}

function fits(halves: number, chars: number): boolean {
  return halves <= CHUNK_WORDS_MAX * 2 && chars <= CHUNK_CHARS_MAX;
}

/** Collects units of the coarsest level, each that does not fit replaced by its units of the next level. */
function collect(
  text: string,
  start: number,
  end: number,
  levels: readonly Level[],
  depth: number,
  units: Units,
): void {
  const level = levels[depth];
  if (level === undefined) return;
  const finest = depth === levels.length - 1;
  for (let at = start; at < end; ) {
    const next = level.next(text, at, end);
    const halves = halfWords(text, at, next);
    if (finest || fits(halves, next - at)) {
      units.ends.push(next);
      units.halves.push(halves);
      units.hashes.push(hashWords(text, at, next));
      units.odds.push(level.odds);
    } else {
      collect(text, at, next, levels, depth + 1, units);
    }
    at = next;
  }
}

/**
 * Where the piece that starts with unit `from` ends (the index of its last unit): at the first unit whose hash says so once the
 * piece is long enough, else, before it grows too long, at the unit with the smallest hash.
 */
function lastOfPiece(units: Units, from: number, start: number): number {
  let halves = 0;
  let best = -1;
  let bestHash = Number.POSITIVE_INFINITY;
  let at = from;
  for (; at < units.ends.length; at++) {
    halves += units.halves[at] ?? 0;
    const chars = (units.ends[at] ?? 0) - start;
    if (at > from && !fits(halves, chars)) break;
    if (halves < PIECE_WORDS_MIN * 2 && chars < PIECE_CHARS_MIN) continue;
    const hash = units.hashes[at] ?? 0;
    if (hash % (units.odds[at] ?? 1) === 0) return at;
    if (hash <= bestHash) {
      best = at;
      bestHash = hash;
    }
  }
  return best >= from ? best : at - 1;
}

/** The block without white space around it, or nothing; code keeps the indentation of its first line. */
function trimmed(text: string, start: number, end: number, cut: Cut): [number, number] | undefined {
  let to = end;
  while (to > start && isSpace(text.charCodeAt(to - 1))) to--;
  if (to === start) return undefined;
  let first = start;
  let from = start;
  while (isSpace(text.charCodeAt(first))) {
    const code = text.charCodeAt(first++);
    if (code === LF || code === CR) from = first;
  }
  return [cut === 'lines' ? from : first, to];
}

/** The spans [start, end) into which a block falls: itself when it fits, pieces of it otherwise, none when it is blank. */
export function split(text: string, block: Pick<BodyBlock, 'start' | 'end' | 'cut' | 'marks'>): [number, number][] {
  const whole = trimmed(text, block.start, block.end, block.cut);
  if (whole === undefined) return [];
  const [start, end] = whole;
  let rest = halfWords(text, start, end);
  if (fits(rest, end - start)) return [whole];
  const units: Units = { ends: [], halves: [], hashes: [], odds: [] };
  collect(text, start, end, levelsOf(block.cut, block.marks), 0, units);
  const spans: [number, number][] = [];
  const add = (from: number, to: number): void => {
    const span = trimmed(text, from, to, block.cut);
    if (span !== undefined) spans.push(span);
  };
  rest = units.halves.reduce((sum, halves) => sum + halves, 0);
  let from = start;
  for (let unit = 0; unit < units.ends.length; ) {
    // A run of 2,000 characters is a piece of its own: joined with a short rest it would change with it.
    if (units.odds[unit] !== 1 && fits(rest, end - from)) {
      add(from, end);
      break;
    }
    const last = lastOfPiece(units, unit, from);
    const to = units.ends[last] ?? end;
    add(from, to);
    for (; unit <= last; unit++) rest -= units.halves[unit] ?? 0;
    from = to;
  }
  return spans;
}
