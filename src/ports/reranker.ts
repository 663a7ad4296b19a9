// What the page asks of a model that orders hits anew.

/** A model that reads query and text together. */
export interface Reranker {
  /** Names the model, for messages. */
  readonly id: string;
  /**
   * How well each text answers the query: a finite number each, the higher the better, in the order of the texts. A text is the heading path of
   * a hit, a line each, and its chunk.
   */
  score(
    query: string,
    texts: readonly string[],
    options?: { signal?: AbortSignal },
  ): Promise<Float32Array | readonly number[]>;
  /** Frees what it holds. The caller's to call, after the databases that use it are closed. */
  close?(): void | Promise<void>;
}
