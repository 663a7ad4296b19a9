// The laws of a three-way merge, over drawn documents, and its conflicts one by one.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DocHead } from '../model/history.ts';
import { blocksOf } from './blocks.ts';
import { type DocSide, type Piece, textOfSide } from './document.ts';
import { mergeText } from './merge-text.ts';
import { mergeDocuments } from './merge3.ts';

const HEAD: DocHead = { format: 'markdown', meta: {} };

/** A document of chunks and literals by turns, a literal first; as a chunk, every odd entry. */
function side(parts: readonly string[], head: DocHead = HEAD): DocSide {
  const pieces: Piece[] = [];
  let start = 0;
  parts.forEach((text, i) => {
    if (text === '') return;
    const end = start + text.length;
    const path = ['Part'];
    pieces.push(i % 2 === 1 ? { text, start, end, path, vno: i } : { text, start, end, path: [] });
    start = end;
  });
  return { id: 'a.md', head, pieces };
}

/** Paragraphs with blank lines between them. */
function paragraphs(list: readonly string[]): DocSide {
  return side(['', ...list.flatMap((text, i) => [text, i < list.length - 1 ? '\n\n' : '\n'])]);
}

function textOf(merged: ReturnType<typeof mergeDocuments>): string | undefined {
  return merged.doc?.text;
}

const word = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g');
const literal = fc.constantFrom('\n\n', '\n', '', '\n\n## H\n\n', '\n\n---\n\n', ' ', '\n\n# A\n\n## B\n');
const head = fc.record({
  title: fc.option(word, { nil: undefined }),
  format: fc.constantFrom('markdown' as const, 'text' as const),
  meta: fc.dictionary(fc.constantFrom('x', 'y', '__proto__', 'z'), fc.oneof(word, fc.nat(3), fc.array(word))),
  valid: fc.option(fc.record({ from: fc.constantFrom(1, new Date(2), Number.POSITIVE_INFINITY) }), { nil: undefined }),
});
const doc = fc
  .tuple(fc.array(fc.tuple(literal, word), { maxLength: 9 }), literal, head)
  .map(([parts, end, h]) => side([...parts.flat(), end], h));
const RUNS = { numRuns: 400, seed: 7 };

