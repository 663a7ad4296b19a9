// Implements the engine contract in the worker: one database, reads at any time, one write after another.

import { AetherError, toWire } from '../base/errors.ts';
import { backfill, missing } from '../change/backfill.ts';
import { flushIsDue, write, type WriteSource } from '../change/write.ts';
import type { Capabilities, Durability, Info, Progress } from '../model/report.ts';
import {
  type EngineContract,
  type OpenRequest,
  type Outcome,
  PROTOCOL_VERSION,
  type SearchRequest,
  type WriteRequest,
} from '../protocol/engine.ts';
import { find, get, list, log, resolve } from '../retrieve/reads.ts';
import { search } from '../retrieve/search.ts';
import { joinTabs, type TabMessage, type Tabs } from '../storage/tabs.ts';
import { flush } from '../upkeep/flush.ts';
import { replay } from '../upkeep/recover.ts';
import type { State } from '../version/state.ts';
import { compose, reload, type Room } from './compose.ts';
import { capabilitiesOf, infoOf } from './introspect.ts';
import { Side } from './side.ts';

/** A write that takes longer to finish is given up when the database closes. */
const CLOSE_MS_MAX = 10_000;

/** The engine's calls, in an object without a prototype: nothing else can be reached through Comlink. */
export function createEngine(): EngineContract {
  const engine = new Engine();
  const contract: EngineContract = {
    open: (request, side) => outcome(() => engine.open(request, side)),
    write: (call, request) => engine.run(call, (signal) => engine.write(call, request, signal)),
    search: (call, request) => engine.run(call, () => engine.search(request)),
    get: (call, id, asOf) => engine.run(call, async () => get(engine.state, id, asOf)),
    has: (call, id, asOf) => engine.run(call, async () => find(engine.state, id, asOf) !== undefined),
    list: (call, from, asOf) => engine.run(call, async () => list(engine.state, from, asOf)),
    log: (call, from, asOf) => engine.run(call, async () => log(engine.state, from, asOf)),
    resolve: (call, asOf) => engine.run(call, async () => resolve(engine.state, asOf)),
    info: (call) => engine.run(call, async () => engine.info()),
    flush: (call) => engine.run(call, () => engine.flush()),
    close: (call) => engine.run(call, () => engine.close()),
    cancel: (call) => engine.cancel(call),
    ping: async () => true,
  };
  return Object.freeze(Object.assign(Object.create(null) as EngineContract, contract));
}

async function outcome<T>(run: () => Promise<T>): Promise<Outcome<T>> {
  try {
    return { ok: await run() };
  } catch (error) {
    return { error: toWire(error) };
  }
}

class Engine {
  #room: Room | undefined;
  #side: Side | undefined;
  #tabs: Tabs | undefined;
  #name: string | undefined;
  #durable: Durability | 'memory' = 'memory';
  #openMs = 0;
  #writes: Promise<unknown> = Promise.resolve();
  readonly #calls = new Map<number, AbortController>();
  readonly #life = new AbortController();

