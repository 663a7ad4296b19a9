// Live queries in real Chromium: what every commit brings and takes, and what changes without one.
import type { LiveUpdate } from 'aetherv';
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

describe('a live query', () => {
  it('gives its hits at once, then what every commit brought and took, until it is closed', async () => {
    const seen = await site.page.evaluate(async () => {
      const db = await kit.AetherV.open();
      await db.put([
        { id: 'a', text: 'a pelican' },
        { id: 'b', text: 'a heron' },
      ]);
      const live = db.live('pelican', { mode: 'lexical' });
      const updates = live[Symbol.asyncIterator]();
      const first = (await updates.next()).value;
      const next = updates.next();
      await db.put({ id: 'b', text: 'another heron' }, { message: 'nothing to tell' });
      await db.put({ id: 'b', text: 'a pelican came' }, { message: 'came' });
      const second = (await next).value;
      await db.delete('a', { message: 'went' });
      const third = (await updates.next()).value;
      await db.put({ id: 'c', text: 'one more pelican' }, { message: 'more' });
      const fourth = (await updates.next()).value;
      const left = updates.next();
      await db.erase('c');
      const fifth = (await left).value;
      const hits = live.hits.map(({ id }) => id);
      const last = updates.next();
      live.close();
      const brief = (update: LiveUpdate | undefined) => ({
        hits: update?.hits.map(({ id }) => id).sort(),
        added: update?.added.map(({ id }) => id),
        removed: update?.removed.map(({ id }) => id),
        commit: update?.commit?.message,
      });
      const all = [first, second, third, fourth, fifth].map(brief);
      return { all, hits, done: (await last).done };
    });
    expect(seen.all).toEqual([
      { hits: ['a'], added: ['a'], removed: [], commit: undefined },
      { hits: ['a', 'b'], added: ['b'], removed: [], commit: 'came' },
      { hits: ['b'], added: [], removed: ['a'], commit: 'went' },
      { hits: ['b', 'c'], added: ['c'], removed: [], commit: 'more' },
      { hits: ['b'], added: [], removed: ['c'], commit: 'more' },
    ]);
    expect(seen).toMatchObject({ hits: ['b'], done: true });
  });

  it('of a reader hears what the writer erased, and where it moved the branch', async () => {
    const seen = await site.page.evaluate(async () => {
      const [writer, reader] = [await kit.AetherV.open('live twice'), await kit.AetherV.open('live twice')];
      await writer.put({ id: 'a', text: 'a pelican' });
      await writer.put({ id: 'b', text: 'a pelican came' });
      await kit.until(() => reader.has('b'), 'the second commit');
      const live = reader.live('pelican', { mode: 'lexical' });
      const updates = live[Symbol.asyncIterator]();
      const ids: (string[] | undefined)[] = [];
      const look = async (next: Promise<IteratorResult<LiveUpdate>>) =>
        ids.push((await next).value?.hits.map(({ id }: { id: string }) => id).sort());
      await look(updates.next());
      for (const call of [() => writer.erase('a'), () => writer.reset('main', 'HEAD~1')]) {
        const next = updates.next();
        await call();
        await look(next);
      }
      live.close();
      await reader.close();
      await writer.close();
      return ids;
    });
    expect(seen).toEqual([['a', 'b'], ['b'], []]);
  });
});
