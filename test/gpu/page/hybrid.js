// Whole hybrid jobs, words and vectors in one submission, against a reference that scores everything.
import { findAdapter, hybrid, makePlane, TILE } from '/gpu/door.js';
import { drawRows } from './channels.js';
import { random } from './random.js';

const NOBODY = 0xffffffff;
let plane;

const admits = (mask, row) => !mask || ((mask[row >> 5] >>> (row & 31)) & 1) === 1;

/** A job drawn by a seed, small where two channels are scored by a processor that plays a GPU. */
export function drawJob(draw, fusion, { dims = draw.pick([3, 8, 17]), sizes, queries } = {}) {
  const count = queries ?? draw.pick([1, 2, 16, 17, 64]);
  // Ranks change with the last bit: there all numbers are such that f32 has them exactly.
  const exact = fusion === 'rank';
  const [slots, k1] = [draw.pick([2, 5, 17]), exact ? 1 : 1.6];
  const values = (n) => draw.values(n).map((value) => (exact ? Math.round(4 * value) : value));
  const vocabulary = Array.from({ length: draw.pick([5, 60]) }, (_, i) => 7 * i + 1);
  let first = 0;
  const parts = (sizes ?? Array.from({ length: draw.pick([1, 1, 3]) }, () => draw.pick([1, 40, 700]))).map(
    (rows, i) => {
      const density = draw.pick([0, 0.05, 0.5, 2]);
      const mask = density > 1 ? undefined : new Uint32Array(Math.ceil(rows / 32));
      for (let row = 0; mask && row < rows; row++) if (draw.next() < density) mask[row >> 5] |= 1 << (row & 31);
      const vectors = values(rows * dims);
      // Ties: rows that are another's copy.
      if (rows > 2) vectors.copyWithin(dims, 0, dims);
      const terms = drawRows(draw, rows, slots, vocabulary, exact ? () => draw.pick([1, 3, 7]) : undefined);
      if (rows > 2) terms.copyWithin(2 * slots, 0, 2 * slots);
      const part = {
        key: `${fusion} ${i} ${draw.next()}`,
        rows,
        mask,
        cnos: Uint32Array.from({ length: rows }, (_, row) => first + row),
        values: (from, to) => new Uint8Array(vectors.buffer, 4 * dims * from, 4 * dims * (to - from)),
        terms: (from, to) => new Uint8Array(terms.buffer, 8 * slots * from, 8 * slots * (to - from)),
      };
      first += rows;
      return Object.assign(part, { vectors, words: terms });
    },
  );
  const words = Array.from({ length: count }, () => {
    const held = draw.below(5);
    return new Map(
      Array.from({ length: held }, () => [draw.pick(vocabulary), exact ? 1 + draw.below(5) : 0.1 + 5 * draw.next()]),
    );
  });
  const weights = Float32Array.from({ length: count }, () => draw.pick([0, 1, draw.next()]));
  return {
    dims,
    k: draw.pick([1, 10, 40, 200]),
    queries: values(count * dims),
    words,
    weights,
    fusion,
    slots,
    k1,
    parts,
  };
}

/** Both scores of every admitted row of a query. */
function scored({ dims, queries, words, slots, k1, parts }, q) {
  const rows = [];
  for (const part of parts)
    for (let row = 0; row < part.rows; row++) {
      if (!admits(part.mask, row)) continue;
      let [cosine, bm25] = [0, 0];
      for (let d = 0; d < dims; d++) cosine += part.vectors[row * dims + d] * queries[q * dims + d];
      for (let i = 0; i < slots; i++) {
        const at = 2 * (row * slots + i);
        const weight = part.words[at] === NOBODY ? undefined : words[q].get(part.words[at]);
        const f = new Float32Array(part.words.buffer)[at + 1];
        if (weight !== undefined) bm25 += (weight * (k1 + 1) * f) / (k1 + f);
      }
      rows.push({ cno: part.cnos[row], cosine, bm25 });
    }
  return rows;
}

