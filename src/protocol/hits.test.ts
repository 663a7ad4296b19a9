// Hits cross from the worker to the page as they are.

import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Hit } from '../model/query.ts';
import { packHits, unpackHits } from './hits.ts';

const offset = fc.nat();
const range = fc.tuple(offset, offset);
const time = fc.oneof(fc.constant(undefined), fc.double({ noNaN: true }));
const text = fc.string({ unit: 'binary' });

const record = <T>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }) => fc.record(model, { noNullPrototype: true });

/** Of one query: one space, reasons of all or of none. */
const hits: fc.Arbitrary<Hit[]> = fc.tuple(text, fc.boolean()).chain(([space, explained]) =>
  fc.array(
    record({
      id: text,
      chunkId: text,
      version: text,
      score: fc.double({ noNaN: true }),
      text,
      meta: fc.dictionary(fc.string(), fc.oneof(fc.string(), fc.nat()), { noNullPrototype: true }),
      path: fc.array(text, { maxLength: 4 }),
      range,
      snippet: range,
      highlights: fc.array(range, { maxLength: 5 }),
      space: fc.constant(space),
      interval: record({
        system: fc.oneof(fc.tuple(offset), range),
        valid: fc.tuple(time, time),
      }),
      ...(explained
        ? {
            why: record({
              bm25: offset,
              cosine: offset,
              chunk: offset,
              section: offset,
              lexicalRank: offset,
              cosineRank: offset,
              weight: fc.double({ noNaN: true }),
              rules: fc.constant(['quoted'] as const),
            }),
          }
        : {}),
    }),
    { maxLength: 6 },
  ),
);

it('come out as they went in, through a structured clone', () => {
  fc.assert(
    fc.property(hits, (given) => {
      expect(unpackHits(structuredClone(packHits(given)))).toStrictEqual(given);
    }),
  );
});
