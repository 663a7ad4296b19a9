// Where the sentences of a chunk stand: prose by sentence; code, tables and lists by line.

import { pattern } from '../base/pattern.ts';
import { CLOSERS, ELLIPSIS, ENDS_ANYWHERE, ENDS_BEFORE_SPACE, WIDE_STOP } from '../base/stops.ts';

/** Half-open UTF-16 offsets. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

const SPACE = /\s/;
const DENSE = pattern(String.raw`[\p{scx=Han}\p{scx=Hiragana}\p{scx=Katakana}]`);
const LOWER = pattern(String.raw`\p{Ll}`);
const UPPER = pattern(String.raw`\p{Lu}`);
/** The letters and inner full stops right before a full stop. */
const BEFORE_STOP = pattern(String.raw`(?:^|[^\p{L}\p{N}.])((?:\p{L}+\.)*\p{L}+)$`);
/** Never the end of a sentence, as something is named behind them. */
const OPEN = new Set(
  'e.g i.e cf vs viz mr mrs ms dr prof st fig eq sec ch vol pp ca approx resp z.b d.h u.a bzw vgl usw.'.split(' '),
);
/** The end of a sentence only before a capital letter. */
const MAYBE = new Set('etc al inc ltd jr sr co corp a.m p.m u.s u.k usw eg ie'.split(' '));
const BEFORE_DIGIT = new Set(['no', 'nr', 'p', 'v']);

const FENCE = /^[\s>]*(`{3,}|~{3,})/;
const ITEM = /^[\s>]*(?:[-*+]|\d{1,9}[.)])(?:\s|$)/;
const DELIMITER_ROW = /^[\s>]*\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*\|?\s*$/;
const HEADING = /^ {0,3}#{1,6}(?:\s|$)/;
const INDENTED = /^(?: {4}|\t)/;

interface Line extends Span {
  readonly text: string;
  readonly blank: boolean;
}

function linesOf(text: string): Line[] {
  const lines: Line[] = [];
  let start = 0;
  for (const line of text.split(/(?<=\n|\r(?!\n))/)) {
    lines.push({ start, end: start + line.length, text: line, blank: line.trim() === '' });
    start += line.length;
  }
  return lines;
}

function push(spans: Span[], text: string, from: number, to: number): void {
  let [start, end] = [from, to];
  while (start < end && SPACE.test(text.charAt(start))) start++;
  while (end > start && SPACE.test(text.charAt(end - 1))) end--;
  if (end > start) spans.push({ start, end });
}

/** For each run of backticks that opens inline code, where the run that closes it ends. */
function codeEnds(text: string, from: number, to: number): Map<number, number> {
  const runs = [...text.slice(from, to).matchAll(/`+/g)].map((run) => ({ at: from + run.index, size: run[0].length }));
  const ends = new Map<number, number>();
  const later = new Map<number, number>();
  for (const { at, size } of runs.reverse()) {
    const close = later.get(size);
    if (close !== undefined) ends.set(at, close + size);
    later.set(size, at);
  }
  return ends;
}

/** Is the full stop at `at`, before white space and then `next`, that of an abbreviation? */
function abbreviates(text: string, from: number, at: number, next: string): boolean {
  const before = BEFORE_STOP().exec(text.slice(Math.max(from, at - 16), at))?.[1];
  if (before === undefined) return false;
  const word = before.toLowerCase();
  if (OPEN.has(word)) return true;
  if (MAYBE.has(word)) return !UPPER().test(next);
  if (BEFORE_DIGIT.has(word)) return /\d/.test(next);
  return before.length === 1 && before !== 'I' && UPPER().test(before) && UPPER().test(next);
}

/** Does a sentence end with the mark at `at`, closed at `close`? */
function endsSentence(text: string, from: number, at: number, close: number, to: number): boolean {
  const mark = text.charAt(at);
  if (close >= to || ENDS_ANYWHERE.has(text.charCodeAt(at))) return true;
  const follows = text.charAt(close);
  if (!SPACE.test(follows)) return DENSE().test(String.fromCodePoint(text.codePointAt(close) ?? 0)) && mark !== '.';
  let next = close;
  while (next < to && SPACE.test(text.charAt(next))) next++;
  const first = text.charAt(next);
  const trailsOff = text.charCodeAt(at) === ELLIPSIS || (mark === '.' && text.charAt(at - 1) === '.' && at > from);
  if (LOWER().test(first) && (trailsOff || close > at + 1)) return false;
  return mark !== '.' || !abbreviates(text, from, at, first);
}

function prose(text: string, from: number, to: number, spans: Span[]): void {
  const code = codeEnds(text, from, to);
  let start = from;
  for (let at = from; at < to; ) {
    const char = text.charAt(at);
    if (char === '`') {
      let behind = code.get(at) ?? at + 1;
      if (!code.has(at)) while (behind < to && text.charAt(behind) === '`') behind++;
      at = behind;
      continue;
    }
    let close = at + 1;
    const sign = text.charCodeAt(at);
    if (ENDS_BEFORE_SPACE.has(sign) || (ENDS_ANYWHERE.has(sign) && sign !== WIDE_STOP)) {
      while (close < to && CLOSERS.has(text.charCodeAt(close)) && !code.has(close)) close++;
      if (endsSentence(text, from, at, close, to)) {
        push(spans, text, start, close);
        start = close;
      }
    }
    // A backtick among the closing marks opens no code.
    at = close;
  }
  push(spans, text, start, to);
}

/** Rows of pipe tables: a row over a row of dashes, and all rows up to a blank line. */
function tableRows(lines: readonly Line[]): Set<Line> {
  const rows = new Set<Line>();
  let inTable = false;
  lines.forEach((line, i) => {
    const next = lines[i + 1];
    const starts = line.text.includes('|') && next?.text.includes('|') === true && DELIMITER_ROW.test(next.text);
    inTable = !line.blank && (inTable || starts);
    if (inTable || /^[\s>]*\|/.test(line.text)) rows.add(line);
  });
  return rows;
}

/**
 * The sentences of a chunk's text, in order and without white space around them; together they cover all that is not white
 * space. Rules, not a dictionary: a sentence ends with . ! ? before white space or with a full stop of a script without
 * spaces, not inside numbers, inline code or after common abbreviations. Lines of fenced or indented code, tables, lists and
 * headings are sentences of their own.
 */
export function sentencesOf(text: string): Span[] {
  const lines = linesOf(text);
  const rows = tableRows(lines);
  const frontMatter = /^(?:---|\+\+\+)\s*$/.test(lines[0]?.text ?? '');
  const spans: Span[] = [];
  let fence: string | undefined;
  let list = false;
  let run: number | undefined;
  let afterBlank = true;
  for (const line of lines) {
    const mark = FENCE.exec(line.text)?.[1];
    const inFence = fence !== undefined || mark !== undefined;
    if (fence === undefined) fence = mark;
    else if (mark?.startsWith(fence) === true) fence = undefined;
    if (ITEM.test(line.text)) list = true;
    else if (afterBlank && !line.blank && !SPACE.test(line.text.charAt(0))) list = false;
    const code = run === undefined && INDENTED.test(line.text);
    const alone = inFence || list || code || frontMatter || rows.has(line) || HEADING.test(line.text);
    if (run !== undefined && (alone || line.blank)) {
      prose(text, run, line.start, spans);
      run = undefined;
    }
    if (alone) push(spans, text, line.start, line.end);
    else if (!line.blank) run ??= line.start;
    afterBlank = line.blank;
  }
  if (run !== undefined) prose(text, run, text.length, spans);
  return spans;
}
