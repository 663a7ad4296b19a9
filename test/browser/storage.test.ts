// Storage that fails or is damaged: no room, a changed byte, a lost manifest, a torn log.
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Site, serveSite } from '../kit/site.ts';

let site: Site;
beforeAll(async () => {
  site = await Site.start();
});
afterAll(() => site.stop());

describe('when the browser has no more room', () => {
  it('a put fails whole, reads go on, and puts work when there is room again', async () => {
    // An origin of its own: the browser remembers for a while how much room one had.
    const served = await serveSite();
    const page = await site.context.newPage();
    await page.goto(served.url);
    const origin = new URL(served.url).origin;
    const devtools = await site.context.newCDPSession(page);
    await devtools.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: 1_500_000 });
    const full = await page.evaluate(async () => {
      const db = await kit.AetherV.open('full');
      Object.assign(globalThis, { db });
      const results: string[] = [];
      for (let i = 0; i < 12; i++) {
        const before = await kit.state(db);
        const { code } = await kit.failure(db.put(kit.docs(100, i * 100)));
        results.push(`${code} ${(await kit.state(db)) === before ? 'same' : 'changed'}`);
        // As segments, which are written before the commit.
        if (code === 'AV_QUOTA' && !results.includes('large')) {
          const { code } = await kit.failure(db.put(kit.docs(3000, 5000)));
          results.push(`large ${code} ${(await kit.state(db)) === before ? 'same' : 'changed'}`, 'large');
        }
      }
      return results;
    });
    await devtools.send('Storage.overrideQuotaForOrigin', { origin });
    const freed = await page.evaluate(async () => {
      const { db } = globalThis as unknown as { db: Awaited<ReturnType<typeof kit.AetherV.open>> };
      const report = await db.put(kit.docs(3000, 5000));
      const state = await kit.state(db);
      await db.close();
      const again = await kit.AetherV.open('full');
      const same = (await kit.state(again)) === state;
      await again.close();
      return { added: report.added, same };
    });
    await page.close();
    await served.close();
    expect(new Set(full)).toEqual(new Set(['none changed', 'AV_QUOTA same', 'large AV_QUOTA same', 'large']));
    expect(full.at(-1)).toBe('AV_QUOTA same');
    expect(freed).toEqual({ added: 3000, same: true });
  });
});

