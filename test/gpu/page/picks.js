// Checks of the kernels that choose among scored rows: clusters, cut-offs, pools of rows that should be unlike each other. Each against its twin and a
// reference of first principles.

const NOBODY = 0xffffffff;
const NAN_KEY = 0xffffffff;

const floats = (words) => new Float32Array(words.slice().buffer);
const bitsOf = (value) => new Uint32Array(Float32Array.of(value).buffer)[0];
const isNan = (bits) => (bits & 0x7fffffff) > 0x7f800000;
/** The order of keys, from the value alone: no number first, then by size. */
const keyOf = (bits) => (isNan(bits) ? NAN_KEY : (bits >>> 31 ? ~bits : bits | 0x80000000) >>> 0);
const differs = (got, want) => got.length !== want.length || got.some((word, i) => word !== want[i]);
/** Sums further apart than this share of the sum of the products' sizes are wrong. */
const TOLERANCE = 1e-5;

const ODD = [0, -0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1e-40, Number.NaN];

/** Scores with many ties, few or none, and now and then what is hard to compare. */
function drawScores(draw, count) {
  const steps = draw.pick([1, 3, 50, 1e6]);
  const oddly = draw.below(3) === 0;
  return Float32Array.from({ length: count }, () =>
    oddly && draw.below(20) === 0 ? draw.pick(ODD) : Math.round((draw.next() - 0.5) * steps) / steps,
  );
}

export function pickChecks(run, twins) {
  return {
    async cluster_assign(constants, draw) {
      const rows = draw.pick([0, 1, 2, 127, 128, 129, 700]);
      // Batch after batch, the last one with few.
      const batches = Array.from({ length: draw.pick([1, 1, 2, 3]) }, () => draw.pick([1, 2, 3, 16, 63, 64]));
      const stride = rows + draw.below(4);
      const all = [];
      let [got, twin] = [new Uint32Array(4 * rows), new Uint32Array(0)];
      for (const centroids of batches) {
        const base = all.length;
        const scores = drawScores(draw, Math.max(1, centroids * stride));
        // A centroid twice.
        if (centroids > 1 && draw.below(2) === 0) scores.copyWithin(stride, 0, stride);
        const params = { rows, centroids, base, stride };
        // Of the first batch it must not matter what was there before.
        const before = base === 0 ? new Uint32Array(Math.max(4, 4 * rows)).fill(draw.below(2 ** 32)) : got;
        const groups = [Math.max(1, Math.ceil(rows / 128)), 1];
        got = await run('cluster_assign', constants, params, { scores }, 'nearest', before.slice(), groups);
        if (rows === 0 && differs(got, before)) return 'wrote a row where there is none';
        if (rows === 0) return undefined;
        const bits = new Uint32Array(scores.buffer);
        twin = twins.cluster_assign(bits.subarray(0, centroids * stride), twin, rows, base, stride);
        if (differs(got, twin)) return `differs from the twin: ${rows} rows, centroids ${base} to ${base + centroids}`;
        for (let i = 0; i < centroids; i++) all.push(bits.subarray(i * stride, i * stride + rows));
      }
      for (let row = 0; row < rows; row++) {
        const order = all.map((bits, id) => [keyOf(bits[row]), id]).sort((a, b) => b[0] - a[0] || a[1] - b[1]);
        const want = [...order, [0, NOBODY]].slice(0, 2).flat();
        if (differs(got.subarray(4 * row, 4 * row + 4), want)) return `row ${row} of ${rows}: reference ${want}`;
      }
      return undefined;
    },

    async mask_conformal(constants, draw) {
      const [rows, queries] = [draw.pick([0, 1, 127, 128, 129, 3000]), draw.pick([1, 2, 5])];
      const stride = rows + draw.below(4);
      const scores = drawScores(draw, Math.max(2, queries * stride));
      // Zeros of both signs, which a cut-off of either admits.
      for (let i = 0; i < queries; i++) scores.set([0, -0], draw.below(Math.max(1, scores.length - 1)));
      // Admits all, some, those equal to it, or none.
      const cuts = Float32Array.from({ length: queries }, () =>
        draw.pick([0, -0, draw.next() - 0.5, draw.pick(scores), draw.pick(ODD)]),
      );
      const groups = [Math.max(1, Math.ceil(rows / 128)), queries];
      const before = new Uint32Array(scores.slice().buffer);
      const got = await run('mask_conformal', constants, { rows, stride }, { cuts }, 'scores', before, groups);
      const bits = new Uint32Array(scores.buffer);
      const own = bits.subarray(0, queries * stride);
      const twin = twins.mask_conformal(own, new Uint32Array(cuts.buffer), rows, stride);
      if (differs(got.subarray(0, own.length), twin)) return `differs from the twin: ${rows} rows, ${queries} queries`;
      for (let at = 0; at < own.length; at++) {
        const [query, row] = [Math.floor(at / stride), at % stride];
        const [score, cut] = [scores[at], cuts[query]];
        // What is no number is above all that is one.
        const isBelow = !Number.isNaN(score) && (Number.isNaN(cut) || score < cut);
        const want = row < rows && isBelow ? bitsOf(Number.NEGATIVE_INFINITY) : bits[at];
        if (got[at] !== want) return `query ${query} row ${row} of ${rows}: score ${score}, cut-off ${cut}`;
      }
      return undefined;
    },

    async pairwise_mmr({ SIZE }, draw) {
      const [dims, count] = [draw.pick([1, 3, 4, 31, 32, 33, 100, 384]), draw.pick([1, 2, 40, 300])];
      const pools = draw.pick([1, 2, 3]);
      const rows = draw.values(count * dims);
      if (count > 1) rows.copyWithin(dims, 0, dims);
      const picks = new Uint32Array(SIZE * pools).fill(NOBODY);
      for (let pool = 0; pool < pools; pool++) {
        // None, one, some or as many as there is room for; a row may be there twice, and places between may be empty.
        const held = draw.pick([0, 1, draw.below(SIZE), SIZE]);
        for (let i = 0; i < held; i++) if (draw.below(20) > 0) picks[pool * SIZE + i] = draw.below(count);
      }
      const fours = Math.ceil(dims / 4);
      const padded = new Float32Array(4 * fours * count);
      for (let row = 0; row < count; row++) padded.set(rows.subarray(row * dims, (row + 1) * dims), 4 * fours * row);
      const side = SIZE / 32;
      const words = SIZE * SIZE * pools;
      // What is not written shows.
      const before = new Uint32Array(words).fill(bitsOf(Number.NaN));
      const arrays = { rows: padded, picks };
      const got = floats(
        await run('pairwise_mmr', { SIZE }, { fours }, arrays, 'likeness', before, [side, side, pools]),
      );
      const twin = twins.pairwise_mmr(rows, picks, dims, SIZE);
      for (let at = 0; at < words; at++) {
        const pool = Math.floor(at / SIZE ** 2);
        const [a, b] = [picks[pool * SIZE + (Math.floor(at / SIZE) % SIZE)], picks[pool * SIZE + (at % SIZE)]];
        let [sum, size] = [0, 0];
        for (let d = 0; d < dims && a !== NOBODY && b !== NOBODY; d++) {
          const product = rows[a * dims + d] * rows[b * dims + d];
          sum += product;
          size += Math.abs(product);
        }
        const most = TOLERANCE * size + 1e-30;
        if (!(Math.abs(got[at] - twin[at]) <= most && Math.abs(got[at] - sum) <= most))
          return `rows ${a} and ${b} of ${count}, ${dims} dims: ${got[at]}, twin ${twin[at]}, reference ${sum}`;
      }
      return undefined;
    },
  };
}
