// The page's end of one engine worker: starts it, opens the database in it, replaces it when it dies.

import { transfer } from 'comlink';
import { AetherError, toWire } from '../base/errors.ts';
import { GPU_BYTES_MAX, MEMORY_BUDGET_BYTES } from '../base/limits.ts';
import type { Instant } from '../model/query.ts';
import type { Capabilities, CommitInfo, Progress, Warning } from '../model/report.ts';
import type { Embedder, EmbedReply, EmbedRequest } from '../ports/embedder.ts';
import {
  type EmbedderChoice,
  type EngineContract,
  type OpenRequest,
  type Outcome,
  PROTOCOL_VERSION,
  type SideMessage,
  type SideReply,
} from '../protocol/engine.ts';
import { type CallOptions, GuardedWorker } from '../protocol/guard.ts';
import { quickRemote } from '../protocol/quick.ts';
import type { OpenOptions } from './options.ts';
import type { Pulls } from './source.ts';
import { spawn } from './spawn.ts';
import { startBuilder } from './builder.ts';

const OPEN_MS_MAX = 120_000;

/** What a client tells its database about. */
export interface Events {
  warning(warning: Warning): void;
  status(role: 'writer' | 'reader'): void;
  change(commit: CommitInfo): void;
}

/** The document sources and progress callbacks of calls in flight. */
interface Flight {
  readonly batches?: Pulls | undefined;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
}

/** A live worker with an open database in it. */
interface Session {
  readonly guarded: GuardedWorker;
  readonly side: MessagePort;
  readonly capabilities: Capabilities;
}

export class EngineClient {
  readonly #name: string | undefined;
  readonly #options: OpenOptions;
  readonly #events: Events;
  readonly #flights = new Map<number, Flight>();
  /** Workers that build graphs. */
  readonly #builders = new Set<Worker>();
  #calls = 0;
  #session: Promise<Session> | undefined;
  #capabilities: Capabilities | undefined;
  #lost: AetherError | undefined;
  /** Commits that views keep, by the name of the pin: a worker that takes over keeps them too. */
  readonly pins = new Map<string, string>();
  /** Where the handle stands; a worker that takes over stands there too. */
  checkout: Instant | undefined;

  constructor(name: string | undefined, options: OpenOptions, events: Events) {
    this.#name = name;
    this.#options = options;
    this.#events = events;
  }

