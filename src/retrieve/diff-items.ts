// Which items of a collection differ between two points in history.

import { hex } from '../base/bytes.ts';
import type { ItemDelta, ItemPayload } from '../model/vectors.ts';
import { NONE } from '../ports/index.ts';
import { Bitset } from '../version/bitset.ts';
import { openCollection } from '../version/collections.ts';
import { differing } from '../version/compare.ts';
import type { View } from '../version/history.ts';
import type { State } from '../version/state.ts';
import { type Range, viewsIn } from './diff.ts';
import { payloadOf } from './items.ts';

const ID_BYTES = 16;

/** The differences, in the order in which the item versions were put. */
export async function diffItems(state: State, name: string, range: Range): Promise<ItemDelta[]> {
  viewsIn(state, range);
  const collection = state.collections.named(name);
  if (!collection) return [];
  const index = await openCollection(state, collection);
  const [from, to] = viewsIn(state, range);
  const own = ({ items }: View): Bitset => items.get(collection.def.ordinal) ?? new Bitset();
  const ids = [...new Set(index.ids(Uint32Array.from(differing(own(from), own(to)))))];
  const inosAt = (view: View): Uint32Array => index.find(ids, collection.handle(index, view));
  const [was, now] = [inosAt(from), inosAt(to)];
  const payloads = (inos: Uint32Array): (ItemPayload | undefined)[] => {
    const rows = new Map(
      index
        .describe(
          inos.filter((ino) => ino !== NONE),
          false,
        )
        .map((row) => [row.ino, row]),
    );
    return [...inos].map((ino) => rows.get(ino)).map((row) => row && payloadOf(row));
  };
  const [before, after] = [payloads(was), payloads(now)];
  const [old, fresh] = [index.cnos(was), index.cnos(now)];
  const versions = [index.versions(was), index.versions(now)].map((all) =>
    ids.map((_, i) => hex(all.subarray(i * ID_BYTES, (i + 1) * ID_BYTES))),
  );
  return ids.flatMap((id, i) => {
    // Put back as it was, though in another version's place.
    if (versions[0]?.[i] === versions[1]?.[i]) return [];
    const [a, b] = [before[i], after[i]];
    return { op: a ? (b ? 'update' : 'delete') : 'add', id, from: a, to: b, vector: old[i] !== fresh[i] };
  });
}
