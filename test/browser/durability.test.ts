// What was acknowledged stays: the browser or the worker dies, a write is given up.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Site } from '../kit/site.ts';

let site: Site;
beforeAll(async () => {
  site = await Site.start();
});
afterAll(() => site.stop());

it('no acknowledged commit is lost when the browser is killed at any moment', { timeout: 90_000 }, async () => {
  const acked: { id: string; seq: number; doc: string; text: string }[] = [];
  let random = 20_251_121;
  for (let round = 0; round < 3; round++) {
    await site.page.exposeFunction('acked', (commit: (typeof acked)[number]) => void acked.push(commit));
    const before = acked.length;
    const writing = site.page.evaluate(async (round) => {
      const { acked } = globalThis as unknown as { acked: (commit: object) => Promise<void> };
      const db = await kit.AetherV.open('killed');
      for (let i = 0; ; i++) {
        const docs = kit
          .docs(1 + (i % 7) * 9, i % 20)
          .map((d) => ({ ...d, text: `${d.text}\nround ${round} put ${i}\n` }));
        const { commit, seq } = await db.put(docs);
        await acked({ id: commit, seq, doc: docs.at(-1)?.id ?? '', text: docs.at(-1)?.text ?? '' });
        if (i % 9 === 8) await db.flush();
      }
    }, round);
    writing.catch(() => undefined);
    while (acked.length === before) await new Promise((done) => setTimeout(done, 5));
    random = (random * 48_271) % 2_147_483_647;
    await new Promise((done) => setTimeout(done, random % 900));
    await site.kill();
    await site.launch();
    const found = await site.page.evaluate(async (acked) => {
      const db = await kit.AetherV.open('killed');
      const warnings: string[] = [];
      db.on('warning', ({ code }) => warnings.push(code));
      const ids = new Map((await kit.all(db.log())).map(({ id, seq }) => [id, seq]));
      const lost = acked.filter(({ id, seq }) => ids.get(id) !== seq);
      const wrong: string[] = [];
      for (const { id, doc, text } of acked.slice(-40)) if ((await db.get(doc, id))?.text !== text) wrong.push(id);
      const last = acked.at(-1);
      const hits = await db.search(`only${Number(last?.doc.slice(6, 10))}x`, { asOf: last?.id ?? '', mode: 'lexical' });
      await db.close();
      return { lost, wrong, commits: ids.size, hit: hits[0]?.id, warnings };
    }, acked);
    expect(found).toMatchObject({ lost: [], wrong: [], warnings: [], hit: acked.at(-1)?.doc });
    // At most the one commit that was on its way when the browser died is there beyond those acknowledged to the last.
    expect(found.commits - (acked.at(-1)?.seq ?? 0)).toBeOneOf([0, 1]);
  }
  expect(acked.length).toBeGreaterThan(3);
});