  /** Opens the database in a worker; called again by itself after a worker died. */
  connect(signal?: AbortSignal): Promise<Session> {
    this.#session ??= this.#start(signal).catch((error: unknown) => {
      this.#session = undefined;
      throw error;
    });
    return this.#session;
  }

  get capabilities(): Capabilities {
    if (!this.#capabilities) throw new AetherError('AV_CLOSED', 'the database is not open');
    return this.#capabilities;
  }

  async #start(signal: AbortSignal | undefined): Promise<Session> {
    const spawned = spawn(this.#options.assets ?? {});
    const guarded = new GuardedWorker(spawned.worker, () => this.#died());
    const [channel, calls] = [new MessageChannel(), new MessageChannel()];
    const side = channel.port1;
    side.onmessage = ({ data }: MessageEvent<SideMessage>) => void this.#onSide(side, data);
    this.#flights.set(0, { onProgress: this.#options.onProgress });
    const lifeLock = `aetherv:life:${crypto.randomUUID?.() ?? String(Math.random())}`;
    try {
      const embedder = await this.#choose(side, spawned.tableUrl);
      const request: OpenRequest = {
        protocol: PROTOCOL_VERSION,
        name: this.#options.store === 'memory' ? undefined : this.#name,
        durability: this.#options.durability ?? 'strict',
        onDisk: this.#options.store === 'opfs',
        memoryBudgetBytes: this.#options.memoryBudgetBytes ?? MEMORY_BUDGET_BYTES,
        onModelChange: this.#options.onModelChange ?? 'error',
        embedder,
        gpu: { mode: this.#options.gpu ?? 'auto', bytesMax: this.#options.gpuBytesMax ?? GPU_BYTES_MAX },
        wasm: spawned.wasm,
        vectors: spawned.vectors,
        stemsUrl: spawned.stemsUrl,
        how: spawned.how,
        lifeLock,
        checkout: this.checkout,
      };
      const options: CallOptions = {
        deadlineMs: this.#options.onModelChange === 'upgrade' ? undefined : OPEN_MS_MAX,
        signal,
        onDeath: 'AV_WORKER_LOST',
      };
      const reply = await guarded.call(
        'open',
        (remote) =>
          remote.open(
            transfer(request, embedder.kind === 'port' ? [embedder.port] : []),
            transfer(channel.port2, [channel.port2]),
            transfer(calls.port2, [calls.port2]),
          ),
        () => undefined,
        options,
      );
      guarded.remote = quickRemote(calls.port1);
      guarded.watch(lifeLock);
      this.#capabilities = reply.capabilities;
      for (const [pin, commit] of this.pins) void guarded.remote.pin(++this.#calls, pin, commit);
      return { guarded, side, capabilities: reply.capabilities };
    } catch (error) {
      guarded.retire();
      side.close();
      throw error;
    }
  }

  /** One call of the contract, guarded. */
  async call<T>(
    method: Exclude<keyof EngineContract, 'open' | 'cancel' | 'ping' | 'unpin'>,
    start: (engine: GuardedWorker['remote'], call: number) => Promise<Outcome<T>>,
    options: CallOptions,
    flight: Flight = {},
  ): Promise<T> {
    if (this.#lost) throw this.#lost;
    const { guarded } = await this.connect();
    const call = ++this.#calls;
    this.#flights.set(call, flight);
    try {
      const answer = guarded.call(
        method,
        (remote) => start(remote, call) as Promise<Outcome<never>>,
        () => void guarded.remote.cancel(call),
        options,
      );
      return (await answer) as T;
    } finally {
      this.#flights.delete(call);
      void flight.batches?.close();
    }
  }

  /** Something for the worker to know, if there is one; nobody waits for it. */
  async tell(what: (engine: GuardedWorker['remote']) => unknown): Promise<void> {
    const session = await this.#session?.catch(() => undefined);
    if (session) await Promise.resolve(what(session.guarded.remote)).catch(() => undefined);
  }

  /** Closes the database and ends the worker. */
  async close(): Promise<void> {
    const session = await this.#session?.catch(() => undefined);
    this.#session = undefined;
    if (!session) return;
    const { guarded, side } = session;
    const call = ++this.#calls;
    const done = guarded.call(
      'close',
      (remote) => remote.close(call),
      () => undefined,
      { onDeath: 'AV_WORKER_LOST' },
    );
    await done.catch(() => undefined);
    guarded.retire();
    this.#endBuilders();
    side.close();
  }

  /** Without the engine nobody waits for what they build, and nobody else would stop them. */
  #endBuilders(): void {
    for (const worker of this.#builders) worker.terminate();
    this.#builders.clear();
  }

  /** The table by its address, or a port to the model that was given. */
  async #choose(side: MessagePort, url: string | undefined): Promise<EmbedderChoice> {
    const { embedder } = this.#options;
    if (embedder === undefined || embedder === 'auto') return { kind: 'table', url };
    const { id, dims, weight } = embedder;
    return { kind: 'port', id, dims, weight, port: await portTo(embedder, lostOn(side)) };
  }

  async #reconnect(side: MessagePort): Promise<void> {
    const { embedder } = this.#options;
    if (embedder === undefined || embedder === 'auto') return;
    try {
      const port = await portTo(embedder, lostOn(side));
      side.postMessage({ kind: 'embedder', port } satisfies SideReply, [port]);
    } catch (error) {
      side.postMessage({ kind: 'no-embedder', error: toWire(error, 'AV_EMBEDDER') } satisfies SideReply);
    }
  }

  async #onSide(side: MessagePort, message: SideMessage): Promise<void> {
    switch (message.kind) {
      case 'pull': {
        const batches = this.#flights.get(message.call)?.batches;
        if (!batches) break;
        const reply = await batches.next(message.call);
        side.postMessage(reply, reply.kind === 'items' ? [reply.batch.vectors.buffer] : []);
        break;
      }
      case 'embedder':
        return this.#reconnect(side);
      case 'builder':
        startBuilder(side, this.#options.assets ?? {}, this.#builders);
        break;
      case 'progress':
        calmly(() => this.#flights.get(message.call)?.onProgress?.(message.progress));
        break;
      case 'warning':
        this.#events.warning(message.warning);
        break;
      case 'status':
        this.#events.status(message.role);
        break;
      case 'change':
        this.#events.change(message.commit);
        break;
    }
  }

  /** A named database is opened again by the next call; one in memory is gone, and says so from now on. */
  #died(): void {
    this.#session = undefined;
    this.#endBuilders();
    if (this.#name !== undefined && this.#options.store !== 'memory') return;
    this.#lost = new AetherError(
      'AV_DATA_LOSS',
      'the engine worker died and with it this database, which was in memory only. Open a new one; give it a name to keep it.',
    );
  }
}

/** Runs a callback of the page: what it throws is the page's error, not ours, and is reported as such. */
export function calmly(callback: () => void): void {
  try {
    callback();
  } catch (error) {
    reportError(error);
  }
}

/** Tells the engine that its embedder died. */
const lostOn =
  (side: MessagePort) =>
  (reason: string): void =>
    side.postMessage({ kind: 'embedder-lost', reason } satisfies SideReply);

/** A port to the model: its own worker's, or one on which the page answers for it. */
async function portTo(embedder: Embedder, onLost: (reason: string) => void): Promise<MessagePort> {
  return embedder.connect ? embedder.connect(onLost) : pagePort(embedder);
}

/** Lets an object of the page answer the engine. */
function pagePort(embedder: Embedder): MessagePort {
  const { port1, port2 } = new MessageChannel();
  const running = new Map<number, AbortController>();
  port1.onmessage = async ({ data }: MessageEvent<EmbedRequest>) => {
    const { call } = data;
    if ('cancel' in data) return running.get(call)?.abort();
    const control = new AbortController();
    running.set(call, control);
    try {
      const given = await embedder.embed(data.texts, { kind: data.kind, signal: control.signal });
      port1.postMessage({ call, vectors: flat(given, embedder) } satisfies EmbedReply);
    } catch (error) {
      port1.postMessage({ call, error: toWire(error, 'AV_EMBEDDER') } satisfies EmbedReply);
    } finally {
      running.delete(call);
    }
  };
  return port2;
}

/** Vectors as one array; a row of another length would shift all that follow. */
function flat(given: Awaited<ReturnType<Embedder['embed']>>, { id, dims }: Embedder): Float32Array {
  if (given instanceof Float32Array) return given;
  if (given.some((row) => row.length !== dims))
    throw new AetherError('AV_EMBEDDER', `embedder "${id}" gave a vector whose length is not ${dims}`);
  return Float32Array.from(given.flatMap((row) => Array.from(row)));
}
