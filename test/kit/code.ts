// What a call comes to, where tests ask for its error alone.

import { AetherError } from '../../src/base/errors.ts';

/** The code of a call's error, what else it failed with, or that it did not. */
export const codeOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'no error',
    (error: unknown) => (error instanceof AetherError ? error.code : String(error)),
  );
