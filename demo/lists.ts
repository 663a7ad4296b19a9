// Lists: one of all that comes, and the old one where nothing changed.

/** Everything that an iterable gives. */
export async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}

/** The old list, if the new one holds the same. */
export function sameList<T>(before: readonly T[], now: readonly T[], key: (item: T) => string): readonly T[] {
  const same = before.length === now.length && now.every((item, index) => key(item) === key(before[index] ?? item));
  return same ? before : now;
}
