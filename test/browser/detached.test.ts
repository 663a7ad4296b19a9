// Where nothing can be written in real Chromium: a handle on a tag or a commit, a reader, a database without a commit.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Site } from '../kit/site.ts';

let site: Site;
beforeAll(async () => {
  site = await Site.start();
});
afterAll(() => site.stop());

it.each(['t', 'HEAD~1', 'a commit id', 'a date'] as const)(
  'a handle on %s reads what was there, writes nothing, and goes on from a branch made there',
  async (ref) => {
    const seen = await site.page.evaluate(async (ref) => {
      const db = await kit.AetherV.open();
      const { commit } = await db.put(kit.docs(10));
      await db.tag('t');
      const then = new Date();
      await kit.pause(5);
      await db.put({ id: 'notes/0003.md', text: 'a pelican' });
      await db.checkout(ref === 'a commit id' ? commit : ref === 'a date' ? then : ref);
      const plan = await db.stage(kit.doc(20));
      const before = await kit.state(db);
      const { branch, head } = await db.info();
      const current = (await db.refs()).filter((each) => each.current).length;
      const failed = [
        await kit.failure(db.put(kit.doc(30))),
        await kit.failure(db.put(kit.doc(3))),
        await kit.failure(db.delete('notes/0001.md')),
        await kit.failure(db.merge('main')),
        await kit.failure(db.restore('main')),
        await kit.failure(db.commit('x', { plan })),
      ];
      const same = (await kit.state(db)) === before;
      const hits = (await db.search('pelican', { mode: 'lexical' })).length;
      const text = (await db.get('notes/0003.md'))?.text === kit.doc(3).text;
      await db.branch('here');
      await db.checkout('here');
      const { seq } = await db.put(kit.doc(30));
      const [{ parents } = { parents: [] }] = await kit.all(db.log());
      await db.checkout('main');
      const main = [await db.has('notes/0030.md'), (await db.get('notes/0003.md'))?.text];
      return { branch, head, commit, current, failed, same, hits, text, seq, parents, main };
    }, ref);
    expect(seen.branch).toBeUndefined();
    expect(seen.failed.map(({ code }) => code)).toEqual(Array.from({ length: 6 }, () => 'AV_DETACHED'));
    for (const { message } of seen.failed) expect(message).toContain('Make one with branch(name), then checkout(name)');
    expect(seen).toMatchObject({ head: { seq: 1 }, current: 0, same: true, hits: 0, text: true });
    expect(seen).toMatchObject({ seq: 3, parents: [seen.commit], main: [false, 'a pelican'] });
  },
);

it('merging what is there already, or itself, changes nothing and says so with no commit', async () => {
  const seen = await site.page.evaluate(async () => {
    const db = await kit.AetherV.open();
    await db.put(kit.docs(5));
    await db.branch('x');
    await db.put(kit.doc(9));
    const before = await kit.state(db);
    const results = [
      await db.merge('HEAD'),
      await db.merge('main'),
      await db.merge('x'),
      await db.merge('HEAD~1', { message: 'asked', strategy: 'theirs' }),
    ];
    return { results, same: (await kit.state(db)) === before, moves: (await db.reflog()).length };
  });
  expect(seen.results).toEqual(Array.from({ length: 4 }, () => ({ conflicts: [] })));
  expect(seen).toMatchObject({ same: true, moves: 1 });
});

it('the only branch and the one in use cannot be deleted; another can, and its commits stay reachable by id', async () => {
  const seen = await site.page.evaluate(async () => {
    const db = await kit.AetherV.open();
    const { commit: first } = await db.put(kit.doc(1));
    await db.checkout(first);
    const only = await kit.failure(db.deleteBranch('main'));
    await db.checkout('main');
    await db.branch('x');
    await db.checkout('x');
    const { commit } = await db.put(kit.doc(2));
    const used = await kit.failure(db.deleteBranch('x'));
    await db.checkout('main');
    await db.deleteBranch('x');
    const gone = await kit.failure(db.checkout('x'));
    return { only, used, gone, there: await db.has('notes/0002.md', commit), has: await db.has('notes/0002.md') };
  });
  for (const { code, message } of [seen.only, seen.used]) {
    expect(code).toBe('AV_REF_IN_USE');
    expect(message).toContain('Check another one out first');
  }
  expect(seen.gone.code).toBe('AV_REF_UNKNOWN');
  expect(seen.gone.message).toContain('main');
  expect(seen).toMatchObject({ there: true, has: false });
});

