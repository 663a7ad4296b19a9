// Checks of the kernels of words and of the fusion of channels, each against its twin and a reference of first principles.

const NOBODY = 0xffffffff;

const floats = (words) => new Float32Array(words.slice().buffer);
const bitsOf = (value) => new Uint32Array(Float32Array.of(value).buffer)[0];
const floatOf = (bits) => new Float32Array(Uint32Array.of(bits).buffer)[0];
const isNan = (bits) => (bits & 0x7fffffff) > 0x7f800000;
/** The order of keys, from the value alone: no number first, then by size. */
const keyOf = (bits) => (isNan(bits) ? NOBODY : (bits >>> 31 ? ~bits : bits | 0x80000000) >>> 0);
/** f32 of so many operations: a share of the size. */
const near = (a, b, size = Math.max(Math.abs(a), Math.abs(b))) =>
  Object.is(a, b) || Math.abs(a - b) <= 2e-6 * size + 1e-30;
const differs = (got, want) => got.length !== want.length || got.some((word, i) => word !== want[i]);

/** A mask that admits this share of rows, and whether it does. */
function drawMask(draw, first, rows) {
  const density = draw.pick([0, 0.01, 0.5, 1]);
  const mask = new Uint32Array(Math.ceil((first + rows + 1) / 32));
  for (let i = 0; i < 32 * mask.length; i++) if (draw.next() < density) mask[i >> 5] |= 1 << (i & 31);
  return mask;
}

const admits = (mask, at) => ((mask[at >> 5] >>> (at & 31)) & 1) === 1;

/** From almost nothing to what no saturation tells from more. */
const anyFrequency = (draw) => draw.pick([1, 1, 2, 0.25, 1e-6, 1e6]) * draw.next();

/** Rows of terms, padded: none, few, or as many as there is room for. */
export function drawRows(draw, count, slots, vocabulary, frequency = anyFrequency) {
  const rows = new Uint32Array(2 * slots * count);
  for (let row = 0; row < count; row++) {
    const room = Math.min(slots, vocabulary.length);
    const held = draw.pick([0, Math.min(1, room), room, draw.below(room + 1)]);
    const own = new Set();
    while (own.size < held) own.add(draw.pick(vocabulary));
    const terms = [...own].sort((a, b) => a - b);
    for (let i = 0; i < slots; i++) {
      const at = 2 * (row * slots + i);
      rows[at] = terms[i] ?? NOBODY;
      rows[at + 1] = bitsOf(terms[i] === undefined ? Number.NaN : frequency(draw));
    }
  }
  return rows;
}

