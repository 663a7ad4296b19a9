// The open database and everything the page does with it; panels call it, and hear of the outcome through the store.
import { AetherV, type Doc, type Hit, type Progress, type WriteReport } from 'aetherv';
import { FIRST_BRANCH } from './address.ts';
import type { Corpus } from './corpora.ts';
import { count, milliseconds, outcome, plural, shortId } from './format.ts';
import { all, sameList } from './lists.ts';
import { PutProgress } from './put-progress.ts';
import { originOf, replay, shareOfReplay } from './replay.ts';
import { askOf, type Store } from './store.ts';
import { codeOf, type Notify } from './toasts.ts';

const refreshEveryMs = 100;

export type Report = (detail: string, share: number | undefined) => void;

export class Session {
  readonly store: Store;
  readonly #notify: Notify;
  #db: AetherV | undefined;
  #turn = 0;
  #refreshing: Promise<void> | undefined;
  #again = false;
  #soon = 0;

  constructor(store: Store, notify: Notify) {
    this.store = store;
    this.#notify = notify;
  }

  /** Closes what is open and opens the database of `corpus`; a load that was cut off goes on. Resolves when it can be searched. */
  async open(corpus: Corpus, branch = FIRST_BRANCH): Promise<void> {
    this.#turn += 1;
    const turn = this.#turn;
    const before = this.#db;
    this.#db = undefined;
    this.store.state.job?.abort();
    const nothing = {
      commits: [],
      documents: [],
      refs: [],
      compared: undefined,
      info: undefined,
      capabilities: undefined,
    };
    this.store.set({ corpus, phase: 'opening', ...nothing });
    try {
      await before?.close();
      const db = await AetherV.open(corpus.name, { onProgress: (progress) => this.#opening(turn, progress) });
      if (turn !== this.#turn) return await db.close();
      this.#db = db;
      db.on('warning', (warning) => this.#notify({ kind: 'warning', code: warning.code, text: warning.message }));
      db.on('change', () => this.#refreshSoon());
      db.on('status', () => this.#refreshSoon());
      this.store.set({ capabilities: await db.capabilities(), job: undefined });
      // An old link may name a branch that is gone.
      if (branch !== FIRST_BRANCH) await db.checkout(branch).catch((error: unknown) => this.#fail(error));
      await this.refresh();
      this.store.set({ phase: 'ready' });
    } catch (error) {
      if (turn !== this.#turn) return;
      this.store.set({ phase: 'failed', job: undefined });
      this.#fail(error);
      return;
    }
    const unfinished = this.#unfinished();
    if (unfinished) await this.load(unfinished.depth);
  }

  #opening(turn: number, progress: Progress): void {
    if (turn !== this.#turn || this.store.state.phase !== 'opening') return;
    const followed = new PutProgress();
    followed.take(progress);
    this.store.set({ job: { title: 'Opening', detail: followed.detail, share: followed.share, abort: () => {} } });
  }

  /** Reads log, documents and facts anew; calls that come while it runs share one further run. */
  async refresh(): Promise<void> {
    this.#again = true;
    this.#refreshing ??= this.#refreshAll().finally(() => {
      this.#refreshing = undefined;
    });
    await this.#refreshing;
  }

  /** Many commits in a row share a refresh. */
  #refreshSoon(): void {
    this.#soon ||= window.setTimeout(() => {
      this.#soon = 0;
      void this.refresh();
    }, refreshEveryMs);
  }

  async #refreshAll(): Promise<void> {
    while (this.#again) {
      this.#again = false;
      const turn = this.#turn;
      const db = this.#db;
      const { asOf } = this.store.state;
      if (!db) return;
      try {
        const commits = await all(db.log());
        commits.sort((a, b) => b.seq - a.seq);
        // A commit of another corpus, from an old link.
        const known = asOf !== undefined && commits.some((commit) => commit.id === asOf);
        const documents = await all((known ? db.at(asOf) : db).list());
        documents.sort((a, b) => a.id.localeCompare(b.id, 'en', { numeric: true }));
        const [info, refs] = [await db.info(), await db.refs()];
        if (turn !== this.#turn) continue;
        const before = this.store.state;
        if (asOf === before.asOf)
          this.store.set({
            // What is the same stays the same object, so that nobody shows it anew.
            commits: sameList(before.commits, commits, ({ id }) => id),
            documents: sameList(before.documents, documents, ({ id, seq }) => `${seq} ${id}`),
            info,
            refs: sameList(before.refs, refs, ({ name, kind, seq, current }) => `${kind} ${name} ${seq} ${current}`),
            asOf: known ? asOf : undefined,
          });
        else this.#again = true;
      } catch (error) {
        if (turn === this.#turn && codeOf(error) !== 'AV_CLOSED') this.#fail(error);
        return;
      }
    }
  }

  /** Shows and searches the state as of a commit; undefined or the newest one is now. */
  async lookAt(commit: string | undefined): Promise<void> {
    const head = this.store.state.commits[0]?.id;
    this.store.set({ asOf: commit === head ? undefined : commit });
    await this.refresh();
  }

  /** Hits for the query of the store, or undefined when there is no database or the call was given up. */
  async search(k: number, signal: AbortSignal): Promise<readonly Hit[] | undefined> {
    const { state } = this.store;
    try {
      return await this.#db?.search(state.query, { ...askOf(state), k, explain: true, signal });
    } catch (error) {
      if (!signal.aborted && codeOf(error) !== 'AV_ABORTED') this.#fail(error);
      return undefined;
    }
  }

  /** The document as of the commit that is looked at. */
  async get(id: string): Promise<Doc | undefined> {
    const { asOf } = this.store.state;
    try {
      return await (asOf === undefined ? this.#db : this.#db?.at(asOf))?.get(id);
    } catch (error) {
      this.#fail(error);
      return undefined;
    }
  }

  /** Replays the history of the corpus, its newest `depth` commits one by one. */
  async load(depth: number | undefined): Promise<void> {
    const { corpus, commits } = this.store.state;
    const { history } = corpus;
    if (!history) return;
    const mark = markOf(corpus);
    const after = commits.map((commit) => originOf(commit.message)).find(Boolean);
    localStorage.setItem(mark, JSON.stringify({ depth }));
    await this.#run(`Indexing ${corpus.title}`, async (db, signal, report) => {
      await replay(db, history.url, {
        depth,
        total: history.commits,
        after,
        signal,
        onProgress: ({ step, steps, put }) => {
          const where = steps === undefined ? `commit ${count(step)}` : `commit ${count(step)} of ${count(steps)}`;
          const detail = [where, put.detail].filter(Boolean).join(', ');
          report(step === 0 ? 'loading the history' : detail, shareOfReplay(step, steps, put.share ?? 0));
        },
      });
    });
    localStorage.removeItem(mark);
  }

  #unfinished(): { depth: number | undefined } | undefined {
    const text = localStorage.getItem(markOf(this.store.state.corpus));
    return text && this.store.state.info?.role === 'writer'
      ? (JSON.parse(text) as { depth: number | undefined })
      : undefined;
  }

  /** Puts documents as one commit, with progress and a way to stop it. */
  async put(title: string, docs: Doc[], message: string): Promise<WriteReport | undefined> {
    return this.#run(title, (db, signal, report) => db.put(docs, { message, signal, onProgress: following(report) }));
  }

  /** Puts files that the user gave, once `read` has them, and says what came of it. Without a document nothing is done. */
  async add(names: string, read: (report: Report, signal: AbortSignal) => Promise<Doc[]>): Promise<void> {
    const done = await this.#run(`Adding ${names}`, async (db, signal, report) => {
      const docs = await read(report, signal);
      if (docs.length === 0) return undefined;
      const message = `Add ${docs.length === 1 ? (docs[0]?.id ?? '') : plural(docs.length, 'file')}`;
      return db.put(docs, { message, signal, onProgress: following(report) });
    });
    if (done) this.tell(`${outcome(done)} in ${milliseconds(done.ms)}.`);
  }

