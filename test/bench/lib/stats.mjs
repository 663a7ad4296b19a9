// Medians, percentiles and a seeded generator.

/** The value below which the share `p` (0..1) lies, between neighbours by proportion. */
export function percentile(values, p) {
  const sorted = Float64Array.from(values).sort();
  const at = (sorted.length - 1) * p;
  const low = Math.floor(at);
  return sorted[low] + (sorted[Math.ceil(at)] - sorted[low]) * (at - low);
}

export const median = (values) => percentile(values, 0.5);

/** The middle half of the values: [first quartile, third quartile]. */
export const spread = (values) => [round(percentile(values, 0.25)), round(percentile(values, 0.75))];

/** Six significant digits: enough for every figure, and the same figure always looks the same. */
export const round = (value) => Number(value.toPrecision(6));

/** What a row says of repeated measurements: median, count, middle half. */
export const summary = (values) => ({ value: round(median(values)), n: values.length, spread: spread(values) });

/** A seeded generator of numbers in [0, 1) (mulberry32). */
export function random(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** The items in another order, decided by the seed. */
export function shuffled(items, seed) {
  const uniform = random(seed);
  const out = [...items];
  for (let i = out.length - 1; i > 0; i--) {
    const j = Math.floor(uniform() * (i + 1));
    [out[i], out[j]] = [out[j], out[i]];
  }
  return out;
}
