// Views and masks as handles of the index: which rows they hold, when they are made, when they are dropped.

import { describe, expect, it } from 'vitest';
import type { Index } from '../ports/index.ts';
import { Bitset } from '../version/bitset.ts';
import { History } from '../version/history.ts';
import type { DocVersion } from '../version/record.ts';
import { compileFilter } from './filter.ts';
import { Views } from './views.ts';

/** An index that only keeps handles. */
function handles(): { index: Index; live: Map<number, number[]>; made: () => number } {
  const live = new Map<number, number[]>();
  let next = 0;
  const index = {
    addView: (words: Uint32Array): number => {
      live.set(next, [...new Bitset(words.slice())]);
      return next++;
    },
    dropView: (handle: number): void => void live.delete(handle),
  } as Partial<Index> as Index;
  return { index, live, made: () => next };
}

function doc(dno: number, n: number, valid: readonly (number | undefined)[] = []): DocVersion {
  const [validFrom, validTo] = valid;
  return {
    dno,
    id: `${dno}`,
    versionId: '',
    title: undefined,
    format: 'text',
    meta: { n },
    validFrom,
    validTo,
    parts: [10 * dno, ' ', 10 * dno + 1],
  };
}

/** All documents are born in the first commit; the second changes nothing. */
function historyOf(docs: readonly DocVersion[]): History {
  const history = new History();
  const stats = {
    added: 0,
    updated: 0,
    deleted: 0,
    chunks: 0,
    embedded: 0,
    reused: 0,
    tokensEmbedded: 0,
    tokensReused: 0,
  };
  const chunksBorn = docs.flatMap(({ parts }) => parts.filter((part) => typeof part === 'number'));
  for (const seq of [1, 2]) {
    history.apply({
      info: { id: `${seq}`, seq, parents: [], message: '', author: '', time: seq, stats },
      batch: `${seq}`,
      entry: {
        seq,
        base: seq - 1,
        docsBorn: seq === 1 ? docs.map(({ dno }) => dno) : [],
        docsDied: [],
        chunksBorn: seq === 1 ? chunksBorn : [],
        chunksDied: [],
      },
      docs: seq === 1 ? docs : [],
    });
    history.edit([{ kind: 'head', name: 'main', seq }]);
  }
  return history;
}

const filter = (value: object): { key: string; fits: ReturnType<typeof compileFilter> } => ({
  key: JSON.stringify(value),
  fits: compileFilter(value),
});

describe('a lens', () => {
  it('is the whole view, and a mask of the documents that fit', () => {
    const { index, live } = handles();
    const views = new Views({ history: historyOf([doc(0, 1), doc(1, 2), doc(2, 2)]), index });
    const plain = views.lens(1, 0, undefined);
    expect([live.get(plain.handle), plain.mask]).toEqual([[0, 1, 10, 11, 20, 21], undefined]);
    const { handle, mask = -1 } = views.lens(1, 0, filter({ n: 2 }));
    expect([handle, live.get(mask)]).toEqual([plain.handle, [10, 11, 20, 21]]);
  });

  it('is made once for the same question', () => {
    const { index, made } = handles();
    const views = new Views({ history: historyOf([doc(0, 1)]), index });
    for (let i = 0; i < 5; i++) views.lens(1, i, filter({ n: 1 }));
    expect(made()).toBe(2);
    views.lens(2, 0, filter({ n: 1 }));
    expect(made()).toBe(4);
  });

  it('is dropped when many others were asked since, and never while it is in use', () => {
    const { index, live } = handles();
    const views = new Views({ history: historyOf([doc(0, 1)]), index });
    for (let n = 0; n < 100; n++) {
      const { handle, mask = -1 } = views.lens(1, 0, filter({ n }));
      expect([live.has(handle), live.has(mask)]).toEqual([true, true]);
      expect(live.size).toBeLessThanOrEqual(24);
    }
  });
});

describe('handles', () => {
  it('hold any set of rows, once for each name, and all go when they are cleared', () => {
    const { index, live, made } = handles();
    const views = new Views({ history: historyOf([doc(0, 1)]), index });
    const rows = new Bitset();
    for (const row of [3, 70]) rows.add(row);
    const handle = views.of('some', rows);
    expect([live.get(handle), views.of('some', rows), made()]).toEqual([[3, 70], handle, 1]);
    views.lens(1, 0, undefined);
    views.clear();
    expect(live.size).toBe(0);
    expect(live.has(views.of('some', rows))).toBe(true);
  });
});

describe('valid time', () => {
  it('takes documents out of the view and of every mask', () => {
    const { index, live } = handles();
    const views = new Views({ history: historyOf([doc(0, 1), doc(1, 1, [10, 20]), doc(2, 2, [15])]), index });
    const rows = (at: number, asked?: ReturnType<typeof filter>): (number[] | undefined)[] => {
      const { handle, mask } = views.lens(1, at, asked);
      return [live.get(handle), mask === undefined ? undefined : live.get(mask)];
    };
    expect(rows(5)).toEqual([[0, 1], undefined]);
    expect(rows(10)).toEqual([[0, 1, 10, 11], undefined]);
    expect(rows(15, filter({ n: 1 }))).toEqual([
      [0, 1, 10, 11, 20, 21],
      [0, 1, 10, 11],
    ]);
    expect(rows(20)).toEqual([[0, 1, 20, 21], undefined]);
  });
});
