// The planner: which clauses a query becomes, given the words that a view holds.

import { describe, expect, it } from 'vitest';
import { EXPANDED_WORDS_MAX } from '../base/limits.ts';
import type { IndexWord } from '../ports/index.ts';
import { draftOf, isIdentifier, type Manner, planOf, type Question } from './plan.ts';

const HELD = ['hot', 'reload', 'server', 'module'];
const STOP = ['the', 'of', 'how', 'about'];

/** A view that holds a few words. */
const index = {
  words: (_view: number, text: string): IndexWord[] =>
    [...text.matchAll(/[\p{L}\p{N}]+/gu)].flatMap((found) => {
      const [word, start] = [found[0].toLowerCase(), found.index];
      const end = start + word.length;
      const begun = end === text.length && HELD.some((held) => held.startsWith(word));
      return STOP.includes(word) ? [] : [{ start, end, held: HELD.includes(word), begun }];
    }),
};

/** Clauses as `occur kind text`. */
const plan = (question: Question, manner: Manner = {}): string[] =>
  planOf(draftOf(question), manner, index, 0).clauses.map(({ occur, kind, text }) => `${occur} ${kind} ${text}`);

describe('plain words', () => {
  it('are one clause, as they are', () => {
    expect(plan('how about hot reload?')).toEqual(['should words how about hot reload?']);
    expect(plan('')).toEqual([]);
    expect(plan(' \n')).toEqual([]);
  });

  it('that the view does not hold are mended, if they are long enough', () => {
    expect(plan('hot relaod of the servr')).toEqual([
      'should words hot relaod of the servr',
      'should fuzzy relaod servr',
    ]);
    expect(plan('hot rel')).toEqual(['should words hot rel']);
    expect(plan('only3x')).toEqual(['should words only3x']);
    expect(plan('hot relaod', { typos: 'off' })).toEqual(['should words hot relaod']);
    expect(planOf(draftOf('relaod'), {}, index, 0).rules).toEqual(['typos']);
  });

  it('are all mended when that is asked for, but for stop words', () => {
    expect(plan('about hot reload', { typos: 'always' })).toEqual(['should fuzzy hot reload']);
  });

  it('end in a beginning while they are typed', () => {
    expect(plan('hot rel', { prefix: true })).toEqual(['should words hot', 'should prefix rel']);
    expect(plan('rel', { prefix: true })).toEqual(['should prefix rel']);
    expect(plan('hot rel ', { prefix: true })).toEqual(['should words hot rel']);
    expect(plan('hot th', { prefix: true, typos: 'off' })).toEqual(['should words hot', 'should prefix th']);
    expect(plan('relo hot', { prefix: true })).toEqual(['should words relo', 'should fuzzy relo', 'should prefix hot']);
    expect(plan('the', { prefix: true })).toEqual(['should prefix the']);
  });

  it('end in a mistyped word when nothing begins so', () => {
    expect(plan('hot relaod', { prefix: true })).toEqual(['should words hot relaod', 'should fuzzy relaod']);
    expect(plan('hot relaod', { prefix: true, typos: 'off' })).toEqual(['should words hot', 'should prefix relaod']);
  });

  it('are expanded up to a limit', () => {
    const text = Array.from(
      { length: 100 },
      (_, i) => `unheard${String.fromCharCode(97 + (i % 26), 97 + Math.floor(i / 26))}`,
    ).join(' ');
    const [, fuzzy] = planOf(draftOf(text), {}, index, 0).clauses;
    expect(fuzzy?.text.split(' ')).toHaveLength(EXPANDED_WORDS_MAX);
    const must = { text, typos: 1 as const };
    const [first, second, third] = planOf(draftOf({ must: [must, must] }), {}, index, 0).clauses;
    expect(first?.text.split(' ')).toHaveLength(EXPANDED_WORDS_MAX);
    expect([second?.kind, third?.kind]).toEqual(['words', 'words']);
  });
});

describe('quotes', () => {
  it('are a phrase that must be there, and its words score', () => {
    expect(plan('the "hot reload" server')).toEqual(['must phrase hot reload', 'should words the hot reload server']);
    expect(draftOf('the "hot reload" server')).toMatchObject({ dense: 'the hot reload server', weight: undefined });
  });

  it('around everything make the words count', () => {
    expect(draftOf('"hot reload"')).toMatchObject({ weight: 0.9, rules: ['quoted'], dense: 'hot reload' });
  });

  it('in clauses are phrases too', () => {
    expect(plan({ must: '"hot reload" server' })).toEqual(['must phrase hot reload', 'must words server']);
    expect(plan({ not: '"hot reload"' })).toEqual(['not phrase hot reload']);
    expect(plan({ should: '"hot reload"' })).toEqual(['should phrase hot reload', 'should words hot reload']);
  });
});

describe('a query with clauses', () => {
  it('hands on what each says', () => {
    const query = {
      text: 'reload',
      must: [{ phrase: 'hot server', slop: 2, fields: ['title', 'body'] as const }, 'module'],
      should: { prefix: 'serv mod', boost: 3 },
      not: { text: 'about modul', typos: 'auto' as const },
    };
    expect(planOf(draftOf(query), {}, index, 0).clauses).toEqual([
      { occur: 'should', kind: 'words', text: 'reload' },
      { occur: 'must', kind: 'phrase', text: 'hot server', slop: 2, fields: 5, boost: undefined },
      { occur: 'must', kind: 'words', text: 'module', fields: undefined, boost: undefined },
      { occur: 'should', kind: 'prefix', text: 'serv mod', fields: undefined, boost: 3 },
      { occur: 'not', kind: 'fuzzy', text: 'modul', edits: 'auto', fields: undefined, boost: undefined },
    ]);
  });

  it('ranks by its vector, else its text, else by words alone', () => {
    const vector = Float32Array.of(1, 2);
    expect(draftOf({ text: 'a', vector })).toMatchObject({ dense: vector, words: true });
    expect(draftOf(vector)).toMatchObject({ dense: vector, words: false });
    expect(draftOf({ must: 'a' })).toMatchObject({ dense: undefined, words: true });
    expect(draftOf({ not: 'a' })).toMatchObject({ dense: undefined, words: false });
    expect(draftOf({})).toMatchObject({ dense: undefined, words: false });
  });
});

describe('an identifier', () => {
  it.each([
    'createServer',
    'server.hmr.overlay',
    'snake_case',
    'src/main.rs',
    'std::io',
    '--force',
    '5.1.0',
    'v2.0',
    'useState()',
    '@vitejs/plugin-vue',
  ])('%s is one', (text) => expect(isIdentifier(text)).toBe(true));
  it.each([
    '',
    'reload',
    'Reload',
    'HMR',
    'hot-reload',
    'a b_c',
    'server.',
    "don't",
    'what?',
    '日本語',
    '2024',
    '-',
    '"x"',
  ])('%s is none', (text) => expect(isIdentifier(text)).toBe(false));

  it('counts by its words, and by its parts side by side', () => {
    expect(draftOf('server.reload')).toMatchObject({ weight: 0.9, rules: ['identifier'] });
    expect(plan('server.reload')).toEqual(['should words server.reload', 'should phrase server.reload']);
    expect(plan('hotReload')).toEqual(['should words hotReload', 'should fuzzy hotReload']);
  });
});
