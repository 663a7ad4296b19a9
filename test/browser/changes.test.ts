// What changed, when, and by whom, in real Chromium: restore, plans, diffs, blame, lineage.
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

describe('restore', () => {
  it('commits what was there, all of it or a folder, and embeds nothing', async () => {
    const seen = await site.page.evaluate(async () => {
      const db = await kit.AetherV.open();
      const docs = [
        { id: 'in/a.md', text: 'the first a' },
        { id: 'in/b.md', text: 'the first b' },
        { id: 'inner.md', text: 'the first inner' },
      ];
      const first = await db.put(docs);
      await db.put([...docs.map(({ id }) => ({ id, text: `another ${id}` })), { id: 'in/new.md', text: 'new' }]);
      await db.delete('in/b.md');
      const read = async () => {
        const texts: string[] = [];
        for await (const { id } of db.list()) texts.push(`${id}: ${(await db.get(id))?.text}`);
        return texts.sort();
      };
      const folder = await db.restore('HEAD~2', { path: 'in/' });
      const afterFolder = await read();
      const whole = await db.restore(first.commit, { message: 'all again', author: 'me' });
      const afterWhole = await read();
      const nothing = await db.restore(first.commit);
      const log = (await kit.all(db.log())).map(({ seq, message }) => `${seq} ${message}`);
      return { folder, afterFolder, whole, afterWhole, nothing, log, was: (await db.get('in/a.md', 'HEAD~3'))?.text };
    });
    expect(seen.folder).toMatchObject({ seq: 4, message: 'restore HEAD~2', stats: { embedded: 0 } });
    expect(seen.afterFolder).toEqual(['in/a.md: the first a', 'in/b.md: the first b', 'inner.md: another inner.md']);
    expect(seen.whole).toMatchObject({ seq: 5, message: 'all again', author: 'me', stats: { embedded: 0 } });
    expect(seen.afterWhole).toEqual(['in/a.md: the first a', 'in/b.md: the first b', 'inner.md: the first inner']);
    expect(seen.nothing.id).toBe(seen.whole.id);
    expect(seen.log).toEqual(['5 all again', '4 restore HEAD~2', '3 ', '2 ', '1 ']);
    expect(seen.was).toBe('another in/a.md');
  });
});

describe('a plan', () => {
  it('says what a put would do and writes nothing; committed, it does just that', async () => {
    const seen = await site.page.evaluate(async () => {
      const db = await kit.AetherV.open();
      const first = await db.put(kit.docs(3));
      const edited = kit.doc(1);
      const docs = [
        { ...edited, text: edited.text.replace('## Care\n\nThe ', '## Care\n\nOne ') },
        kit.doc(0),
        kit.doc(5),
      ];
      const before = await kit.state(db);
      const plan = await db.stage(docs, { delete: 'notes/0002.md' });
      const same = (await kit.state(db)) === before;
      const commit = await db.commit('planned', { plan, author: 'me' });
      const ids = (await kit.all(db.list())).map(({ id }) => id).sort();
      return { first, plan, same, commit, ids };
    });
    expect(seen.same).toBe(true);
    const { base, branch, added, updated, unchanged, deleted, chunks, embed, reuse, deltas } = seen.plan;
    expect({ base, branch }).toEqual({ base: seen.first.commit, branch: 'main' });
    expect({ added, updated, unchanged, deleted }).toEqual({ added: 1, updated: 1, unchanged: 1, deleted: 1 });
    expect({ chunks, embed, reuse }).toEqual({ chunks: 6, embed: 4, reuse: 2 });
    expect(new Set(deltas.map(({ id }) => id))).toEqual(new Set(['notes/0001.md', 'notes/0002.md', 'notes/0005.md']));
    expect(seen.commit).toMatchObject({ seq: 2, message: 'planned', author: 'me', parents: [seen.first.commit] });
    expect(seen.commit.stats).toMatchObject({
      added: 1,
      updated: 1,
      deleted: 1,
      chunks,
      embedded: embed,
      reused: reuse,
    });
    expect(seen.ids).toEqual(['notes/0000.md', 'notes/0001.md', 'notes/0005.md']);
  });
});

