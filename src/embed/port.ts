// An embedder that answers on a port: a model in its own worker, or an object of the page.

import { AetherError, CODES, type ErrorCode } from '../base/errors.ts';
import type { Embedder, EmbedReply, EmbedRequest } from '../ports/embedder.ts';

/** What is known of the model before it is loaded. */
export interface PortModel {
  readonly id: string;
  readonly dims: number;
  readonly weight: number | undefined;
  readonly port: MessagePort;
}

/** The engine's side of the port. */
export function embedderOnPort({ id, dims, weight, port }: PortModel): Embedder {
  const waiting = new Map<number, { resolve: (vectors: Float32Array) => void; reject: (error: unknown) => void }>();
  let calls = 0;
  port.onmessage = ({ data }: MessageEvent<EmbedReply>) => {
    const call = waiting.get(data.call);
    waiting.delete(data.call);
    if ('vectors' in data) call?.resolve(data.vectors);
    else
      call?.reject(
        new AetherError(data.error.code in CODES ? (data.error.code as ErrorCode) : 'AV_EMBEDDER', data.error.message),
      );
  };
  return {
    id,
    dims,
    weight,
    embed: (texts, { kind, signal }) =>
      new Promise((resolve, reject) => {
        const call = ++calls;
        const onAbort = (): void => {
          waiting.delete(call);
          reject(new AetherError('AV_ABORTED', 'embedding was aborted'));
        };
        if (signal?.aborted) return onAbort();
        signal?.addEventListener('abort', onAbort, { once: true });
        const settled =
          <T>(settle: (value: T) => void) =>
          (value: T): void => {
            signal?.removeEventListener('abort', onAbort);
            settle(value);
          };
        waiting.set(call, { resolve: settled(resolve), reject: settled(reject) });
        port.postMessage({ call, texts, kind } satisfies EmbedRequest);
      }),
    close: () => port.close(),
  };
}
