// A heading path as one string: its elements joined by U+001F, the unit separator.

const SEPARATOR = '\u001f';

/** A heading path as one string. */
export const joinPath = (path: readonly string[]): string =>
  path.map((part) => part.replaceAll(SEPARATOR, ' ')).join(SEPARATOR);

/** The elements of a joined heading path. */
export const splitPath = (joined: string): string[] => (joined === '' ? [] : joined.split(SEPARATOR));
