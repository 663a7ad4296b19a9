// The one error class and the closed list of its codes: the same names in Rust, worker and page.

/** Every code with what it means and what the caller can do. */
export const CODES = {
  AV_ABORTED: 'the call was given up through its AbortSignal; nothing was changed',
  AV_BUSY: 'another tab is the writer of this database; this one reads',
  AV_CLOSED: 'the database was closed',
  AV_CONFLICT: 'the branch moved since the plan was made',
  AV_CORRUPT: 'stored bytes are damaged',
  AV_DATA_LOSS: 'data that was there is gone',
  AV_DETACHED: 'the handle stands on a tag or a commit, where nothing can be written',
  AV_DIM_MISMATCH: 'a vector has another number of dimensions than the embedding space',
  AV_EMBEDDER: 'the embedder failed or broke its contract',
  AV_FILTER: 'a filter cannot be understood',
  AV_FORMAT_NEWER: 'the database was written by a later version of the library',
  AV_GPU: "there is no GPU to be had, and `gpu: 'force'` asks for one",
  AV_INTERNAL: 'a defect of the library',
  AV_INVALID: 'an argument is outside what is allowed',
  AV_LIMIT: 'an argument is larger than its limit',
  AV_MODEL_MISMATCH: 'the database was built with another embedding model',
  AV_MODEL_UNAVAILABLE: 'the embedding model, or the stemmers of a language, could not be loaded',
  AV_NON_FINITE: 'a vector holds NaN or an infinity',
  AV_NOT_FOUND: 'no document of that id in any version',
  AV_OUTCOME_UNKNOWN: 'the worker died during a write; whether it was committed shows after reopening',
  AV_POISONED: 'the engine hit a defect and was stopped; the next call starts a new one',
  AV_QUOTA: 'the browser refused to store more',
  AV_REF_AMBIGUOUS: 'a short commit id fits several commits',
  AV_REF_EXISTS: 'a branch or tag of that name exists',
  AV_REF_IN_USE: 'the branch is checked out or the last one there is',
  AV_REF_UNKNOWN: 'no such branch, tag or commit, or no commit that early',
  AV_STORAGE: 'the browser storage failed',
  AV_TEXT_ENCODING: 'a string holds a lone surrogate and cannot be stored',
  AV_TIMEOUT: 'the call did not finish before its deadline',
  AV_WORKER_LOST: 'the worker died during the call; the next call uses a new one',
} as const;

/** A code of {@link CODES}. */
export type ErrorCode = keyof typeof CODES;

/** What crosses a thread border in place of an error. */
export interface WireError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly detail?: unknown;
}

/** The error of every failing call. `message` says what happened, the offending value, and what to do. */
export class AetherError extends Error {
  override readonly name = 'AetherError';
  readonly code: ErrorCode;
  /** Plain data about the failure, by code. */
  readonly detail: unknown;

  constructor(code: ErrorCode, message: string, options: { detail?: unknown; cause?: unknown } = {}) {
    super(`${code}: ${message}`, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.detail = options.detail;
  }
}

/** Any thrown value as plain data; what is not an AetherError becomes `fallback`. */
export function toWire(error: unknown, fallback: ErrorCode = 'AV_INTERNAL'): WireError {
  if (error instanceof AetherError) {
    const message = error.message.slice(error.code.length + 2);
    return error.detail === undefined
      ? { code: error.code, message }
      : { code: error.code, message, detail: error.detail };
  }
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  const known = /^(AV_[A-Z_]+): ([\s\S]*)$/.exec(typeof error === 'string' ? error : '');
  if (known?.[1] !== undefined && known[1] in CODES) return { code: known[1] as ErrorCode, message: known[2] ?? '' };
  return { code: fallback, message: text };
}

/** The error that {@link toWire} described. */
export function fromWire(wire: WireError): AetherError {
  return new AetherError(wire.code, wire.message, { detail: wire.detail });
}

/** `error` as an AetherError, unchanged if it is one. */
export function asAether(error: unknown, fallback: ErrorCode = 'AV_INTERNAL'): AetherError {
  return error instanceof AetherError ? error : fromWire(toWire(error, fallback));
}

/** Runs what is done for one of several queries: what it throws says for which. */
export function ofQuery<T>(i: number, run: () => T): T {
  try {
    return run();
  } catch (cause) {
    const { code, message, detail } = toWire(cause);
    throw new AetherError(code, `query ${i}: ${message}`, { detail, cause });
  }
}