describe('a diff', () => {
  it('carries texts that rebuild the later document from the earlier; as stat it carries none', async () => {
    const seen = await site.page.evaluate(async () => {
      const db = await kit.AetherV.open();
      const old = kit.doc(4).text;
      const now = `${old.replace('# Note 4', '# Note four').replace('## Care', '## Keep\n\nIt has 5 doors.\n\n## Care')}\nThe end.\n`;
      await db.put([
        { id: 'a', text: old, meta: { n: 1 } },
        { id: 'x/b', text: 'leaves' },
        { id: 'x/c', text: 'never stays 3 days' },
      ]);
      await db.put(
        [
          { id: 'a', text: now, meta: { n: 2 } },
          { id: 'x/new', text: 'comes' },
          { id: 'x/c', text: 'never stays 4 days' },
        ],
        { delete: 'x/b' },
      );
      const patch = await kit.all(db.diff('HEAD~1'));
      const sides = (side: 'from' | 'to') =>
        patch
          .filter(({ id }) => id === 'a')
          .flatMap((delta) => delta[side] ?? [])
          .sort((a, b) => a.range[0] - b.range[0]);
      let [kept, at] = ['', 0];
      const fits: boolean[] = [];
      for (const { range, text } of sides('from')) {
        fits.push(old.slice(...range) === text);
        kept += old.slice(at, range[0]);
        at = range[1];
      }
      kept += old.slice(at);
      let [built, taken] = ['', 0];
      for (const { range, text } of sides('to')) {
        const copied = range[0] - built.length;
        built += kept.slice(taken, taken + copied) + text;
        taken += copied;
      }
      built += kept.slice(taken);
      const stat = await kit.all(db.diff('HEAD~1', 'HEAD', { mode: 'stat' }));
      const folder = await kit.all(db.diff('HEAD~1', undefined, { path: 'x/' }));
      const numbers = await kit.all(db.diff('HEAD~1', 'HEAD', { classes: ['number'] }));
      const back = await kit.all(db.diff('HEAD', 'HEAD~1', { path: 'x/b' }));
      const none = await kit.all(db.diff('HEAD', 'main'));
      return { patch, rebuilt: built === now, fits, stat, folder, numbers, back, none };
    });
    expect(seen.rebuilt).toBe(true);
    expect(new Set(seen.fits)).toEqual(new Set([true]));
    const [head] = seen.patch.filter(({ id }) => id === 'a');
    expect(head?.head).toMatchObject({ from: { meta: { n: 1 } }, to: { meta: { n: 2 } } });
    expect(seen.stat).toHaveLength(seen.patch.length);
    expect(JSON.stringify(seen.patch)).toContain('"text":');
    expect(JSON.stringify(seen.stat)).not.toContain('"text":');
    expect(new Set(seen.folder.map(({ id }) => id))).toEqual(new Set(['x/b', 'x/c', 'x/new']));
    expect(seen.folder.filter(({ id, op }) => id === 'x/b' && op === 'delete').length).toBeGreaterThan(0);
    expect(seen.folder.filter(({ id, op }) => id === 'x/new' && op === 'add').length).toBeGreaterThan(0);
    expect(seen.numbers.map(({ id }) => id)).toContain('x/c');
    for (const { classes } of seen.numbers) expect(classes).toContain('number');
    expect(seen.back.map(({ op }) => op)).toContain('add');
    expect(seen.none).toEqual([]);
  });

  it('can be asked in words: changes gives the reworded section with both texts, and nothing that stayed', async () => {
    const seen = await site.page.evaluate(async () => {
      const db = await kit.AetherV.open();
      const text = (speed: string) =>
        `# Guide\n\n## Speed\n\nThe pelican flies ${speed}.\n\n## Care\n\nThe pelican eats fish.\n`;
      await db.put([{ id: 'guide.md', text: text('at ten knots') }, ...kit.docs(5)]);
      const from = new Date();
      await kit.pause(5);
      await db.put({ id: 'guide.md', text: text('at twenty knots') });
      await db.put({ id: 'later.md', text: 'A pelican that came later.' });
      const found = await db.changes('pelican speed', { from, to: 'HEAD~1' });
      const all = await db.changes('pelican', { from });
      const one = await db.changes('pelican', { from: 'HEAD~2', k: 1 });
      const none = await db.changes('pelican', { from: 'HEAD' });
      return { found, all, one, none };
    });
    expect(seen.found).toHaveLength(1);
    expect(seen.found[0]).toMatchObject({ id: 'guide.md', op: 'modify' });
    expect(seen.found[0]?.before).toContain('ten knots');
    expect(seen.found[0]?.after).toContain('twenty knots');
    expect(seen.found[0]?.score).toBeGreaterThan(0);
    const later = seen.all.find(({ id }) => id === 'later.md');
    expect(later).toMatchObject({ op: 'add', after: 'A pelican that came later.' });
    expect(later?.before).toBeUndefined();
    expect(seen.one).toHaveLength(1);
    expect(seen.none).toEqual([]);
  });
});