  async open(request: OpenRequest, port: MessagePort): Promise<{ protocol: number; capabilities: Capabilities }> {
    if (request.protocol !== PROTOCOL_VERSION)
      throw new AetherError(
        'AV_INTERNAL',
        `the page speaks protocol ${request.protocol}, the worker ${PROTOCOL_VERSION}. Serve both from one build.`,
      );
    const started = performance.now();
    const side = new Side(port);
    await holdLifeLock(request.lifeLock);
    const listener = {
      side,
      onWarning: (warning: { code: string; message: string }) => side.send({ kind: 'warning', warning }),
      onProgress: side.progress(0),
    };
    const room = await compose(request, listener);
    this.#room = room;
    this.#side = side;
    this.#name = request.name;
    this.#durable = room.state.store.kind === 'memory' ? 'memory' : request.durability;
    if (room.state.store.kind === 'indexeddb' && request.name !== undefined) {
      this.#tabs = joinTabs(request.name, (message) => this.#follow(message));
      if (!room.writer) {
        room.lease.onWriter(() => this.#becomeWriter());
        // What was committed between our reading and our joining was announced to nobody here.
        this.#follow({ v: 1, kind: 'changed', epoch: room.state.manifest.epoch, seq: 0 });
      }
    }
    if (request.onModelChange === 'upgrade') await this.#fillVectors(room, listener.onProgress);
    else void this.#fillVectors(room, () => undefined).catch(() => undefined);
    this.#openMs = performance.now() - started;
    return { protocol: PROTOCOL_VERSION, capabilities: capabilitiesOf(room, request, this.#durable) };
  }

  /** Runs one call with a signal that `cancel` pulls. */
  async run<T>(call: number, start: (signal: AbortSignal) => Promise<T>): Promise<Outcome<T>> {
    const controller = new AbortController();
    this.#calls.set(call, controller);
    try {
      return await outcome(() => start(controller.signal));
    } finally {
      this.#calls.delete(call);
    }
  }

  cancel(call: number): void {
    this.#calls.get(call)?.abort();
  }

  write(call: number, request: WriteRequest, signal: AbortSignal): Promise<Awaited<ReturnType<typeof write>>> {
    const side = this.#must(this.#side);
    const room = this.#must(this.#room);
    if (!room.writer) {
      throw new AetherError(
        'AV_BUSY',
        `another tab is the writer of "${this.#name}"; this one can read. Write there, or close it: this tab then becomes the writer.`,
      );
    }
    const ids = request.delete;
    const source: WriteSource = {
      total: request.total,
      batches: () => (ids ? side.only({ delete: ids }) : side.pull(call, signal)),
    };
    return this.#exclusively(async () => {
      if (request.dense) await room.model;
      const { state } = room;
      const before = state.history.head.seq;
      const plan = {
        message: request.message,
        author: request.author,
        dense: request.dense,
        durable: this.#durable,
        signal,
        onProgress: side.progress(call),
        flush: () => flush(state),
      };
      const report = await write(state, source, plan);
      const commit = state.history.commits.at(-1);
      if (commit && commit.seq > before) {
        side.send({ kind: 'change', commit });
        await this.#afterWrite(state);
      }
      if (!request.dense) void this.#fillVectors(room, () => undefined).catch(() => undefined);
      return report;
    }, signal);
  }

  /** Tells other tabs, and flushes when it is time. */
  async #afterWrite(state: State): Promise<void> {
    this.#tabs?.announce(state.manifest.epoch, state.history.head.seq);
    if (!flushIsDue(state)) return;
    // The commit is durable: a flush that fails is tried again by the next write.
    await flush(state).catch((error: unknown) => this.#warn(error, 'the log could not be moved into segments: '));
    this.#tabs?.announce(state.manifest.epoch, state.history.head.seq);
  }

  async search(request: SearchRequest): Promise<Awaited<ReturnType<typeof search>>> {
    const room = this.#must(this.#room);
    if (request.mode !== 'lexical') await room.model;
    const { query, ...ask } = request;
    return search(room.state, query, ask);
  }

  /** The open database, for the reads that need nothing else. */
  get state(): State {
    return this.#must(this.#room).state;
  }

  info(): Info {
    return infoOf(this.#must(this.#room), this.#name, this.#openMs);
  }

  async flush(): Promise<undefined> {
    const { state } = this.#must(this.#room);
    await this.#exclusively(() => flush(state));
    this.#tabs?.announce(state.manifest.epoch, state.history.head.seq);
    return undefined;
  }

  /** Lets writes in flight finish, within bounds, then gives everything back. */
  async close(): Promise<undefined> {
    this.#life.abort();
    const patience = setTimeout(() => {
      for (const call of this.#calls.values()) call.abort();
    }, CLOSE_MS_MAX);
    await this.#writes.catch(() => undefined);
    clearTimeout(patience);
    const room = this.#must(this.#room);
    this.#room = undefined;
    this.#tabs?.close();
    room.lease.release();
    room.state.store.close();
    await room.state.embedder?.close?.();
    return undefined;
  }

  /** One after another. A call that is given up while it waits fails at once: it has not begun. */
  #exclusively<T>(run: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    const aborted = (): AetherError => new AetherError('AV_ABORTED', 'the write was aborted before it began');
    let begun = false;
    const start = (): Promise<T> => {
      begun = true;
      if (signal?.aborted) throw aborted();
      return run();
    };
    const next = this.#writes.then(start, start);
    this.#writes = next.catch(() => undefined);
    if (!signal) return next;
    const waiting = new Promise<never>((_, reject) => {
      signal.addEventListener('abort', () => !begun && reject(aborted()), { once: true });
    });
    return Promise.race([next, waiting]);
  }

  /** Frame by frame, so that writes get their turn in between. */
  async #fillVectors(room: Room, onProgress: (progress: Progress) => void): Promise<void> {
    await room.model;
    if (!room.writer || !room.state.embedder) return;
    const total = missing(room.state).length;
    for (let left = total; left > 0 && !this.#life.signal.aborted; ) {
      onProgress({ phase: 'upgrade', done: Math.max(0, total - left), total });
      left = await this.#exclusively(async () => {
        await backfill(room.state, this.#life.signal);
        await this.#afterWrite(room.state);
        return missing(room.state).length;
      });
    }
    if (total > 0) onProgress({ phase: 'upgrade', done: total, total });
  }

  /** A reader takes in what the writer announced; frames one by one if it missed nothing else. */
  #follow(message: TabMessage): void {
    const room = this.#room;
    if (!room || room.writer) return;
    void this.#exclusively(async () => {
      const before = room.state.history.head.seq;
      if (message.epoch !== room.state.manifest.epoch || !(await this.#readTail(room.state))) {
        await reload(room, false, () => undefined);
      }
      const commit = room.state.history.commits.at(-1);
      if (commit && commit.seq > before) this.#side?.send({ kind: 'change', commit });
    }).catch((error: unknown) => this.#warn(error));
  }

  async #readTail(state: State): Promise<boolean> {
    const frames = await state.store.tail(state.manifest.epoch, state.wal.frames);
    return frames.every(({ bytes }) => replay(state, { segments: new Map() }, bytes));
  }

  #becomeWriter(): void {
    const room = this.#room;
    if (!room || room.writer) return;
    void this.#exclusively(async () => {
      await reload(room, true, (message) =>
        this.#side?.send({ kind: 'warning', warning: { code: 'AV_DATA_LOSS', message } }),
      );
      room.writer = true;
      this.#side?.send({ kind: 'status', role: 'writer' });
    })
      .then(() => this.#fillVectors(room, () => undefined))
      .catch((error: unknown) => {
        // Holding the lock over a state that is not the writer's would keep every other tab from writing too.
        this.#warn(error);
        room.lease.release();
      });
  }

  #warn(error: unknown, about = ''): void {
    const { code, message } = toWire(error);
    this.#side?.send({ kind: 'warning', warning: { code, message: about + message } });
  }

  #must<T>(value: T | undefined): T {
    if (value === undefined) throw new AetherError('AV_CLOSED', 'the database is closed. Open it again.');
    return value;
  }
}

/** The page asks for the same lock and gets it when this worker dies: the surest sign of death there is. */
async function holdLifeLock(name: string): Promise<void> {
  const locks = (navigator as Partial<Navigator>).locks;
  if (!locks) return;
  await new Promise<void>((held, failed) => {
    locks
      .request(name, () => {
        held();
        return new Promise<void>(() => undefined);
      })
      .catch(failed);
  });
}
