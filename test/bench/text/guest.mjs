// The engine in Node, without the library around it: rows go in as Chnk sections, a query is one call.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const packages = new URL('../../../wasm/pkg/', import.meta.url);
const package_ = new URL('simd128/', packages);
const NONE = 0xffffffff;
const SEPARATOR = '\u001f';
const NUMBERS_PER_HIT = 8;
/** Sections of a text segment that are index; the rest is the rows themselves. */
const INDEX_SECTIONS = ['Flen', 'Term', 'List'];
const UTF8_BYTES_MAX = 3;
/** Seven numbers and four ids of four. */
const NUMBERS_PER_ROW = 23;
const encoder = new TextEncoder();

const keys = new Map();
let keyCount = 0;
let glue;
let stemmers;

const bytesOf = (folder, file) => readFileSync(fileURLToPath(new URL(file, folder)));

const over = (view, { buffer }) => (view.buffer === buffer ? view : new Uint8Array(buffer));
let [engine, own] = [new Uint8Array(0), new Uint8Array(0)];

/** The stemmers of other languages, as `src/index/stems.ts` hands them to the guest. */
const stems = {
  is_ready: () => true,
  stem(language, word, length, room) {
    const at = stemmers.aetherv_room();
    engine = over(engine, glue.linear_memory());
    own = over(own, stemmers.memory);
    for (let i = 0; i < length; i++) own[at + i] = engine[word + i];
    const stemmed = stemmers.aetherv_stem(language, length);
    own = over(own, stemmers.memory);
    for (let i = 0; i < stemmed; i++) engine[room + i] = own[at + i];
    return stemmed;
  },
};

/** An index; a row is `{ path: [headings], text, doc }`, a section all rows of a document with one path. */
export class Guest {
  #index;
  #rows = 0;

  static async start() {
    glue ??= await import(new URL('aetherv.js', package_).href);
    glue.initSync({ module: new WebAssembly.Module(bytesOf(package_, 'aetherv_bg.wasm')) });
    stemmers ??= new WebAssembly.Instance(new WebAssembly.Module(bytesOf(packages, 'stems/aetherv_stems.wasm')))
      .exports;
    return new Guest();
  }

  constructor() {
    this.#index = new glue.Index(0, 0, 0, stems);
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
    settings[4] = k;
    const flat = this.#index.search(view, NONE, clause(text, kind), noVector, settings);
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

/** A clause's bytes are written here: a query is so short that making new ones would take as long as much of its answer. */
const clauseRoom = new Uint8Array(1 << 16);
const clauseView = new DataView(clauseRoom.buffer);
const CLAUSE_HEAD = 12;
const noVector = new Float32Array(0);
/** Weight of the words, nothing asked for besides, every row a hit of its own, half a share, k. */
const settings = Float64Array.of(1, 0, 2, 0.5, 0);

function clause(text, kind) {
  const { written } = encoder.encodeInto(text, clauseRoom.subarray(CLAUSE_HEAD));
  clauseRoom.set([0, kind, kind === 3 ? 255 : 0, 15]);
  clauseView.setFloat32(4, 1, true);
  clauseView.setUint32(8, written, true);
  return clauseRoom.subarray(0, CLAUSE_HEAD + written);
}

/** Keys stand for 16 bytes whose first four they are; the product makes its own in the guest, before this. */
function keyOf(name, below = keys) {
  const known = below.get(name) ?? { number: keyCount++, below: new Map() };
  if (known.number === keyCount - 1) below.set(name, known);
  return known;
}

/** Where rows are written before the guest takes them over: memory that is new at every call costs more than the rows. */
let room = new Uint8Array(0);

/** The bytes of `src/version/chunks.ts`, layout in wasm/crates/segment/src/chunks.rs; neighbours share a path and its key. */
function section(rows, first) {
  const n = rows.length;
  const paths = [];
  const [pathOf, docs, sections] = Array.from({ length: 3 }, () => new Uint32Array(n));
  let [most, doc, path, docKey, sectionKey] = [0];
  for (let i = 0; i < n; i++) {
    const row = rows[i];
    const joined = row.path.join(SEPARATOR);
    if (row.doc !== doc) docKey = keyOf(row.doc);
    if (row.doc !== doc || joined !== path) sectionKey = keyOf(joined, docKey.below);
    docs[i] = docKey.number;
    sections[i] = sectionKey.number;
    if (joined !== path) most += paths.push(joined) && joined.length;
    pathOf[i] = paths.length - 1;
    most += row.text.length;
    [doc, path] = [row.doc, joined];
  }
  const head = 4 + (NUMBERS_PER_ROW - 1) * n + paths.length;
  const size = 4 * head + UTF8_BYTES_MAX * most;
  if (room.length < size) room = new Uint8Array(size);
  const numbers = new Uint32Array(room.buffer, 0, head).fill(0);
  const put = (text, at) => at + encoder.encodeInto(text, room.subarray(at)).written;
  const [vno, parent, pathAt, utf16, textEnd, , pathEnd] = Array.from({ length: 7 }, (_, i) => 4 + i * n);
  const ids = pathEnd + paths.length;
  const texts = 4 * head;
  let end = texts;
  for (let i = 0; i < n; i++) {
    const { text } = rows[i];
    end = put(text, end);
    numbers[vno + i] = first + i;
    numbers[parent + i] = NONE;
    numbers[utf16 + i] = text.length;
    numbers[textEnd + i] = end - texts;
    numbers[ids + 4 * i] = first + i;
    numbers[ids + 4 * (n + i)] = first + i;
    numbers[ids + 4 * (2 * n + i)] = docs[i];
    numbers[ids + 4 * (3 * n + i)] = sections[i];
  }
  numbers.set(pathOf, pathAt);
  const textBytes = end - texts;
  for (let i = 0; i < paths.length; i++) {
    end = put(paths[i], end);
    numbers[pathEnd + i] = end - texts - textBytes;
  }
  numbers.set([n, paths.length, textBytes, end - texts - textBytes]);
  return room.subarray(0, end);
}
