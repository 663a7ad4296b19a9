// What the engine asks of an embedding model.

/** What the text is: some models prefix queries and documents differently. */
export type EmbedKind = 'query' | 'document';

/**
 * An embedding model. Vectors are compared by cosine; they are brought to unit length if they are not.
 * The `id` names everything that changes vectors (model, revision, dtype, pooling, prefixes): it is the space's name.
 */
export interface Embedder {
  readonly id: string;
  /** Values of a vector, 1 to 8,192. */
  readonly dims: number;
  /** Weight of the lexical channel in hybrid search with this model, 0 to 1. Default 0.5. */
  readonly weight?: number | undefined;
  /**
   * How far the vector of a query is to be believed, 0 to 1, where the model does not understand every language: its
   * share of hybrid search, 1 - `weight`, is multiplied by this. Default 1.
   */
  trust?(query: string): number;
  /**
   * Does the same text give the same bits on every machine and in every batch? Then vectors of texts that no branch shows
   * any more are not kept, but computed again when an old version is searched. Default false.
   */
  readonly deterministic?: boolean | undefined;
  /** Vectors of all texts, row-major, or one array per text. A text without meaning gives a zero vector. */
  embed(
    texts: readonly string[],
    options: { kind: EmbedKind; signal?: AbortSignal },
  ): Promise<Float32Array | readonly (Float32Array | readonly number[])[]>;
  /**
   * A port to a worker that answers {@link EmbedRequest}s, so that texts do not cross the page. `onLost` is to be called
   * when that worker dies: nobody else can know.
   */
  connect?(onLost: (reason: string) => void): Promise<MessagePort>;
  /** Frees what it holds. The caller's to call, after the databases that use it are closed. */
  close?(): void | Promise<void>;
}

/** What the engine worker posts on an embedder's port: texts to embed, or the news that a call is given up. */
export type EmbedRequest =
  | { readonly call: number; readonly texts: readonly string[]; readonly kind: EmbedKind }
  | { readonly call: number; readonly cancel: true };

/** What comes back: vectors row-major (transferred), or the error. */
export type EmbedReply =
  | { readonly call: number; readonly vectors: Float32Array }
  | { readonly call: number; readonly error: { readonly code: string; readonly message: string } };
