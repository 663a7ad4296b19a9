// 400 random verbs of history against a plain map of versions: every commit that is kept stays what it was.

import { beforeAll, describe, expect, it } from 'vitest';
import { dropRef, makeBranch, makeTag, resetBranch, setRetention } from '../../src/change/refs.ts';
import { afterwards } from '../../src/engine/upkeep.ts';
import type { Doc } from '../../src/model/document.ts';
import { list } from '../../src/retrieve/reads.ts';
import { erase } from '../../src/upkeep/erase.ts';
import { Database, HashEmbedder } from '../kit/database.ts';
import { startEngine } from '../kit/engine.ts';
import { Disk } from '../kit/memory-store.ts';
import { Random, seedOf } from '../kit/random.ts';

beforeAll(startEngine);
const STEPS = 400;
const WORDS = ['zebra', 'quokka', 'engine', 'branch', 'memory', 'vector'];

type Texts = ReadonlyMap<string, string>;

/** What each commit held, by id, and where each branch stands. */
class Model {
  readonly random: Random;
  readonly commits = new Map<string, Texts>();
  readonly branches = new Map<string, string>([['main', '']]);
  readonly tags = new Map<string, string>();
  branch = 'main';
  hasForgotten = false;
  db: Database;

  constructor(random: Random, db: Database) {
    this.random = random;
    this.db = db;
  }

  get head(): Texts {
    return this.commits.get(this.branches.get(this.branch) ?? '') ?? new Map();
  }

  text(): string {
    const paragraph = (): string => `${this.random.pick(WORDS)} ${this.random.words(8)}`;
    return Array.from({ length: 1 + this.random.below(6) }, paragraph).join('\n\n');
  }

  edited(text: string): string {
    const parts = text.split('\n\n');
    const at = this.random.below(parts.length);
    if (this.random.chance(60)) parts[at] = `${parts[at]} ${this.random.pick(WORDS)}`;
    else if (this.random.chance(50)) parts.splice(at, 0, this.text());
    else parts.splice(at, 1);
    return parts.join('\n\n');
  }

  /** Notes what the branch holds after a verb that commits. */
  committed(texts: Texts): void {
    const id = this.db.state.history.headCommit?.id ?? '';
    this.commits.set(id, texts);
    this.branches.set(this.branch, id);
  }

  async put(): Promise<void> {
    const next = new Map(this.head);
    const docs = Array.from({ length: 1 + this.random.below(3) }, (): Doc => {
      const id = `d${this.random.below(10)}`;
      const old = next.get(id);
      const past = this.random.pick([...this.commits.values(), new Map<string, string>()]).get(id);
      const text =
        past !== undefined && this.random.chance(20) ? past : old === undefined ? this.text() : this.edited(old);
      next.set(id, text);
      return { id, text };
    });
    const gone = this.random.chance(20) ? [`d${this.random.below(10)}`] : [];
    for (const id of gone) if (!docs.some((doc) => doc.id === id)) next.delete(id);
    await this.db.put(docs, {}, gone);
    this.committed(next);
  }

  async merge(): Promise<void> {
    const from = this.random.pick([...this.branches].filter(([, id]) => id !== '')) ?? ['main', ''];
    if (from[1] === '' || from[0] === this.branch || this.branches.get(this.branch) === '') return;
    const before = this.branches.get(this.branch) ?? '';
    const strategy = this.random.pick(['conflict', 'ours', 'theirs'] as const);
    const { commit } = await this.db.merge(from[0], strategy).catch((error: unknown) => {
      // A branch that was reset may come of nothing that retention kept.
      expect(error).toEqual(expect.objectContaining({ code: 'AV_REF_UNKNOWN' }));
      expect(this.hasForgotten).toBe(true);
      return { commit: undefined };
    });
    if (!commit) {
      expect(this.db.state.history.headCommit?.id ?? '', 'nothing is committed').toBe(before);
      return;
    }
    const { parents } = this.db.state.history.headCommit ?? { parents: [] };
    expect(parents).toEqual([before, from[1]]);
    const [ours, theirs] = [this.commits.get(before), this.commits.get(from[1])];
    const merged = new Map<string, string>();
    for (const { id } of list(this.db.state, 0, undefined).items) merged.set(id, (await this.db.text(id)) ?? '');
    for (const [id, text] of merged) {
      const known = [...(ours?.get(id) ?? '').split('\n\n'), ...(theirs?.get(id) ?? '').split('\n\n')];
      for (const block of text.split('\n\n')) expect(known.join('\n\n')).toContain(block.trim());
    }
    this.committed(merged);
  }

  async restore(): Promise<void> {
    const [id, texts] = this.random.pick([...this.commits]);
    await this.db.restore(id);
    if (this.db.state.history.headCommit?.id !== this.branches.get(this.branch)) this.committed(texts);
    else expect([...this.head].sort()).toEqual([...texts].sort());
  }

