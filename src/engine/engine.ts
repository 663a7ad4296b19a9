// Implements the engine contract in the worker: one database, reads at any time, one write after another.

import { AetherError, asAether, toWire } from '../base/errors.ts';
import { stage } from '../change/plan.ts';
import { flushIsDue, stageSource, type WritePlan, write } from '../change/write.ts';
import type { Plan } from '../model/history.ts';
import type { Capabilities, Durability, Info, Progress, WriteReport } from '../model/report.ts';
import {
  type CommitRequest,
  type OpenRequest,
  type Outcome,
  PROTOCOL_VERSION,
  type WriteRequest,
} from '../protocol/engine.ts';
import { openPins } from '../storage/pins.ts';
import { joinTabs, type TabMessage, type Tabs } from '../storage/tabs.ts';
import { flush } from '../upkeep/flush.ts';
import { readTail } from '../upkeep/recover.ts';
import type { State } from '../version/state.ts';
import { compose, leave, placeOf, reload, type Room } from './compose.ts';
import { holdLifeLock } from '../storage/lease.ts';
import { Calls, outcome } from './calls.ts';
import { capabilitiesOf, infoOf } from './introspect.ts';
import { fillVectors } from './fill-vectors.ts';
import { Lane } from './lane.ts';
import { Side } from './side.ts';
import { Standing } from './standing.ts';
import { Tender } from './tender.ts';
import { upkeep } from './upkeep.ts';

/** A write that takes longer to finish is given up when the database closes. */
const CLOSE_MS_MAX = 10_000;
/** After so long a tab looks again for what it could not get. */
const AGAIN_MS = 3_000;

/** The open database of this worker and the turns that writes take. */
export class Engine {
  #room: Room | undefined;
  #side: Side | undefined;
  #tabs: Tabs | undefined;
  #name: string | undefined;
  #durable: Durability | 'memory' = 'memory';
  #openMs = 0;
  #standing: Standing | undefined;
  readonly #lane = new Lane();
  readonly #calls = new Calls();
  readonly #life = new AbortController();
  readonly tender = new Tender(this);

