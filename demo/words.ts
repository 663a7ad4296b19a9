// The words that differ between two texts: a longest common subsequence over words and the spaces between them.

/** A stretch of a side: the same on both, or only there. */
export interface Stretch {
  readonly text: string;
  readonly same: boolean;
}

const wordsMax = 1500;

/** Both sides in stretches. Texts too long to compare word by word are all different. */
export function compareWords(before: string, after: string): { before: Stretch[]; after: Stretch[] } {
  const [a, b] = [wordsOf(before), wordsOf(after)];
  if (a.length > wordsMax || b.length > wordsMax)
    return { before: [{ text: before, same: before === after }], after: [{ text: after, same: before === after }] };
  const kept = common(a, b);
  const mark = (words: readonly string[], isKept: (at: number) => boolean): Stretch[] =>
    joined(words.map((text, at) => ({ text, same: isKept(at) })));
  const [inA, inB] = [new Set(kept.map(([at]) => at)), new Set(kept.map(([, at]) => at))];
  return { before: mark(a, (at) => inA.has(at)), after: mark(b, (at) => inB.has(at)) };
}

const wordsOf = (text: string): string[] => text.match(/[\p{L}\p{N}_]+|\s+|[^\p{L}\p{N}_\s]/gu) ?? [];

/** Pairs of places with equal words, rising on both sides. */
function common(a: readonly string[], b: readonly string[]): [number, number][] {
  const width = b.length + 1;
  const longest = new Uint16Array((a.length + 1) * width);
  const at = (i: number, j: number): number => longest[i * width + j] ?? 0;
  for (let i = a.length - 1; i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--)
      longest[i * width + j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
  const out: [number, number][] = [];
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    if (a[i] === b[j]) out.push([i++, j++]);
    else if (at(i + 1, j) >= at(i, j + 1)) i++;
    else j++;
  }
  return out;
}

function joined(stretches: readonly Stretch[]): Stretch[] {
  const out: Stretch[] = [];
  for (const each of stretches) {
    const last = out.at(-1);
    if (last?.same === each.same) out[out.length - 1] = { ...last, text: last.text + each.text };
    else out.push(each);
  }
  return out;
}
