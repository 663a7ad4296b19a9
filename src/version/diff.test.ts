// The deltas of documents: what they tell, and that as patches they are exact.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { align, similarity } from '../change/align.ts';
import { chunk } from '../change/chunk.ts';
import type { DocHead } from '../model/history.ts';
import { diffDocuments, diffSides } from './diff.ts';
import { type DocSide, type Piece, textOfSide } from './document.ts';
import { applyHead, applyPatch, stripTexts } from './patch.ts';

const seed = Number(process.env.AETHERV_SEED ?? Date.now() % 2 ** 31);
console.info(`diff properties run with AETHERV_SEED=${seed}`);

const HEAD: DocHead = { format: 'markdown', meta: {} };

/** A document as the chunker cuts it; `idOf` names the slot of the nth chunk. */
function side(text: string, idOf: (version: string, nth: number) => string, head = HEAD, id = 'd'): DocSide {
  const pieces: Piece[] = [];
  let at = 0;
  const literal = (end: number): void => {
    if (end > at) pieces.push({ text: text.slice(at, end), start: at, end, path: [] });
  };
  for (const [nth, { path, start, end }] of chunk(text, { format: head.format, title: head.title }).entries()) {
    literal(start);
    const part = text.slice(start, end);
    const version = JSON.stringify([path, part]);
    pieces.push({ text: part, start, end, path, vno: nth, chunkId: idOf(version, nth), version });
    at = end;
  }
  literal(text.length);
  return { id, head, pieces };
}

const chunksOf = (doc: DocSide): Piece[] => doc.pieces.filter(({ version }) => version !== undefined);

/** Two versions of a document whose chunks keep their slots as an edit would have it. */
function versions(
  before: string,
  after: string,
  heads: readonly [DocHead, DocHead] = [HEAD, HEAD],
): [DocSide, DocSide] {
  const from = side(before, (_, nth) => `a${nth}`, heads[0]);
  const [old, now] = [chunksOf(from), chunksOf(side(after, () => '', heads[1]))];
  const ids = (pieces: Piece[]): string[] => pieces.map(({ version = '' }) => version);
  const pairs = align(ids(old), ids(now), (i, j) => similarity(old[i]?.text ?? '', now[j]?.text ?? ''));
  return [from, side(after, (_, nth) => old[pairs[nth] ?? -1]?.chunkId ?? `b${nth}`, heads[1])];
}

const told = (before: string, after: string): string[] =>
  diffDocuments(...versions(before, after))
    .filter(({ chunkId }) => chunkId !== undefined)
    .map(({ op, chunkId, classes, origins }) =>
      [op, chunkId, ...classes, ...(origins ?? []).map((origin) => `<${origin.chunkId}`)].join(' '),
    );

const block = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.constantFrom(
      'One two.',
      'Three four five.',
      '# Top',
      '## Sub',
      '',
      '- a\n- b',
      '```\nx = 1\n\ny\n```',
      '---',
    ),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      'Caf\u00e9 \u{1f600} \u4f60\u597d.',
      '\r\n',
      '\ufeffmark',
      '<!-- c -->',
      '| a |\n|---|\n| 1 |',
      '    code',
      '\u2028',
      '[x]: y',
    ),
  },
  { weight: 1, arbitrary: fc.string({ unit: 'grapheme', maxLength: 30 }) },
);
const text = fc
  .tuple(fc.array(block, { maxLength: 12 }), fc.constantFrom('\n\n', '\n', '\r\n\r\n'))
  .map(([blocks, between]) => blocks.join(between));
const head: fc.Arbitrary<DocHead> = fc.record({
  title: fc.constantFrom(undefined, 'A', 'B'),
  format: fc.constantFrom('markdown' as const, 'text' as const),
  meta: fc.constantFrom({}, { a: 1, b: [2] }, { b: [2], a: 1 }, { a: 2 }),
  valid: fc.constantFrom(undefined, { from: 5 }, { from: new Date(5) }, {}),
});
const slots = fc.infiniteStream(fc.nat(6));
const maybe = fc.option(fc.record({ text, head, slots }), { nil: undefined, freq: 8 });

