// Branches, tags, merges, restores and plans in real Chromium: history moves forward, and what was stays as it was.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Site } from '../kit/site.ts';

let site: Site;
beforeAll(async () => {
  site = await Site.start();
});
afterAll(async () => {
  expect(site.foreign).toEqual([]);
  await site.stop();
});

describe('a branch', () => {
  it('goes its own way, and costs no copy', async () => {
    const seen = await site.page.evaluate(async () => {
      const db = await kit.AetherV.open('branches');
      await db.put(kit.docs(40));
      await db.flush();
      const before = await db.info();
      await db.branch('x');
      await db.branch('early', 'HEAD');
      const after = await db.info();
      await db.checkout('x');
      const report = await db.put([{ id: 'notes/0003.md', text: 'a pelican on x' }, kit.doc(99)]);
      const onX = await db.search('pelican', { mode: 'lexical' });
      const x = await db.info();
      await db.checkout('main');
      const onMain = await db.search('pelican', { mode: 'lexical' });
      const main = await db.info();
      const asOf = await db.get('notes/0003.md', 'x');
      const refs = await db.refs();
      await db.close();
      return { before, after, report, onX, x, onMain, main, asOf: asOf?.text, refs };
    });
    expect(seen.after.segments).toBe(seen.before.segments);
    expect(seen.after.bytes - seen.before.bytes).toBeLessThan(400);
    expect(seen.report).toMatchObject({ seq: 2, added: 1, updated: 1 });
    expect(seen.onX.map(({ id }) => id)).toEqual(['notes/0003.md']);
    expect(seen.x).toMatchObject({ branch: 'x', documents: 41, head: { seq: 2 } });
    expect(seen.onMain).toEqual([]);
    expect(seen.main).toMatchObject({ branch: 'main', documents: 40, head: { seq: 1 } });
    expect(seen.asOf).toBe('a pelican on x');
    expect(seen.refs.map(({ name, kind, seq, current }) => `${kind} ${name} ${seq} ${current}`).sort()).toEqual([
      'branch early 1 false',
      'branch main 1 true',
      'branch x 2 false',
    ]);
  });

  it('is checked out by one handle alone: the writer goes on there, the reader of another tab stays on main', async () => {
    const other = await site.tab();
    await site.page.evaluate(async () => {
      const db = await kit.AetherV.open('two handles');
      await db.put(kit.docs(3));
      Object.assign(globalThis, { db });
    });
    await other.evaluate(async () => {
      Object.assign(globalThis, { db: await kit.AetherV.open('two handles') });
    });
    type Held = { db: Awaited<ReturnType<typeof kit.AetherV.open>> };
    const wrote = await site.page.evaluate(async () => {
      const { db } = globalThis as unknown as Held;
      await db.branch('x');
      await db.checkout('x');
      const { commit } = await db.put({ id: 'only on x', text: 'a pelican' });
      return { commit, branch: (await db.info()).branch };
    });
    const read = await other.evaluate(async (commit) => {
      const { db } = globalThis as unknown as Held;
      await kit.until(async () => (await db.refs()).some((ref) => ref.commit === commit), 'the commit on x');
      const main = { info: await db.info(), hits: (await db.search('pelican', { mode: 'lexical' })).length };
      const asked = await db.has('only on x', 'x');
      await db.checkout('x');
      const x = { branch: (await db.info()).branch, hits: (await db.search('pelican', { mode: 'lexical' })).length };
      await db.close();
      return { main, asked, x };
    }, wrote.commit);
    const left = await site.page.evaluate(async () => {
      const { db } = globalThis as unknown as Held;
      const { branch } = await db.info();
      await db.close();
      const again = await kit.AetherV.open('two handles');
      const info = await again.info();
      await again.close();
      return { branch, reopened: info.branch, documents: info.documents };
    });
    await other.close();
    expect(wrote.branch).toBe('x');
    expect(read.main).toMatchObject({ info: { branch: 'main', role: 'reader', documents: 3 }, hits: 0 });
    expect(read).toMatchObject({ asked: true, x: { branch: 'x', hits: 1 } });
    // A new handle stands on main whatever an older one did.
    expect(left).toEqual({ branch: 'x', reopened: 'main', documents: 3 });
  });

  it('that was reset can be brought back from the reflog, newest move first', async () => {
    const seen = await site.page.evaluate(async () => {
      const db = await kit.AetherV.open();
      const commits: string[] = [];
      for (const n of [1, 2, 3]) commits.push((await db.put({ id: 'a', text: `draft ${n}` })).commit);
      await db.reset('main', 'HEAD~2');
      const back = (await db.get('a'))?.text;
      const [move] = await db.reflog();
      const old = (await db.get('a', move?.from))?.text;
      await db.branch('gone');
      await db.deleteBranch('gone');
      await db.reset('main', move?.from ?? '');
      const forth = (await db.get('a'))?.text;
      const log = await db.reflog();
      return { commits, move, back, old, forth, log };
    });
    const [first, , third] = seen.commits;
    expect(seen.move).toMatchObject({ branch: 'main', from: third, to: first });
    expect([seen.back, seen.old, seen.forth]).toEqual(['draft 1', 'draft 3', 'draft 3']);
    expect(seen.log.map(({ branch, from, to }) => [branch, from, to])).toEqual([
      ['main', first, third],
      ['gone', first, undefined],
      ['gone', undefined, first],
      ['main', third, first],
    ]);
    for (const { why, time } of seen.log) expect([why === '', time > 0]).toEqual([false, true]);
  });
});

