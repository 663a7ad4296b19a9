// 300 random steps against a plain list of versions: what a user sees is what the model says, at every commit.

import { beforeAll, describe, expect, it } from 'vitest';
import type { Doc } from '../../src/model/document.ts';
import { facets } from '../../src/retrieve/facets.ts';
import { list } from '../../src/retrieve/reads.ts';
import { Database } from '../kit/database.ts';
import { startEngine } from '../kit/engine.ts';
import { Disk } from '../kit/memory-store.ts';
import { counted } from '../kit/naive-text.ts';
import { Random, seedOf } from '../kit/random.ts';

beforeAll(startEngine);
const STEPS = 300;
const WORDS = ['zebra', 'quokka', 'engine', 'branch', 'memory', 'vector'];

/** Documents by id, as they were after each commit. */
type Version = ReadonlyMap<string, Doc>;

class Model {
  readonly random: Random;
  versions: Version[] = [new Map()];
  db: Database;

  constructor(random: Random, db: Database) {
    this.random = random;
    this.db = db;
  }

  get head(): Version {
    return this.versions.at(-1) ?? new Map();
  }

  text(): string {
    const { random } = this;
    const paragraph = (): string => `${random.pick(WORDS)} ${random.words(12)}`;
    const parts = Array.from({ length: random.below(6) }, () =>
      random.chance(25) ? `## ${paragraph()}` : paragraph(),
    );
    return parts.join(random.pick(['\n\n', '\n\n\n', '\r\n\r\n']));
  }

  /** Another text for a document: a paragraph changed, added, taken away or moved. */
  edited(text: string): string {
    const { random } = this;
    const parts = text.split(/(?:\r?\n){2,}/);
    const at = random.below(parts.length);
    const sort = random.below(4);
    if (sort === 0) parts[at] = `${parts[at]} ${random.pick(WORDS)}`;
    else if (sort === 1) parts.splice(at, 0, `${random.pick(WORDS)} ${random.words(5)}`);
    else if (sort === 2) parts.splice(at, 1);
    else parts.push(...parts.splice(at, 1));
    return parts.join('\n\n');
  }

  /** Documents for one put, each id once. */
  draw(): Doc[] {
    const { random } = this;
    const docs = Array.from({ length: 1 + random.below(3) }, (): Doc => {
      const id = `d${random.below(12)}.md`;
      const old = random.pick([...this.head.values(), undefined, undefined].map((doc) => ({ doc }))).doc;
      const past = random.pick(this.versions).get(id);
      const sort = random.below(10);
      if (sort < 4 && old) return { ...old, text: this.edited(old.text) };
      if (sort < 5 && old) return { ...old, id };
      if (sort < 6 && past) return past;
      if (sort < 7 && old) return { ...old, meta: { n: random.below(3) } };
      return { id, text: this.text(), ...(random.chance(30) ? { title: random.pick(['One', 'Two']) } : {}) };
    });
    return [...new Map(docs.map((doc) => [doc.id, doc])).values()];
  }

  async step(): Promise<string> {
    const { random, db, head } = this;
    const sort = random.below(100);
    if (sort < 8) {
      await db.flush();
      return 'flush';
    }
    if (sort < 16) {
      this.db = await db.reopen();
      expect([this.db.dropped, this.db.orphans]).toEqual([0, []]);
      return 'reopen';
    }
    const next = new Map(head);
    if (sort < 26) {
      const ids = [`d${random.below(12)}.md`, `d${random.below(12)}.md`];
      const report = await db.delete(...ids);
      for (const id of ids) next.delete(id);
      expect(report.deleted).toBe(head.size - next.size);
    } else {
      const docs = this.draw();
      const report = await db.put(docs, { message: `${this.versions.length}` });
      for (const doc of docs) next.set(doc.id, doc);
      const added = docs.filter(({ id }) => !head.has(id)).length;
      expect(report.added).toBe(added);
      expect(report.updated + report.unchanged).toBe(docs.length - added);
      expect(report.embedded + report.reused).toBe(report.chunks);
    }
    if (db.state.history.head.seq === this.versions.length) this.versions.push(next);
    else expect([...next]).toEqual([...head]);
    return sort < 26 ? 'delete' : 'put';
  }

  /** Compares one commit with what the database says about it. */
  async check(seq: number): Promise<void> {
    const { db, random } = this;
    const want = this.versions[seq] ?? new Map<string, Doc>();
    const asOf = seq === this.versions.length - 1 ? undefined : `HEAD~${this.versions.length - 1 - seq}`;
    if (seq === 0) return;
    expect(
      list(db.state, 0, asOf)
        .items.map(({ id }) => id)
        .sort(),
    ).toEqual([...want.keys()].sort());
    for (const { id, text } of want.values()) expect(await db.text(id, asOf)).toBe(text);
    const word = random.pick(WORDS);
    const holds = [...want.values()].filter(({ text, title }) => `${title} ${text}`.includes(word));
    const hits = await db.search(word, { mode: 'lexical', collapse: 'document', k: 50, asOf });
    expect(hits.map(({ id }) => id).sort()).toEqual(holds.map(({ id }) => id).sort());
    for (const hit of hits) expect(want.get(hit.id)?.text.slice(...hit.range)).toBe(hit.text);
    await this.checkMeta(word, holds, asOf);
  }

  /** The same documents counted and sorted by metadata, and without those that hold another word. */
  async checkMeta(word: string, holds: readonly Doc[], asOf: string | undefined): Promise<void> {
    const { db } = this;
    const { n = [] } = await facets(db.state, word, { by: 'n', asOf });
    expect(n).toEqual(
      counted(
        holds.map(({ meta }) => meta ?? {}),
        'n',
      ),
    );
    const ask = { mode: 'lexical', collapse: 'document', k: 50, asOf } as const;
    const sorted = await db.search(word, { ...ask, sort: { by: 'n', order: 'desc' } });
    const place = (value: unknown): number => (typeof value === 'number' ? -value : 1);
    const places = sorted.map(({ meta }) => place(meta.n));
    expect(places).toEqual(holds.map(({ meta }) => place(meta?.n)).sort((a, b) => a - b));
    const whole = await db.search({ must: [word, this.random.pick(WORDS)] }, ask);
    expect(whole.every(({ id }) => holds.some((doc) => doc.id === id))).toBe(true);
  }
}

describe('300 random steps', () => {
  it('agree with a plain list of versions, and no input is embedded twice', async () => {
    const random = new Random(seedOf('model'));
    const model = new Model(random, await Database.open(new Disk()));
    const done = new Map<string, number>();
    for (let i = 0; i < STEPS; i++) {
      const what = await model.step();
      done.set(what, (done.get(what) ?? 0) + 1);
      await model.check(model.versions.length - 1);
      await model.check(random.below(model.versions.length));
    }
    const { texts } = model.db.embedder;
    expect(texts.length).toBe(new Set(texts).size);
    expect(done.size).toBe(4);
    console.info(
      `model: ${JSON.stringify([...done])}, ${model.versions.length - 1} commits, ${texts.length} texts embedded`,
    );
  });
});
