// Erasing a document in real Chromium: it is gone from every version and every stored byte, and nothing else is.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Site } from '../kit/site.ts';
import { wordsStored } from '../kit/stored.ts';

let site: Site;
beforeAll(async () => {
  site = await Site.start();
});
afterAll(() => site.stop());

/** Words that stand nowhere else, no two alike in either half, by where they are put. */
const gone = {
  segment: 'bkdfwqzmxpvhtrgjcnks',
  archive: 'zqpwmvxkjhcfbtdrngsk',
  log: 'tgrvbnhzwjdxmcpkqfzs',
  branch: 'xwmcjkvbqzfphtndrgwk',
  deleted: 'hjzxvpwqkdtbmfgrcnxs',
  meta: 'mzkqvjxwbptdhfcrgnzk',
  title: 'wvqxkzjbpmfdthgcrnvs',
  id: 'qkxjwzvmbpdfthrgcnqk',
  heading: 'vbxqwkzjpmdhftcgrnbs',
};
const kept = { segment: 'jxkwqzvbmphdtfcrgnjk', archive: 'pqzjxwkvbmtdhfgcrnps', log: 'dzxqkwjvbpmthfcgrnds' };

/** A history in which each of the words is somewhere; closed at the end. Resolves to the ids of its commits. */
function write(name: string): Promise<string[]> {
  return site.page.evaluate(
    async ([name, gone, kept]) => {
      const db = await kit.AetherV.open(name);
      const commits: string[] = [];
      const put = async (docs: Parameters<typeof db.put>[0]) => commits.push((await db.put(docs)).commit);
      const text = (word: string, n: number) =>
        `# Note ${n}\n\nHere ${word} stands.\n\n## More\n\n${kit.prose(n, 3)}\n`;
      await put([
        { id: 'segment.md', text: `${text(gone.segment, 1)}\n## About ${gone.heading}\n\nMore.\n` },
        { id: 'archive.md', text: text(gone.archive, 2) },
        { id: 'deleted.md', text: text(gone.deleted, 3) },
        { id: 'meta.md', text: text('nothing', 4), meta: { secret: gone.meta }, title: gone.title },
        { id: `${gone.id}.md`, text: text('nothing', 5) },
        { id: 'kept.md', text: text(kept.segment, 6) },
        { id: 'kept too.md', text: text(kept.archive, 7) },
        ...kit.docs(10),
      ]);
      await put([
        { id: 'archive.md', text: text('nothing', 2) },
        { id: 'kept too.md', text: text('nothing', 7) },
      ]);
      commits.push((await db.delete('deleted.md')).commit);
      await db.branch('x');
      await db.checkout('x');
      await put({ id: 'branch.md', text: text(gone.branch, 8) });
      await db.checkout('main');
      await db.compact();
      await put([
        { id: 'log.md', text: text(gone.log, 9) },
        { id: 'kept log.md', text: text(kept.log, 10) },
      ]);
      await db.close();
      return commits;
    },
    [name, gone, kept] as const,
  );
}

it('removes it from every version and every stored byte; other documents and commit ids stay', async () => {
  const commits = await write('erased');
  const all = [...Object.values(gone), ...Object.values(kept)];
  const before = await site.page.evaluate(wordsStored, ['erased', all] as const);
  const seen = await site.page.evaluate(
    async ([gone, commits]) => {
      const db = await kit.AetherV.open('erased');
      const erased = ['segment.md', 'archive.md', 'deleted.md', 'meta.md', `${gone.id}.md`, 'branch.md', 'log.md'];
      /** All that is left at every commit, but for the erased ones. */
      const others = async (of: typeof db) => {
        const texts: string[] = [];
        for (const asOf of commits)
          for await (const { id } of of.list({ asOf }))
            if (!erased.includes(id)) texts.push(`${asOf} ${id} ${JSON.stringify(await of.get(id, asOf))}`);
        return texts;
      };
      const before = await others(db);
      const log = JSON.stringify(
        [await kit.all(db.log()), await kit.all(db.log({ asOf: 'x' }))].flat().map(({ id }) => id),
      );
      const reports: Awaited<ReturnType<typeof db.erase>>[] = [];
      for (const id of erased) reports.push(await db.erase(id, { reason: 'asked to' }));
      const check = async (of: typeof db) => {
        const left: string[] = [];
        for (const asOf of commits) {
          for (const id of erased) if (await of.has(id, asOf)) left.push(`${id} at ${asOf}`);
          for await (const { id } of of.list({ asOf })) if (erased.includes(id)) left.push(`${id} listed at ${asOf}`);
          for (const word of Object.values(gone))
            for (const hit of await of.search(word, { asOf, k: 50 }))
              if (erased.includes(hit.id) || hit.text.includes(word)) left.push(`${word} found at ${asOf}`);
        }
        for (const id of erased)
          if ((await of.history(id)).length + (await of.blame(id)).length + (await of.lineage(id)).nodes.length > 0)
            left.push(`history of ${id}`);
        const ids = [await kit.all(of.log()), await kit.all(of.log({ asOf: 'x' }))].flat().map(({ id }) => id);
        return { left, log: JSON.stringify(ids) === log, others: (await others(of)).join() === before.join() };
      };
      const now = await check(db);
      const twice = await kit.failure(db.erase('segment.md'));
      await db.close();
      const again = await kit.AetherV.open('erased');
      const reopened = await check(again);
      const verified = [(await again.verify()).ok, (await again.verify({ against: 'checksums' })).ok];
      await again.close();
      return { others: before.length, reports, now, twice, reopened, verified };
    },
    [gone, commits] as const,
  );
  const after = await site.page.evaluate(wordsStored, ['erased', all] as const);
  // The look behind the database sees words wherever they can be.
  expect(Object.keys(before).sort()).toEqual([...all].sort());
  expect(new Set(Object.values(before))).toEqual(new Set(['seg', 'archive', 'wal']));
  expect(before).toMatchObject({ [gone.archive]: 'archive', [gone.log]: 'wal', [gone.segment]: 'seg' });
  expect(Object.keys(after).sort()).toEqual(Object.values(kept).sort());
  const whole = { left: [], log: true, others: true };
  expect(seen).toMatchObject({ now: whole, reopened: whole, verified: [true, true], twice: { code: 'AV_NOT_FOUND' } });
  expect(seen.others).toBeGreaterThan(40);
  expect(seen.reports.map(({ id, documentVersions, reason }) => [id, documentVersions, reason])).toEqual([
    ['segment.md', 1, 'asked to'],
    ['archive.md', 2, 'asked to'],
    ['deleted.md', 1, 'asked to'],
    ['meta.md', 1, 'asked to'],
    [`${gone.id}.md`, 1, 'asked to'],
    ['branch.md', 1, 'asked to'],
    ['log.md', 1, 'asked to'],
  ]);
  for (const { chunkVersions, commits, segments } of seen.reports)
    expect([chunkVersions > 0, commits > 0, segments > 0]).toEqual([true, true, true]);
});