describe('a tag', () => {
  it('and a view keep meaning their commit, whatever is committed after them', async () => {
    const seen = await site.page.evaluate(async () => {
      const db = await kit.AetherV.open();
      await db.put({ id: 'a', text: 'the first pelican' });
      await db.tag('v1');
      const head = db.at('HEAD');
      const tagged = db.at('v1');
      const timed = db.at(new Date());
      await db.put({ id: 'a', text: 'the second' });
      await db.put({ id: 'b', text: 'another' });
      await db.delete('a');
      const read = async (view: typeof head) => ({
        text: (await view.get('a'))?.text,
        has: await view.has('b'),
        ids: (await kit.all(view.list())).map(({ id }) => id),
        log: (await kit.all(view.log())).map(({ seq }) => seq),
        hits: (await view.search('pelican', { mode: 'lexical' })).map(({ text }) => text),
      });
      const views = [await read(head), await read(tagged), await read(timed)];
      const now = { text: (await db.get('a'))?.text, tilde: (await db.get('a', 'HEAD~3'))?.text };
      await db.deleteTag('v1');
      const after = (await tagged.get('a'))?.text;
      return { views, now, after, gone: (await kit.failure(db.get('a', 'v1'))).code };
    });
    const first = {
      text: 'the first pelican',
      has: false,
      ids: ['a'],
      log: [1],
      hits: ['the first pelican'],
    };
    expect(seen.views).toEqual([first, first, first]);
    expect(seen).toMatchObject({ now: { tilde: 'the first pelican' }, after: 'the first pelican' });
    expect(seen.now.text).toBeUndefined();
    expect(seen.gone).toBe('AV_REF_UNKNOWN');
  });
});

