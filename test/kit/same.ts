// The same work in all builds of a module: one answer, or one failure.

import { expect } from 'vitest';

/** Runs on every build and expects the same from all; `failure` is what every build throws, as text. */
export function sameIn<Glue>(builds: readonly { readonly name: string; readonly glue: Glue }[]): {
  same: <T>(run: (glue: Glue) => T) => T;
  failure: (run: (glue: Glue) => unknown) => string;
} {
  const same = <T>(run: (glue: Glue) => T): T => {
    const [first, ...others] = builds.map(({ glue }) => run(glue));
    for (const [i, other] of others.entries()) expect(other, builds[i + 1]?.name).toEqual(first);
    return first as T;
  };
  const failure = (run: (glue: Glue) => unknown): string =>
    same((glue) => {
      try {
        run(glue);
        return 'nothing';
      } catch (error) {
        return String(error);
      }
    });
  return { same, failure };
}
