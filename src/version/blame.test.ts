// Blame over drawn-up histories: each sentence goes to the commit that brought it.

import { describe, expect, it } from 'vitest';
import { type BlameParent, blame } from './blame.ts';
import type { DocSide, Piece } from './document.ts';

/** Chunks with blank lines between them; a part that begins with # is literal. */
function side(...parts: string[]): DocSide {
  const pieces: Piece[] = [];
  let start = 0;
  const push = (text: string, vno: number | undefined): void => {
    pieces.push({ text, start, end: start + text.length, path: [], vno });
    start += text.length;
  };
  parts.forEach((text, i) => {
    push(text, text.startsWith('#') ? undefined : i);
    push('\n\n', undefined);
  });
  return { id: 'a', head: { format: 'markdown', meta: {} }, pieces };
}

interface Version {
  readonly side: DocSide;
  readonly parents: readonly string[];
}

function read(history: Readonly<Record<string, Version>>, at: string, asked: string[] = []): string[] {
  const of = (commit: string): DocSide => history[commit]?.side ?? side();
  const text = of(at)
    .pieces.map((piece) => piece.text)
    .join('');
  const parentsOf = (commit: string): BlameParent<string>[] => {
    asked.push(commit);
    return (history[commit]?.parents ?? []).map((parent) => ({ commit: parent, side: of(parent) }));
  };
  return blame(of(at), at, parentsOf).map(({ start, end, piece, by }) => {
    expect(piece.text).toContain(text.slice(start, end));
    return `${by}: ${text.slice(start, end)}`;
  });
}

describe('blame', () => {
  it('follows a line of commits, headings included', () => {
    const history = {
      c1: { side: side('# Title', 'One. Two.'), parents: [] },
      c2: { side: side('# Title', 'One. Two. Three.'), parents: ['c1'] },
      c3: { side: side('# Name', 'Zero. One. Three.', '---'), parents: ['c2'] },
    };
    expect(read(history, 'c3')).toEqual(['c3: # Name', 'c3: Zero.', 'c1: One.', 'c2: Three.', 'c3: ---']);
    expect(read(history, 'c1')).toEqual(['c1: # Title', 'c1: One.', 'c1: Two.']);
  });

  it('follows both sides of a merge, the first where both have it', () => {
    const history = {
      base: { side: side('One. Two.'), parents: [] },
      left: { side: side('One. Two.', 'Left. Both.'), parents: ['base'] },
      right: { side: side('Right.', 'One. Two.', 'Both.'), parents: ['base'] },
      merge: { side: side('Right.', 'One. Two.', 'Left. Both.', 'Merged.'), parents: ['left', 'right'] },
      last: { side: side('Right.', 'One. Two.', 'Left. Both.', 'Merged. Last.'), parents: ['merge'] },
    };
    expect(read(history, 'last')).toEqual([
      'right: Right.',
      'base: One.',
      'base: Two.',
      'left: Left.',
      'left: Both.',
      'merge: Merged.',
      'last: Last.',
    ]);
  });

  it('gives a sentence that came back to the commit that brought it back', () => {
    const history = {
      c1: { side: side('One. Two.'), parents: [] },
      c2: { side: side('One.'), parents: ['c1'] },
      c3: { side: side('One. Two.'), parents: ['c2'] },
      c4: { side: side('One. Two. Three.'), parents: ['c3'] },
    };
    expect(read(history, 'c4')).toEqual(['c1: One.', 'c3: Two.', 'c4: Three.']);
  });

  it('keeps the commit of a sentence that moved', () => {
    const history = {
      c1: { side: side('One. Two.', 'Three.', 'Four.'), parents: [] },
      c2: { side: side('Four. One.', 'New. Three. Two.'), parents: ['c1'] },
    };
    expect(read(history, 'c2')).toEqual(['c1: Four.', 'c1: One.', 'c2: New.', 'c1: Three.', 'c1: Two.']);
  });

  it('counts equal sentences', () => {
    const history = {
      c1: { side: side('Yes. No. Yes.'), parents: [] },
      c2: { side: side('Yes. No. Yes. Yes.'), parents: ['c1'] },
      c3: { side: side('Yes. Yes. No. Yes. Yes. Yes.'), parents: ['c2'] },
    };
    const got = read(history, 'c3');
    const count = (by: string): number => got.filter((line) => line === `${by}: Yes.`).length;
    expect([count('c1'), count('c2'), count('c3')]).toEqual([2, 1, 2]);
    expect(read(history, 'c2')).toEqual(['c1: Yes.', 'c1: No.', 'c1: Yes.', 'c2: Yes.']);
  });

  it('stops when nothing is left to follow, and asks for a commit once', () => {
    const history = {
      c1: { side: side('Old.'), parents: [] },
      c2: { side: side('One. Two.'), parents: ['c1'] },
      a: { side: side('One. Two. Red.'), parents: ['c2'] },
      b1: { side: side('One.'), parents: ['c2'] },
      b2: { side: side('One. Blue.'), parents: ['b1'] },
      m: { side: side('One. Two. Red. Blue.'), parents: ['b2', 'a'] },
    };
    const asked: string[] = [];
    expect(read(history, 'm', asked)).toEqual(['c2: One.', 'c2: Two.', 'a: Red.', 'b2: Blue.']);
    expect(asked.sort()).toEqual(['a', 'b1', 'b2', 'c2', 'm']);
  });

  it('walks thousands of commits', () => {
    const texts = Array.from({ length: 3000 }, (_, i) => `First. Line ${i}. Last.`);
    const of = (i: number): DocSide => side(texts[i] ?? '');
    const start = performance.now();
    const got = blame(of(2999), 2999, (i) => (i === 0 ? [] : [{ commit: i - 1, side: of(i - 1) }]));
    expect(performance.now() - start).toBeLessThan(5000);
    expect(got.map(({ by }) => by)).toEqual([0, 2999, 0]);
  });
});
