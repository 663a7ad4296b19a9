// The yardstick of temporal-section1: exact BM25 over the blocks of one snapshot, a plain one of the harness's own.
import { kindOf, sections } from '../../bench/lib/sections.mjs';

const k1 = 1.2;
const b = 0.75;

/** What a row says of it. */
export const settings = { k1, b, unit: 'heading path and block', words: 'lower-cased, no stemming, no stop words' };

const words = (text) => text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];

/** Units of a text, kept: most documents are the same in many snapshots. */
const known = new Map();

/** A unit is a block (a code fence is one block) under its heading path: `{ path, range, length, counts }`. */
function unitsOf(id, text) {
  const key = `${kindOf(id)} ${text}`;
  if (!known.has(key)) known.set(key, sections(id, text).flatMap(unitsIn));
  return known.get(key);
}

function unitsIn({ path, start, end, blocks }) {
  return blocks.map((block) => {
    const tokens = words(`${path} ${block}`);
    const counts = new Map();
    for (const token of tokens) counts.set(token, (counts.get(token) ?? 0) + 1);
    return { path, range: [start, end], length: tokens.length, counts };
  });
}

/**
 * The section of the best unit of a state (a map from id to text), as `{ id, path, range }`; undefined when no unit has a word of the
 * question. Sections are ranked by their best unit, so the first place is the best unit's. Equal scores: document id, then place.
 */
export function bestSection(state, question) {
  const units = [...state.keys()].sort().flatMap((id) => unitsOf(id, state.get(id)).map((unit) => ({ id, unit })));
  const mean = units.reduce((sum, { unit }) => sum + unit.length, 0) / units.length;
  const terms = [...new Set(words(question))].map((term) => {
    const df = units.filter(({ unit }) => unit.counts.has(term)).length;
    return { term, idf: Math.log(1 + (units.length - df + 0.5) / (df + 0.5)) };
  });
  let best = { score: 0 };
  for (const { id, unit } of units) {
    let score = 0;
    for (const { term, idf } of terms) {
      const tf = unit.counts.get(term) ?? 0;
      if (tf > 0) score += (idf * tf * (k1 + 1)) / (tf + k1 * (1 - b + (b * unit.length) / mean));
    }
    if (score > best.score) best = { score, id, path: unit.path, range: unit.range };
  }
  return best.id === undefined ? undefined : best;
}