  async open(request: OpenRequest, port: MessagePort): Promise<{ protocol: number; capabilities: Capabilities }> {
    if (request.protocol !== PROTOCOL_VERSION)
      throw new AetherError(
        'AV_INTERNAL',
        `the page speaks protocol ${request.protocol}, the worker ${PROTOCOL_VERSION}. Serve both from one build.`,
      );
    const started = performance.now();
    const side = new Side(port);
    const listener = {
      side,
      onWarning: (warning: { code: string; message: string }) => side.send({ kind: 'warning', warning }),
      onProgress: side.progress(0),
    };
    const [room] = await Promise.all([compose(request, listener), holdLifeLock(request.lifeLock)]);
    this.#room = room;
    this.#side = side;
    this.#name = request.name;
    const pins = openPins(room.state.store.kind === 'memory' ? undefined : request.name);
    this.#standing = new Standing(room, pins, side);
    this.#durable = room.state.store.kind === 'memory' ? 'memory' : request.durability;
    if (room.state.store.kind !== 'memory' && request.name !== undefined) {
      this.#tabs = joinTabs(request.name, (message) => this.#follow(message));
      if (!room.writer) {
        room.lease.onWriter(() => this.#becomeWriter());
        // What was committed between our reading and our joining was announced to nobody here.
        this.#follow({ v: 1, kind: 'changed', epoch: room.state.manifest.epoch, seq: 0 });
      }
    }
    const { checkout: place } = request;
    if (place !== undefined)
      await this.standing.checkout(place).catch((error: unknown) => this.#warn(error, 'back on main: '));
    if (request.onModelChange === 'upgrade') await this.#fillVectors(room, listener.onProgress);
    else void this.#fillVectors(room, () => undefined).catch(() => undefined);
    this.#openMs = performance.now() - started;
    return { protocol: PROTOCOL_VERSION, capabilities: capabilitiesOf(room, request, this.#durable) };
  }

  /** Runs one call with a signal that `cancel` pulls. */
  run<T>(call: number, start: (signal: AbortSignal) => Promise<T>): Promise<Outcome<T>> {
    return this.#calls.run(call, start);
  }

  cancel(call: number): void {
    this.#calls.cancel(call);
  }

  /** A read that may meet segments which another tab's writer has replaced: it looks again. Nobody waits for one that was given up. */
  read<T>(look: (state: State) => Promise<T>): Promise<Outcome<T>> {
    return outcome(() => this.look(look));
  }

  /** The same, within a call that can be given up. */
  async look<T>(look: (state: State) => Promise<T>): Promise<T> {
    const room = this.must();
    try {
      return await look(room.state);
    } catch (error) {
      if (room.writer || asAether(error).code !== 'AV_CORRUPT') throw error;
      await this.exclusively(() => reload(room, false, () => undefined));
      return look(room.state);
    }
  }

  async write(call: number, request: WriteRequest, signal: AbortSignal): Promise<WriteReport> {
    const { base, branch } = request;
    const source = this.#must(this.#side).source(call, request, signal);
    return this.commit(call, request, signal, (state, plan) =>
      write(state, { ...plan, base, branch }, (desk) => stageSource(desk, source)),
    );
  }

  stage(call: number, request: WriteRequest, signal: AbortSignal): Promise<Plan> {
    const room = this.must();
    const source = this.#must(this.#side).source(call, request, signal);
    return this.exclusively(() => stage(room.state, source, signal), signal);
  }

  /** Takes a turn to commit: the vectors of what is new are in it, other tabs hear of it, upkeep follows. */
  async commit<T>(
    call: number,
    { message, author, dense }: CommitRequest,
    signal: AbortSignal,
    run: (state: State, plan: WritePlan) => Promise<T>,
  ): Promise<T> {
    const room = this.mustWrite();
    const side = this.#must(this.#side);
    return this.exclusively(async () => {
      if (dense) await room.model();
      const { state } = room;
      const before = state.history.lastSeq;
      const result = await run(state, {
        message,
        author,
        dense,
        durable: this.#durable,
        signal,
        onProgress: side.progress(call),
        flush: () => flush(state),
      });
      const commit = state.history.commits.get(state.history.lastSeq);
      if (commit && commit.seq > before) side.send({ kind: 'change', commit });
      await this.afterWrite(state);
      void this.#fillVectors(room, () => undefined).catch(() => undefined);
      return result;
    }, signal);
  }

  /** Tells other tabs, and flushes and compacts when it is time. */
  async afterWrite(state: State): Promise<void> {
    this.announce(state);
    if (!flushIsDue(state)) return;
    // The commit is durable: upkeep that fails is tried again by the next write.
    await upkeep(state, 'idle', () => this.standing.pinned()).catch((error: unknown) =>
      this.#warn(error, 'the log could not be moved into segments: '),
    );
    this.announce(state);
  }

  /** Compacts collections beside the writes. */
  tendItems(): void {
    this.tender.idle(this.#life.signal, (error) => this.#warn(error, 'a collection could not be compacted: '));
  }

  announce(state: State): void {
    this.#tabs?.announce(state.manifest.epoch, state.history.lastSeq);
  }

  must(): Room {
    return this.#must(this.#room);
  }

  /** @throws `AV_BUSY` in a tab that only reads. */
  mustWrite(): Room {
    const room = this.must();
    if (room.writer) return room;
    throw new AetherError(
      'AV_BUSY',
      `another tab is the writer of "${this.#name}"; this one can read. Write there, or close it: this tab then becomes the writer.`,
    );
  }

  /** The port to the page. */
  get side(): Side {
    return this.#must(this.#side);
  }

  /** Where the handle stands, and what it keeps. */
  get standing(): Standing {
    return this.#must(this.#standing);
  }

  /** The open database, for the reads that need nothing else. */
  get state(): State {
    return this.must().state;
  }

  info(): Info {
    return infoOf(this.must(), this.#name, this.#openMs);
  }

  async flush(): Promise<undefined> {
    const room = this.must();
    await this.exclusively(() => flush(room.state));
    this.announce(room.state);
    return undefined;
  }

  /** Lets writes in flight finish, within bounds, then gives everything back. */
  async close(): Promise<undefined> {
    this.#life.abort();
    const patience = setTimeout(() => this.#calls.cancelAll(), CLOSE_MS_MAX);
    await this.#lane.empty();
    clearTimeout(patience);
    const room = this.must();
    this.#room = undefined;
    this.#tabs?.close();
    this.standing.close();
    await leave(room);
    return undefined;
  }

  exclusively<T>(run: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    return this.#lane.run(run, signal);
  }

  #fillVectors(room: Room, onProgress: (progress: Progress) => void): Promise<void> {
    return fillVectors(this, room, this.#life.signal, onProgress);
  }

  /** A reader takes in what the writer announced; frames one by one if it missed nothing else. */
  #follow(message: TabMessage): void {
    const room = this.#room;
    if (!room || room.writer) return;
    void this.exclusively(async () => {
      const { checkout } = room.state.history;
      const before = this.standing.sight();
      if (message.epoch !== room.state.manifest.epoch || !(await readTail(room.state))) {
        await reload(room, false, () => undefined);
      }
      const place = placeOf(room.state, room.state);
      if (JSON.stringify(place) !== JSON.stringify(checkout))
        this.#warn(new AetherError('AV_REF_UNKNOWN', 'where this handle stood is gone; it stands on main now.'));
      room.state.history.checkout = place;
      this.standing.tellSince(before);
    }).catch((error: unknown) => this.#later(error, () => this.#follow(message)));
  }

  /** Says what failed. Stemmers that could not be had may be had later: until then this tab is behind. */
  #later(error: unknown, again: () => void): boolean {
    this.#warn(error);
    const waits = asAether(error).code === 'AV_MODEL_UNAVAILABLE';
    if (waits) setTimeout(() => this.#room && again(), AGAIN_MS);
    return waits;
  }

  #becomeWriter(): void {
    const room = this.#room;
    if (!room || room.writer) return;
    void this.exclusively(async () => {
      await reload(room, true, (message) =>
        this.#side?.send({ kind: 'warning', warning: { code: 'AV_DATA_LOSS', message } }),
      );
      room.writer = true;
      this.#side?.send({ kind: 'status', role: 'writer' });
    })
      .then(() => this.#fillVectors(room, () => undefined))
      .catch((error: unknown) => {
        // Holding the lock over a state that is not the writer's would keep every other tab from writing too.
        if (!this.#later(error, () => this.#becomeWriter())) room.lease.release();
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
