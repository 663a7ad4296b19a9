// The part of a chunk that is worth showing: the window with most distinct matched words, from word to word.
//
// 1. Of the windows that begin with a match, the one with most distinct words; then with most matches; then the first.
// 2. It grows on both sides to its full size, and shrinks to whole words, but never into what it shows.

import { SNIPPET_CHARS_MAX } from '../base/limits.ts';

/** Half-open offsets into a text. */
type Range = readonly [start: number, end: number];

const isLow = (text: string, at: number): boolean => (text.charCodeAt(at) & 0xfc00) === 0xdc00;
const isSpace = (text: string, at: number): boolean => /\s/.test(text.charAt(at));

/** The window, given the matches in the text in their order. */
export function snippetOf(text: string, matches: readonly Range[], most = SNIPPET_CHARS_MAX): Range {
  if (text.length <= most) return [0, text.length];
  const [first, last] = bestOf(text, matches, most);
  const room = most - (last - first);
  // A little more of what follows than of what comes before.
  let start = Math.max(0, Math.min(first - Math.floor(room / 3), text.length - most));
  let end = Math.min(text.length, start + most);
  if (start > 0) start = wordAfter(text, start, first);
  if (end < text.length) end = wordBefore(text, end, Math.min(last, end), start);
  return [start, end];
}

function bestOf(text: string, matches: readonly Range[], most: number): Range {
  let best: Range = [0, 0];
  let rank: readonly [words: number, matches: number] = [0, 0];
  const words = numbered(matches.map(([start, end]) => text.slice(start, end).toLowerCase()));
  // Of each word the last window that it was met in.
  const met = new Int32Array(words.length).fill(-1);
  for (const [i, [start, end]] of matches.entries()) {
    let [stop, count, distinct] = [Math.min(end, start + most), 0, 0];
    for (let at = i; at < matches.length; at++) {
      const to = matches[at]?.[1] ?? 0;
      if (at > i && to - start > most) break;
      const word = words[at] ?? 0;
      if (met[word] !== i) distinct++;
      met[word] = i;
      stop = Math.max(stop, Math.min(to, start + most));
      count++;
    }
    if (distinct > rank[0] || (distinct === rank[0] && count > rank[1])) {
      best = [start, stop];
      rank = [distinct, count];
    }
  }
  return best;
}

/** Each text's number: equal texts have one. */
function numbered(texts: readonly string[]): number[] {
  const known = new Map<string, number>();
  return texts.map((text) => {
    const number = known.get(text) ?? known.size;
    known.set(text, number);
    return number;
  });
}

/** The start of the first whole word from `at` on, at most `latest`. */
function wordAfter(text: string, at: number, latest: number): number {
  let start = at;
  if (!isSpace(text, start - 1)) while (start < latest && !isSpace(text, start)) start++;
  // No space before the first match: cut where it is.
  if (start === latest && !isSpace(text, start - 1)) start = at;
  while (start < latest && isSpace(text, start)) start++;
  return isLow(text, start) ? start + 1 : start;
}

/** The end of the last whole word up to `at`, at least `earliest`. */
function wordBefore(text: string, at: number, earliest: number, start: number): number {
  let end = at;
  if (!isSpace(text, end)) while (end > earliest && !isSpace(text, end - 1)) end--;
  if (end === earliest && !isSpace(text, end)) end = at;
  while (end > Math.max(earliest, start + 1) && isSpace(text, end - 1)) end--;
  return isLow(text, end) ? end - 1 : end;
}