describe('when the worker is ended', () => {
  it('during a put, the put says that its outcome is unknown, and the next call works on a new worker', async () => {
    const seen = await site.page.evaluate(async () => {
      const first = kit.workers.length;
      const db = await kit.AetherV.open('put and die');
      const { commit } = await db.put(kit.docs(10), { message: 'before' });
      const slow = async function* () {
        yield* kit.docs(70, 10);
        kit.workers[first]?.terminate();
        await kit.pause(20);
        yield kit.doc(80);
      };
      const put = await kit.failure(db.put(slow()));
      const log = (await kit.all(db.log())).map(({ message }) => message);
      const after = await db.put(kit.docs(11), { message: 'after' });
      const again = await kit.AetherV.open('put and die', { onModelChange: 'error' });
      const seen = { put, log, after, workers: kit.workers.length - first, has: await db.has('notes/0009.md', commit) };
      await db.close();
      await again.close();
      return seen;
    });
    expect(seen.put).toMatchObject({ code: 'AV_OUTCOME_UNKNOWN', name: 'AetherError' });
    expect(seen).toMatchObject({ log: ['before'], workers: 3, has: true });
    expect(seen.after).toMatchObject({ seq: 2, added: 1, unchanged: 10, embedded: 3 });
  });

  it('during a search, the search says that the worker was lost, and the next one answers', async () => {
    const seen = await site.page.evaluate(async () => {
      const first = kit.workers.length;
      let slow = false;
      const embedder = kit.embedder();
      const { embed } = embedder;
      embedder.embed = async (texts, options) => {
        if (slow) await kit.pause(60_000);
        return embed.call(embedder, texts, options);
      };
      const db = await kit.AetherV.open('search and die', { embedder });
      await db.put(kit.docs(10));
      slow = true;
      const calls = [kit.failure(db.search('only3x')), kit.failure(db.search('only4x'))];
      await kit.pause(50);
      kit.workers[first]?.terminate();
      const lost = await Promise.all(calls);
      slow = false;
      const hits = await db.search('only3x');
      await db.close();
      return { lost, hit: hits[0]?.id };
    });
    expect(seen.lost).toMatchObject([{ code: 'AV_WORKER_LOST' }, { code: 'AV_WORKER_LOST' }]);
    expect(seen.hit).toBe('notes/0003.md');
  });

  it('many times, no commit that was acknowledged is lost', async () => {
    const seen = await site.page.evaluate(async () => {
      const db = await kit.AetherV.open('often');
      const acked: string[] = [];
      const codes = new Set<string>();
      let random = 7;
      for (let round = 0; round < 12; round++) {
        random = (random * 48_271) % 2_147_483_647;
        const worker = kit.workers.at(-1);
        setTimeout(() => worker?.terminate(), random % 60);
        for (let i = 0; i < 60; i++) {
          try {
            const { commit } = await db.put({ id: `d${i}`, text: `round ${round} number ${i}` });
            acked.push(commit);
          } catch (error) {
            codes.add((error as { code: string }).code);
            break;
          }
        }
      }
      const ids = new Set((await kit.all(db.log())).map(({ id }) => id));
      await db.close();
      return { lost: acked.filter((id) => !ids.has(id)).length, acked: acked.length, codes: [...codes] };
    });
    expect(seen.lost).toBe(0);
    expect(seen.acked).toBeGreaterThan(20);
    expect(seen.codes).toEqual(['AV_OUTCOME_UNKNOWN']);
  });

  it('a database in memory is gone and says so from then on', async () => {
    const seen = await site.page.evaluate(async () => {
      const [a, b] = [await kit.AetherV.open(), await kit.AetherV.open('named', { store: 'memory' })];
      await a.put(kit.doc(1));
      for (const worker of kit.workers.slice(-2)) worker.terminate();
      await kit.pause(100);
      const codes: string[] = [];
      for (const db of [a, b])
        for (const call of [() => db.search('x'), () => db.get('x'), () => db.put(kit.doc(1)), () => db.info()])
          codes.push((await kit.failure(call)).code);
      await a.close();
      return { codes, closed: (await kit.failure(() => a.get('x'))).code };
    });
    expect(seen.codes).toEqual(Array.from({ length: 8 }, () => 'AV_DATA_LOSS'));
    expect(seen.closed).toBe('AV_CLOSED');
  });

  it('or never was one, opening fails with a typed error', async () => {
    const failed = await site.page.evaluate(async () => [
      await kit.failure(kit.AetherV.open('none', { assets: { workerUrl: '/nothing-here.js' } })),
      await kit.failure(kit.AetherV.open('none', { assets: { workerUrl: '/index.html' } })),
      await kit.failure(
        kit.AetherV.open('none', { assets: { wasmUrl: { relaxed: '/no', simd128: '/no', scalar: '/no' } } }),
      ),
    ]);
    expect(failed.map(({ code }) => code)).toEqual(['AV_WORKER_LOST', 'AV_WORKER_LOST', 'AV_INTERNAL']);
    expect(failed[2]?.message).toContain('/no');
  });

  it('because it no longer answers, its calls settle', async () => {
    const page = await site.tab();
    await page.clock.install();
    await page.route('**/spin.js', (route) => route.fulfill({ contentType: 'text/javascript', body: 'for (;;);' }));
    await page.reload();
    const opening = page.evaluate(() => kit.failure(kit.AetherV.open('spins', { assets: { workerUrl: '/spin.js' } })));
    await page.waitForFunction(() => kit.workers.length > 0);
    for (let i = 0; i < 16; i++) await page.clock.runFor(2000);
    expect(await opening).toMatchObject({
      code: 'AV_WORKER_LOST',
      message: expect.stringContaining('no sign of life'),
    });
    await page.close();
  });
});

