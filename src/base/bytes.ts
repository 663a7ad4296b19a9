// Little-endian writing and reading of the formats in wasm/FORMAT.md.

import { AetherError } from './errors.ts';

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

const SHORT_BYTES = 32;

/** UTF-8 bytes of a string. */
export const utf8 = (text: string): Uint8Array => encoder.encode(text);

const ID_BYTES = 16;
/** Character codes of the id in hand. */
const CODES = new Array<number>(2 * ID_BYTES).fill(0);
const DIGITS = utf8('0123456789abcdef');

/** Lower-case hexadecimal digits. */
export const hex = (bytes: Uint8Array): string => digits(bytes, 0, bytes.length);

function digits(bytes: Uint8Array, from: number, to: number): string {
  // One string and nothing else is made: there is an id for every document version, read at every opening.
  const codes = to - from === ID_BYTES ? CODES : new Array<number>(2 * (to - from));
  for (let i = from; i < to; i++) {
    const byte = bytes[i] ?? 0;
    codes[2 * (i - from)] = DIGITS[byte >> 4] ?? 0;
    codes[2 * (i - from) + 1] = DIGITS[byte & 15] ?? 0;
  }
  return String.fromCharCode(...codes);
}

/** The bytes of hexadecimal digits. */
export function unhex(digits: string): Uint8Array {
  return Uint8Array.from({ length: digits.length / 2 }, (_, i) => Number.parseInt(digits.slice(2 * i, 2 * i + 2), 16));
}

/** Appends to a buffer that grows. */
export class ByteWriter {
  #bytes = new Uint8Array(256);
  #view = new DataView(this.#bytes.buffer);
  length = 0;

  #grow(more: number): number {
    const at = this.length;
    this.length += more;
    if (this.length > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(this.length, this.#bytes.length * 2));
      larger.set(this.#bytes);
      this.#bytes = larger;
      this.#view = new DataView(larger.buffer);
    }
    return at;
  }

  // Growing comes first in each: it may replace the view.
  u32(value: number): this {
    const at = this.#grow(4);
    this.#view.setUint32(at, value, true);
    return this;
  }

  u32s(values: Iterable<number>): this {
    for (const value of values) this.u32(value);
    return this;
  }

  f64(value: number): this {
    const at = this.#grow(8);
    this.#view.setFloat64(at, value, true);
    return this;
  }

  /** LEB128, up to 2^53. */
  varint(value: number): this {
    if (!Number.isInteger(value) || value < 0 || value > 2 ** 53)
      throw new AetherError('AV_INTERNAL', `${value} cannot be written as a varint`);
    let rest = value;
    for (; rest >= 128; rest = Math.floor(rest / 128)) {
      const at = this.#grow(1);
      this.#bytes[at] = (rest % 128) | 128;
    }
    const at = this.#grow(1);
    this.#bytes[at] = rest;
    return this;
  }

  /** How many, then each as its distance from the one before (they rise). */
  rising(values: readonly number[]): this {
    this.varint(values.length);
    let last = 0;
    for (const value of values) {
      this.varint(value - last);
      last = value;
    }
    return this;
  }

  bytes(value: Uint8Array): this {
    const at = this.#grow(value.length);
    this.#bytes.set(value, at);
    return this;
  }

  /** Length in bytes as varint, then UTF-8. */
  string(value: string): this {
    const bytes = encoder.encode(value);
    return this.varint(bytes.length).bytes(bytes);
  }

  /** UTF-8 without a length; returns the number of bytes. */
  raw(value: string): number {
    const most = value.length * 3;
    const at = this.#grow(most);
    const { written } = encoder.encodeInto(value, this.#bytes.subarray(at, at + most));
    this.length = at + written;
    return written;
  }

  /** A copy of what was written. */
  take(): Uint8Array<ArrayBuffer> {
    return this.#bytes.slice(0, this.length);
  }
}

/** Reads front to back; every read past the end is `AV_CORRUPT`. */
export class ByteReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #what: string;
  at = 0;

  constructor(bytes: Uint8Array, what: string) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#what = what;
  }

  get left(): number {
    return this.#bytes.length - this.at;
  }

  #step(size: number): number {
    const at = this.at;
    if (size > this.left) throw new AetherError('AV_CORRUPT', `${this.#what} ends ${size - this.left} bytes early`);
    this.at += size;
    return at;
  }

  u32(): number {
    return this.#view.getUint32(this.#step(4), true);
  }

  f64(): number {
    return this.#view.getFloat64(this.#step(8), true);
  }

  varint(): number {
    // Most are of one byte.
    const first = this.#bytes[this.at];
    if (first !== undefined && first < 128) {
      this.at++;
      return first;
    }
    let value = 0;
    for (let factor = 1; factor < 2 ** 53; factor *= 128) {
      const byte = this.#view.getUint8(this.#step(1));
      value += (byte & 127) * factor;
      if (byte < 128) return value;
    }
    throw new AetherError('AV_CORRUPT', `${this.#what} holds a number that is too long`);
  }

  /** A count that cannot be larger than what is left to read. */
  count(): number {
    const count = this.varint();
    if (count > this.left) throw new AetherError('AV_CORRUPT', `${this.#what} claims ${count} items`);
    return count;
  }

  rising(): number[] {
    const count = this.count();
    // Not grown: there may be as many as items.
    const out = new Array<number>(count);
    const bytes = this.#bytes;
    let last = 0;
    let { at } = this;
    for (let i = 0; i < count; i++) {
      // Mostly of one byte: a call for each would be much of an opening.
      const first = bytes[at++];
      if (first !== undefined && first < 128) last += first;
      else {
        this.at = at - 1;
        last += this.varint();
        at = this.at;
      }
      out[i] = last;
    }
    this.at = at;
    return out;
  }

  bytes(length: number): Uint8Array {
    const at = this.#step(length);
    return this.#bytes.subarray(at, at + length);
  }

  /** So many bytes, as hexadecimal digits. */
  hex(length: number): string {
    const at = this.#step(length);
    return digits(this.#bytes, at, at + length);
  }

  string(): string {
    const length = this.count();
    const short = length <= SHORT_BYTES ? this.#ascii(length) : undefined;
    if (short !== undefined) return short;
    const bytes = this.bytes(length);
    try {
      return decoder.decode(bytes);
    } catch (cause) {
      throw new AetherError('AV_CORRUPT', `${this.#what} holds text that is not UTF-8`, { cause });
    }
  }

  /** A short ASCII string, several times faster than through the decoder; undefined when it is not ASCII. */
  #ascii(length: number): string | undefined {
    if (length > this.left) return undefined;
    let out = '';
    for (let i = this.at; i < this.at + length; i++) {
      const byte = this.#bytes[i] ?? 0;
      if (byte >= 128) return undefined;
      out += String.fromCharCode(byte);
    }
    this.at += length;
    return out;
  }
}
