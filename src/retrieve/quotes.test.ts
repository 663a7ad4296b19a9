// Quotes in a plain query: phrases where they are meant, ordinary characters everywhere else.

import { describe, expect, it } from 'vitest';
import { PHRASES_MAX } from '../base/limits.ts';
import { readQuotes } from './quotes.ts';

describe('quotes', () => {
  it('around words make a phrase', () => {
    expect(readQuotes('turn on "hot reload" now')).toEqual({
      plain: 'turn on hot reload now',
      rest: 'turn on  now',
      phrases: ['hot reload'],
      whole: false,
    });
    expect(readQuotes('"a b", "c d".').phrases).toEqual(['a b', 'c d']);
    expect(readQuotes(' "hot reload" ')).toMatchObject({ phrases: ['hot reload'], whole: true });
  });

  it.each([
    ['alone', 'he said "hot reload'],
    ['of inches', 'a 5" pipe and a 3" pipe'],
    ['of code', 'print("hello") and x="y"'],
    ['of typography', '“hot reload”'],
    ['single', "'hot reload'"],
    ['inside a word', 'a"b c"d'],
  ])('%s are ordinary characters', (_, text) => {
    expect(readQuotes(text)).toEqual({ plain: text, rest: text, phrases: [], whole: false });
  });

  it('around nothing are no phrase', () => {
    for (const text of ['""', '" "', 'a "" b', '"" ""']) expect(readQuotes(text).phrases).toEqual([]);
  });

  it('beyond the limit are ordinary characters', () => {
    const { phrases, plain } = readQuotes('"a" '.repeat(PHRASES_MAX + 3));
    expect(phrases).toHaveLength(PHRASES_MAX);
    expect(plain.match(/"/g)).toHaveLength(6);
  });

  it('never lose a word', () => {
    for (const text of ['"a b" c "d', 'x "y" z', '" " a', '"a""b"'])
      expect(readQuotes(text).plain.match(/\w+/g)).toEqual(text.match(/\w+/g));
  });
});
