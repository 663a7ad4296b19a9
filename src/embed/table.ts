// The embedded default embedder: a static token table, fetched lazily, read in the engine (D18).

import { AetherError } from '../base/errors.ts';
import type { Embedder } from '../ports/embedder.ts';

/** The space of the table that ships with this version. */
export const TABLE = { id: 'aether-static-256x2', dims: 256, weight: 0.6 } as const;

/** A server that takes the request and never answers would hold up every write. */
const FETCH_MS_MAX = 60_000;

/** Opens the packed bytes: the engine's reader. */
export type OpenTable = (bytes: Uint8Array) => {
  readonly dims: number;
  trust(query: string): number;
  embed(texts: readonly string[]): Float32Array;
};

const failed = (url: string | undefined, what: string, cause?: unknown): AetherError =>
  new AetherError(
    'AV_MODEL_UNAVAILABLE',
    `the embedding table ${url ?? ''} cannot be had: ${what}. Search is lexical until it can. Serve aether-static-256x2.bin beside the script (with Access-Control-Allow-Origin when that is another origin) or set assets.tableUrl.`,
    { cause },
  );

/**
 * Fetches the packed table.
 *
 * @throws `AV_MODEL_UNAVAILABLE`.
 */
export async function fetchTable(url: string | undefined): Promise<Uint8Array> {
  if (url === undefined) throw failed(url, 'its address is not known');
  try {
    const reply = await fetch(url, { signal: AbortSignal.timeout(FETCH_MS_MAX) });
    if (!reply.ok) throw new Error(`the server answered ${reply.status}`);
    return new Uint8Array(await reply.arrayBuffer());
  } catch (cause) {
    throw failed(url, cause instanceof Error ? cause.message : String(cause), cause);
  }
}

/**
 * The embedder over the fetched bytes.
 *
 * @throws `AV_MODEL_UNAVAILABLE` when they are damaged.
 */
export function tableEmbedder(bytes: Uint8Array, url: string | undefined, open: OpenTable): Embedder {
  try {
    const table = open(bytes);
    return {
      ...TABLE,
      deterministic: true,
      trust: (query) => table.trust(query),
      embed: async (texts) => table.embed(texts),
    };
  } catch (cause) {
    throw failed(url, cause instanceof Error ? cause.message : String(cause), cause);
  }
}
