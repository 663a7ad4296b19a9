// Hits as they cross from the worker to the page: texts and numbers in columns. To clone as many small objects takes as long as to find them.

import type { Meta } from '../model/document.ts';
import type { Hit, Why } from '../model/query.ts';

/** Of a hit: score, range, snippet, system and valid time (NaN where it is open), lengths of path and highlights; then the highlights. */
const NUMBERS = 11;
/** Id, chunk id, version, text; then the path. */
const TEXTS = 4;

/** Hits of one query. */
export interface PackedHits {
  readonly texts: readonly string[];
  readonly numbers: Float64Array;
  readonly metas: readonly Meta[];
  readonly space: string;
  /** None when nobody asked. */
  readonly whys: readonly (Why | undefined)[];
}

/** The worker's end. */
export function packHits(hits: readonly Hit[]): PackedHits {
  const texts: string[] = [];
  const numbers: number[] = [];
  for (const { id, chunkId, version, text, path, score, range, snippet, highlights, interval } of hits) {
    texts.push(id, chunkId, version, text, ...path);
    const [system, valid] = [interval.system, interval.valid];
    numbers.push(score, range[0], range[1], snippet[0], snippet[1], system[0], system[1] ?? Number.NaN);
    numbers.push(valid[0] ?? Number.NaN, valid[1] ?? Number.NaN, path.length, highlights.length);
    for (const [start, end] of highlights) numbers.push(start, end);
  }
  return {
    texts,
    numbers: Float64Array.from(numbers),
    metas: hits.map(({ meta }) => meta),
    space: hits[0]?.space ?? '',
    whys: hits[0]?.why ? hits.map(({ why }) => why) : [],
  };
}

/** The page's end: the same hits. */
export function unpackHits({ texts, numbers, metas, space, whys }: PackedHits): Hit[] {
  let [text, number] = [0, 0];
  return metas.map((meta, i) => {
    const value = (at: number): number => numbers[number + at] ?? 0;
    const time = (at: number): number | undefined => (Number.isNaN(value(at)) ? undefined : value(at));
    const word = (at: number): string => texts[text + at] ?? '';
    const died = time(6);
    const why = whys[i];
    const hit: Hit = {
      id: word(0),
      chunkId: word(1),
      version: word(2),
      score: value(0),
      text: word(3),
      meta,
      path: texts.slice(text + TEXTS, text + TEXTS + value(9)),
      range: [value(1), value(2)],
      snippet: [value(3), value(4)],
      highlights: Array.from({ length: value(10) }, (_, j) => [value(NUMBERS + 2 * j), value(NUMBERS + 2 * j + 1)]),
      space,
      interval: { system: died === undefined ? [value(5)] : [value(5), died], valid: [time(7), time(8)] },
      ...(why ? { why } : {}),
    };
    text += TEXTS + value(9);
    number += NUMBERS + 2 * value(10);
    return hit;
  });
}
