// The state of the page in one object, and who wants to know when a part of it changes.
import type {
  Capabilities,
  CollapseBy,
  CommitInfo,
  DocInfo,
  Hit,
  Info,
  RefInfo,
  SearchMode,
  SearchOptions,
} from 'aetherv';
import type { Corpus } from './corpora.ts';

/** A long call that is under way. */
export interface Job {
  readonly title: string;
  readonly detail: string;
  /** 0 to 1; undefined while nobody knows. */
  readonly share: number | undefined;
  readonly abort: () => void;
}

/** The document that is shown, and the hit that led to it. */
export interface Opened {
  readonly id: string;
  readonly hit?: Hit | undefined;
}

export interface State {
  readonly corpora: readonly Corpus[];
  readonly corpus: Corpus;
  readonly phase: 'opening' | 'ready' | 'failed';
  /** Of the branch that is written to, newest first. */
  readonly commits: readonly CommitInfo[];
  /** As of the commit that is looked at, by id. */
  readonly documents: readonly DocInfo[];
  readonly info: Info | undefined;
  readonly capabilities: Capabilities | undefined;
  /** The commit that is looked at; undefined is now. */
  readonly asOf: string | undefined;
  readonly query: string;
  readonly mode: SearchMode;
  readonly collapse: CollapseBy;
  /** Only documents of this folder. */
  readonly folder: string | undefined;
  readonly opened: Opened | undefined;
  /** Branches and tags. */
  readonly refs: readonly RefInfo[];
  /** Two commits that are shown side by side, by id. */
  readonly compared: { readonly from: string; readonly to: string } | undefined;
  readonly job: Job | undefined;
}

/** Documents are grouped by this key of their metadata, where they have it. */
export const groupedBy = 'folder';

/** How the page asks: the last word may be unfinished. */
export function askOf({ mode, collapse, asOf, folder }: State): SearchOptions {
  return { mode, collapse, asOf, prefix: true, filter: folder === undefined ? undefined : { [groupedBy]: folder } };
}

type Key = keyof State;

export class Store {
  #state: State;
  #changed = new Set<Key>();
  readonly #watchers: { keys: readonly Key[]; run: (state: State) => void }[] = [];

  constructor(state: State) {
    this.#state = state;
  }

  get state(): State {
    return this.#state;
  }

  /** Changes take effect at once; watchers hear of them together, after the running code. */
  set(patch: Partial<State>): void {
    const keys = (Object.keys(patch) as Key[]).filter((key) => patch[key] !== this.#state[key]);
    if (keys.length === 0) return;
    this.#state = { ...this.#state, ...patch };
    if (this.#changed.size === 0) queueMicrotask(() => this.#tell());
    for (const key of keys) this.#changed.add(key);
  }

  /** Calls `run` now and whenever one of `keys` has changed. */
  watch(keys: readonly Key[], run: (state: State) => void): void {
    this.#watchers.push({ keys, run });
    run(this.#state);
  }

  #tell(): void {
    const changed = this.#changed;
    this.#changed = new Set();
    for (const { keys, run } of this.#watchers) if (keys.some((key) => changed.has(key))) run(this.#state);
  }
}