describe('a database with damaged storage', () => {
  let page: Page;
  let name: string;
  let count = 0;
  /** What the database held after each step. */
  let states: string[];

  /** Five commits, of which the first few are in segments. The manifest of before the flush stays with its log. */
  async function fill(flushed: number): Promise<void> {
    name = `damaged ${count++}`;
    states = await page.evaluate(
      async ([name, flushed]) => {
        const db = await kit.AetherV.open(name);
        const states: string[] = [];
        for (const step of [1, 2, 3, 4, 5]) {
          await db.put(kit.docs(6, step * 4));
          states.push(await kit.state(db));
          if (step === flushed) await db.flush();
        }
        await db.close();
        return states;
      },
      [name, flushed] as const,
    );
  }

  beforeEach(async () => {
    page = site.page;
    await fill(3);
  });

  /** Opens it; if that works, writes, opens it again, flushes, and opens it again. */
  function reopen() {
    return page.evaluate(async (name) => {
      const warnings: string[] = [];
      let db: Awaited<ReturnType<typeof kit.AetherV.open>> | undefined;
      const open = async () => {
        await db?.close();
        db = await kit.AetherV.open(name);
        db.on('warning', ({ code }) => warnings.push(code));
        await kit.pause(20);
        return db;
      };
      const seen = { code: 'none', opened: '', warnings, written: '', reopened: '', flushed: '' };
      try {
        const first = await open();
        seen.opened = await kit.state(first);
        for (let i = 0; i < 3; i++) await first.put({ id: `after ${i}`, text: `after the damage ${i}` });
        const written = await kit.state(first);
        const again = await open();
        seen.reopened = (await kit.state(again)) === written ? 'same' : 'other';
        await again.flush();
        seen.flushed = (await kit.state(await open())) === written ? 'same' : 'other';
      } catch (error) {
        seen.code = `${String((error as { code?: string }).code)}${seen.opened && ' after opening'}`;
        seen.written = String(error);
      } finally {
        await db?.close();
      }
      return seen;
    }, name);
  }

  const works = { code: 'none', reopened: 'same', flushed: 'same' };

  /** Damages byte `at` of the newest value of a store, or of the one that `which` counts to from the end. */
  function damage(store: 'head' | 'manifest' | 'wal' | 'seg', at: number, which = -1): Promise<void> {
    return page.evaluate(
      async ([name, store, at, which]) => {
        const keys = await kit.keys(name, store);
        const key = keys.at(which);
        if (key === undefined) throw new Error(`no value ${which} in ${store}`);
        await kit.flip(name, store, key, at);
      },
      [name, store, at, which] as const,
    );
  }

  it('opens as it was when nothing is damaged', async () => {
    expect(await reopen()).toMatchObject({ ...works, opened: states[4], warnings: [] });
  });

  it('does not open with one changed byte in a segment, unless the byte holds nothing', async () => {
    const seen = await page.evaluate(async (name) => {
      const codes: string[] = [];
      const states = new Set<string>();
      for (const key of await kit.keys(name, 'seg')) {
        for (const at of [0, 8, 21, 150, 310, 1001]) {
          await kit.flip(name, 'seg', key, at);
          const failed = await kit.failure(async () => {
            const db = await kit.AetherV.open(name);
            states.add(await kit.state(db).finally(() => db.close()));
          });
          codes.push(failed.code);
          await kit.flip(name, 'seg', key, at);
        }
      }
      return { codes, states: [...states] };
    }, name);
    expect(seen.codes.length).toBeGreaterThan(6);
    for (const code of seen.codes) expect(code).toBeOneOf(['AV_CORRUPT', 'none']);
    // Between the sections of a segment and after them lie zeros that nobody reads.
    expect(seen.codes.filter((code) => code === 'none').length).toBeLessThan(seen.codes.length / 3);
    for (const state of seen.states) expect(state).toBe(states[4]);
    expect(await reopen()).toMatchObject({ ...works, opened: states[4] });
  });

  it('does not open without a segment that its manifest names', async () => {
    await page.evaluate(async (name) => {
      const [first] = await kit.keys(name, 'seg');
      await kit.raw(name, 'seg', 'readwrite', (store) => store.delete(first ?? []));
    }, name);
    expect(await reopen()).toMatchObject({ code: 'AV_CORRUPT' });
  });

  // The second number: how many of five commits were flushed. Then either log may be the longer one.
  it.each([
    ['head', 0, 3],
    ['head', 19, 1],
    ['manifest', 0, 1],
    ['manifest', 40, 3],
    ['manifest', -1, 4],
  ] as const)(
    'falls back when the newest %s is damaged at byte %i, loses nothing and can be written to (%i flushed)',
    async (store, at, flushed) => {
      await fill(flushed);
      // Two manifests were published: the first went to slot B, the flush to slot A, which comes first.
      await damage(store, at, store === 'head' ? 0 : -1);
      expect(await reopen()).toMatchObject({ ...works, opened: states[4], warnings: [] });
    },
  );

  it('does not open when no head slot is good', async () => {
    await damage('head', 7, 0);
    await damage('head', 7, 1);
    expect(await reopen()).toMatchObject({ code: 'AV_CORRUPT' });
  });

  it.each([0, 20, 90])(
    'opens at the commit before when byte %i of the last log record is changed, and says so',
    async (at) => {
      await damage('wal', at);
      expect(await reopen()).toMatchObject({ ...works, opened: states[3], warnings: ['AV_DATA_LOSS'] });
    },
  );

  it('opens at the commit before a damaged log record in the middle, and says so', async () => {
    await damage('wal', 0, -2);
    expect(await reopen()).toMatchObject({ ...works, opened: states[2], warnings: ['AV_DATA_LOSS'] });
  });

  it('is not taken for an empty one when everything but its log is gone', async () => {
    await page.evaluate(async (name) => {
      for (const store of ['head', 'manifest', 'seg'] as const)
        await kit.raw(name, store, 'readwrite', (s) => s.clear());
    }, name);
    expect(await reopen()).toMatchObject({ code: 'AV_CORRUPT' });
  });

  it('of a later version of the library is refused', async () => {
    const failed = await page.evaluate(async (name) => {
      const request = indexedDB.open(`aetherv:${name}`, 1000);
      request.onsuccess = () => request.result.close();
      await kit.until(() => request.readyState === 'done');
      return kit.failure(kit.AetherV.open(name));
    }, name);
    expect(failed.code).toBe('AV_FORMAT_NEWER');
  });
});
