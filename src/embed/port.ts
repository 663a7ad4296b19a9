// An embedder that answers on a port: a model in its own worker, or an object of the page.

import { AetherError, CODES, type ErrorCode } from '../base/errors.ts';
import type { Embedder, EmbedKind, EmbedReply, EmbedRequest } from '../ports/embedder.ts';

/** What is known of the model before it is loaded, and how to reach it. */
export interface PortModel {
  readonly id: string;
  readonly dims: number;
  readonly weight: number | undefined;
  readonly port: MessagePort;
}

interface Pending {
  resolve(vectors: Float32Array): void;
  reject(error: unknown): void;
}

/** After one of these the port is dead: the model's owner has to give a new one. */
const FATAL: readonly string[] = ['AV_WORKER_LOST', 'AV_MODEL_UNAVAILABLE'];

/** The engine's side of the port. */
export class PortEmbedder implements Embedder {
  readonly id: string;
  readonly dims: number;
  readonly weight: number | undefined;
  readonly #reconnect: () => Promise<MessagePort>;
  readonly #pending = new Map<number, Pending>();
  #port: Promise<MessagePort> | undefined;
  #calls = 0;

  /** `reconnect` asks the page for a new port. */
  constructor({ id, dims, weight, port }: PortModel, reconnect: () => Promise<MessagePort>) {
    this.id = id;
    this.dims = dims;
    this.weight = weight;
    this.#reconnect = reconnect;
    this.#port = Promise.resolve(this.#listen(port));
  }

  async embed(
    texts: readonly string[],
    { kind, signal }: { kind: EmbedKind; signal?: AbortSignal },
  ): Promise<Float32Array> {
    this.#port ??= this.#reconnect().then((port) => this.#listen(port));
    const port = await this.#port.catch((error: unknown) => {
      this.#port = undefined;
      throw error;
    });
    const aborted = (): AetherError => new AetherError('AV_ABORTED', 'embedding was aborted');
    if (signal?.aborted) throw aborted();
    const call = ++this.#calls;
    let giveUp: () => void = () => undefined;
    const answer = new Promise<Float32Array>((resolve, reject) => {
      this.#pending.set(call, { resolve, reject });
      giveUp = () => {
        port.postMessage({ call, cancel: true });
        reject(aborted());
      };
    });
    signal?.addEventListener('abort', giveUp, { once: true });
    port.postMessage({ call, texts, kind } satisfies EmbedRequest);
    return answer.finally(() => {
      this.#pending.delete(call);
      signal?.removeEventListener('abort', giveUp);
    });
  }

  /** The model behind the port is gone: calls in flight fail, the next one connects anew. */
  lost(reason: string): void {
    this.#port = undefined;
    const error = new AetherError('AV_WORKER_LOST', `the embedder is gone: ${reason}. Call again.`);
    for (const { reject } of this.#pending.values()) reject(error);
  }

  async close(): Promise<void> {
    const port = await this.#port?.catch(() => undefined);
    port?.close();
  }

  #listen(port: MessagePort): MessagePort {
    port.onmessage = ({ data }: MessageEvent<EmbedReply>) => {
      const call = this.#pending.get(data.call);
      if ('vectors' in data) call?.resolve(data.vectors);
      else {
        const { code, message } = data.error;
        if (FATAL.includes(code)) this.#port = undefined;
        call?.reject(new AetherError(code in CODES ? (code as ErrorCode) : 'AV_EMBEDDER', message));
      }
    };
    return port;
  }
}
