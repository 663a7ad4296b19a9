// Seeded chance: the same draws for the same seed, which is printed and can be given again as AETHERV_SEED.

/** Draws from one seed. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** A whole number from 0 up to `limit`, without it (mulberry32). */
  below(limit: number): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let bits = this.#state;
    bits = Math.imul(bits ^ (bits >>> 15), bits | 1);
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
    return Math.floor((((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32) * limit);
  }

  chance(percent: number): boolean {
    return this.below(100) < percent;
  }

  pick<T>(items: readonly T[]): T {
    const item = items[this.below(items.length)];
    if (item === undefined) throw new Error('nothing to pick from');
    return item;
  }

  /** A value from -1 to 1. */
  signed(): number {
    return this.below(2 ** 24) / 2 ** 23 - 1;
  }

  bytes(length: number): Uint8Array {
    return Uint8Array.from({ length }, () => this.below(256));
  }

  /** A unit vector. */
  unit(dims: number): Float32Array {
    const row = Float32Array.from({ length: dims }, () => this.signed());
    const norm = Math.sqrt(row.reduce((sum, value) => sum + value * value, 0));
    return norm > 0 ? row.map((value) => value / norm) : this.unit(dims);
  }

  /** Words of a small vocabulary, rare ones rarely. */
  words(most: number): string {
    const word = (): string => VOCABULARY[Math.min(this.below(VOCABULARY.length), this.below(VOCABULARY.length))] ?? '';
    return Array.from({ length: 1 + this.below(most) }, word).join(' ');
  }
}

const VOCABULARY =
  'module reload hot cold index vector query branch commit history segment memory browser worker engine frame search größe 日本語 zebra quokka 2024 x86 the of'.split(
    ' ',
  );

/** The seed of a test file: AETHERV_SEED or the clock. */
export function seedOf(test: string): number {
  const seed = Number(process.env.AETHERV_SEED ?? Date.now() % 2 ** 31);
  console.info(`${test} runs with AETHERV_SEED=${seed}`);
  return seed;
}