/** Slots by chance: a slot may go to any chunk, but not to two of one document. */
function chance(doc: { text: string; head: DocHead; slots: Stream } | undefined): DocSide | undefined {
  const taken = new Set<number>();
  return (
    doc &&
    side(
      doc.text,
      () => {
        let slot: number = doc.slots.next().value;
        while (taken.has(slot)) slot++;
        taken.add(slot);
        return `s${slot}`;
      },
      doc.head,
    )
  );
}
type Stream = { next(): { value: number } };

describe('the deltas of a document', () => {
  const exact = (a: DocSide | undefined, b: DocSide | undefined): void => {
    const deltas = diffDocuments(a, b);
    const [before, after] = [a && textOfSide(a), b && textOfSide(b)];
    expect(applyPatch(before, deltas)).toBe(after);
    expect(applyPatch(before, deltas.toReversed())).toBe(after);
    expect(diffDocuments(a, b)).toEqual(deltas);
    const led = applyHead(a?.head, deltas);
    expect(led === undefined).toBe(b === undefined);
    expect(diffDocuments(b && led && { ...b, head: led }, b)).toEqual([]);
    for (const { from, to, classes, impact } of deltas) {
      if (from) expect(before?.slice(...from.range)).toBe(from.text);
      if (to) expect(after?.slice(...to.range)).toBe(to.text);
      expect(classes.length).toBeGreaterThan(0);
      expect(impact >= 0 && impact <= 1).toBe(true);
    }
  };

  it('rebuild the later text, whatever slots the chunks have', () => {
    fc.assert(
      fc.property(maybe, maybe, (a, b) => exact(chance(a), chance(b))),
      { numRuns: 400, seed },
    );
  });

  it('rebuild the later text of an edit: blocks moved, dropped, repeated, put in', () => {
    const edit = fc.record({
      blocks: fc.array(block, { maxLength: 14 }),
      picks: fc.array(fc.nat(13), { maxLength: 16 }),
      fresh: block,
    });
    fc.assert(
      fc.property(edit, ({ blocks, picks, fresh }) => {
        exact(...versions(blocks.join('\n\n'), picks.map((at) => blocks[at] ?? fresh).join('\n\n')));
      }),
      { numRuns: 400, seed },
    );
  });

  it('are none for equal documents', () => {
    fc.assert(
      fc.property(text, (one) => {
        expect(diffDocuments(...versions(one, one))).toEqual([]);
      }),
      { numRuns: 100, seed },
    );
    expect(diffDocuments(undefined, undefined)).toEqual([]);
  });

  it('name what was edited, added, deleted and moved', () => {
    expect(told('A one.\n\nB two 2.', 'A one.\n\nB two 3.')).toEqual(['modify a1 number']);
    expect(told('A one.', 'A one.\n\nNew here.')).toEqual(['add b1 prose-major']);
    expect(told('A one.\n\nGone now.\n\nZ', 'A one.\n\nZ')).toEqual(['delete a1 prose-major']);
    expect(told('Alpha.\n\nBeta.\n\nGamma.', 'Gamma.\n\nAlpha.\n\nBeta.')).toEqual(['move a2 cosmetic <a2']);
    expect(told('# A\n\nUnder it.', '# B\n\nUnder it.')).toEqual(['modify a0 prose-major']);
    expect(told('# A\n\nStays.\n\nWalks.\n\n# B\n\nEnd.', '# A\n\nStays.\n\n# B\n\nEnd.\n\nWalks.')[0]).toMatch(
      /^move b2 .*<a1$/,
    );
  });

  it('name splits and merges with what they came of', () => {
    const [one, two] = [
      'The writer keeps every commit in one log.',
      'The reader follows it from the last point it saw.',
    ];
    expect(told(`${one} ${two}\n\nEnd.`, `${one}\n\n${two}\n\nEnd.`).map((line) => line.replace(/ .* /, ' '))).toEqual([
      'split <a0',
      'split <a0',
    ]);
    expect(
      told(`Top.\n\n${one}\n\n${two}`, `Top.\n\n${one} ${two}`).filter((line) => line.startsWith('merge')),
    ).toEqual([expect.stringMatching(/<a1 <a2$/)]);
    expect(told(`${one}\n\nEnd.`, `${one}\n\nQuite another thing is told here today.\n\nEnd.`)).toEqual([
      'add b1 prose-major',
    ]);
  });

  it('tell of the document apart from its text', () => {
    const valid = { from: 1 };
    const [a, b] = versions('Same.', 'Same.', [HEAD, { ...HEAD, meta: { k: 1 }, valid }]);
    expect(diffDocuments(a, b)).toMatchObject([
      { op: 'modify', classes: ['metadata'], head: { from: HEAD, to: { meta: { k: 1 } } } },
    ]);
    expect(diffDocuments(undefined, a)).toMatchObject([
      { op: 'add', head: { to: HEAD } },
      { op: 'add', chunkId: 'a0' },
    ]);
    expect(diffDocuments(a, undefined)).toMatchObject([
      { op: 'delete', head: { from: HEAD } },
      { op: 'delete', impact: 1 },
    ]);
    expect(applyHead(a.head, diffDocuments(a, b))).toEqual(b.head);
    expect(applyHead(a.head, diffDocuments(a, undefined))).toBeUndefined();
    expect(applyHead(a.head, [])).toBe(a.head);
  });

  it('of long documents that share little are found in bounded time', { timeout: 30_000 }, () => {
    const long = (from: number, step: number): string =>
      Array.from({ length: 3000 }, (_, i) => `Paragraph number ${from + i * step} of this.`).join('\n\n');
    const [a, b] = [side(long(0, 1), (_, n) => `a${n}`), side(long(0, 2), (_, n) => `b${n}`)];
    expect(applyPatch(textOfSide(a), diffDocuments(a, b))).toBe(textOfSide(b));
  });
});