it('leaves a copy of the same text under another id, with its vector', async () => {
  const seen = await site.page.evaluate(async () => {
    const db = await kit.AetherV.open('copies');
    const { text } = kit.doc(7);
    await db.put([
      { id: 'a.md', text },
      { id: 'b.md', text },
    ]);
    await db.put({ id: 'c.md', text }, { delete: 'a.md' });
    await db.flush();
    const ask = async () =>
      (await db.search('only7x', { collapse: 'document' })).map(({ id, text }) => `${id} ${text}`);
    const before = await ask();
    const report = await db.erase('c.md');
    const after = await ask();
    const old = [await db.has('a.md', 'HEAD~1'), (await db.get('b.md', 'HEAD~1'))?.text === text];
    const { embedded, reused } = await db.put({ id: 'd.md', text });
    const { ok } = await db.verify();
    await db.close();
    return { before, after, report, old, embedded, reused, ok };
  });
  expect(seen.before).toHaveLength(2);
  expect(seen.after).toEqual(seen.before.filter((hit) => hit.startsWith('b.md')));
  expect(seen.report).toMatchObject({ documentVersions: 1, vectors: 0 });
  expect(seen).toMatchObject({ old: [true, true], embedded: 0, reused: 3, ok: true });
});

it('is seen by another tab that reads, and by a view that was taken before', async () => {
  const other = await site.tab();
  type Held = { db: Awaited<ReturnType<typeof kit.AetherV.open>>; view: ReturnType<Held['db']['at']> };
  await site.page.evaluate(async () => {
    const db = await kit.AetherV.open('seen');
    await db.put([
      { id: 'a', text: 'a pelican' },
      { id: 'b', text: 'a pelican too' },
    ]);
    Object.assign(globalThis, { db });
  });
  await other.evaluate(async () => {
    const db = await kit.AetherV.open('seen');
    const view = db.at('HEAD');
    await view.has('a');
    Object.assign(globalThis, { db, view });
  });
  const near = await site.page.evaluate(async () => {
    const { db } = globalThis as unknown as Held;
    const view = db.at('HEAD');
    await db.erase('a');
    const read = [await view.has('a'), (await view.search('pelican')).map(({ id }) => id)];
    return read;
  });
  const far = await other.evaluate(async () => {
    const { db, view } = globalThis as unknown as Held;
    await kit.until(async () => !(await db.has('a')), 'the erasure');
    const read = [await view.has('a'), (await view.search('pelican')).map(({ id }) => id)];
    await db.close();
    return read;
  });
  await site.page.evaluate(() => (globalThis as unknown as Held).db.close());
  await other.close();
  expect([near, far]).toEqual([
    [false, ['b']],
    [false, ['b']],
  ]);
});

it('when the worker dies meanwhile, the document is there whole or gone, and the branch goes on', async () => {
  const seen = await site.page.evaluate(async () => {
    const outcomes: string[] = [];
    const wrong: string[] = [];
    for (const ms of [0, 2, 5, 10, 20, 40]) {
      const name = `dies ${ms}`;
      const db = await kit.AetherV.open(name);
      await db.put(kit.docs(20));
      await db.branch('x');
      await db.checkout('x');
      await db.put({ id: 'a', text: 'a pelican' });
      const worker = kit.workers.at(-1);
      const killed = kit.pause(ms).then(() => worker?.terminate());
      const { code } = await kit.failure(db.erase('a'));
      await killed;
      await kit.until(() => db.info().catch(() => undefined), 'a new worker');
      const { branch, documents } = await db.info();
      const there = await db.has('a');
      const { seq } = await db.put({ id: 'b', text: 'goes on' });
      const { ok } = await db.verify();
      const has = [await db.has('b', 'x'), await db.has('b', 'main')];
      outcomes.push(`${code} ${there ? 'there' : 'gone'}`);
      if (branch !== 'x' || documents !== (there ? 21 : 20) || seq !== 3 || !ok || has.join() !== 'true,false')
        wrong.push(`${name}: ${JSON.stringify({ branch, documents, there, seq, ok, has })}`);
      await db.close();
    }
    return { outcomes, wrong };
  });
  expect(seen.wrong).toEqual([]);
  for (const outcome of seen.outcomes)
    expect(outcome).toBeOneOf(['none gone', 'AV_OUTCOME_UNKNOWN there', 'AV_OUTCOME_UNKNOWN gone']);
  expect(seen.outcomes[0]).toContain('AV_OUTCOME_UNKNOWN');
});
