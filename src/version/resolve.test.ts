// What refs and times mean on branching history, for a handle that stands on a branch or on a commit.

import { describe, expect, it } from 'vitest';
import { History } from './history.ts';
import type { RefEdit } from './refs.ts';
import { resolveRef } from './resolve.ts';

const counts = { added: 0, updated: 0, deleted: 0, chunks: 0, embedded: 0, reused: 0 };
const stats = { ...counts, tokensEmbedded: 0, tokensReused: 0 };
const quiet = { docsBorn: [], docsDied: [], chunksBorn: [], chunksDied: [] };
const idOf = (seq: number): string => `${seq}`.repeat(6).padEnd(32, 'c');
const unknown: unknown = expect.objectContaining({ code: 'AV_REF_UNKNOWN' });
const head = (name: string, seq: number): RefEdit => ({ kind: 'head', name, seq });

/** 1 - 2 - 3 - 6 on main, 4 - 5 on work from 2; committed at 100, 200, ... */
function branching(): History {
  const history = new History();
  for (const [i, base] of [0, 1, 2, 2, 4, 3].entries()) {
    const seq = i + 1;
    const info = {
      id: idOf(seq),
      seq,
      parents: base ? [idOf(base)] : [],
      message: '',
      author: '',
      time: 100 * seq,
      stats,
    };
    history.apply({ info, batch: `${seq}`, entry: { seq, base, ...quiet }, docs: [] });
  }
  history.edit([head('main', 6), head('work', 5), { kind: 'tag', name: 'v1', seq: 2 }]);
  return history;
}

describe('a ref', () => {
  it('is a branch, a tag, a commit or HEAD, and any of them some commits back', () => {
    const history = branching();
    const refs = ['main', 'work', 'v1', 'HEAD', idOf(4), idOf(4).slice(0, 6)];
    expect(refs.map((ref) => resolveRef(history, ref))).toEqual([6, 5, 2, 6, 4, 4]);
    const back = ['main~1', 'main~2', 'main~3', 'work~1', 'work~2', 'work~3', 'v1~1', `${idOf(5)}~2`, 'work~0'];
    expect(back.map((ref) => resolveRef(history, ref))).toEqual([3, 2, 1, 4, 2, 1, 1, 2, 5]);
  });

  it('is a branch before a tag, and a tag before a commit', () => {
    const history = branching();
    history.edit([
      { kind: 'tag', name: 'work', seq: 1 },
      { kind: 'tag', name: idOf(4), seq: 3 },
    ]);
    expect([resolveRef(history, 'work'), resolveRef(history, idOf(4))]).toEqual([5, 3]);
    history.edit([{ kind: 'drop-branch', name: 'work' }]);
    expect(resolveRef(history, 'work')).toBe(1);
  });

  it('that goes back before the first commit, or names nothing, is AV_REF_UNKNOWN', () => {
    const history = branching();
    for (const ref of ['main~4', 'work~4', 'v1~2', 'v2', 'Main', 'v1~', '~1', 'work~1~1', idOf(7), 'main~-1', ''])
      expect(() => resolveRef(history, ref), ref).toThrow(unknown as Error);
    expect(() => resolveRef(history, 'main~4')).toThrow(/there are 4 on that way/);
  });

  it('of a branch without a commit is before everything', () => {
    const history = branching();
    history.edit([head('bare', 0)]);
    expect(resolveRef(history, 'bare')).toBe(0);
    expect(() => resolveRef(history, 'bare~1')).toThrow(unknown as Error);
  });
});

describe('where the handle stands', () => {
  it('is HEAD: the head of its branch, or its commit', () => {
    const history = branching();
    const heads = [{ branch: 'work' }, { seq: 3 }, { branch: 'main' }, { branch: 'gone' }].map((checkout) => {
      history.checkout = checkout;
      return [resolveRef(history, 'HEAD'), history.resolve(undefined)];
    });
    expect(heads).toEqual([
      [5, 5],
      [3, 3],
      [6, 6],
      [0, 0],
    ]);
  });

  it('decides what a time means: the last commit by then on the way there', () => {
    const history = branching();
    const at = (...times: number[]): number[] => times.map((time) => resolveRef(history, time));
    expect(at(100, 299, 300, 450, 599, 600, 1e9)).toEqual([1, 2, 3, 3, 3, 6, 6]);
    history.checkout = { branch: 'work' };
    expect(at(100, 299, 300, 450, 599, 600)).toEqual([1, 2, 2, 4, 5, 5]);
    expect(resolveRef(history, new Date(401))).toBe(4);
    history.checkout = { seq: 4 };
    expect(at(399, 1e9)).toEqual([2, 4]);
    for (const time of [99, Number.NaN]) expect(() => resolveRef(history, time)).toThrow(unknown as Error);
  });
});