describe('several documents', () => {
  it('tell of what moved from one to another, each patch complete by itself', () => {
    const ids = (name: string) => (_: string, nth: number) => `${name}${nth}`;
    const docs = (x: string, y: string): [DocSide, DocSide] => [
      side(x, ids('x'), HEAD, 'x'),
      side(y, ids('y'), HEAD, 'y'),
    ];
    const [before, after] = [
      docs('Stay.\n\nWander far.', '# H\n\nHome.'),
      docs('Stay.', '# H\n\nHome.\n\nWander far.'),
    ];
    const pairs = before.map((from, i) => ({ from, to: after[i] }));
    const deltas = diffSides(pairs);
    expect(deltas.filter(({ chunkId }) => chunkId)).toMatchObject([
      { op: 'delete', id: 'x', chunkId: 'x1' },
      { op: 'move', id: 'y', chunkId: 'y1', origins: [{ id: 'x', chunkId: 'x1' }] },
    ]);
    expect(deltas.find(({ op }) => op === 'move')?.from).toBeUndefined();
    for (const { from, to } of pairs)
      expect(
        applyPatch(
          textOfSide(from),
          deltas.filter(({ id }) => id === from.id),
        ),
      ).toBe(to && textOfSide(to));
  });
});

describe('a patch', () => {
  const deltas = diffDocuments(...versions('One two.\n\nThree.', 'One 2.\n\nThree.\n\nFour.'));

  it('is refused without texts and for another text', () => {
    expect(JSON.stringify(deltas.map(stripTexts))).not.toContain('"text"');
    expect(() => applyPatch('One two.\n\nThree.', deltas.map(stripTexts))).toThrow(/AV_INVALID.*stat/);
    expect(() => applyPatch('One six.\n\nThree.', deltas)).toThrow(/AV_INVALID.*another text/);
    expect(() => applyPatch('One', deltas)).toThrow(/AV_INVALID.*no range/);
    expect(() => applyPatch('One two.', deltas)).toThrow(/AV_INVALID.*no place/);
  });

  it('leaves alone what it does not speak of', () => {
    expect(applyPatch('same', [])).toBe('same');
    expect(applyPatch(undefined, [])).toBeUndefined();
  });
});
