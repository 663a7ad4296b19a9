// The engine in Node, without the library around it: rows go in as Chnk sections, a query is one call.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const package_ = new URL('../../../wasm/pkg/simd128/', import.meta.url);
const NONE = 0xffffffff;
const SEPARATOR = '\u001f';
const NUMBERS_PER_HIT = 8;
/** Sections of a text segment that are index; the rest is the rows themselves. */
const INDEX_SECTIONS = ['Flen', 'Term', 'List'];
const encoder = new TextEncoder();

const keys = new Map();
let glue;

/** An index; a row is `{ path: [headings], text, doc }`, a section all rows of a document with one path. */
export class Guest {
  #index;
  #rows = 0;

  static async start() {
    glue ??= await import(new URL('aetherv.js', package_).href);
    glue.initSync({
      module: new WebAssembly.Module(readFileSync(fileURLToPath(new URL('aetherv_bg.wasm', package_)))),
    });
    return new Guest();
  }

  constructor() {
    this.#index = new glue.Index(0, 0, 0);
  }

  /** Into the memtable: searchable at once. */
  add(rows) {
    this.#index.apply_chunks(section(rows, this.#rows));
    this.#rows += rows.length;
  }

  /** The memtable becomes a segment; resolves to its bytes. */
  seal() {
    const bytes = this.#index.seal_text();
    const piece = new glue.Piece(bytes.length);
    new Uint8Array(glue.linear_memory().buffer, piece.address(), bytes.length).set(bytes);
    this.#index.attach_text(1, piece);
    this.#index.clear_mem();
    return bytes;
  }

  /** A view of all rows. */
  view() {
    const words = new Uint32Array(Math.ceil(this.#rows / 32));
    for (let row = 0; row < this.#rows; row++) words[row >> 5] |= 1 << (row & 31);
    return this.#index.add_view(words);
  }

  /** Row numbers of the best `k`, every row a hit of its own. `kind`: 0 words, 2 prefix, 3 fuzzy. */
  search(view, text, k = 10, kind = 0) {
    const clauses = clause(text, kind);
    const settings = Float64Array.of(1, 0, 2, 0.5, k);
    const flat = this.#index.search(view, NONE, clauses, new Float32Array(0), settings);
    const found = [];
    for (let at = 1; at < flat.length; at += NUMBERS_PER_HIT) found.push(flat[at]);
    return found;
  }

  free() {
    this.#index.free();
  }
}

/** Bytes of the index sections of a sealed text segment. */
export function indexBytes(segment) {
  const view = new DataView(segment.buffer, segment.byteOffset, segment.byteLength);
  let bytes = 0;
  for (let at = 16; at < 16 + 16 * view.getUint16(10, true); at += 16) {
    const tag = String.fromCharCode(...segment.subarray(at, at + 4));
    if (INDEX_SECTIONS.includes(tag)) bytes += view.getUint32(at + 8, true);
  }
  return bytes;
}

function clause(text, kind) {
  const bytes = encoder.encode(text);
  const out = new Uint8Array(12 + bytes.length);
  const view = new DataView(out.buffer);
  out.set([0, kind, kind === 3 ? 255 : 0, 15]);
  view.setFloat32(4, 1, true);
  view.setUint32(8, bytes.length, true);
  out.set(bytes, 12);
  return out;
}

/** Keys stand for 16 bytes whose first four they are; the product makes its own in the guest, before this. */
function keyOf(text) {
  keys.set(text, keys.get(text) ?? keys.size);
  return keys.get(text);
}

/** Layout: wasm/crates/segment/src/chunks.rs. */
function section(rows, first) {
  const texts = rows.map(({ text }) => encoder.encode(text));
  const paths = rows.map(({ path }) => encoder.encode(path.join(SEPARATOR)));
  const ends = (parts) => {
    let end = 0;
    return parts.map(({ length }) => (end += length));
  };
  const [textEnds, pathEnds] = [ends(texts), ends(paths)];
  const n = rows.length;
  const numbers = [
    [n, n, textEnds.at(-1) ?? 0, pathEnds.at(-1) ?? 0],
    rows.map((_, i) => first + i),
    rows.map(() => NONE),
    rows.map((_, i) => i),
    rows.map(({ text }) => text.length),
    textEnds,
    rows.map(() => 0),
    pathEnds,
  ].flat();
  const ids = [
    rows.map((_, i) => first + i),
    rows.map((_, i) => first + i),
    rows.map(({ doc }) => keyOf(doc)),
    rows.map(({ doc, path }) => keyOf(`${doc}\0${path.join(SEPARATOR)}`)),
  ].flatMap((column) => column.flatMap((key) => [key, 0, 0, 0]));
  const head = new Uint8Array(Uint32Array.from(numbers.concat(ids)).buffer);
  return new Uint8Array(Buffer.concat([head, ...texts, ...paths]));
}
