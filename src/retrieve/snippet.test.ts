// Snippets of random texts: within the chunk, from word to word, around a match, never through a character.

import { describe, expect, it } from 'vitest';
import { Random, seedOf } from '../../test/kit/random.ts';
import { snippetOf } from './snippet.ts';

const random = new Random(seedOf('snippet'));
const PIECES = ['hot', 'reload', 'a', '😀', '日本語', 'é', '👩‍👩‍👧', 'x'.repeat(90), '\n\n', ',', 'server'];

function text(): string {
  const gap = random.pick([' ', ' ', ' ', '']);
  return Array.from({ length: random.below(200) }, () => random.pick(PIECES)).join(gap);
}

const matchesIn = (text: string, words: RegExp) =>
  [...text.matchAll(words)].map(({ 0: word, index }) => [index, index + word.length] as const);

describe('a snippet', () => {
  it('is the whole of a short text', () => {
    expect(snippetOf('', [])).toEqual([0, 0]);
    expect(snippetOf('hot reload', [[0, 3]])).toEqual([0, 10]);
  });

  it('of a random text is short, within it, and covers a match', () => {
    for (let i = 0; i < 3000; i++) {
      const whole = text();
      const most = random.pick([12, 40, 240]);
      const matches = matchesIn(whole, random.pick([/hot|reload/g, /日本語/g, /x{90}/g, /never/g]));
      const [start, end] = snippetOf(whole, matches, most);
      const about = JSON.stringify({ whole, matches, most, start, end });
      expect(start >= 0 && end <= whole.length && start <= end && end - start <= most, about).toBe(true);
      expect(whole.slice(start, end), about).not.toMatch(/^[\udc00-\udfff]|[\ud800-\udbff]$/);
      if (whole !== '') expect(end, about).toBeGreaterThan(start);
      // One that fits is shown whole, of a longer one its beginning.
      const covered = matches.some(([from, to]) => from >= start && Math.min(to, from + most) <= end);
      if (matches.length > 0) expect(covered, about).toBe(true);
    }
  });

  it('shows where most different words are', () => {
    const filler = 'filler '.repeat(60);
    const whole = `hot hot hot ${filler}hot reload server ${filler}reload reload`;
    const [start, end] = snippetOf(whole, matchesIn(whole, /hot|reload|server/g));
    expect(whole.slice(start, end)).toContain('hot reload server');
    expect(whole.slice(start, end)).toMatch(/^filler\b.*\bfiller$/s);
    expect(end - start).toBeGreaterThan(220);
  });

  it('without a match is the beginning', () => {
    const [start, end] = snippetOf('word '.repeat(100), []);
    expect([start, end]).toEqual([0, 239]);
  });
});