  async delete(id: string): Promise<void> {
    const report = await this.#run(`Deleting ${id}`, (db, signal) =>
      db.delete(id, { message: `Delete ${id}`, signal }),
    );
    if (!report) return;
    this.store.set({ opened: undefined });
    this.#notify({
      kind: 'done',
      text: `${id} is deleted as of commit ${shortId(report.commit)}; earlier commits still have it.`,
    });
  }

  /** Deletes the database with all its history, and opens it anew. */
  async reset(): Promise<void> {
    const { corpus } = this.store.state;
    try {
      await this.#db?.close();
      this.#db = undefined;
      await AetherV.destroy(corpus.name);
    } catch (error) {
      this.#fail(error);
    }
    this.store.set({ asOf: undefined, opened: undefined });
    await this.open(corpus);
  }

  /** One long call at a time: shows it, lets the user stop it, tells how it failed. Undefined when it did not come through. */
  async #run<T>(
    title: string,
    work: (db: AetherV, signal: AbortSignal, report: Report) => Promise<T>,
  ): Promise<T | undefined> {
    const db = this.#db;
    if (!db || this.store.state.job) {
      this.#notify({ kind: 'warning', text: 'One write at a time: wait for the one that is running, or stop it.' });
      return undefined;
    }
    const control = new AbortController();
    const abort = () => control.abort();
    const report: Report = (detail, share) => {
      if (!control.signal.aborted) this.store.set({ job: { title, detail, share, abort } });
    };
    report('', undefined);
    try {
      return await work(db, control.signal, report);
    } catch (error) {
      if (control.signal.aborted)
        this.#notify({ kind: 'done', text: `${title}: stopped. What was not finished is not stored.` });
      else this.#fail(error);
      return undefined;
    } finally {
      this.store.set({ job: undefined });
      await this.refresh();
    }
  }

  /** A change of the history, one at a time; undefined when it failed, which is told. */
  change<T>(title: string, work: (db: AetherV, signal: AbortSignal) => Promise<T>): Promise<T | undefined> {
    return this.#run(title, work);
  }

  /** Something read from the database; undefined when it failed, which is told. */
  async read<T>(work: (db: AetherV) => Promise<T>): Promise<T | undefined> {
    try {
      return this.#db && (await work(this.#db));
    } catch (error) {
      this.#fail(error);
      return undefined;
    }
  }

  /** A message to the user. */
  tell(text: string): void {
    this.#notify({ kind: 'done', text });
  }

  #fail(error: unknown): void {
    const text = error instanceof Error ? error.message : String(error);
    const code = codeOf(error);
    this.#notify({ kind: 'error', code, text: code ? text.replace(`${code}: `, '') : text });
  }
}

function markOf(corpus: Corpus): string {
  return `aetherv-demo/loading/${corpus.name}`;
}

function following(report: Report): (progress: Progress) => void {
  const followed = new PutProgress();
  return (progress) => {
    followed.take(progress);
    report(followed.detail, followed.share);
  };
}
