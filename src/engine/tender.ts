// Tends collections beside the writes: one compaction after another, each with its build outside of the turns.

import type { CompactionReport } from '../model/history.ts';
import type { Eagerness } from '../upkeep/choose.ts';
import { compactItems } from '../upkeep/compact-items.ts';
import type { Collection } from '../version/collections.ts';
import type { Engine } from './engine.ts';

/** Runs in a row for one collection: each leaves less to do. */
const RUNS_MAX = 16;

export class Tender {
  readonly #engine: Engine;
  #last: Promise<unknown> = Promise.resolve();
  #waiting = false;
  /** The manifest over which nothing was due: until the next one there is nothing new to compact. */
  readonly #seen = new WeakMap<Collection, number>();

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** After a write: what is due, in the background. */
  idle(signal: AbortSignal, onFailure: (error: unknown) => void): void {
    if (this.#waiting) return;
    this.#waiting = true;
    const run = async (): Promise<void> => {
      this.#waiting = false;
      await this.#run('idle', signal);
    };
    this.#last = this.#last.then(run).catch((error: unknown) => {
      if (!signal.aborted) onFailure(error);
    });
  }

  /** Everything, now. */
  async now(signal: AbortSignal): Promise<CompactionReport[]> {
    const run = this.#last.then(() => this.#run('now', signal));
    this.#last = run.catch(() => undefined);
    return run;
  }

  async #run(eager: Eagerness, signal: AbortSignal): Promise<CompactionReport[]> {
    const engine = this.#engine;
    const reports: CompactionReport[] = [];
    const tending = {
      eager,
      signal,
      pinned: () => engine.standing.pinned(),
      exclusively: <T>(run: () => Promise<T>) => engine.exclusively(run),
    };
    const { state, writer } = engine.must();
    if (!writer) return reports;
    for (const collection of [...state.collections.all.values()]) {
      // By itself only what is used: another one is as it was left.
      if (eager === 'idle' && (!collection.index || this.#seen.get(collection) === state.manifest.epoch)) continue;
      for (let run = 0; run < RUNS_MAX && !signal.aborted; run++) {
        const report = await compactItems(state, collection, tending);
        if (!report) {
          this.#seen.set(collection, state.manifest.epoch);
          break;
        }
        reports.push(report);
        engine.announce(state);
      }
    }
    return reports;
  }
}
