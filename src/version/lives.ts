// When each ordinal was born and died, over all branches.

import type { Lines } from './lines.ts';

/** Births and deaths by ordinal: seqs, deaths negative, in order of seq. */
export class Lives {
  readonly #turns: (readonly number[])[] = [];
  readonly #lines: Lines;

  constructor(lines: Lines) {
    this.#lines = lines;
  }

  /** Notes what one commit did. */
  note(seq: number, born: readonly number[], died: readonly number[]): void {
    // What is born for the first time shares one list: lists are replaced, never changed.
    const first = [seq];
    for (const ordinal of born) this.#turns[ordinal] = this.#with(ordinal, seq) ?? first;
    for (const ordinal of died) this.#turns[ordinal] = this.#with(ordinal, -seq) ?? [-seq];
  }

  #with(ordinal: number, turn: number): number[] | undefined {
    const turns = this.#turns[ordinal];
    return turns && [...turns, turn];
  }

  /** The seq at which the life that a view at `seq` sees began. */
  born(ordinal: number, seq: number): number {
    const turns = this.#turns[ordinal] ?? [];
    return turns.findLast((turn) => turn > 0 && turn <= seq && this.#lines.has(seq, turn)) ?? 0;
  }

  /** The seq at which that life ended on the way to `head` if `seq` lies on it, else anywhere; undefined while it lasts. */
  died(ordinal: number, seq: number, head: number): number | undefined {
    const deaths = (this.#turns[ordinal] ?? []).filter((turn) => -turn > seq && this.#lines.has(-turn, seq));
    const way = this.#lines.has(head, seq) ? deaths.filter((turn) => this.#lines.has(head, -turn)) : deaths;
    return way[0] === undefined ? undefined : -way[0];
  }

  /** Every seq at which it was born. */
  births(ordinal: number): number[] {
    return (this.#turns[ordinal] ?? []).filter((turn) => turn > 0);
  }
}