describe('a merge', () => {
  it('joins what two branches did to one document, embeds nothing anew and has two parents', async () => {
    const seen = await site.page.evaluate(async () => {
      const db = await kit.AetherV.open();
      const { text } = kit.doc(1);
      await db.put([{ id: 'a', text }, kit.doc(2)]);
      await db.branch('x');
      const ours = text.replace('# Note 1\n\nThe ', '# Note 1\n\nAt noon the ');
      const { commit: main } = await db.put({ id: 'a', text: ours });
      await db.checkout('x');
      const { commit: x } = await db.put([
        { id: 'a', text: text.replace('## Care\n\nThe ', '## Care\n\nAt night the ') },
        kit.doc(3),
      ]);
      await db.delete('notes/0002.md');
      await db.checkout('main');
      const { commit, conflicts } = await db.merge('x', { author: 'me' });
      const merged = (await db.get('a'))?.text;
      const there = [await db.has('notes/0002.md'), await db.has('notes/0003.md')];
      const expected = ours.replace('## Care\n\nThe ', '## Care\n\nAt night the ');
      const again = await db.merge('x');
      return { main, x, commit, conflicts, same: merged === expected && merged !== ours, there, again };
    });
    expect(seen.conflicts).toEqual([]);
    expect(seen.commit).toMatchObject({ message: 'merge x', author: 'me', stats: { embedded: 0 } });
    expect(seen.commit?.parents).toHaveLength(2);
    expect(seen.commit?.parents[0]).toBe(seen.main);
    expect(seen).toMatchObject({ same: true, there: [false, true], again: { conflicts: [] } });
    expect(seen.again.commit).toBeUndefined();
  });

  it('that meets a conflict gives all three texts and commits nothing, until a side is taken', async () => {
    const seen = await site.page.evaluate(async () => {
      const sides: { strategy: string; text: string | undefined; conflicts: number; committed: boolean }[] = [];
      const texts = (word: string, end: string) => `# T\n\nThe ${word} is here.\n\n# Always\n\nThe same ${end}.\n`;
      const db = await kit.AetherV.open();
      await db.put([
        { id: 'a.md', text: texts('beginning', 'end') },
        { id: 'gone', text: 'to be deleted' },
      ]);
      await db.branch('x');
      await db.put({ id: 'a.md', text: texts('pelican', 'end') });
      await db.delete('gone');
      await db.checkout('x');
      await db.put([
        { id: 'a.md', text: texts('heron', 'finish') },
        { id: 'gone', text: 'still needed here' },
      ]);
      await db.checkout('main');
      const before = await kit.state(db);
      const refused = await db.merge('x');
      const same = (await kit.state(db)) === before;
      for (const strategy of ['ours', 'theirs'] as const) {
        await db.branch(strategy);
        await db.checkout(strategy);
        const { commit, conflicts } = await db.merge('x', { strategy });
        const text = (await db.get('a.md'))?.text;
        sides.push({ strategy, text, conflicts: conflicts.length, committed: commit !== undefined });
        await db.checkout('main');
      }
      return { refused, same, sides };
    });
    expect(seen.refused.commit).toBeUndefined();
    expect(seen.same).toBe(true);
    expect(seen.refused.conflicts).toHaveLength(2);
    expect(seen.refused.conflicts.find(({ kind }) => kind === 'text')).toMatchObject({ id: 'a.md', path: ['T'] });
    const conflict = seen.refused.conflicts.find(({ id }) => id === 'a.md');
    expect([conflict?.base, conflict?.ours, conflict?.theirs].map((text) => text?.trim())).toEqual([
      'The beginning is here.',
      'The pelican is here.',
      'The heron is here.',
    ]);
    expect(seen.refused.conflicts.find(({ id }) => id === 'gone')).toMatchObject({ kind: 'delete' });
    // What only one side changed comes along either way.
    expect(seen.sides).toEqual([
      {
        strategy: 'ours',
        text: '# T\n\nThe pelican is here.\n\n# Always\n\nThe same finish.\n',
        conflicts: 2,
        committed: true,
      },
      {
        strategy: 'theirs',
        text: '# T\n\nThe heron is here.\n\n# Always\n\nThe same finish.\n',
        conflicts: 2,
        committed: true,
      },
    ]);
  });

  it('moves a branch on that has nothing of its own, unless a message asks for a commit', async () => {
    const seen = await site.page.evaluate(async () => {
      const db = await kit.AetherV.open();
      await db.put(kit.doc(1));
      await db.branch('slow');
      const { commit } = await db.put(kit.doc(2));
      await db.branch('x', 'slow');
      await db.checkout('slow');
      const moved = await db.merge('main');
      const [move] = await db.reflog();
      await db.checkout('x');
      const asked = await db.merge('main', { message: 'by hand' });
      return { commit, moved, move, asked, commits: (await db.info()).commits, has: await db.has('notes/0002.md') };
    });
    expect(seen.moved).toMatchObject({ commit: { id: seen.commit, seq: 2 }, conflicts: [] });
    expect(seen.move).toMatchObject({ branch: 'slow', to: seen.commit });
    expect(seen.asked.commit).toMatchObject({ seq: 3, message: 'by hand' });
    expect(seen.asked.commit?.parents).toHaveLength(2);
    expect(seen).toMatchObject({ commits: 3, has: true });
  });
});