it('a reader refuses every verb that changes something, and checks out by itself what it likes', async () => {
  const seen = await site.page.evaluate(async () => {
    const [writer, reader] = [await kit.AetherV.open('read only'), await kit.AetherV.open('read only')];
    await writer.put(kit.docs(5));
    await writer.put(kit.doc(6));
    await kit.until(() => reader.has('notes/0006.md'), 'the commits');
    const before = [await kit.state(writer), await kit.state(reader)];
    const calls: (() => Promise<unknown>)[] = [
      () => reader.branch('x'),
      () => reader.tag('t'),
      () => reader.deleteTag('t'),
      () => reader.reset('main', 'HEAD~1'),
      () => reader.merge('HEAD~1'),
      () => reader.restore('HEAD~1'),
      () => reader.retain({ keepLast: 1 }),
      () => reader.gc(),
      () => reader.compact(),
      () => reader.erase('notes/0001.md'),
      () => reader.put(kit.doc(9), { delete: 'notes/0001.md' }),
      async () => reader.commit('x', { plan: await reader.stage(kit.doc(9)) }),
    ];
    const codes: string[] = [];
    for (const call of calls) codes.push((await kit.failure(call)).code);
    const same = JSON.stringify(before) === JSON.stringify([await kit.state(writer), await kit.state(reader)]);
    await reader.checkout('HEAD~1');
    const at = [(await reader.info()).head?.seq, (await writer.info()).head?.seq];
    await writer.put(kit.doc(7));
    await kit.until(async () => (await reader.info()).commits === 3, 'the third commit');
    const stays = (await reader.info()).head?.seq;
    const blamed = (await reader.blame('notes/0001.md')).length;
    const { ok } = await reader.verify();
    await reader.close();
    await writer.close();
    return { codes, same, at, stays, blamed, ok };
  });
  expect(seen.codes).toEqual(Array.from({ length: 12 }, () => 'AV_BUSY'));
  expect(seen).toMatchObject({ same: true, at: [1, 2], stays: 1, ok: true });
  expect(seen.blamed).toBeGreaterThan(0);
});

it('times rise with every commit, however quick, and each time means its own commit', async () => {
  const seen = await site.page.evaluate(async () => {
    const db = await kit.AetherV.open();
    await Promise.all(Array.from({ length: 40 }, (_, i) => db.put({ id: 'a', text: `draft ${i + 1}` })));
    const log = (await kit.all(db.log())).reverse();
    const texts: (string | undefined)[] = [];
    for (const { time } of log) texts.push((await db.get('a', time))?.text, (await db.get('a', new Date(time)))?.text);
    const first = log[0]?.time ?? 0;
    const early = await kit.failure(db.get('a', first - 1));
    const late = (await db.get('a', 8.64e15))?.text;
    return { times: log.map(({ time }) => time), texts, early, late };
  });
  expect(seen.times).toEqual([...new Set(seen.times)].sort((a, b) => a - b));
  expect(seen.texts).toEqual(Array.from({ length: 80 }, (_, i) => `draft ${Math.floor(i / 2) + 1}`));
  expect(seen.early.code).toBe('AV_REF_UNKNOWN');
  expect(seen.early.message).toContain('the first is of 20');
  expect(seen.late).toBe('draft 40');
});

it('a commit is named by six digits and more of its id, and by fewer it is not', async () => {
  const seen = await site.page.evaluate(async () => {
    const db = await kit.AetherV.open();
    const { commit } = await db.put({ id: 'a', text: 'draft' });
    await db.put({ id: 'a', text: 'another' });
    const texts: (string | undefined)[] = [];
    for (const digits of [6, 7, 12, 31, 32]) texts.push((await db.get('a', commit.slice(0, digits)))?.text);
    const short: string[] = [];
    for (const digits of [1, 5]) short.push((await kit.failure(db.get('a', commit.slice(0, digits)))).message);
    return { texts, short };
  });
  expect(seen.texts).toEqual(Array.from({ length: 5 }, () => 'draft'));
  for (const message of seen.short) expect(message).toMatch(/^AV_REF_UNKNOWN: .*at least 6 digits/);
});

it('after gc a forgotten commit is a typed error everywhere, and a tagged one is not', async () => {
  const seen = await site.page.evaluate(async () => {
    const db = await kit.AetherV.open();
    const commits: string[] = [];
    for (let i = 0; i < 8; i++) commits.push((await db.put({ id: 'a', text: `draft ${i}` })).commit);
    await db.tag('t', 'HEAD~5');
    await db.retain({ keepLast: 2 });
    await db.gc();
    const [gone = '', , tagged = ''] = commits;
    const codes: string[] = [];
    for (const call of [
      () => db.get('a', gone),
      () => db.checkout(gone),
      () => db.restore(gone),
      () => db.tag('u', gone),
      () => kit.all(db.diff(gone)),
    ])
      codes.push((await kit.failure(call)).code);
    return {
      codes,
      tagged: [(await db.get('a', 't'))?.text, (await db.get('a', tagged))?.text],
      commits: (await db.info()).commits,
    };
  });
  expect(seen.codes).toEqual(Array.from({ length: 5 }, () => 'AV_REF_UNKNOWN'));
  expect(seen).toMatchObject({ tagged: ['draft 2', 'draft 2'], commits: 3 });
});
