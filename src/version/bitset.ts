// A set of ordinals, one bit each, copied when a commit changes it.

export class Bitset {
  words: Uint32Array;

  constructor(words: Uint32Array = new Uint32Array(8)) {
    this.words = words;
  }

  has(i: number): boolean {
    return (((this.words[i >>> 5] ?? 0) >>> (i & 31)) & 1) === 1;
  }

  add(i: number): void {
    const at = i >>> 5;
    this.#reach(at);
    this.words[at] = (this.words[at] ?? 0) | (1 << (i & 31));
  }

  /** Adds ordinals that rise. */
  addRising(ordinals: readonly number[]): void {
    const [first, last] = [ordinals[0], ordinals.at(-1)];
    if (first === undefined || last === undefined) return;
    const [from, to] = [first >>> 5, last >>> 5];
    // Mostly each is the one before and 1: whole words then.
    if (last - first + 1 === ordinals.length && to - from > 1) {
      this.#reach(to);
      this.words.fill(0xffffffff, from + 1, to);
      const [low, high] = [-1 << (first & 31), -1 >>> (31 - (last & 31))];
      this.words[from] = (this.words[from] ?? 0) | low;
      this.words[to] = (this.words[to] ?? 0) | high;
    } else for (const i of ordinals) this.add(i);
  }

  /** Makes room for a word. */
  #reach(at: number): void {
    if (at < this.words.length) return;
    const larger = new Uint32Array(Math.max(at + 1, this.words.length * 2));
    larger.set(this.words);
    this.words = larger;
  }

  delete(i: number): void {
    const at = i >>> 5;
    const word = this.words[at];
    if (word !== undefined) this.words[at] = word & ~(1 << (i & 31));
  }

  copy(): Bitset {
    return new Bitset(this.words.slice());
  }

  /** Does it share an ordinal with another? */
  intersects(other: Bitset): boolean {
    const most = Math.min(this.words.length, other.words.length);
    for (let at = 0; at < most; at++) if (((this.words[at] ?? 0) & (other.words[at] ?? 0)) !== 0) return true;
    return false;
  }

  /** Adds all ordinals of another. */
  addAll(other: Bitset): void {
    if (other.words.length > this.words.length) {
      const larger = new Uint32Array(other.words.length);
      larger.set(this.words);
      this.words = larger;
    }
    for (const [at, word] of other.words.entries()) this.words[at] = (this.words[at] ?? 0) | word;
  }

  /** How many ordinals are in the set. */
  count(): number {
    let count = 0;
    for (const _ of this) count++;
    return count;
  }

  *[Symbol.iterator](): Generator<number> {
    for (const [at, word] of this.words.entries()) {
      for (let rest = word; rest !== 0; rest &= rest - 1) yield at * 32 + 31 - Math.clz32(rest & -rest);
    }
  }
}
