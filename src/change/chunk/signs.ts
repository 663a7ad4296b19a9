// Recognises what a Markdown line starts: every test looks at one line only and is linear in it.

import type { LineTable } from './lines.ts';

const HASH = 35;
const BACKTICK = 96;
const TILDE = 126;
const COLON = 58;
const DASH = 45;
const STAR = 42;
const PLUS = 43;
const UNDERSCORE = 95;
const EQUALS = 61;
const PIPE = 124;
const SPACE = 32;
const TAB = 9;

/** A longer line with a # in front is taken for text: heading texts are repeated in every path below them. */
const HEADING_CHARS_MAX = 600;

function isBlank(code: number): boolean {
  return code === SPACE || code === TAB;
}

function runOf(text: string, at: number, end: number, code: number): number {
  let to = at;
  while (to < end && text.charCodeAt(to) === code) to++;
  return to - at;
}

/** An ATX heading: its level and the offsets of its text without the closing #s. */
export function atxHeading(lines: LineTable, row: number): { level: number; from: number; to: number } | undefined {
  if (lines.sign(row) !== HASH || lines.indent(row) > 3) return undefined;
  const { text } = lines;
  const start = lines.first(row);
  let to = lines.end(row);
  const level = runOf(text, start, to, HASH);
  if (level > 6 || to - start > HEADING_CHARS_MAX) return undefined;
  const from = start + level;
  if (from < to && !isBlank(text.charCodeAt(from))) return undefined;
  while (to > from && isBlank(text.charCodeAt(to - 1))) to--;
  let closing = to;
  while (closing > from && text.charCodeAt(closing - 1) === HASH) closing--;
  if (closing === from || isBlank(text.charCodeAt(closing - 1))) to = closing;
  return { level, from, to };
}

/** Level of the setext heading that this line underlines, 0 when it does not. */
export function setextLevel(lines: LineTable, row: number): 0 | 1 | 2 {
  const sign = lines.sign(row);
  if ((sign !== EQUALS && sign !== DASH) || lines.indent(row) > 3) return 0;
  let at = lines.first(row) + runOf(lines.text, lines.first(row), lines.end(row), sign);
  while (at < lines.end(row) && isBlank(lines.text.charCodeAt(at))) at++;
  if (at < lines.end(row)) return 0;
  return sign === EQUALS ? 1 : 2;
}

/** A thematic break. */
export function isRule(lines: LineTable, row: number): boolean {
  const sign = lines.sign(row);
  if (sign !== DASH && sign !== STAR && sign !== UNDERSCORE) return false;
  if (lines.indent(row) > 3) return false;
  let count = 0;
  for (let at = lines.first(row); at < lines.end(row); at++) {
    const code = lines.text.charCodeAt(at);
    if (code === sign) count++;
    else if (!isBlank(code)) return false;
  }
  return count >= 3;
}

/** An opening code fence: which character, how many, how far indented. */
export interface Fence {
  readonly sign: number;
  readonly length: number;
  readonly indent: number;
}

/** The code fence that opens at an offset of the line (its first character, or the content of a list item). */
export function fenceAt(lines: LineTable, row: number, at: number): Fence | undefined {
  const sign = lines.text.charCodeAt(at);
  if (sign !== BACKTICK && sign !== TILDE) return undefined;
  const end = lines.end(row);
  const length = runOf(lines.text, at, end, sign);
  if (length < 3) return undefined;
  if (sign === BACKTICK) {
    for (let to = at + length; to < end; to++) if (lines.text.charCodeAt(to) === BACKTICK) return undefined;
  }
  return { sign, length, indent: lines.column(row, at) };
}

/** Whether the line closes the fence. */
export function closesFence(lines: LineTable, row: number, fence: Fence): boolean {
  if (lines.sign(row) !== fence.sign) return false;
  let at = lines.first(row);
  const length = runOf(lines.text, at, lines.end(row), fence.sign);
  if (length < fence.length || lines.indent(row) > fence.indent + 3) return false;
  at += length;
  while (at < lines.end(row) && isBlank(lines.text.charCodeAt(at))) at++;
  return at === lines.end(row);
}

/** The line of a custom container (`::: tip Title` or the closing `:::`). */
export function containerSign(lines: LineTable, row: number): 'open' | 'close' | undefined {
  if (lines.sign(row) !== COLON || lines.indent(row) > 3) return undefined;
  const start = lines.first(row);
  const length = runOf(lines.text, start, lines.end(row), COLON);
  if (length < 3) return undefined;
  for (let at = start + length; at < lines.end(row); at++) {
    if (!isBlank(lines.text.charCodeAt(at))) return 'open';
  }
  return 'close';
}

/** The marker of a list item: `type` tells lists apart, `content` is the column of the item's text, `at` its offset. */
export interface ListMarker {
  readonly type: number;
  readonly content: number;
  readonly at: number;
  readonly interrupts: boolean;
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

/** The list item that starts on the line, at whatever indentation. */
export function listMarker(lines: LineTable, row: number): ListMarker | undefined {
  const { text } = lines;
  const end = lines.end(row);
  let at = lines.first(row);
  let type = text.charCodeAt(at);
  let first = true;
  if (isDigit(type)) {
    const start = at;
    while (at < end && at - start < 10 && isDigit(text.charCodeAt(at))) at++;
    type = text.charCodeAt(at);
    if (at === end || at - start > 9 || (type !== 46 && type !== 41)) return undefined;
    first = at - start === 1 && text.charCodeAt(start) === 49;
  } else if (type !== DASH && type !== STAR && type !== PLUS) return undefined;
  at++;
  if (at < end && !isBlank(text.charCodeAt(at))) return undefined;
  const marker = lines.column(row, at);
  while (at < end && isBlank(text.charCodeAt(at))) at++;
  const column = lines.column(row, at);
  const content = at === end || column - marker > 4 ? marker + 1 : column;
  return { type, content, at, interrupts: first && at < end };
}

/** The line under a table's head: only |, :, - and blanks, with both | and -. */
export function isDelimiterRow(lines: LineTable, row: number): boolean {
  if (row >= lines.count || lines.indent(row) > 3) return false;
  let pipe = false;
  let dash = false;
  for (let at = lines.first(row); at < lines.end(row); at++) {
    const code = lines.text.charCodeAt(at);
    if (code === PIPE) pipe = true;
    else if (code === DASH) dash = true;
    else if (code !== COLON && !isBlank(code)) return false;
  }
  return pipe && dash;
}

/** Whether a table starts on the line: its head, with the delimiter row under it. */
export function startsTable(lines: LineTable, row: number): boolean {
  if (row + 1 >= lines.count || !isDelimiterRow(lines, row + 1)) return false;
  for (let at = lines.first(row); at < lines.end(row); at++) {
    if (lines.text.charCodeAt(at) === PIPE) return lines.indent(row) <= 3;
  }
  return false;
}
