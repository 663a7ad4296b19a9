// When each ordinal was born and died, over all branches.

import type { Lines } from './lines.ts';

/** Births and deaths by ordinal: seqs, deaths negative, in order of seq. */
export class Lives {
  /** What was born once and has not died since, as most has: its birth, and else 0. */
  #births = new Float64Array(256);
  readonly #turns = new Map<number, readonly number[]>();
  readonly #lines: Lines;

  constructor(lines: Lines) {
    this.#lines = lines;
  }

  /** Notes what one commit did. */
  note(seq: number, born: readonly number[], died: readonly number[]): void {
    for (const ordinal of born) {
      this.#reserve(ordinal);
      if (this.#births[ordinal] === 0 && !this.#turns.has(ordinal)) this.#births[ordinal] = seq;
      else this.#turn(ordinal, seq);
    }
    for (const ordinal of died) this.#turn(ordinal, -seq);
  }

  #turn(ordinal: number, turn: number): void {
    this.#turns.set(ordinal, [...this.#of(ordinal), turn]);
    if (ordinal < this.#births.length) this.#births[ordinal] = 0;
  }

  #of(ordinal: number): readonly number[] {
    const birth = this.#births[ordinal] ?? 0;
    return birth === 0 ? (this.#turns.get(ordinal) ?? []) : [birth];
  }

  #reserve(ordinal: number): void {
    if (ordinal < this.#births.length) return;
    const larger = new Float64Array(Math.max(ordinal + 1, this.#births.length * 2));
    larger.set(this.#births);
    this.#births = larger;
  }

  /** The seq at which the life that a view at `seq` sees began. */
  born(ordinal: number, seq: number): number {
    return this.#of(ordinal).findLast((turn) => turn > 0 && turn <= seq && this.#lines.has(seq, turn)) ?? 0;
  }

  /** The seq at which that life ended on the way to `head` if `seq` lies on it, else anywhere; undefined while it lasts. */
  died(ordinal: number, seq: number, head: number): number | undefined {
    const deaths = this.#of(ordinal).filter((turn) => -turn > seq && this.#lines.has(-turn, seq));
    const way = this.#lines.has(head, seq) ? deaths.filter((turn) => this.#lines.has(head, -turn)) : deaths;
    return way[0] === undefined ? undefined : -way[0];
  }

  /** Every seq at which it was born. */
  births(ordinal: number): number[] {
    return this.#of(ordinal).filter((turn) => turn > 0);
  }
}
