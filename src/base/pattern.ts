// Patterns that are read when they are first used.
//
// Browsers read every literal pattern as they load a script, and classes of letters (`\p{L}`) take up to a millisecond
// each: together more than opening a database may.

/** A pattern made at its first use. */
export function pattern(source: string, flags = 'u'): () => RegExp {
  let made: RegExp | undefined;
  return () => {
    made ??= new RegExp(source, flags);
    return made;
  };
}
