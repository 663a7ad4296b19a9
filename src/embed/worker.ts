// One worker that runs a model, as the page sees it: started, asked, connected to, and found dead.
import { AetherError, fromWire } from '../base/errors.ts';
import type { EmbedKind, EmbedReply, EmbedRequest } from '../ports/embedder.ts';
import type { LoadProgress, Plan } from './model.ts';
import type { FromWorker, ToWorker } from './pipeline.ts';

/** A worker and the page's own port to it. */
export class ModelWorker {
  /** Why no further call should use this worker. */
  failure: AetherError | undefined;
  readonly #worker: Worker;
  readonly #port: MessagePort;
  readonly #pending = new Map<number, { resolve(vectors: Float32Array): void; reject(error: AetherError): void }>();
  readonly #started = deferred<void>();
  readonly #onLost = new Set<(reason: string) => void>();
  #runs = false;
  #calls = 0;

  constructor(plan: Plan, onProgress: ((progress: LoadProgress) => void) | undefined) {
    this.#worker = spawn();
    // Unique: it names one worker.
    const lock = `aetherv-embedder-${performance.timeOrigin}-${Math.random()}`;
    this.#worker.addEventListener('message', ({ data }: MessageEvent<FromWorker>) => {
      if (data.about === 'progress') onProgress?.(data.progress);
      else if (data.about === 'failed') this.failure = fromWire(data.error);
      else {
        this.#runs = true;
        this.#started.resolve();
        // Granted when the worker is gone, also where it ended without an error.
        void navigator.locks?.request(lock, () => this.#died('it ended'));
      }
    });
    this.#worker.addEventListener('error', (event) => {
      event.preventDefault();
      this.#died(event.message);
    });
    // Who connects hears of a failure; nobody else has to.
    this.#started.promise.catch(() => undefined);
    this.#send({ plan, lock });
    this.#port = this.#channel();
    this.#port.onmessage = ({ data }: MessageEvent<EmbedReply>) => this.#settle(data);
  }

  /** A new port, once it is known that the worker's script runs; the model may still be on its way. */
  async connect(onLost: (reason: string) => void): Promise<MessagePort> {
    await this.#started.promise;
    this.#onLost.add(onLost);
    return this.#channel();
  }

  async ask(texts: readonly string[], kind: EmbedKind, signal: AbortSignal | undefined): Promise<Float32Array> {
    if (signal?.aborted) throw aborted();
    const call = ++this.#calls;
    const { promise, resolve, reject } = deferred<Float32Array>();
    const giveUp = () => {
      this.#pending.delete(call);
      this.#port.postMessage({ call, cancel: true });
      reject(aborted());
    };
    signal?.addEventListener('abort', giveUp, { once: true });
    this.#pending.set(call, { resolve, reject });
    this.#port.postMessage({ call, texts, kind } satisfies EmbedRequest);
    return promise.finally(() => signal?.removeEventListener('abort', giveUp));
  }

  /** Ends the worker; calls in flight reject with `error`. */
  end(error: AetherError): void {
    this.failure ??= error;
    this.#worker.terminate();
    this.#port.close();
    for (const { reject } of this.#pending.values()) reject(error);
    this.#pending.clear();
    for (const onLost of this.#onLost) onLost(error.message);
    this.#onLost.clear();
    this.#started.reject(error);
  }

  #channel(): MessagePort {
    const { port1, port2 } = new MessageChannel();
    this.#send({ port: port2 }, [port2]);
    return port1;
  }

  #settle(reply: EmbedReply): void {
    const asked = this.#pending.get(reply.call);
    this.#pending.delete(reply.call);
    if ('vectors' in reply) asked?.resolve(reply.vectors);
    else {
      const error = fromWire(reply.error as Parameters<typeof fromWire>[0]);
      // It says so itself before the browser does: a call in between would be lost, too.
      if (error.code === 'AV_WORKER_LOST') this.failure ??= error;
      asked?.reject(error);
    }
  }

  #died(reason: string): void {
    const lost = new AetherError(
      'AV_WORKER_LOST',
      `the embedder's worker died (${reason}). Call again: a new one starts.`,
    );
    const missing = `the embedder's worker could not be started (${reason || 'no script'}). Serve workers/embed.worker.js of aetherv/dist beside transformers.js.`;
    this.end(this.#runs ? lost : new AetherError('AV_MODEL_UNAVAILABLE', missing));
  }

  #send(message: ToWorker, transfer: Transferable[] = []): void {
    this.#worker.postMessage(message, transfer);
  }
}

function spawn(): Worker {
  if (typeof Worker === 'undefined') {
    throw new AetherError(
      'AV_MODEL_UNAVAILABLE',
      'this place has no workers to run a model in. Use transformers() in a page.',
    );
  }
  if (new URL(import.meta.url).origin === location.origin) {
    return new Worker(new URL('../../workers/embed.worker.ts', import.meta.url), { type: 'module' });
  }
  // A page may not start another origin's file as a worker, but a module of its own may import it. The path is where the build puts
  // it: only scripts that are loaded as published come here.
  const url = new URL(/* @vite-ignore */ 'workers/embed.worker.js', import.meta.url);
  const text = `import ${JSON.stringify(url.href)};`;
  const blob = URL.createObjectURL(new Blob([text], { type: 'text/javascript' }));
  // The browser has read it long before.
  setTimeout(() => URL.revokeObjectURL(blob), 60_000);
  return new Worker(blob, { type: 'module' });
}

function aborted(): AetherError {
  return new AetherError('AV_ABORTED', 'embedding was given up through its AbortSignal.');
}

function deferred<T>() {
  let resolve: (value: T) => void = () => undefined;
  let reject: (error: AetherError) => void = () => undefined;
  const promise = new Promise<T>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}