describe('a merge', () => {
  it('takes the only change', () => {
    fc.assert(
      fc.property(doc, doc, (b, x) => {
        const whole = { doc: { text: textOfSide(x), head: x.head }, conflicts: [] };
        for (const merged of [
          mergeDocuments(b, b, x, 'conflict'),
          mergeDocuments(b, x, b, 'conflict'),
          mergeDocuments(b, x, x, 'conflict'),
        ])
          expect(merged).toEqual(whole);
        const [base, other] = [blocksOf(b), blocksOf(x)];
        const text = { text: textOfSide(x), conflicts: [] };
        expect(mergeText(base, base, other, 'ours')).toEqual(text);
        expect(mergeText(base, other, base, 'ours')).toEqual(text);
        const same = mergeText(base, other, other, 'ours');
        expect(same).toEqual(text);
      }),
      RUNS,
    );
  });

  it('is the same with the sides swapped', () => {
    fc.assert(
      fc.property(fc.option(doc, { nil: undefined }), doc, fc.option(doc, { nil: undefined }), (b, x, y) => {
        for (const [one, other] of [['ours', 'theirs'] as const, ['theirs', 'ours'] as const]) {
          const [left, right] = [mergeDocuments(b, x, y, one), mergeDocuments(b, y, x, other)];
          expect(left.doc).toEqual(right.doc);
          expect(left.conflicts.length).toBe(right.conflicts.length);
        }
        expect(mergeDocuments(b, x, y, 'conflict')).toEqual(mergeDocuments(b, x, y, 'ours'));
      }),
      RUNS,
    );
  });

  it('applies changes, insertions and deletions at different places, and glues nothing together', () => {
    const actions = fc.array(fc.constantFrom('keep', 'change', 'delete', 'insert'), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(actions, fc.infiniteStream(fc.boolean()), (list, coins) => {
        const [base, ours, theirs, both]: [string[], string[], string[], string[]] = [[], [], [], []];
        list.forEach((action, i) => {
          const mine = coins.next().value === true;
          const made = (acts: boolean): string[] => {
            if (!acts || action === 'keep') return [`p${i}`];
            return action === 'delete' ? [] : action === 'change' ? [`q${i}`] : [`new${i}`, `p${i}`];
          };
          base.push(`p${i}`, `s${i}`);
          ours.push(...made(mine), `s${i}`);
          theirs.push(...made(!mine), `s${i}`);
          both.push(...made(true), `s${i}`);
        });
        const merged = mergeDocuments(paragraphs(base), paragraphs(ours), paragraphs(theirs), 'conflict');
        expect([textOf(merged), merged.conflicts]).toEqual([textOfSide(paragraphs(both)), []]);
      }),
      RUNS,
    );
  });

  it('applies changes of neighbours', () => {
    const merged = (ours: string[], theirs: string[]): string | undefined =>
      textOf(mergeDocuments(paragraphs(['a', 'b', 'c']), paragraphs(ours), paragraphs(theirs), 'conflict'));
    expect(merged(['A', 'b', 'c'], ['a', 'B', 'c'])).toBe('A\n\nB\n\nc\n');
    expect(merged(['a', 'b'], ['a', 'b', 'n', 'c'])).toBe('a\n\nb\n\nn\n');
    expect(merged(['a', 'b', 'c', 'n'], ['a', 'b', 'C'])).toBe('a\n\nb\n\nC\n\nn\n');
    expect(merged(['n', 'a', 'b', 'c'], ['b', 'c'])).toBe('n\n\nb\n\nc\n');
  });

  it('merges what is between chunks by itself', () => {
    const b = side(['# Title\n\n', 'one', '\n\n## Two\n\n', 'two', '\n']);
    const ours = side(['# Title\n\n', 'one', '\n\n## Second\n\n', 'two', '\n']);
    const theirs = side(['# Name\n\n', 'ONE', '\n\n\n## Two\n\n', 'two', '\n\n---\n']);
    const merged = mergeDocuments(b, ours, theirs, 'conflict');
    expect(merged).toEqual({
      doc: { text: '# Name\n\nONE\n\n\n## Second\n\ntwo\n\n---\n', head: HEAD },
      conflicts: [],
    });
  });

  it('follows a chunk by its id where texts and counts differ', () => {
    const piece = (text: string, chunkId: string): Piece => ({ text, start: 0, end: 0, path: [], vno: 0, chunkId });
    const of = (...pieces: Piece[]): DocSide => ({ id: 'a', head: HEAD, pieces });
    const gap = { text: '\n', start: 0, end: 0, path: [] };
    const b = of(piece('a', '1'), gap, piece('b', '2'));
    const ours = of(piece('x', '3'), gap, piece('A', '1'), gap, piece('b', '2'));
    const theirs = of(piece('a', '1'), gap, piece('B', '2'));
    const merged = mergeDocuments(b, ours, theirs, 'conflict');
    expect([textOf(merged), merged.conflicts]).toEqual(['x\nA\nB', []]);
  });

  it('takes two long documents with a hundred changes each in far less than a second', () => {
    const list = Array.from({ length: 3000 }, (_, i) => (i % 5 === 0 ? 'again' : `paragraph ${i}`));
    const edited = (offset: number): DocSide =>
      paragraphs(list.map((text, i) => (i % 30 === offset ? `${text} edited` : text)));
    const [b, ours, theirs] = [paragraphs(list), edited(1), edited(2)];
    const merged = mergeDocuments(b, ours, theirs, 'conflict');
    const times = [1, 2, 3].map(() => {
      const start = performance.now();
      mergeDocuments(b, ours, theirs, 'conflict');
      return performance.now() - start;
    });
    expect(Math.min(...times)).toBeLessThan(700);
    expect(merged.conflicts).toEqual([]);
    expect(textOf(merged)?.match(/edited/g)?.length).toBe(200);
  });
});

