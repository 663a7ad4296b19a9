// The shape of history: commits in lines, so that "is this on the way to that" costs no walk over commits.
//
// A commit continues the line of the commit it builds on if that is the line's last, else it begins a new line there. So
// a branch is a line that begins at (line, seq) of another, and with one branch there is one line.

/** A run of commits that build on each other. */
interface Line {
  /** Seqs, rising. */
  readonly seqs: number[];
  /** What its first commit builds on; 0 for nothing. */
  readonly base: number;
}

/** Which commit builds on which. */
export class Lines {
  readonly #lineOf = new Map<number, Line>();

  /** Adds a commit; `base` was added before, or is 0. */
  add(seq: number, base: number): void {
    const before = this.#lineOf.get(base);
    const line = before?.seqs.at(-1) === base ? before : { seqs: [], base };
    line.seqs.push(seq);
    this.#lineOf.set(seq, line);
  }

  /** Is `seq` on the way to `tip` (or `tip` itself)? */
  has(tip: number, seq: number): boolean {
    const wanted = this.#lineOf.get(seq);
    for (let at = tip; at >= seq; ) {
      const line = this.#lineOf.get(at);
      if (!line) return false;
      if (line === wanted) return true;
      at = line.base;
    }
    return false;
  }

  /** The commits on the way to `tip`, newest first, `tip` included. */
  *walk(tip: number): Generator<number> {
    for (let at = tip; at > 0; ) {
      const line = this.#lineOf.get(at);
      if (!line) return;
      for (let i = indexOf(line.seqs, at); i >= 0; i--) yield line.seqs[i] ?? 0;
      at = line.base;
    }
  }

  /** The newest commit on the way to `tip` that fits, when everything older than one that fits does too; 0 for none. */
  newest(tip: number, fits: (seq: number) => boolean): number {
    for (let at = tip; at > 0; ) {
      const line = this.#lineOf.get(at);
      const first = line?.seqs[0];
      if (!line || first === undefined) return 0;
      if (fits(first)) {
        let [low, high] = [0, indexOf(line.seqs, at)];
        while (low < high) {
          const middle = (low + high + 1) >>> 1;
          if (fits(line.seqs[middle] ?? 0)) low = middle;
          else high = middle - 1;
        }
        return line.seqs[low] ?? 0;
      }
      at = line.base;
    }
    return 0;
  }
}

function indexOf(seqs: readonly number[], seq: number): number {
  let [low, high] = [0, seqs.length - 1];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((seqs[middle] ?? 0) < seq) low = middle + 1;
    else high = middle;
  }
  return low;
}
