// Builds an open database from options: the only place where mind and hands are introduced to each other.

import { crc32c } from '../base/crc.ts';
import { AetherError } from '../base/errors.ts';
import { PAGED_BYTES_MIN } from '../base/limits.ts';
import { PortEmbedder, type PortModel } from '../embed/port.ts';
import { fetchTable, TABLE, tableEmbedder } from '../embed/table.ts';
import { loadWasm, type LoadedWasm } from '../index/load.ts';
import { remoteBuilder } from '../index/builder.ts';
import { loadVectors, onVectorsTrap } from '../index/vectors.ts';
import { createIndex, createStage, hasher, onTrap, openTable } from '../index/shard.ts';
import { stems, stemsAt } from '../index/stems.ts';
import type { Progress, Warning } from '../model/report.ts';
import type { Embedder } from '../ports/embedder.ts';
import type { Store, Stored } from '../ports/store.ts';
import type { OpenRequest } from '../protocol/engine.ts';
import type { Lease } from '../storage/lease.ts';
import { flush } from '../upkeep/flush.ts';
import {
  create,
  emptyState,
  findManifest,
  firstManifest,
  readingPlan,
  recover,
  repair,
  type Seed,
} from '../upkeep/recover.ts';
import { activeSpace, INPUT_RULE, type Manifest, type Space } from '../version/manifest.ts';
import { type Begun, openAhead, readAhead } from '../version/collections.ts';
import type { Checkout } from '../version/history.ts';
import { MAIN } from '../version/refs.ts';
import { retire, type State } from '../version/state.ts';
import { bundledWasm } from './bundled.ts';
import { scorerOf } from './scorer.ts';
import { enter } from './enter.ts';
import type { Side } from './side.ts';

const FIRST_MANIFEST_MS_MAX = 5_000;

/** An open database with its surroundings. */
export interface Room {
  state: State;
  readonly wasm: LoadedWasm;
  readonly lease: Lease;
  /** May this tab write? Set once the state is the writer's: the lock alone says nothing about what was loaded. */
  writer: boolean;
  /**
   * Settles when the model is loaded or cannot be; `state.embedder` says which. Begun at once where there are documents, else by who first asks: a
   * database of vectors does without.
   */
  model: () => Promise<void>;
  /** Why storage is what it is. */
  readonly storageWhy: string;
}

/** What composing may say on the way, and whom it asks for a new port to the embedder. */
export interface Listener {
  onWarning(warning: Warning): void;
  onProgress(progress: Progress): void;
  readonly side: Side;
}

/** Opens a database. Everything taken is given back when it fails. */
export async function compose(request: OpenRequest, listener: Listener): Promise<Room> {
  // After this turn, so that the call that hit the trap is still answered.
  const stop = (): void => void setTimeout(() => globalThis.close());
  onTrap(stop);
  onVectorsTrap(stop);
  stemsAt(request.stemsUrl);
  // Before anything is fetched: answers of the network would hold up those of the storage.
  const entering = enter(request, listener.onWarning);
  entering.catch(() => undefined);
  const wasm = loadWasm(request.wasm ? { urls: request.wasm } : await bundledWasm());
  wasm.catch(() => undefined);
  const { embedder } = request;
  const url = embedder.kind === 'table' ? embedder.url : undefined;
  const table = lazily(async () => {
    const [bytes] = await Promise.all([fetchTable(url), wasm]);
    return tableEmbedder(bytes, url, openTable);
  });
  const { store, why, lease } = await entering;
  // Of this moment: a lock that comes while the database is loaded finds a snapshot that may be old.
  const { writer } = lease;
  try {
    const memory = { budgetBytes: request.memoryBudgetBytes, pagedFromBytes: PAGED_BYTES_MIN };
    let begun: Begun = new Map();
    // What the first searches need is on its way while the rest is read.
    const ahead = (manifest: Manifest): void => {
      begun = readAhead({ store, memory }, manifest);
      if (manifest.collections.length > 0) loadVectors(request.vectors).catch(() => undefined);
      if (manifest.nextVno > 0 && embedder.kind === 'table') table().catch(() => undefined);
    };
    // Read while the engine is compiled.
    const [loaded, stored] = await Promise.all([wasm, firstLoad(store, writer, ahead)]);
    const choice = embedder.kind === 'table' ? TABLE : embedder;
    const seed: Seed = {
      store,
      hasher,
      createStage,
      stems,
      now: () => Date.now(),
      turn: () => new Promise((resolve) => setTimeout(resolve)),
      newId: () => crypto.getRandomValues(new Uint8Array(16)),
      onBroken: stop,
      embedder: undefined,
      memory,
      vectorGuest: () => loadVectors(request.vectors),
      builder: remoteBuilder(() => listener.side.connectBuilder()),
      scorer: await scorerOf(request, loaded),
    };
    const state = await fill(seed, stored, begun, choice, request, writer, listener);
    const model = lazily(() => loadModel(room, request, table, listener));
    const room: Room = { state, wasm: loaded, lease, writer, storageWhy: why, model };
    if (state.history.chunks.size > 0 || embedder.kind === 'port') void model();
    return room;
  } catch (error) {
    lease.release();
    store.close();
    throw error;
  }
}

