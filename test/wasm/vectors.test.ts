// Sets of vectors through all three builds, and under each of V8's compilers alone: equal bits (D8).

import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { BUILDS, projectFile } from '../kit/engine.ts';
import { Random, seedOf } from '../kit/random.ts';
import { sameIn } from '../kit/same.ts';
import { loadVectorBuilds, type VectorGlue } from '../kit/vectors.ts';

const seed = seedOf('parity of vectors');

const { same, failure } = sameIn(await loadVectorBuilds());

describe.each([
  ['cosine', 0, 100],
  ['dot', 1, 384],
  ['l2', 2, 48],
  ['hamming', 3, 200],
] as const)('a graph of vectors compared by %s', (_, metric, dims) => {
  const random = new Random(seed + metric);
  const values = Float32Array.from(Array.from({ length: 600 }, () => [...random.unit(dims)]).flat());
  const hashes = BigUint64Array.from({ length: 600 }, (_, row) => BigInt(row) * 0x9e3779b97f4a7c15n);

  it('is the same bytes and gives the same hits and scores', () => {
    const answers = same((glue) => {
      const set = new glue.Vectors(dims, metric, 0, 0);
      set.push(values, hashes);
      while (set.grow(128) > 0);
      const before = hitsOf(glue, set, values, dims);
      const section = set.seal();
      set.open(section);
      expect(hitsOf(glue, set, values, dims)).toEqual(before);
      set.remove(new Uint32Array(19).fill(0x11111111));
      expect([set.count(), set.unreachable()]).toEqual([450, 0]);
      const after = hitsOf(glue, set, values, dims);
      set.free();
      return { before, after, section: createHash('sha256').update(section).digest('hex') };
    });
    expect(answers.before).toHaveLength(20);
  });

  it('takes no damaged section and no wrong row', () => {
    const set = (glue: VectorGlue) => new glue.Vectors(dims, metric, 0, 0);
    expect(failure((glue) => set(glue).push(values.subarray(1), hashes))).toMatch(/^AV_DIM_MISMATCH: /);
    expect(failure((glue) => set(glue).open(Uint8Array.of(1, 2, 3)))).toMatch(/^AV_CORRUPT: /);
  });
});

/** Rows and the bits of the scores of twenty searches, and what each took. */
function hitsOf(
  glue: VectorGlue,
  set: InstanceType<VectorGlue['Vectors']>,
  values: Float32Array,
  dims: number,
): number[][] {
  return Array.from({ length: 20 }, (_, i) => {
    const memory = (): ArrayBuffer => (glue.linear_memory() as WebAssembly.Memory).buffer as ArrayBuffer;
    new Float32Array(memory(), set.query_at(), dims).set(values.subarray(i * 7 * dims, (i * 7 + 1) * dims));
    const count = set.search(10, 20 + i, i % 5 === 0);
    const rows = new Uint32Array(memory(), set.rows_at(10), count);
    const scores = new Uint32Array(memory(), set.scores_at(10), count);
    return [...rows, ...scores, ...set.report()];
  });
}

/** Prints the hits and scores of a small graph in one build. */
const script = `
const [build, folder] = process.argv.slice(1);
const { readFileSync } = await import('node:fs');
const glue = await import(folder + '/simd128/vectors.js');
glue.initSync({ module: new WebAssembly.Module(readFileSync(folder + '/' + build + '/vectors_bg.wasm')) });
const dims = 96;
let state = 1;
const values = Float32Array.from({ length: 200 * dims }, () => ((state = (state * 48271) % 2147483647) / 2147483647) - 0.5);
const set = new glue.Vectors(dims, 2, 0, 0);
set.push(values, BigUint64Array.from({ length: 200 }, (_, i) => BigInt(i) << 58n));
while (set.grow(50) > 0);
const hits = set.search_batch(values.subarray(0, 40 * dims).map((value) => value * 0.9), 10, 20);
console.log(hits.join(), set.seal().join());
`;

// A baseline compiler that spoils a relaxed instruction would show here: V8 11.3 has one.
it.each([['--liftoff-only'], ['--no-liftoff']])('all builds agree with %s', (compiler) => {
  const [first, ...others] = BUILDS.map((build) => {
    const flags = ['--experimental-wasm-relaxed-simd', compiler, '--input-type=module'];
    const args = [...flags, '--eval', script, build, projectFile('wasm/pkg/vectors')];
    const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', maxBuffer: 1 << 26 });
    expect(status, stderr).toBe(0);
    return stdout;
  });
  expect(first?.length).toBeGreaterThan(1000);
  for (const other of others) expect(other).toBe(first);
});
