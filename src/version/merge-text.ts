// Three versions of a text become one, block by block, after diff3 (Khanna, Kunal, Pierce 2007: A Formal Investigation of Diff3).

import type { Conflict } from '../model/history.ts';
import { type Block, type Blocks, pairBlocks } from './blocks.ts';

/** Which side a conflict is resolved to. */
export type Winner = 'ours' | 'theirs';

/** What the merge of two texts gives; a conflict is listed although it is resolved. */
export interface MergedText {
  readonly text: string;
  readonly conflicts: readonly Omit<Conflict, 'id'>[];
}

/** A change of one side: base[from, to) became side[sideFrom, sideTo). */
interface Hunk {
  readonly ours: boolean;
  readonly from: number;
  readonly to: number;
  readonly sideFrom: number;
  readonly sideTo: number;
}

/** Changes of both sides that cannot be told apart, over base[from, to). */
interface Group {
  readonly from: number;
  to: number;
  readonly hunks: Hunk[];
}

/** A block of the result; `spare` separates it when it has no tail but is not the last. */
interface Item {
  readonly text: string;
  readonly tail: string | undefined;
  readonly spare?: string | undefined;
}

const SEPARATOR = '\n\n';

function hunksOf(base: readonly Block[], side: readonly Block[], pairs: Int32Array, ours: boolean): Hunk[] {
  const hunks: Hunk[] = [];
  let [from, sideFrom] = [0, 0];
  const close = (to: number, sideTo: number): void => {
    if (to > from || sideTo > sideFrom) hunks.push({ ours, from, to, sideFrom, sideTo });
  };
  pairs.forEach((sideAt, at) => {
    if (sideAt < 0) return;
    close(at, sideAt);
    if (base[at]?.text !== side[sideAt]?.text)
      hunks.push({ ours, from: at, to: at + 1, sideFrom: sideAt, sideTo: sideAt + 1 });
    [from, sideFrom] = [at + 1, sideAt + 1];
  });
  close(base.length, side.length);
  return hunks;
}

function grows(hunk: Hunk): boolean {
  return hunk.sideTo - hunk.sideFrom > hunk.to - hunk.from;
}

/** Hunks that meet: over the same block, or both bringing something to the same place. */
function groupsOf(hunks: readonly Hunk[]): Group[] {
  const groups: Group[] = [];
  for (const hunk of [...hunks].sort((x, y) => x.from - y.from || x.to - y.to)) {
    const last = groups.at(-1);
    const samePlace = (other: Hunk): boolean => other.ours !== hunk.ours && other.to === hunk.from && grows(other);
    if (last !== undefined && (hunk.from < last.to || (grows(hunk) && last.hunks.some(samePlace)))) {
      last.hunks.push(hunk);
      last.to = Math.max(last.to, hunk.to);
    } else groups.push({ from: hunk.from, to: hunk.to, hunks: [hunk] });
  }
  return groups;
}

class TextMerge {
  readonly #base: Blocks;
  readonly #ours: Blocks;
  readonly #theirs: Blocks;
  readonly #winner: Winner;
  readonly #toOurs: Int32Array;
  readonly #toTheirs: Int32Array;
  readonly #items: Item[] = [];
  readonly #conflicts: Omit<Conflict, 'id'>[] = [];

  constructor(base: Blocks, ours: Blocks, theirs: Blocks, winner: Winner) {
    this.#base = base;
    this.#ours = ours;
    this.#theirs = theirs;
    this.#winner = winner;
    this.#toOurs = pairBlocks(base.list, ours.list);
    this.#toTheirs = pairBlocks(base.list, theirs.list);
  }

