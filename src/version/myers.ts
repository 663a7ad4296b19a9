// The shortest edit between two sequences, by Myers' O(ND) algorithm with a bound on its cost.

/** Places that only one side has: old[from, fromEnd) was replaced by new[to, toEnd). */
export interface Hunk {
  readonly from: number;
  readonly fromEnd: number;
  readonly to: number;
  readonly toEnd: number;
}

/** Furthest reaching old positions per diagonal, one row for each number of edits so far. */
function search(a: Int32Array, b: Int32Array, most: number): Int32Array[] | undefined {
  const rows: Int32Array[] = [];
  let reach = Int32Array.of(0, 0, 0);
  for (let d = 0; d <= most; d++) {
    // Row d holds diagonals -d-1..d+1 at index k + d + 1.
    const row = new Int32Array(2 * d + 3);
    for (let k = -d; k <= d; k += 2) {
      const [down, right] = [reach[k + 1 + d] ?? -1, reach[k - 1 + d] ?? -1];
      let x = d === 0 ? 0 : k === -d || (k !== d && right < down) ? down : right + 1;
      for (; x < a.length && x - k < b.length && a[x] === b[x - k]; x++);
      row[k + d + 1] = x;
      if (x >= a.length && x - k >= b.length) {
        rows.push(row);
        return rows;
      }
    }
    rows.push(row);
    reach = row;
  }
  return undefined;
}

/** Which places of either side have no partner on the other. */
function unmatched(a: Int32Array, b: Int32Array, rows: readonly Int32Array[]): [Uint8Array, Uint8Array] {
  const [gone, come] = [new Uint8Array(a.length), new Uint8Array(b.length)];
  let [x, y] = [a.length, b.length];
  for (let d = rows.length - 1; d > 0; d--) {
    const k = x - y;
    const row = rows[d - 1] ?? new Int32Array(0);
    const [down, right] = [row[k + 1 + d] ?? -1, row[k - 1 + d] ?? -1];
    const isDown = k === -d || (k !== d && right < down);
    x = isDown ? down : right;
    y = isDown ? x - (k + 1) : x - (k - 1);
    if (isDown) come[y] = 1;
    else gone[x] = 1;
  }
  return [gone, come];
}

/**
 * The hunks of a shortest edit from `a` to `b`, in order; undefined when, common ends aside, a side is longer than `sideMax` or more
 * than `editsMax` elements would go or come. After E. W. Myers, "An O(ND) difference algorithm and its variations" (1986); memory
 * grows with the square of the edits.
 */
export function hunks(
  a: readonly string[],
  b: readonly string[],
  { sideMax = 2000, editsMax = 2000 } = {},
): Hunk[] | undefined {
  let [head, aEnd, bEnd] = [0, a.length, b.length];
  while (head < aEnd && head < bEnd && a[head] === b[head]) head++;
  while (aEnd > head && bEnd > head && a[aEnd - 1] === b[bEnd - 1]) [aEnd, bEnd] = [aEnd - 1, bEnd - 1];
  if (aEnd === head && bEnd === head) return [];
  if (aEnd === head || bEnd === head) return [{ from: head, fromEnd: aEnd, to: head, toEnd: bEnd }];
  if (aEnd - head > sideMax || bEnd - head > sideMax) return undefined;
  const numbers = new Map<string, number>();
  const number = (key: string): number => {
    const known = numbers.get(key) ?? numbers.size;
    numbers.set(key, known);
    return known;
  };
  const [x, y] = [Int32Array.from(a.slice(head, aEnd), number), Int32Array.from(b.slice(head, bEnd), number)];
  const rows = search(x, y, Math.min(editsMax, x.length + y.length));
  if (rows === undefined) return undefined;
  const [gone, come] = unmatched(x, y, rows);
  const found: Hunk[] = [];
  for (let [i, j] = [0, 0]; i < x.length || j < y.length; ) {
    const [from, to] = [i, j];
    while (gone[i] === 1) i++;
    while (come[j] === 1) j++;
    if (i > from || j > to) found.push({ from: head + from, fromEnd: head + i, to: head + to, toEnd: head + j });
    else [i, j] = [i + 1, j + 1];
  }
  return found;
}