  async refs(): Promise<void> {
    const { state } = this.db;
    const name = `b${this.random.below(4)}`;
    const at = this.branches.get(this.branch) ?? '';
    const sort = this.random.below(5);
    if (at === '') return;
    if (sort === 0 && !this.branches.has(name)) {
      await makeBranch(state, name, undefined);
      this.branches.set(name, at);
    } else if (sort === 1 && this.branches.has(name) && name !== this.branch) {
      await dropRef(state, 'branch', name);
      this.branches.delete(name);
    } else if (sort === 2) {
      const tag = `t${this.tags.size}`;
      await makeTag(state, tag, undefined);
      this.tags.set(tag, at);
    } else if (sort === 3) {
      const [id] = this.random.pick([...this.commits]);
      await resetBranch(state, this.branch, id);
      this.branches.set(this.branch, id);
    } else {
      this.branch = this.random.pick([...this.branches.keys()]);
      state.history.checkout = { branch: this.branch };
    }
  }

  async step(): Promise<string> {
    const sort = this.random.below(100);
    if (sort < 40 || this.commits.size === 0) return this.put().then(() => 'put');
    if (sort < 60) return this.refs().then(() => 'refs');
    if (sort < 68) return this.merge().then(() => 'merge');
    if (sort < 74) return this.restore().then(() => 'restore');
    if (sort < 80) return this.db.flush().then(() => 'flush');
    if (sort < 86) {
      await this.db.compact(this.random.pick(['idle', 'now'] as const));
      this.forget();
      return 'compact';
    }
    if (sort < 94) {
      const { checkout } = this.db.state.history;
      this.db = await this.db.reopen();
      expect([this.db.dropped, this.db.orphans]).toEqual([0, []]);
      this.db.state.history.checkout = checkout;
      return 'reopen';
    }
    if (sort < 97) {
      await setRetention(this.db.state, this.random.pick([{}, { keepLast: 5 }, { keepLast: 20 }]));
      await this.db.compact('now');
      this.forget();
      return 'gc';
    }
    const ids = [...new Set([...this.commits.values()].flatMap((texts) => [...texts.keys()]))];
    if (ids.length === 0 || this.random.chance(60)) return 'nothing';
    const id = this.random.pick(ids);
    await erase(this.db.state, id, 'test');
    afterwards(this.db.state);
    for (const [commit, texts] of this.commits)
      this.commits.set(commit, new Map([...texts].filter(([name]) => name !== id)));
    return 'erase';
  }

  /** Commits that the database no longer has: never a head or a tag. */
  forget(): void {
    const there = new Set([...this.db.state.history.commits.values()].map(({ id }) => id));
    for (const id of [...this.branches.values(), ...this.tags.values()]) expect(id === '' || there.has(id)).toBe(true);
    for (const id of [...this.commits.keys()]) {
      if (there.has(id)) continue;
      this.hasForgotten = true;
      this.commits.delete(id);
    }
  }

  /** Compares one commit with what the database says about it. */
  async check(asOf: string): Promise<void> {
    const { db, random } = this;
    const want = this.commits.get(asOf) ?? new Map<string, string>();
    const ids = list(db.state, 0, asOf).items.map(({ id }) => id);
    expect(ids.sort()).toEqual([...want.keys()].sort());
    for (const [id, text] of want) expect(await db.text(id, asOf)).toBe(text);
    const word = random.pick(WORDS);
    const holds = [...want].filter(([, text]) => text.includes(word)).map(([id]) => id);
    for (const mode of ['lexical', 'hybrid'] as const) {
      const hits = await db.search(word, { mode, collapse: 'document', k: 50, asOf });
      const found = hits.map(({ id }) => id).sort();
      // Hybrid search answers with all there is when that is fewer than k; a text of spaces has no chunk.
      const all = [...want].filter(([, text]) => text.trim() !== '').map(([id]) => id);
      expect(found).toEqual(mode === 'lexical' ? holds.sort() : all.sort());
      for (const hit of hits) expect(want.get(hit.id)?.slice(...hit.range)).toBe(hit.text);
    }
  }
}

describe('400 random verbs', () => {
  it('agree with a plain map of versions, at every commit that is kept', { timeout: 120_000 }, async () => {
    const random = new Random(seedOf('history'));
    const model = new Model(random, await Database.open(new Disk(), { embedder: new HashEmbedder(16, 'hash', true) }));
    const done = new Map<string, number>();
    for (let i = 0; i < STEPS; i++) {
      const what = await model.step();
      done.set(what, (done.get(what) ?? 0) + 1);
      if (model.commits.size === 0) continue;
      await model.check(random.pick([...model.commits.keys()]));
      await model.check(random.pick([...model.branches.values()].filter((id) => id !== '')));
    }
    for (const id of model.commits.keys()) await model.check(id);
    console.info(`history: ${JSON.stringify([...done])}, ${model.commits.size} commits kept`);
  });
});
