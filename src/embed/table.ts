// The embedded default embedder: a static token table, fetched lazily, read in the engine (D18).

import { AetherError } from '../base/errors.ts';
import type { Embedder } from '../ports/embedder.ts';

/** The space of the table that ships with this version. */
export const TABLE = { id: 'aether-static-256x2', dims: 256, weight: 0.6 } as const;

/** Opens the packed bytes: the engine's reader. */
export type OpenTable = (bytes: Uint8Array) => { readonly dims: number; embed(texts: readonly string[]): Float32Array };

/**
 * Fetches and opens the table.
 *
 * @throws `AV_MODEL_UNAVAILABLE` when it cannot be fetched or is damaged.
 */
export async function loadTable(url: string | undefined, open: OpenTable): Promise<Embedder> {
  const failed = (what: string, cause?: unknown): AetherError =>
    new AetherError(
      'AV_MODEL_UNAVAILABLE',
      `the embedding table ${url ?? ''} cannot be had: ${what}. Search is lexical until it can. Serve aether-static-256x2.bin beside the script or set assets.tableUrl.`,
      { cause },
    );
  if (url === undefined) throw failed('its address is not known');
  const reply = await fetch(url).catch((cause: unknown) => {
    throw failed('the request failed', cause);
  });
  if (!reply.ok) throw failed(`the server answered ${reply.status}`);
  try {
    const table = open(new Uint8Array(await reply.arrayBuffer()));
    return { ...TABLE, embed: async (texts) => table.embed(texts) };
  } catch (cause) {
    throw failed(cause instanceof Error ? cause.message : String(cause), cause);
  }
}
