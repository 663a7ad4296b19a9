// The vector sets of the suite: rows, queries, and the true ten of each query.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { shared, vectors } from '../lib/data.mjs';

/** How many hits count everywhere in this suite. */
export const k = 10;
/** How many of the true neighbours the files give for each query. */
const truthK = 100;

/** A set is `{ name, dims, metric, rows, queries, count, asked, truth }`: matrices are row-major, `truth` holds k rows a query. */
export const sets = {
  synth10k: () => synthetic('synth10k', 10_000),
  synth100k: () => synthetic('synth100k', 100_000),
  minilm17k: () => minilm(),
  mnist10k: () => mnist(),
};

async function synthetic(name, count) {
  const folder = await vectors(count);
  const matrix = (file) => new Float32Array(bytes(join(folder, file)));
  const truth = new Int32Array(bytes(join(folder, 'truth.i32')));
  const labels = new Uint16Array(bytes(join(folder, 'labels.u16')));
  return {
    ...set(name, 384, 'cosine', matrix('base.f32'), matrix('query.f32'), truth),
    extra: matrix('extra.f32'),
    labels,
  };
}

function minilm() {
  const folder = shared('bench/minilm17k');
  const matrix = (file) => unit(Float32Array.from(new Uint16Array(bytes(join(folder, file))), half), 384);
  return set(
    'minilm17k',
    384,
    'cosine',
    matrix('base.f16'),
    matrix('query.f16'),
    new Int32Array(bytes(join(folder, 'truth.i32'))),
  );
}

function mnist() {
  const folder = shared('data/mnist10k');
  const matrix = (file) => bvecs(gunzipSync(readFileSync(join(folder, file))));
  const [base, query] = ['base.bvecs.gz', 'query.bvecs.gz'].map(matrix);
  const lists = new Int32Array(bytes(join(folder, 'groundtruth_l2.ivecs')));
  return set(
    'mnist10k',
    784,
    'l2',
    base,
    query,
    lists.filter((_, at) => at % (truthK + 1) !== 0),
  );
}

function set(name, dims, metric, rows, queries, lists) {
  const asked = queries.length / dims;
  const truth = Array.from({ length: asked }, (_, i) => lists.subarray(i * truthK, i * truthK + k));
  return { name, dims, metric, rows, queries, count: rows.length / dims, asked, truth };
}

/** Row `i` of a matrix. */
export const row = (matrix, dims, i) => matrix.subarray(i * dims, (i + 1) * dims);

/** Share of the true ten that `search(i)` finds, over the queries `from` to `to`. */
export function recall(set, search, from = 0, to = set.asked) {
  let found = 0;
  for (let i = from; i < to; i++) for (const id of search(i)) if (set.truth[i].includes(Number(id))) found++;
  return found / ((to - from) * k);
}

function bytes(file) {
  const { buffer, byteOffset, length } = readFileSync(file);
  return buffer.slice(byteOffset, byteOffset + length);
}

/** A number from the bits of a half float. */
function half(bits) {
  const [exponent, fraction] = [(bits >> 10) & 31, bits & 1023];
  const size = exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15);
  return bits & 0x8000 ? -size : size;
}

function unit(matrix, dims) {
  for (let at = 0; at < matrix.length; at += dims) {
    const one = matrix.subarray(at, at + dims);
    const length = Math.hypot(...one);
    for (let i = 0; i < dims; i++) one[i] /= length;
  }
  return matrix;
}

/** Of each vector an i32 with its dimension, then so many bytes. */
function bvecs(packed) {
  const dims = packed.readInt32LE(0);
  const count = packed.length / (dims + 4);
  const out = new Float32Array(count * dims);
  for (let i = 0; i < count; i++) out.set(packed.subarray(i * (dims + 4) + 4, (i + 1) * (dims + 4)), i * dims);
  return out;
}
