// What an edit did to a text: its classes, how many words it touched, and how much of the text that is.

import { EDIT_CLASSES, type EditClass } from '../model/history.ts';
import { gapsOf, lcs } from './lcs.ts';
import { type Token, tokensOf } from './tokens.ts';

/** Up to this share of the larger side's words an edit of plain words is minor. */
const MINOR_MAX = 0.2;

/** The tokens that one place of the text lost and got; nothing between them is common. */
interface Change {
  readonly gone: readonly Token[];
  readonly come: readonly Token[];
}

/** All that the three functions tell, from one comparison. */
export interface Edit {
  readonly classes: EditClass[];
  readonly tokensChanged: number;
  readonly impact: number;
}

const isWord = ({ kind }: Token): boolean => kind !== 'mark';
const countWords = (tokens: readonly Token[]): number => tokens.filter(isWord).length;
const lettersOf = (tokens: readonly Token[]): string => tokens.map(({ letters }) => letters).join('');

/** Is only the dress another one: the same letters in other markup, case or spacing? In code and names those count. */
function isDress({ gone, come }: Change): boolean {
  const letters = lettersOf(gone);
  if (letters !== lettersOf(come)) return false;
  if (letters === '') return ![...gone, ...come].some(({ code }) => code);
  const exact = (test: (token: Token) => boolean): boolean => gone.some(test) && come.some(test);
  return !exact(({ code }) => code) && !exact(({ kind }) => kind === 'identifier');
}

function classOf({ kind, code }: Token): EditClass | undefined {
  if (code) return 'code';
  if (kind === 'word' || kind === 'mark') return undefined;
  return kind;
}

/** Tokens that one side has more often than the other, by key; both sides' surplus. */
function surplus(gone: readonly Token[], come: readonly Token[]): [Token[], Token[]] {
  const balance = new Map<string, number>();
  for (const { key } of come) balance.set(key, (balance.get(key) ?? 0) + 1);
  const take = ({ key }: Token): boolean => {
    const left = balance.get(key) ?? 0;
    if (left > 0) balance.set(key, left - 1);
    return left === 0;
  };
  const lost = gone.filter(take);
  const won = come.filter(({ key }) => {
    const left = balance.get(key) ?? 0;
    if (left > 0) balance.set(key, left - 1);
    return left > 0;
  });
  return [lost, won];
}

function classesOf(changes: readonly Change[], words: number): EditClass[] {
  const real = changes.filter((change) => !isDress(change));
  const [gone, come] = [real.flatMap((change) => change.gone), real.flatMap((change) => change.come)];
  const plain = (tokens: readonly Token[]): number =>
    tokens.filter(({ kind, code }) => kind === 'word' && !code).length;
  const share = Math.max(plain(gone), plain(come)) / Math.max(1, words);
  const found = new Set<EditClass>();
  if (share > 0) found.add(share <= MINOR_MAX ? 'prose-minor' : 'prose-major');
  // Where much was written anew, a number that only stands elsewhere is no other number.
  const [lost, won] = share > MINOR_MAX ? surplus(gone, come) : [gone, come];
  for (const token of [...lost, ...won]) {
    const its = classOf(token);
    if (its !== undefined) found.add(its);
  }
  return found.size === 0 ? ['cosmetic'] : EDIT_CLASSES.filter((its) => found.has(its));
}

/** The edit from `before` to `after`; a text without content on one side is an addition or a deletion. */
export function editOf(before: string, after: string): Edit {
  if (before === after) return { classes: [], tokensChanged: 0, impact: 0 };
  const [a, b] = [tokensOf(before), tokensOf(after)];
  const words = Math.max(countWords(a), countWords(b));
  if (before.trim() === '' || after.trim() === '') {
    const all = [...a, ...b];
    if (all.length === 0) return { classes: ['cosmetic'], tokensChanged: 0, impact: 0 };
    const classes: EditClass[] = [all.every(({ code }) => code) ? 'code' : 'prose-major'];
    return { classes, tokensChanged: words, impact: words === 0 ? 0 : 1 };
  }
  const keys = (tokens: readonly Token[]): string[] => tokens.map(({ key }) => key);
  const changes = gapsOf(lcs(keys(a), keys(b)), b.length).map(({ aFrom, aTo, bFrom, bTo }) => ({
    gone: a.slice(aFrom, aTo),
    come: b.slice(bFrom, bTo),
  }));
  const lost = countWords(changes.flatMap(({ gone }) => gone));
  const won = countWords(changes.flatMap(({ come }) => come));
  return {
    classes: classesOf(changes, words),
    tokensChanged: lost + won,
    impact: words === 0 ? 0 : Math.min(1, Math.max(lost, won) / words),
  };
}

/**
 * The classes of an edit by the rules of {@link EditClass}, in their order: none for equal texts, at least one for others. An added
 * or deleted text is `code` when it holds nothing but code, else `prose-major`.
 */
export function classify(before: string, after: string): EditClass[] {
  return editOf(before, after).classes;
}

/** Words removed plus words added, by the shortest edit; numbers, names and link targets count as words. */
export function tokensChanged(before: string, after: string): number {
  return editOf(before, after).tokensChanged;
}

/** 0..1: the share of the larger side's words that were removed or added, whichever are more. */
export function impactOf(before: string, after: string): number {
  return editOf(before, after).impact;
}