function fuse(job, q, keep) {
  const rows = scored(job, q);
  const most = (channel) => Math.max(0, ...rows.map((row) => row[channel]));
  const share = (value, most) => (most > 0 ? Math.max(0, value) / most : 0);
  const [word, near, weight] = [most('bm25'), most('cosine'), job.weights[q]];
  if (job.fusion === 'score')
    return rows.map((row) => ({
      ...row,
      score: weight * share(row.bm25, word) + (1 - weight) * share(row.cosine, near),
    }));
  const best = (channel) => rows.toSorted((a, b) => b[channel] - a[channel] || a.cno - b.cno).slice(0, keep);
  const lists = { bm25: best('bm25'), cosine: best('cosine') };
  const shareOf = (channel, row) => {
    if (Math.abs(row[channel]) === 0 || !lists[channel].includes(row)) return 0;
    return 1 / (61 + lists[channel].filter((other) => other[channel] > row[channel]).length);
  };
  const union = new Set([...lists.bm25, ...lists.cosine]);
  return [...union].map((row) => ({ ...row, score: 30.5 * (shareOf('bm25', row) + shareOf('cosine', row)) }));
}

/** Runs jobs; what is wrong with the answers. A candidate has its score, and no row is left out that is better than the last. */
export async function cases(fusion, count, seed) {
  plane ??= await makePlane(await findAdapter(navigator.gpu), 1 << 30);
  const wrong = [];
  for (let i = 0; i < count; i++) {
    const draw = random(seed + 104_729 * i);
    const job = drawJob(draw, fusion, i === 0 ? { sizes: [TILE + 5, 3], queries: 2 } : {});
    const { each, cnos, scores } = await hybrid(plane, job);
    for (let q = 0; q < job.words.length; q++) {
      const want = fuse(job, q, each);
      const error = differs(want, cnos.subarray(q * each, (q + 1) * each), scores.subarray(q * each, (q + 1) * each));
      if (error) wrong.push(`seed ${seed + 104_729 * i}, query ${q} of ${job.words.length}: ${error}`);
    }
  }
  return wrong;
}

function differs(want, cnos, scores) {
  const all = new Map(want.map((row) => [row.cno, row.score]));
  const held = Math.min(cnos.length, all.size);
  const seen = new Set();
  for (let i = 0; i < cnos.length; i++) {
    if ((cnos[i] === NOBODY) !== i >= held) return `${i} candidates of ${held}`;
    if (i >= held) break;
    const own = all.get(cnos[i]);
    if (own === undefined || seen.has(cnos[i])) return `candidate ${i} is no row, or there twice`;
    seen.add(cnos[i]);
    if (!(Math.abs(scores[i] - own) <= 1e-4)) return `candidate ${i} has ${scores[i]}, reference ${own}`;
    if (i > 0 && scores[i] > scores[i - 1]) return `candidate ${i} is above the one before`;
  }
  const best = want.map(({ score }) => score).sort((a, b) => b - a);
  for (let i = 0; i < held; i++)
    if (!(Math.abs(best[i] - scores[i]) <= 1e-4)) return `place ${i} has ${scores[i]}, reference ${best[i]}`;
  return undefined;
}

/** What a job that is too large for the largest tier fails with. */
export async function tooLarge() {
  plane ??= await makePlane(await findAdapter(navigator.gpu), 1 << 30);
  const job = drawJob(random(5), 'score', { sizes: [40], queries: 2 });
  const { maxStorageBufferBindingSize: most } = plane.device.limits;
  const part = { ...job.parts[0], rows: Math.ceil(most / 8) };
  const many = { ...job, queries: new Float32Array(65 * job.dims), words: Array(65).fill(new Map()) };
  const jobs = { k: { ...job, k: 225 }, queries: many, rows: { ...job, parts: [part] } };
  const out = {};
  for (const [what, one] of Object.entries(jobs))
    out[what] = await hybrid(plane, one).then(
      () => 'none',
      (error) => `${error.name}: ${error.message}`,
    );
  return out;
}