describe('a put that does not come to its end changes nothing', () => {
  it.each(['memory', 'stored'] as const)('aborted half-way (%s)', async (where) => {
    const seen = await site.page.evaluate(async (where) => {
      const name = where === 'stored' ? 'aborted' : undefined;
      const db = await kit.AetherV.open(name);
      await db.put(kit.docs(5));
      const state = (of = db) => kit.state(of);
      const before = await state();
      const failures: Awaited<ReturnType<typeof kit.failure>>[] = [];
      for (const at of [0, 500, 1500]) {
        const controller = new AbortController();
        const onProgress = ({ done, phase }: { done: number; phase: string }) => {
          if (phase === 'prepare' && done > at) controller.abort();
        };
        const docs = kit.docs(2000, 100).map((doc) => ({ ...doc, text: doc.text + kit.prose(at, 20) }));
        failures.push(await kit.failure(db.put(docs, { signal: controller.signal, onProgress })));
      }
      failures.push(await kit.failure(db.put(kit.docs(9), { signal: AbortSignal.abort() })));
      const after = await state();
      await db.close();
      const again = name === undefined ? undefined : await kit.AetherV.open(name);
      const reopened = again && (await state(again));
      const report = await again?.put(kit.docs(6));
      const segments = (await again?.info())?.segments ?? 0;
      await again?.close();
      const stored = name === undefined ? [] : await kit.keys(name, 'seg');
      return {
        codes: failures.map(({ code }) => code),
        same: after === before,
        reopened: (reopened ?? before) === before,
        report,
        left: new Set(stored.map((key) => String(key).split(',')[0])).size - segments,
      };
    }, where);
    expect(seen).toMatchObject({
      codes: ['AV_ABORTED', 'AV_ABORTED', 'AV_ABORTED', 'AV_ABORTED'],
      same: true,
      reopened: true,
    });
    if (where === 'stored') expect(seen.report).toMatchObject({ seq: 2, added: 1, unchanged: 5 });
    expect(seen.left).toBe(0);
  });

  it('because its documents throw, or one of them is wrong', async () => {
    const seen = await site.page.evaluate(async () => {
      const db = await kit.AetherV.open();
      await db.put(kit.docs(5));
      const before = JSON.stringify((await db.info()).head);
      let ended = 0;
      const throwing = async function* () {
        try {
          yield* kit.docs(300, 10);
          throw new RangeError('the feed broke');
        } finally {
          ended++;
        }
      };
      const wrong = function* () {
        try {
          yield* kit.docs(300, 10);
          yield { id: '', text: 'no id' };
          yield kit.doc(999);
        } finally {
          ended++;
        }
      };
      const failures = [await kit.failure(db.put(throwing())), await kit.failure(db.put(wrong()))];
      const same = JSON.stringify((await db.info()).head) === before && !(await db.has('notes/0010.md'));
      return { failures, same, ended, next: await db.put(kit.docs(6)) };
    });
    expect(seen.failures).toMatchObject([
      { code: 'AV_INVALID', message: expect.stringContaining('the feed broke') },
      { code: 'AV_INVALID', message: expect.stringContaining('id is empty') },
    ]);
    expect(seen).toMatchObject({ same: true, ended: 2, next: { seq: 2, added: 1, unchanged: 5 } });
  });
});

it('a put whose documents do not come and an opening can be given up, and hold nothing then', async () => {
  const seen = await site.page.evaluate(async () => {
    const db = await kit.AetherV.open('given up');
    const never = async function* () {
      yield kit.doc(1);
      await new Promise(() => undefined);
    };
    const put = await kit.failure(db.put(never(), { signal: AbortSignal.timeout(50) }));
    const { added } = await db.put(kit.docs(3));
    await db.close();
    const controller = new AbortController();
    const opening = kit.failure(kit.AetherV.open('given up', { signal: controller.signal }));
    controller.abort();
    const open = await opening;
    const again = await kit.AetherV.open('given up');
    const { role, documents } = await again.info();
    await again.close();
    return { put: put.code, added, open: open.code, role, documents };
  });
  expect(seen).toEqual({ put: 'AV_ABORTED', added: 3, open: 'AV_ABORTED', role: 'writer', documents: 3 });
});

it('close lets a put finish that was begun before it', async () => {
  const seen = await site.page.evaluate(async () => {
    const db = await kit.AetherV.open('closing');
    const putting = db.put(kit.docs(500));
    const closing = db.close();
    const late = await kit.failure(db.put(kit.doc(1)));
    const [report] = await Promise.all([putting, closing]);
    const again = await kit.AetherV.open('closing');
    const { documents, role } = await again.info();
    await again.close();
    return { added: report.added, documents, role, late: late.code };
  });
  expect(seen).toEqual({ added: 500, documents: 500, role: 'writer', late: 'AV_CLOSED' });
});