export function channelChecks(run, twins, TILE) {
  return {
    async score_bm25({ BATCH }, draw) {
      const [slots, count] = [draw.pick([1, 3, BATCH - 1, BATCH, BATCH + 1, 90]), draw.pick([1, 15, 16, 17, 40])];
      const queries = draw.pick([1, 2, BATCH - 1, BATCH]);
      const vocabulary = Array.from({ length: draw.pick([1, 7, 200]) }, (_, i) => 3 * i + draw.below(3));
      const first = draw.below(3);
      const rows = drawRows(draw, first + count, slots, vocabulary);
      // A row twice.
      if (count > 1) rows.copyWithin(2 * slots * (first + 1), 2 * slots * first, 2 * slots * (first + 1));
      const terms = Uint32Array.from(vocabulary.filter(() => draw.below(3) > 0));
      const weights = Float32Array.from({ length: terms.length * BATCH }, () => draw.pick([0, 1, 5]) * draw.next());
      const stride = count + draw.below(5);
      const k1 = draw.pick([1.6, 0.5, 0]);
      const params = { rows: count, first, queries, slots, terms: terms.length, k1, stride };
      const out = await run('score_bm25', { BATCH }, params, { rows, terms, weights }, 'scores', queries * stride, [
        Math.ceil(count / 16),
        1,
      ]);
      const got = floats(out);
      const twin = twins.score_bm25(rows.subarray(2 * slots * first), slots, terms, weights, BATCH, queries, k1);
      for (let q = 0; q < queries; q++)
        for (let r = 0; r < stride; r++) {
          const score = got[q * stride + r];
          if (r >= count) {
            if (score !== 0) return `wrote row ${r} of ${count}`;
            continue;
          }
          let want = 0;
          for (let i = 0; i < slots; i++) {
            const [term, bits] = rows.subarray(2 * ((first + r) * slots + i));
            const place = term === NOBODY ? -1 : terms.indexOf(term);
            const f = floatOf(bits);
            const k = Math.fround(k1);
            if (place >= 0) want += (weights[place * BATCH + q] * ((k + 1) * f)) / (k + f);
          }
          const own = twin[q * count + r];
          if (!(near(score, own, want) && near(score, want, want)))
            return `query ${q} row ${r} of ${count}, ${slots} slots, ${terms.length} terms: ${score}, twin ${own}, reference ${want}`;
        }
      return undefined;
    },

    async score_top(constants, draw) {
      const [rows, queries] = [draw.pick([0, 1, 31, 127, 129, 3000, TILE, TILE + 1, 2 * TILE + 7]), draw.pick([1, 3])];
      const stride = rows + draw.below(4);
      const odd = [0, -0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1e-40, Number.NaN];
      const oddly = draw.below(3) === 0;
      const sign = draw.pick([-1, 0.5, 0]);
      const scores = Float32Array.from({ length: Math.max(1, queries * stride) }, () =>
        oddly && draw.below(400) === 0 ? draw.pick(odd) : draw.next() + sign - 0.25,
      );
      const [first, masked] = [draw.below(70), draw.below(2)];
      const mask = drawMask(draw, first, rows);
      const bits = new Uint32Array(scores.buffer);
      const groups = [Math.max(1, Math.ceil(rows / TILE)), queries];
      const params = { rows, first, masked, stride };
      const got = await run('score_top', constants, params, { scores, mask }, 'tops', queries, groups);
      const words = masked ? mask : new Uint32Array(0);
      const twin = twins.score_top(bits.subarray(0, queries * stride), words, rows, first, stride);
      if (stride > 0 && differs(got, twin)) return `differs from the twin: ${rows} rows, ${queries} queries`;
      for (let q = 0; q < queries; q++) {
        const own = Array.from({ length: rows }, (_, r) => r).filter((r) => !masked || admits(mask, first + r));
        const want = own.reduce((top, r) => Math.max(top, keyOf(bits[q * stride + r])), 0);
        if (got[q] !== want) return `query ${q} of ${rows} rows: ${got[q]}, reference ${want}`;
      }
      return undefined;
    },

    async fuse_score(constants, draw) {
      const [rows, queries] = [draw.pick([1, 127, 128, 129, 700]), draw.pick([1, 2, 5])];
      const stride = rows + draw.below(4);
      const many = (next) => Float32Array.from({ length: queries * stride }, next);
      // Without a word at all, without anything near, or any.
      const [noWord, farAway] = [draw.below(4) === 0, draw.below(4) === 0];
      const words = many(() => (noWord ? 0 : draw.pick([0, 1, 30]) * draw.next()));
      const cosines = many(() => draw.next() - (farAway ? 1 : 0.5));
      const shares = Float32Array.from({ length: queries }, () => draw.pick([0, 1, draw.next()]));
      const topOf = (scores) =>
        Uint32Array.from({ length: queries }, (_, q) =>
          keyOf(bitsOf(Math.max(...scores.subarray(q * stride, q * stride + rows)))),
        );
      const [word_tops, cosine_tops] = [topOf(words), topOf(cosines)];
      const arrays = { words, word_tops, cosine_tops, shares };
      const groups = [Math.ceil(rows / 128), queries];
      const out = await run('fuse_score', constants, { rows, stride }, arrays, 'scores', cosines, groups);
      const got = floats(out);
      const twin = twins.fuse_score(words, cosines, word_tops, cosine_tops, shares, stride);
      for (let q = 0; q < queries; q++) {
        const best = (scores) => Math.max(0, ...scores.subarray(q * stride, q * stride + rows));
        const share = (value, most) => (most > 0 ? Math.max(0, value) / most : 0);
        for (let r = 0; r < rows; r++) {
          const at = q * stride + r;
          const want = shares[q] * share(words[at], best(words)) + (1 - shares[q]) * share(cosines[at], best(cosines));
          if (!(near(got[at], twin[at], 1) && near(got[at], want, 1)))
            return `query ${q} row ${r} of ${rows}: ${got[at]}, twin ${twin[at]}, reference ${want}`;
        }
      }
      return undefined;
    },

    async fuse_rank({ KEEP }, draw) {
      const queries = draw.pick([1, 3]);
      /** Falling, with ties and zeros, from empty to full. */
      const list = () => {
        const out = new Uint32Array(2 * KEEP * queries).fill(NOBODY).map((word, i) => (i % 2 === 0 ? 0 : word));
        for (let q = 0; q < queries; q++) {
          const steps = draw.pick([1, 4, 1e6]);
          const held = draw.pick([0, 1, KEEP >> 1, KEEP]);
          const below = draw.pick([0, 0.5]);
          const scores = Array.from({ length: held }, () => Math.round((draw.next() - below) * steps) / steps);
          const ids = new Set();
          while (ids.size < held) ids.add(draw.below(draw.pick([KEEP + 1, 100_000])));
          scores.sort((a, b) => b - a);
          for (const [i, id] of [...ids].entries()) out.set([keyOf(bitsOf(scores[i])), id], 2 * (q * KEEP + i));
        }
        return out;
      };
      const [words, cosines] = [list(), list()];
      const out = await run('fuse_rank', { KEEP }, { queries }, { words, cosines }, 'found', 4 * KEEP * queries, [
        queries,
        1,
      ]);
      const twin = twins.fuse_rank(words, cosines, KEEP);
      const scoreOf = (key) => floatOf(key >>> 31 ? key & 0x7fffffff : ~key);
      for (let q = 0; q < queries; q++) {
        const of = (list) =>
          Array.from({ length: KEEP }, (_, i) => [...list.subarray(2 * (q * KEEP + i), 2 * (q * KEEP + i) + 2)]).filter(
            ([, id]) => id !== NOBODY,
          );
        const [a, b] = [of(words), of(cosines)];
        const share = (list, id) => {
          const own = list.find((entry) => entry[1] === id);
          if (!own || scoreOf(own[0]) === 0) return 0;
          return 1 / (61 + list.filter(([key]) => key > own[0]).length);
        };
        const want = new Map([...a, ...b].map(([, id]) => [id, 30.5 * (share(a, id) + share(b, id))]));
        const seen = new Set();
        for (let i = 0; i < 2 * KEEP; i++) {
          const at = 2 * (2 * q * KEEP + i);
          const [key, id] = [out[at], out[at + 1]];
          if (id !== twin[at + 1]) return `query ${q} entry ${i}: ${id}, twin ${twin[at + 1]}`;
          if (id === NOBODY && key === 0) continue;
          if (seen.has(id)) return `${id} is there twice`;
          seen.add(id);
          const [score, own] = [scoreOf(key), scoreOf(twin[at])];
          if (!(near(score, own, 1) && near(score, want.get(id), 1)))
            return `query ${q} id ${id}: ${score}, twin ${own}, reference ${want.get(id)}`;
        }
        if (seen.size !== want.size) return `query ${q}: ${seen.size} entries of ${want.size}`;
      }
      return undefined;
    },
  };
}
