// Retention, clean-up and compaction in real Chromium: what is to stay stays readable, and the size stays bounded.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Site } from '../kit/site.ts';

type Held = { db: Awaited<ReturnType<typeof kit.AetherV.open>> };

let site: Site;
beforeAll(async () => {
  site = await Site.start();
});
afterAll(() => site.stop());

describe('gc', () => {
  it('forgets what the policy does not keep, but no head, no tag, nor what branches need to be merged', async () => {
    const seen = await site.page.evaluate(async () => {
      const db = await kit.AetherV.open('kept');
      const commits: string[] = [];
      const put = async (n: number) => {
        const { commit } = await db.put([
          { id: 'a', text: `draft ${n} of ${kit.prose(n, 3)}` },
          { id: `b${n}`, text: `b ${n}` },
        ]);
        commits.push(commit);
      };
      for (let n = 1; n <= 12; n++) await put(n);
      await db.tag('v2', 'HEAD~10');
      await db.branch('x', 'HEAD~6');
      await db.checkout('x');
      await put(13);
      await db.checkout('main');
      await db.flush();
      await db.retain({ keepLast: 3 });
      const before = await kit.state(db);
      // When each began may be forgotten with the commit.
      const search = async () => {
        const hits = await db.search('draft 12', { k: 20, explain: true });
        return hits.map(({ id, version, score, text, why }) => ({ id, version, score, text, why }));
      };
      const dry = await db.gc({ dryRun: true });
      const same = (await kit.state(db)) === before;
      const head = { hits: await search(), log: (await db.info()).commits };
      const done = await db.gc();
      const again = await db.gc({ dryRun: true });
      const left: string[] = [];
      for (const [i, id] of commits.entries()) {
        const failed = await kit.failure(db.get('a', id));
        const text = failed.code === 'none' ? (await db.get('a', id))?.text.split(' of ')[0] : failed.code;
        left.push(`${i + 1} ${text}`);
      }
      const now = { hits: await search(), log: (await db.info()).commits };
      const { conflicts } = await db.merge('x', { strategy: 'ours' });
      const after = {
        tagged: (await db.get('a', 'v2'))?.text.slice(0, 7),
        b13: await db.has('b13'),
        conflicts: conflicts.length,
      };
      await db.close();
      const reopened = await kit.AetherV.open('kept');
      const refs = (await reopened.refs())
        .map(({ name, kind, commit }) => `${kind} ${name} ${commit !== undefined}`)
        .sort();
      const old = (await reopened.get('a', 'v2'))?.text.slice(0, 7);
      await reopened.close();
      return {
        dry,
        done,
        again,
        same,
        left,
        hits: JSON.stringify(head.hits) === JSON.stringify(now.hits),
        logs: [head.log, now.log],
        after,
        refs,
        old,
      };
    });
    expect(seen.same).toBe(true);
    // Kept: 10 to 12 of main, 13, 6 and 5 of x, and the tag.
    expect(seen.left).toEqual([
      '1 AV_REF_UNKNOWN',
      '2 draft 2',
      '3 AV_REF_UNKNOWN',
      '4 AV_REF_UNKNOWN',
      '5 draft 5',
      '6 draft 6',
      '7 AV_REF_UNKNOWN',
      '8 AV_REF_UNKNOWN',
      '9 AV_REF_UNKNOWN',
      '10 draft 10',
      '11 draft 11',
      '12 draft 12',
      '13 draft 13',
    ]);
    expect(seen.dry).toMatchObject({ dryRun: true, commits: 6, pinned: 0 });
    expect(seen.dry.bytesFreed).toBeGreaterThan(0);
    expect(seen.done).toMatchObject({
      dryRun: false,
      commits: 6,
      documentVersions: seen.dry.documentVersions,
      chunkVersions: seen.dry.chunkVersions,
    });
    expect(seen.done.chunkVersions).toBeGreaterThan(0);
    expect(seen.again).toMatchObject({ commits: 0, documentVersions: 0, chunkVersions: 0 });
    expect(seen.hits).toBe(true);
    expect(seen.logs).toEqual([13, 7]);
    expect(seen.after).toEqual({ tagged: 'draft 2', b13: true, conflicts: 1 });
    expect(seen.refs).toEqual(['branch main true', 'branch x true', 'tag v2 true']);
    expect(seen.old).toBe('draft 2');
  });

  it('leaves what a view reads, here or in another tab, until the view is closed', async () => {
    const other = await site.tab();
    await site.page.evaluate(async () => {
      const db = await kit.AetherV.open('pinned');
      for (let n = 1; n <= 10; n++) await db.put({ id: 'a', text: `draft ${n}` });
      await db.retain({ keepLast: 1 });
      Object.assign(globalThis, { db });
    });
    const far = await other.evaluate(async () => {
      const db = await kit.AetherV.open('pinned');
      const view = db.at('HEAD~7');
      Object.assign(globalThis, { db, view });
      return (await view.get('a'))?.text;
    });
    const first = await site.page.evaluate(async () => {
      const { db } = globalThis as unknown as Held;
      const view = db.at('HEAD~4');
      await view.has('a');
      const gc = await db.gc();
      const near = { text: (await view.get('a'))?.text, hits: (await view.search('draft')).map(({ text }) => text) };
      view.close();
      return { gc, near };
    });
    const after = await other.evaluate(async () => {
      const { db, view } = globalThis as unknown as Held & { view: ReturnType<Held['db']['at']> };
      // Until this tab has heard of the clean-up.
      await kit.until(async () => (await db.info()).commits === 3, 'the clean-up');
      const read = { text: (await view.get('a'))?.text, hits: (await view.search('draft')).map(({ text }) => text) };
      await db.close();
      return read;
    });
    await other.close();
    const last = await site.page.evaluate(async () => {
      const { db } = globalThis as unknown as Held;
      await kit.until(async () => (await db.gc({ dryRun: true })).pinned === 0, 'the views to be let go');
      await db.gc();
      const log = (await kit.all(db.log())).map(({ seq }) => seq);
      await db.close();
      return log;
    });
    expect(far).toBe('draft 3');
    expect(first.gc).toMatchObject({ commits: 7, pinned: 2 });
    expect(first.near).toEqual({ text: 'draft 6', hits: ['draft 6'] });
    expect(after).toEqual({ text: 'draft 3', hits: ['draft 3'] });
    expect(last).toEqual([10]);
  });
});