describe('where text came from', () => {
  it('blame names the commit of every sentence, across a rename and a merge', async () => {
    const seen = await site.page.evaluate(async () => {
      const db = await kit.AetherV.open();
      const text = (first: string, last: string) => `# Birds\n\nPelicans are large. ${first}\n\n## End\n\n${last}\n`;
      await db.put(
        { id: 'old.md', text: text('Herons are grey.', 'Ducks swim in ponds.') },
        { message: 'first', author: 'Ann' },
      );
      await db.put(
        { id: 'new.md', text: text('Herons are grey.', 'Ducks swim in ponds.') },
        { message: 'rename', delete: 'old.md' },
      );
      await db.branch('x');
      await db.put(
        { id: 'new.md', text: text('Herons are slender and blue.', 'Ducks swim in ponds.') },
        { message: 'on main', author: 'Bob' },
      );
      await db.checkout('x');
      await db.put(
        { id: 'new.md', text: text('Herons are grey.', 'Ducks dive for weeds in lakes.') },
        { message: 'on x', author: 'Eve' },
      );
      await db.checkout('main');
      await db.merge('x');
      const whole = (await db.get('new.md'))?.text ?? '';
      const lines = await db.blame('new.md');
      return { lines, cuts: lines.map(({ range }) => whole.slice(...range)), gone: await db.blame('old.md') };
    });
    const who = (part: string) => {
      const line = seen.lines.find(({ text }) => text.includes(part));
      return [line?.message, line?.author, line?.seq];
    };
    expect(who('Pelicans are large')).toEqual(['first', 'Ann', 1]);
    expect(who('slender and blue')).toEqual(['on main', 'Bob', 3]);
    expect(who('weeds in lakes')).toEqual(['on x', 'Eve', 4]);
    expect(seen.cuts).toEqual(seen.lines.map(({ text }) => text));
    expect(seen.gone).toEqual([]);
  });

  it('history lists every version of a chunk, and lineage joins them, down to the bytes', async () => {
    const seen = await site.page.evaluate(async () => {
      const db = await kit.AetherV.open();
      const text = (word: string) => `# Übung\n\nDer ${word} fliegt über das Meer und kehrt am Abend heim.\n`;
      const commits: string[] = [];
      for (const word of ['Pelikan', 'Reiher', 'Storch'])
        commits.push((await db.put({ id: 'a.md', text: text(word) })).commit);
      const all = await db.history('a.md');
      const chunk = all[0]?.chunkId ?? '';
      const one = await db.history(chunk);
      const graph = await db.lineage('a.md');
      const [up, down] = [await db.lineage(chunk, { direction: 'up' }), await db.lineage(chunk, { direction: 'down' })];
      const bytes = new TextEncoder().encode(text('Reiher'));
      const node = graph.nodes.find(({ seq }) => seq === 2);
      const slice = new TextDecoder().decode(bytes.slice(...(node?.bytes ?? [0, 0])));
      return {
        commits,
        all,
        one,
        graph,
        up,
        down,
        slice,
        cut: text('Reiher').slice(...(node?.range ?? [0, 0])),
        unknown: await db.history('no such'),
      };
    });
    expect(seen.all.map(({ seq, commit }) => [seq, commit])).toEqual(seen.commits.map((id, i) => [i + 1, id]));
    expect(new Set(seen.all.map(({ chunkId }) => chunkId)).size).toBe(1);
    expect(seen.all.map(({ parentVersion }) => parentVersion)).toEqual([
      undefined,
      seen.all[0]?.version,
      seen.all[1]?.version,
    ]);
    expect(seen.all.map(({ interval }) => interval.system[1] === undefined)).toEqual([false, false, true]);
    expect(seen.all[1]?.interval.system[0]).toBe(seen.all[0]?.interval.system[1]);
    expect(seen.one).toEqual(seen.all);
    expect(seen.graph.nodes).toHaveLength(3);
    expect(seen.graph.edges.map(({ kind }) => kind)).toEqual(['edit', 'edit']);
    expect(seen.slice).toBe(seen.all[1]?.text);
    expect(seen.cut).toBe(seen.slice);
    expect([seen.up.nodes.length, seen.down.nodes.length]).toEqual([3, 3]);
    expect(seen.unknown).toEqual([]);
  });
});
