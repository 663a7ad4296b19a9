// What counts as a word, and how words are counted, hashed and collected without a segmenter.

import { pattern } from '../../base/pattern.ts';

const OTHER = 1;
const LETTER = 2;
const DENSE = 3;

const LETTER_OR_DIGIT = pattern(String.raw`[\p{L}\p{N}]`);
const SCRIPT_WITHOUT_SPACES = pattern(
  String.raw`[\p{scx=Han}\p{scx=Hiragana}\p{scx=Katakana}\p{scx=Thai}\p{scx=Lao}\p{scx=Khmer}\p{scx=Myanmar}]`,
);

/** Letters end below U+40000; what lies above (tags, private use) is never part of a word. */
const CLASSES = new Uint8Array(0x40000);

function classOf(point: number): number {
  const known = CLASSES[point];
  if (known === undefined) return OTHER;
  if (known !== 0) return known;
  const char = String.fromCodePoint(point);
  const fresh = !LETTER_OR_DIGIT().test(char) ? OTHER : SCRIPT_WITHOUT_SPACES().test(char) ? DENSE : LETTER;
  CLASSES[point] = fresh;
  return fresh;
}

/** The code point at `at`, never looking at or past `end`. */
function pointAt(text: string, at: number, end: number): number {
  const high = text.charCodeAt(at);
  if (high < 0xd800 || high > 0xdbff || at + 1 >= end) return high;
  const low = text.charCodeAt(at + 1);
  return low < 0xdc00 || low > 0xdfff ? high : ((high - 0xd800) << 10) + (low - 0xdc00) + 0x10000;
}

/** White space in the widest sense, the byte order mark included. */
export function isSpace(code: number): boolean {
  if (code <= 0x20) return code === 0x20 || (code >= 9 && code <= 13);
  if (code < 0xa0) return code === 0x85;
  return (
    code === 0xa0 ||
    code === 0x1680 ||
    (code >= 0x2000 && code <= 0x200a) ||
    code === 0x2028 ||
    code === 0x2029 ||
    code === 0x202f ||
    code === 0x205f ||
    code === 0x3000 ||
    code === 0xfeff
  );
}

/** Words in text[start, end) in halves: a run of letters or digits is two, a character of a script without spaces one. */
export function halfWords(text: string, start: number, end: number): number {
  let halves = 0;
  let inRun = false;
  for (let at = start; at < end; ) {
    const point = pointAt(text, at, end);
    at += point > 0xffff ? 2 : 1;
    const kind = classOf(point);
    if (kind === DENSE) halves += 1;
    else if (kind === LETTER && !inRun) halves += 2;
    inRun = kind === LETTER;
  }
  return halves;
}

/** Words in a text: runs of letters or digits, two characters of a script without spaces counting as one. */
export function countWords(text: string): number {
  return Math.ceil(halfWords(text, 0, text.length) / 2);
}

/** Whether text[start, end) holds any letter or digit. */
export function hasWord(text: string, start: number, end: number): boolean {
  for (let at = start; at < end; ) {
    const point = pointAt(text, at, end);
    if (classOf(point) !== OTHER) return true;
    at += point > 0xffff ? 2 : 1;
  }
  return false;
}

/** Where the stretch that starts at `start` ends: a word and the marks behind it, or one character of a script without spaces. */
export function wordEnd(text: string, start: number, end: number): number {
  let seen = OTHER;
  let at = start;
  while (at < end) {
    const point = pointAt(text, at, end);
    const kind = classOf(point);
    if (kind === DENSE && seen !== OTHER) return at;
    if (kind === LETTER && (seen === DENSE || seen === -LETTER)) return at;
    if (kind === OTHER) seen = seen === LETTER ? -LETTER : seen;
    else seen = kind;
    at += point > 0xffff ? 2 : 1;
  }
  return at;
}

function fold(hash: number, point: number): number {
  const lower = point >= 65 && point <= 90 ? point + 32 : point;
  return Math.imul(hash ^ lower, 0x01000193);
}

function finish(hash: number): number {
  let h = hash ^ (hash >>> 16);
  h = Math.imul(h, 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

const SEED = 0x811c9dc5;

/** An unsigned 32-bit hash of the words of text[start, end), blind to case (ASCII), punctuation and spacing. */
export function hashWords(text: string, start: number, end: number): number {
  let hash = SEED;
  let inRun = false;
  for (let at = start; at < end; ) {
    const point = pointAt(text, at, end);
    at += point > 0xffff ? 2 : 1;
    const isWord = classOf(point) !== OTHER;
    if (isWord) hash = fold(inRun ? hash : fold(hash, 32), point);
    inRun = isWord;
  }
  return finish(hash);
}

/** Hashes of the first `limit` words, ascending, repeats kept: a multiset that is cheap to compare. */
export function wordBag(text: string, limit: number): Uint32Array {
  const bag: number[] = [];
  let hash = SEED;
  let inRun = false;
  for (let at = 0; at < text.length && bag.length < limit; ) {
    const point = pointAt(text, at, text.length);
    at += point > 0xffff ? 2 : 1;
    const kind = classOf(point);
    if (kind === LETTER) {
      hash = fold(inRun ? hash : SEED, point);
      inRun = true;
      continue;
    }
    if (inRun) bag.push(finish(hash));
    inRun = false;
    if (kind === DENSE && bag.length < limit) bag.push(finish(fold(SEED, point)));
  }
  if (inRun && bag.length < limit) bag.push(finish(hash));
  return Uint32Array.from(bag).sort();
}