/** Gives everything back. */
export async function leave({ lease, state: { store, scorer, embedder } }: Room): Promise<void> {
  lease.release();
  store.close();
  scorer.close();
  await embedder?.close?.();
}

/** What is stored; a reader that comes while the writer is still creating the database waits for its first manifest. */
async function firstLoad(store: Store, writer: boolean, ahead: (manifest: Manifest) => void): Promise<Stored> {
  const started = performance.now();
  for (;;) {
    const stored = await store.load(readingPlan(crc32c, ahead));
    if (writer || stored.manifests.size > 0 || performance.now() - started > FIRST_MANIFEST_MS_MAX) return stored;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function fill(
  seed: Seed,
  stored: Stored,
  begun: Begun,
  choice: { id: string; dims: number },
  request: OpenRequest,
  writer: boolean,
  listener: Listener,
): Promise<State> {
  const found = findManifest(stored, hasher.crc32c);
  const manifest = found ?? firstManifest(seed.newId(), { id: choice.id, dims: choice.dims });
  const space = activeSpace(manifest);
  const other = !isSpaceOf(space, choice);
  if (other && request.onModelChange === 'error') {
    throw new AetherError(
      'AV_MODEL_MISMATCH',
      `"${request.name}" was built with model "${space.id}" (${space.dims} dimensions), not "${choice.id}" (${choice.dims}). Open it with that model, or with onModelChange: 'upgrade' to embed everything anew.`,
      { detail: { stored: space.id, given: choice.id } },
    );
  }
  if (!writer && (other || !found))
    throw new AetherError(
      'AV_BUSY',
      `"${request.name}" is being ${found ? 'used with another model' : 'created'} by another tab. Close it there first.`,
    );
  const state = emptyState(seed, manifest, createIndex);
  state.collections.begun = begun;
  // A log may name further segments of it.
  if (!other && stored.frames.length === 0) openAhead(state);
  const recovery = await recover(state, stored);
  if (!other) openAhead(state);
  // Else nobody may ever ask for it.
  begun.clear();
  if (!writer) return state;
  if (!found) await create(state);
  await repair(state, recovery, (message) => listener.onWarning({ code: 'AV_DATA_LOSS', message }));
  return other ? switchSpace(seed, state, choice) : state;
}

/** Are this model's vectors those of the space? */
function isSpaceOf(space: Space, { id, dims }: { id: string; dims: number }): boolean {
  return space.id === id && space.dims === dims && space.inputRule === INPUT_RULE;
}

/** Makes another space the active one; its vectors so far are kept, those it lacks are backfilled. */
async function switchSpace(seed: Seed, state: State, choice: { id: string; dims: number }): Promise<State> {
  await flush(state, (manifest): Manifest => {
    const known = manifest.spaces.find((space) => isSpaceOf(space, choice));
    const ordinal = known?.ordinal ?? Math.max(...manifest.spaces.map((s) => s.ordinal)) + 1;
    const spaces = known
      ? manifest.spaces
      : [...manifest.spaces, { ordinal, id: choice.id, dims: choice.dims, inputRule: INPUT_RULE }];
    return { ...manifest, spaces, space: ordinal };
  });
  const stored = await seed.store.load(readingPlan(hasher.crc32c));
  const next = emptyState(seed, state.manifest, createIndex);
  await recover(next, stored);
  return next;
}

/** Loads the model; without it search is lexical and a warning says so. */
async function loadModel(
  room: Room,
  request: OpenRequest,
  table: () => Promise<Embedder>,
  listener: Listener,
): Promise<void> {
  const { embedder } = request;
  try {
    const loaded = embedder.kind === 'table' ? await table() : onPort(embedder, listener.side);
    // Into the state of this moment: another tab's flush may have replaced it meanwhile.
    room.state.embedder = timed(loaded);
  } catch (error) {
    const { code, message } = error as AetherError;
    listener.onWarning({ code, message });
  }
}

/** Begins when it is first called, once. */
function lazily<T>(begin: () => Promise<T>): () => Promise<T> {
  let begun: Promise<T> | undefined;
  return () => {
    begun ??= begin();
    return begun;
  };
}

function onPort(model: PortModel, side: Side): Embedder {
  const embedder = new PortEmbedder(model, () => side.connectEmbedder());
  side.onEmbedderLost = (reason) => embedder.lost(reason);
  return embedder;
}

/** Counts texts and time in the model, for `info()`. */
function timed(embedder: Embedder): Embedder {
  const { id, dims, weight, deterministic } = embedder;
  const counted: Embedder = {
    id,
    dims,
    weight,
    deterministic,
    trust: (query) => embedder.trust?.(query) ?? 1,
    close: () => embedder.close?.(),
    async embed(texts, options) {
      const started = performance.now();
      const vectors = await embedder.embed(texts, options);
      const use = modelUse.get(counted) ?? { texts: 0, ms: 0 };
      modelUse.set(counted, { texts: use.texts + texts.length, ms: use.ms + performance.now() - started });
      return vectors;
    },
  };
  return counted;
}

/** Texts that went through a model and the milliseconds it took. */
export const modelUse = new WeakMap<Embedder, { texts: number; ms: number }>();

/** Where the handle stood, if that is still there; else on `main`. */
export function placeOf({ history }: State, before: State): Checkout {
  const { checkout } = before.history;
  const there = 'branch' in checkout ? history.refs.branches.has(checkout.branch) : history.commits.has(checkout.seq);
  return there ? checkout : { branch: MAIN };
}

/** Reads everything again: a reader after the writer flushed, or a new writer, which also repairs what the old one left. */
export async function reload(room: Room, asWriter: boolean, onLoss: (message: string) => void): Promise<void> {
  const stored = await room.state.store.load(readingPlan(hasher.crc32c));
  const manifest = findManifest(stored, hasher.crc32c);
  if (!manifest) throw new AetherError('AV_DATA_LOSS', 'the database was deleted while it was open. Close it.');
  if (manifest.space !== room.state.manifest.space)
    throw new AetherError(
      'AV_MODEL_MISMATCH',
      'another tab has changed the model of this database. Open it again with that model.',
    );
  const next = emptyState(room.state, manifest, createIndex);
  const recovery = await recover(next, stored);
  next.history.checkout = placeOf(next, room.state);
  if (asWriter) await repair(next, recovery, onLoss);
  // Read now: the model may have arrived meanwhile. The old index is not freed here: a search may be waiting for its
  // query's vector. It goes with its last user.
  next.embedder = room.state.embedder;
  retire(room.state);
  room.state = next;
}
