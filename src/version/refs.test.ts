// Branches, tags and moves: edits in order, as bytes and as a snapshot, and which names they may have.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  checkRefName,
  decodeRefs,
  edited,
  encodeRefs,
  MAIN,
  type Move,
  NO_REFS,
  type RefEdit,
  type Refs,
  snapshot,
} from './refs.ts';

const refsOf = (edits: readonly RefEdit[], from: Refs = NO_REFS): Refs => edits.reduce(edited, from);

const name = fc.constantFrom(MAIN, 'a', 'b', 'c/d', 'größe');
const seq = fc.nat(50);
const edit: fc.Arbitrary<RefEdit> = fc.oneof(
  fc.record({ kind: fc.constantFrom('head' as const, 'tag' as const), name, seq }),
  fc.record({
    kind: fc.constant('move' as const),
    move: fc.record({ branch: name, from: seq, to: seq, time: fc.nat(), why: fc.string() }),
  }),
  fc.record({ kind: fc.constantFrom('drop-branch' as const, 'drop-tag' as const), name }),
  fc.record({
    kind: fc.constant('retention' as const),
    retention: fc.record({
      keepLast: fc.option(fc.nat(), { nil: undefined }),
      keepWithinMs: fc.option(fc.nat(), { nil: undefined }),
    }),
  }),
);

describe('an edit', () => {
  it('moves, names and forgets, and leaves the refs before as they were', () => {
    const move: Move = { branch: 'work', from: 2, to: 1, time: 9, why: 'reset' };
    const refs = refsOf([
      { kind: 'head', name: MAIN, seq: 2 },
      { kind: 'tag', name: 'v1', seq: 1 },
      { kind: 'head', name: 'work', seq: 2 },
      { kind: 'move', move },
      { kind: 'retention', retention: { keepLast: 3 } },
    ]);
    const heads = new Map([
      [MAIN, 2],
      ['work', 1],
    ]);
    const want = { branches: heads, tags: new Map([['v1', 1]]), moves: [move], retention: { keepLast: 3 } };
    expect(refs).toEqual(want);
    const less = refsOf(
      [
        { kind: 'drop-branch', name: 'work' },
        { kind: 'drop-tag', name: 'v1' },
      ],
      refs,
    );
    expect(less).toEqual({ ...want, branches: new Map([[MAIN, 2]]), tags: new Map() });
    expect(refs).toEqual(want);
    expect(NO_REFS).toEqual({ branches: new Map([[MAIN, 0]]), tags: new Map(), moves: [], retention: {} });
  });

  it('remembers the last 256 moves', () => {
    const moves = Array.from({ length: 300 }, (_, i): Move => ({ branch: MAIN, from: i, to: i + 1, time: i, why: '' }));
    const refs = refsOf(moves.map((move) => ({ kind: 'move', move })));
    expect(refs.moves).toEqual(moves.slice(-256));
    expect(refs.branches.get(MAIN)).toBe(300);
  });
});

describe('refs', () => {
  it('come out as they went in, as edits and as a snapshot', () => {
    fc.assert(
      fc.property(fc.array(edit, { maxLength: 30 }), (edits) => {
        expect(decodeRefs(encodeRefs(edits))).toEqual(edits);
        const refs = refsOf(edits);
        expect(refsOf(snapshot(refs))).toEqual(refs);
        expect(refsOf(decodeRefs(encodeRefs(snapshot(refs))))).toEqual(refs);
      }),
    );
  });

  it('with an edit of a later version are AV_FORMAT_NEWER, cut off AV_CORRUPT', () => {
    expect(() => decodeRefs(Uint8Array.of(6))).toThrow(expect.objectContaining({ code: 'AV_FORMAT_NEWER' }));
    const bytes = encodeRefs([{ kind: 'move', move: { branch: 'work', from: 300, to: 2, time: 3, why: 'because' } }]);
    for (let length = 1; length < bytes.length; length++)
      expect(() => decodeRefs(bytes.subarray(0, length)), `${length} bytes`).toThrow(
        expect.objectContaining({ code: 'AV_CORRUPT' }),
      );
  });
});

describe('a name', () => {
  it('is letters, digits and a few marks, of any script', () => {
    const good = ['a', MAIN, 'v1.0', 'feature/größe', '日本語', 'e\u0301te\u0301', '_x', '2024-01', 'a+b', 'abcde'];
    const more = ['ABCDEF', '12345', 'abcdefg', 'a'.repeat(33), 'z'.repeat(100), 'HEADS', 'head', 'a.lock.b'];
    for (const name of [...good, ...more]) expect(() => checkRefName(name), name).not.toThrow();
  });

  it('is never a commit id, HEAD or ref grammar: AV_INVALID', () => {
    const grammar = ['', 'HEAD', 'main~1', 'a b', 'a\nb', 'a\n', 'a:b', 'a@{1}', 'a^', 'a\\b', 'a\u0000', '😀'];
    const places = ['-a', '.a', '/a', '+a', '\u0301a', 'a/', 'a.', 'a..b', 'a//b', 'a.lock'];
    const ids = ['abcdef', '123456', 'deadbeef', 'a'.repeat(32), '0'.repeat(6)];
    for (const name of [...grammar, ...places, ...ids, 'z'.repeat(101)])
      expect(() => checkRefName(name), JSON.stringify(name)).toThrow(expect.objectContaining({ code: 'AV_INVALID' }));
  });
});