  run(): MergedText {
    const { list } = this.#base;
    const lead = this.#literal(this.#base.lead, this.#ours.lead, this.#theirs.lead);
    let at = 0;
    for (const group of groupsOf([
      ...hunksOf(list, this.#ours.list, this.#toOurs, true),
      ...hunksOf(list, this.#theirs.list, this.#toTheirs, false),
    ])) {
      for (; at < group.from; at++) this.#keep(at);
      at = group.to;
      this.#change(group);
    }
    for (; at < list.length; at++) this.#keep(at);
    const end = this.#literal(this.#base.end, this.#ours.end, this.#theirs.end);
    const last = this.#items.length - 1;
    const texts = this.#items.map(
      ({ text, tail, spare }, i) => text + (i === last ? '' : (tail ?? spare ?? SEPARATOR)),
    );
    return { text: lead + texts.join('') + end, conflicts: this.#conflicts };
  }

  #literal(base: string, ours: string, theirs: string): string {
    if (ours === theirs || theirs === base) return ours;
    if (ours === base) return theirs;
    this.#conflicts.push({ kind: 'text', path: [], base, ours, theirs });
    return this.#winner === 'ours' ? ours : theirs;
  }

  /** A block whose text is settled; what is behind it is merged by itself. */
  #settle(text: string, base: Block | undefined, ours: Block | undefined, theirs: Block | undefined): void {
    const [o, t] = [ours?.tail, theirs?.tail];
    if (o === undefined || t === undefined) this.#items.push({ text, tail: o ?? t, spare: base?.tail });
    else if (o === t || t === base?.tail) this.#items.push({ text, tail: o });
    else if (o === base?.tail) this.#items.push({ text, tail: t });
    else {
      this.#report(base && [base], ours && [ours], theirs && [theirs]);
      this.#items.push({ text, tail: this.#winner === 'ours' ? o : t });
    }
  }

  #keep(at: number): void {
    const base = this.#base.list[at];
    if (base === undefined) return;
    const ours = this.#ours.list[this.#toOurs[at] ?? -1];
    this.#settle(base.text, base, ours, this.#theirs.list[this.#toTheirs[at] ?? -1]);
  }

  #change(group: Group): void {
    const [ours, theirs] = [this.#side(group, true), this.#side(group, false)];
    const base = this.#base.list.slice(group.from, group.to);
    if (ours === undefined || theirs === undefined) this.#apply(group, base, ours ?? theirs ?? []);
    else if (ours.length === theirs.length && ours.every(({ text }, i) => text === theirs[i]?.text)) {
      const sameCount = base.length === ours.length;
      ours.forEach((block, i) => {
        this.#settle(block.text, sameCount ? base[i] : undefined, block, theirs[i]);
      });
    } else if (group.hunks.some(({ sideFrom, sideTo }) => sideTo > sideFrom)) this.#disagree(base, ours, theirs);
  }

  /** What one side made of a group's base blocks; undefined when it changed none of them. */
  #side(group: Group, ours: boolean): readonly Block[] | undefined {
    const hunks = group.hunks.filter((hunk) => hunk.ours === ours);
    const [first, last] = [hunks[0], hunks.at(-1)];
    if (first === undefined || last === undefined) return undefined;
    const list = ours ? this.#ours.list : this.#theirs.list;
    return list.slice(first.sideFrom - (first.from - group.from), last.sideTo + (group.to - last.to));
  }

  /** The change of one side; the other side may have changed the literal behind its last block. */
  #apply(group: Group, base: readonly Block[], changed: readonly Block[]): void {
    const ours = group.hunks[0]?.ours === true;
    const pairs = ours ? this.#toTheirs : this.#toOurs;
    const other = (ours ? this.#theirs : this.#ours).list[base.length === 0 ? -1 : (pairs[group.to - 1] ?? -1)];
    changed.forEach((block, i) => {
      if (i < changed.length - 1 || other === undefined) this.#items.push(block);
      else this.#settle(block.text, base.at(-1), ours ? block : other, ours ? other : block);
    });
  }

  #disagree(base: readonly Block[], ours: readonly Block[], theirs: readonly Block[]): void {
    this.#report(base, ours, theirs);
    const [won, lost] = this.#winner === 'ours' ? [ours, theirs] : [theirs, ours];
    const spare = lost.at(-1)?.tail ?? base.at(-1)?.tail;
    for (const { text, tail } of won) this.#items.push({ text, tail, spare });
  }

  #report(
    base: readonly Block[] | undefined,
    ours: readonly Block[] | undefined,
    theirs: readonly Block[] | undefined,
  ): void {
    const whole = (blocks: readonly Block[] | undefined): string | undefined =>
      blocks?.length ? blocks.map(({ text, tail }) => text + (tail ?? '')).join('') : undefined;
    const path = (base?.[0] ?? ours?.[0] ?? theirs?.[0])?.path ?? [];
    this.#conflicts.push({ kind: 'text', path, base: whole(base), ours: whole(ours), theirs: whole(theirs) });
  }
}

/**
 * Merges what `ours` and `theirs` made of `base`. Changes of different blocks both apply, equal changes apply once; a block
 * that both changed, an insertion inside what the other replaced or deleted, and two insertions at one place are conflicts.
 */
export function mergeText(base: Blocks, ours: Blocks, theirs: Blocks, winner: Winner): MergedText {
  return new TextMerge(base, ours, theirs, winner).run();
}