describe('compact', () => {
  it('moves history to the archive and changes no answer, now or as of any commit, nor after reopening', async () => {
    const seen = await site.page.evaluate(async () => {
      const db = await kit.AetherV.open('compacted');
      for (let round = 0; round < 6; round++) {
        await db.put(
          kit.docs(25, round * 3).map((doc) => ({ ...doc, text: `${doc.text}\nA lantern of round ${round}.\n` })),
        );
        if (round === 2) await db.branch('x');
        if (round % 2 === 1) await db.flush();
      }
      await db.checkout('x');
      await db.put({ id: 'on x', text: 'a lantern on the branch' });
      await db.tag('t', 'HEAD~1');
      await db.delete('notes/0003.md');
      await db.checkout('main');
      const ask = async (of: typeof db) => {
        const answers: unknown[] = [];
        for (const asOf of ['HEAD', 'HEAD~1', 'HEAD~3', 'HEAD~5', 'x', 'x~1', 't'])
          for (const mode of ['hybrid', 'lexical', 'dense'] as const)
            answers.push(await of.search('a lantern near the harbor', { asOf, mode, k: 15, explain: true }));
        const texts = [await of.get('notes/0007.md', 'HEAD~4'), await of.get('on x', 'x')];
        return JSON.stringify([answers, texts, await kit.all(of.log()), await kit.all(of.list({ asOf: 'x~1' }))]);
      };
      const before = await ask(db);
      const report = await db.compact();
      const after = await ask(db);
      const again = await db.compact();
      const { segments } = await db.info();
      await db.close();
      const reopened = await kit.AetherV.open('compacted');
      const then = {
        answers: await ask(reopened),
        refs: (await reopened.refs()).length,
        check: await reopened.verify(),
      };
      const { seq } = await reopened.put({ id: 'more', text: 'a lantern more' });
      await reopened.close();
      return {
        before: before.length,
        same: after === before,
        reopened: then.answers === before,
        refs: then.refs,
        ok: then.check.ok,
        report,
        again,
        segments,
        seq,
      };
    });
    expect(seen.before).toBeGreaterThan(20_000);
    expect(seen.report.archived).toBeGreaterThan(50);
    expect(seen.report.written).toBeGreaterThan(0);
    expect(seen).toMatchObject({ same: true, reopened: true, refs: 3, ok: true, seq: 9 });
    expect(seen.again.archived).toBe(0);
    expect(seen.segments).toBeLessThan(10);
  });

  it('by itself keeps the size bounded under 1,000 edits of one chunk', async () => {
    const seen = await site.page.evaluate(async () => {
      const write = async (name: string, keepLast: number | undefined) => {
        const db = await kit.AetherV.open(name, { durability: 'relaxed' });
        if (keepLast !== undefined) await db.retain({ keepLast });
        const sizes: { bytes: number; segments: number; commits: number }[] = [];
        for (let i = 0; i < 1000; i += 20) {
          const puts = Array.from({ length: 20 }, (_, j) =>
            db.put({ id: 'a.md', text: `# T\n\nNumber ${i + j} of ${kit.prose(i + j, 2)}\n` }),
          );
          await Promise.all(puts);
          const { bytes, segments, commits } = await db.info();
          sizes.push({ bytes, segments, commits });
        }
        const old = (await db.get('a.md', keepLast === undefined ? 'HEAD~999' : 'HEAD~9'))?.text.slice(5, 16);
        await db.compact();
        const { bytes, segments, commits, chunks } = await db.info();
        const { ok } = await db.verify();
        await db.close();
        const most = (of: 'bytes' | 'segments' | 'commits') => Math.max(...sizes.map((size) => size[of]));
        return {
          bytes: most('bytes'),
          segments: most('segments'),
          commits: most('commits'),
          end: { bytes, segments, commits, chunks },
          old,
          ok,
        };
      };
      return { all: await write('edited', undefined), last: await write('edited and forgotten', 10) };
    });
    console.info('1,000 edits', JSON.stringify(seen));
    expect(seen.all).toMatchObject({ end: { commits: 1000, chunks: 1 }, ok: true });
    expect(seen.all.old).toContain('Number 0');
    expect(seen.all.segments).toBeLessThanOrEqual(12);
    // The texts alone are 116 KB, the log at most 131 KB.
    expect(seen.all.bytes).toBeLessThan(300_000);
    expect(seen.all.end.bytes).toBeLessThan(150_000);
    expect(seen.last).toMatchObject({ end: { commits: 10, chunks: 1 }, ok: true });
    expect(seen.last.old).toContain('Number 990');
    expect(seen.last.commits).toBeLessThan(500);
    expect(seen.last.end.bytes).toBeLessThan(10_000);
    expect(seen.last.segments).toBeLessThanOrEqual(12);
  });
});

