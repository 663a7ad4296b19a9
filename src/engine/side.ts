// The side port to the page: documents are pulled through it, progress and events are pushed.

import { AetherError, fromWire } from '../base/errors.ts';
import type { Doc } from '../model/document.ts';
import type { Progress } from '../model/report.ts';
import type { ItemsRequest, SideMessage, SideReply, WriteRequest } from '../protocol/engine.ts';
import type { ItemSource } from '../change/items.ts';
import type { WriteSource } from '../change/write.ts';
import type { ItemBatch } from '../model/vectors.ts';

const PROGRESS_EVERY_MS = 50;

/** A batch of whatever a write puts. */
type Pulled = Extract<SideReply, { kind: 'batch' | 'items' }>;

interface Waiting<T> {
  resolve(value: T): void;
  reject(error: unknown): void;
}

/** The engine's end of the port. */
export class Side {
  readonly #port: MessagePort;
  readonly #waiting = new Map<number, Waiting<Pulled>>();
  #embedder: Waiting<MessagePort> | undefined;
  #builders: Waiting<MessagePort>[] = [];
  /** Called when the page says that the embedder died. */
  onEmbedderLost: (reason: string) => void = () => undefined;

  constructor(port: MessagePort) {
    this.#port = port;
    port.onmessage = ({ data }: MessageEvent<SideReply>) => this.#receive(data);
  }

  #receive(reply: SideReply): void {
    if (reply.kind === 'embedder') this.#embedder?.resolve(reply.port);
    else if (reply.kind === 'no-embedder') this.#embedder?.reject(fromWire(reply.error));
    else if (reply.kind === 'builder') this.#builders.shift()?.resolve(reply.port);
    else if (reply.kind === 'no-builder') this.#builders.shift()?.reject(fromWire(reply.error));
    else if (reply.kind === 'embedder-lost') this.onEmbedderLost(reply.reason);
    else {
      const call = this.#waiting.get(reply.call);
      this.#waiting.delete(reply.call);
      if (reply.kind === 'batch' || reply.kind === 'items') call?.resolve(reply);
      else call?.reject(fromWire(reply.error));
    }
  }

  /** A new port to the embedder. Only the last of several requests is answered. */
  connectEmbedder(): Promise<MessagePort> {
    this.#embedder?.reject(
      new AetherError('AV_WORKER_LOST', 'the embedder died while it was connected to. Call again.'),
    );
    return new Promise((resolve, reject) => {
      this.#embedder = { resolve, reject };
      this.send({ kind: 'embedder' });
    });
  }

  /** A port to a new worker that builds graphs. */
  connectBuilder(): Promise<MessagePort> {
    return new Promise((resolve, reject) => {
      this.#builders.push({ resolve, reject });
      this.send({ kind: 'builder' });
    });
  }

  send(message: SideMessage): void {
    this.#port.postMessage(message);
  }

  /** What a write deletes and puts. */
  source(call: number, { delete: ids, within, pulls, total }: WriteRequest, signal: AbortSignal): WriteSource {
    const deleteWithin = within && { validFrom: within.from, validTo: within.to };
    return { delete: ids, deleteWithin, total, batches: () => (pulls ? this.pull(call, signal) : none()) };
  }

  /** What a write to a collection deletes and puts. */
  items(call: number, { def, delete: ids, pulls, total }: ItemsRequest, signal: AbortSignal): ItemSource {
    return { def, delete: ids, total, batches: () => (pulls ? this.#pullItems(call, signal) : none()) };
  }

  /** The documents of a put, batch by batch; the next one is asked for when the last was worked off. */
  async *pull(call: number, signal: AbortSignal): AsyncGenerator<readonly Doc[]> {
    for await (const reply of this.#pulled(call, signal)) if (reply.kind === 'batch') yield reply.docs;
  }

  async *#pullItems(call: number, signal: AbortSignal): AsyncGenerator<ItemBatch> {
    for await (const reply of this.#pulled(call, signal)) if (reply.kind === 'items') yield reply.batch;
  }

  async *#pulled(call: number, signal: AbortSignal): AsyncGenerator<Pulled> {
    for (let done = false; !done; ) {
      const reply = await new Promise<Pulled>((resolve, reject) => {
        const onAbort = (): void => reject(new AetherError('AV_ABORTED', 'the write was aborted'));
        if (signal.aborted) return onAbort();
        signal.addEventListener('abort', onAbort, { once: true });
        this.#waiting.set(call, { resolve, reject });
        this.send({ kind: 'pull', call });
      });
      done = reply.done;
      yield reply;
    }
  }

  /** Reports progress at most every so often, and the first of each phase at once. */
  progress(call: number): (progress: Progress) => void {
    let [last, phase] = [0, ''];
    return (progress) => {
      const now = performance.now();
      if (progress.phase === phase && now - last < PROGRESS_EVERY_MS && progress.done !== progress.total) return;
      [last, phase] = [now, progress.phase];
      this.send({ kind: 'progress', call, progress });
    };
  }
}

/** Nothing to put: a write that only deletes. */
async function* none(): AsyncGenerator<never> {}
