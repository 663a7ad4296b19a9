// The lines of a text as offsets: where each starts, where its content begins and ends, how far it is indented.

import { isSpace } from './words.ts';

const LF = 10;
const CR = 13;
const TAB = 9;
const BOM = 0xfeff;

/** Lines end with LF, CRLF or a lone CR; `end` excludes the terminator, a leading byte order mark belongs to no line. */
export class LineTable {
  readonly text: string;
  readonly count: number;
  readonly #starts: Int32Array;
  readonly #ends: Int32Array;
  readonly #firsts: Int32Array;

  constructor(text: string) {
    this.text = text;
    const starts: number[] = [];
    const ends: number[] = [];
    let at = text.charCodeAt(0) === BOM ? 1 : 0;
    while (at < text.length) {
      starts.push(at);
      let end = at;
      while (end < text.length && text.charCodeAt(end) !== LF && text.charCodeAt(end) !== CR) end++;
      ends.push(end);
      at = text.charCodeAt(end) === CR && text.charCodeAt(end + 1) === LF ? end + 2 : end + 1;
    }
    this.count = starts.length;
    this.#starts = Int32Array.from(starts);
    this.#ends = Int32Array.from(ends);
    this.#firsts = new Int32Array(this.count);
    for (let row = 0; row < this.count; row++) {
      let first = this.start(row);
      while (first < this.end(row) && isSpace(text.charCodeAt(first))) first++;
      this.#firsts[row] = first;
    }
  }

  /** Offset of the first character of the line. */
  start(row: number): number {
    return this.#starts[row] ?? this.text.length;
  }

  /** Offset behind the last character of the line, without its terminator. */
  end(row: number): number {
    return this.#ends[row] ?? this.text.length;
  }

  /** Offset of the first character that is not white space; `end` when there is none. */
  first(row: number): number {
    return this.#firsts[row] ?? this.text.length;
  }

  blank(row: number): boolean {
    return this.first(row) === this.end(row);
  }

  /** Code of the first character that is not white space, NaN on a blank line. */
  sign(row: number): number {
    return this.blank(row) ? Number.NaN : this.text.charCodeAt(this.first(row));
  }

  /** Columns of white space in front of the line, tabs to the next multiple of four. */
  indent(row: number): number {
    return this.column(row, this.first(row));
  }

  /** Column of an offset within the line. */
  column(row: number, offset: number): number {
    let column = 0;
    for (let at = this.start(row); at < offset; at++) {
      column = this.text.charCodeAt(at) === TAB ? column + 4 - (column % 4) : column + 1;
    }
    return column;
  }

  /** The line from its first character that is not white space. */
  slice(row: number): string {
    return this.text.slice(this.first(row), this.end(row));
  }

  /** First row at or after `row` that ends behind `offset`, or the last row. */
  rowOf(offset: number, row: number): number {
    let at = row;
    while (at + 1 < this.count && this.start(at + 1) <= offset) at++;
    return at;
  }
}
