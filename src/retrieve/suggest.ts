// "Did you mean": texts with mistyped words corrected, and with the last word completed, from the words of the view.

import type { AsOf, Suggestion } from '../model/query.ts';
import type { IndexCorrection } from '../ports/index.ts';
import type { State } from '../version/state.ts';
import { checkLooking, lookingAt } from './looking.ts';

const SUGGESTIONS_DEFAULT = 5;
/** Corrected words of one text: each walks through the words of the view. */
const CORRECTED_WORDS_MAX = 8;

/** A word of the text in place of another. */
interface Change {
  readonly start: number;
  readonly end: number;
  readonly word: string;
}

/**
 * At most `k` suggestions, best first; none when all words are known and the last one is finished.
 *
 * @throws `AV_REF_UNKNOWN`, `AV_REF_AMBIGUOUS`.
 */
export async function suggest(
  state: State,
  text: string,
  { k = SUGGESTIONS_DEFAULT, asOf }: { k?: number | undefined; asOf?: AsOf | undefined },
): Promise<Suggestion[]> {
  checkLooking(state, { asOf });
  const { handle } = await lookingAt(state, { asOf }, false);
  const { index } = state;
  const words = index.words(handle, text, true);
  const last = words.at(-1);
  const begun = last?.end === text.length && !last.held && last.begun;
  // What only a shortened form of it begins is mistyped.
  const longer = begun ? index.completions(handle, text.slice(last.start), k) : [];
  const completes = longer.length > 0;
  const unknown = words.filter((word) => !word.held && !(completes && word === last)).slice(0, CORRECTED_WORDS_MAX);
  const options = unknown.flatMap(({ start, end }) => {
    const near = index.corrections(handle, text.slice(start, end), k + 1).filter(({ edits }) => edits > 0);
    return near.length > 0 ? [{ start, end, near: near.slice(0, k) }] : [];
  });
  const corrected = combinations(options, k);
  const best = corrected[0] ?? [];
  if (!completes || !last) return corrected.slice(0, k).map((changes) => changed(text, 'correction', changes));
  return longer.map(({ word }) => changed(text, 'completion', [...best, { start: last.start, end: last.end, word }]));
}

type Option = Pick<Change, 'start' | 'end'> & { readonly near: readonly IndexCorrection[] };

/** The best word everywhere first; then each other word alone: fewest edits first, then those in most chunks. */
function combinations(options: readonly Option[], k: number): Change[][] {
  if (options.length === 0) return [];
  const best = options.map(({ start, end, near }) => ({ start, end, word: near[0]?.word ?? '' }));
  const others = options.flatMap(({ near }, at) => near.slice(1).map((correction) => ({ ...correction, at })));
  others.sort((a, b) => a.edits - b.edits || b.rows - a.rows);
  const variants = others.map(({ at, word }) => best.map((change, i) => (i === at ? { ...change, word } : change)));
  return [best, ...variants].slice(0, k);
}

function changed(text: string, kind: Suggestion['kind'], changes: readonly Change[]): Suggestion {
  let [out, from] = ['', 0];
  const places: [number, number][] = [];
  for (const { start, end, word } of changes) {
    out += text.slice(from, start);
    places.push([out.length, out.length + word.length]);
    out += word;
    from = end;
  }
  return { text: out + text.slice(from), kind, changed: places };
}