describe('a conflict', () => {
  const id = 'a.md';

  it('is a block that both changed, with its path and the three texts', () => {
    const [b, ours, theirs] = [paragraphs(['a', 'b']), paragraphs(['A', 'b']), paragraphs(['ä', 'B'])];
    const conflict = { id, kind: 'text', path: ['Part'], base: 'a\n\n', ours: 'A\n\n', theirs: 'ä\n\n' };
    for (const [strategy, text] of [
      ['conflict', 'A\n\nB\n'],
      ['ours', 'A\n\nB\n'],
      ['theirs', 'ä\n\nB\n'],
    ] as const) {
      const merged = mergeDocuments(b, ours, theirs, strategy);
      expect([textOf(merged), merged.conflicts]).toEqual([text, [conflict]]);
    }
  });

  it('is two insertions at one place that differ, or one inside what is deleted', () => {
    const b = paragraphs(['a', 'b', 'c']);
    const two = mergeDocuments(b, paragraphs(['a', 'x', 'b', 'c']), paragraphs(['a', 'y', 'b', 'c']), 'theirs');
    expect(two.conflicts).toEqual([{ id, kind: 'text', path: ['Part'], ours: 'x\n\n', theirs: 'y\n\n' }]);
    expect(textOf(two)).toBe('a\n\ny\n\nb\n\nc\n');
    const inside = mergeDocuments(b, paragraphs(['c']), paragraphs(['a', 'x', 'b', 'c']), 'ours');
    expect(inside.conflicts).toEqual([
      { id, kind: 'text', path: ['Part'], base: 'a\n\nb\n\n', theirs: 'a\n\nx\n\nb\n\n' },
    ]);
    expect(textOf(inside)).toBe('c\n');
    const grown = mergeDocuments(b, paragraphs(['a', 'B', 'x', 'c']), paragraphs(['a', 'b', 'y', 'c']), 'ours');
    expect(grown.conflicts.length).toBe(1);
  });

  it('is a deletion against a change, and two documents of one id', () => {
    const [b, x, y] = [paragraphs(['a']), paragraphs(['x']), paragraphs(['y'])];
    expect(mergeDocuments(b, undefined, b, 'conflict')).toEqual({ doc: undefined, conflicts: [] });
    expect(mergeDocuments(b, undefined, undefined, 'conflict')).toEqual({ doc: undefined, conflicts: [] });
    expect(mergeDocuments(undefined, undefined, x, 'conflict').doc?.text).toBe('x\n');
    const gone = { id, kind: 'delete', base: 'a\n', ours: undefined, theirs: 'x\n' };
    expect(mergeDocuments(b, undefined, x, 'conflict')).toEqual({ doc: undefined, conflicts: [gone] });
    expect(mergeDocuments(b, undefined, x, 'theirs')).toEqual({
      doc: { text: 'x\n', head: HEAD },
      conflicts: [gone],
    });
    const added = { id, kind: 'add', base: undefined, ours: 'x\n', theirs: 'y\n' };
    expect(mergeDocuments(undefined, x, y, 'theirs')).toEqual({
      doc: { text: 'y\n', head: HEAD },
      conflicts: [added],
    });
  });

  it('is a field that both set otherwise; other fields merge by themselves', () => {
    const of = (h: Partial<DocHead>): DocSide => side(['', 'a'], { ...HEAD, ...h });
    const merged = mergeDocuments(
      of({ title: 'T', meta: { k: 1, gone: 1, o: { a: 1, b: 2 } }, valid: { from: 5 } }),
      of({ title: 'U', meta: { k: 2, gone: 1, mine: 1, o: { b: 2, a: 1 } }, valid: { from: new Date(5) } }),
      of({ title: 'V', meta: { k: 3, yours: 1, o: { a: 1, b: 3 } }, format: 'text' }),
      'theirs',
    );
    expect(merged.doc?.head).toEqual({
      title: 'V',
      format: 'text',
      meta: { k: 3, mine: 1, yours: 1, o: { a: 1, b: 3 } },
    });
    expect(merged.conflicts).toEqual([
      { id, kind: 'field', field: 'title', base: '"T"', ours: '"U"', theirs: '"V"' },
      { id, kind: 'field', field: 'meta.k', base: '1', ours: '2', theirs: '3' },
    ]);
  });
});