it('a worker that dies during clean-up or compaction loses nothing, and the next one goes on', async () => {
  const seen = await site.page.evaluate(async () => {
    const codes: string[] = [];
    const wrong: string[] = [];
    for (const [i, ms] of [0, 3, 8, 15, 25, 60].entries()) {
      const db = await kit.AetherV.open(`dies ${ms}`);
      for (let n = 0; n < 8; n++)
        await db.put(kit.docs(20, n * 2).map((doc) => ({ ...doc, text: `${doc.text} draft ${n}` })));
      await db.tag('t', 'HEAD~6');
      const ask = async () =>
        JSON.stringify(
          [await db.search('draft basket', { k: 20 }), await db.search('draft basket', { asOf: 't', k: 20 })]
            .flat()
            .map(({ id, text, score }) => [id, text, score]),
        );
      const before = await ask();
      await db.retain({ keepLast: 2 });
      const worker = kit.workers.at(-1);
      const killed = kit.pause(ms).then(() => worker?.terminate());
      codes.push((await kit.failure(i % 2 === 0 ? db.gc() : db.compact())).code);
      await killed;
      await kit.until(() => db.info().catch(() => undefined), 'a new worker');
      await db.gc();
      const same = (await ask()) === before;
      const { seq } = await db.put({ id: 'more', text: 'goes on' });
      const { ok } = await db.verify();
      const { commits } = await db.info();
      if (!same || seq !== 9 || !ok || commits !== 4) wrong.push(JSON.stringify({ ms, same, seq, ok, commits }));
      await db.close();
    }
    return { codes, wrong };
  });
  expect(seen.wrong).toEqual([]);
  expect(seen.codes[0]).toBe('AV_OUTCOME_UNKNOWN');
  for (const code of seen.codes) expect(code).toBeOneOf(['none', 'AV_OUTCOME_UNKNOWN']);
});
