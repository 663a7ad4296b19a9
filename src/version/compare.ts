// Two points in history side by side: where they part, and which documents differ.

import { Bitset } from './bitset.ts';
import type { History, View } from './history.ts';
import type { ItemsDelta } from './items.ts';
import type { DocVersion } from './record.ts';

/** Ids of the documents with other versions in one view than in the other, sorted. */
export function changedDocuments(history: History, a: View, b: View): string[] {
  const ids = new Set<string>();
  for (const dno of differing(a.docs, b.docs)) {
    const doc = history.docs[dno];
    if (doc) ids.add(doc.id);
  }
  return [...ids].sort();
}

/** The ordinals in one set and not in the other. */
export function differing(a: Bitset, b: Bitset): Bitset {
  const out = new Uint32Array(Math.max(a.words.length, b.words.length));
  for (let at = 0; at < out.length; at++) out[at] = (a.words[at] ?? 0) ^ (b.words[at] ?? 0);
  return new Bitset(out);
}

/** What was born and died of each collection from one view to another. */
export function itemsBetween(from: View['items'], to: View['items']): ItemsDelta[] {
  return [...new Set([...from.keys(), ...to.keys()])]
    .sort((a, b) => a - b)
    .map((collection) => {
      const [before, after] = [from.get(collection) ?? new Bitset(), to.get(collection) ?? new Bitset()];
      const inos = [...differing(before, after)];
      return {
        collection,
        born: inos.filter((ino) => after.has(ino)),
        died: inos.filter((ino) => before.has(ino)),
      };
    })
    .filter(({ born, died }) => born.length + died.length > 0);
}

/** The chunk versions of document versions. */
export function chunksOf(docs: readonly DocVersion[]): Bitset {
  const vnos = new Bitset();
  for (const { parts } of docs) for (const part of parts) if (typeof part === 'number') vnos.add(part);
  return vnos;
}

/** The newest commit that both come of, by all parents; undefined when there is none that is kept. 0 = before the first. */
export function mergeBase(history: History, a: number, b: number): number | undefined {
  // From the newest down: the first that both reached is the newest in common.
  const reached = new Map<number, number>();
  const reach = (seq: number, by: number): void => void reached.set(seq, (reached.get(seq) ?? 0) | by);
  reach(a, 1);
  reach(b, 2);
  while (reached.size > 0) {
    const seq = Math.max(...reached.keys());
    const by = reached.get(seq) ?? 0;
    if (by === 3) return seq;
    reached.delete(seq);
    for (const parent of history.parents(seq)) reach(parent, by);
    if (seq === 0) return 0;
  }
  return a === 0 || b === 0 ? 0 : undefined;
}
