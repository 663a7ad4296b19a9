// The verbs in real Chromium: what goes in comes out again, exactly, now and after everything was closed.
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

describe('put', () => {
  it('takes one document, a list, an iterable and an async iterable, each as one commit', async () => {
    const { reports, ids, commits } = await site.page.evaluate(async () => {
      const db = await kit.AetherV.open();
      const sync = new Set(kit.docs(2, 3));
      const later = async function* () {
        for (const doc of kit.docs(150, 5)) {
          if (doc.id.endsWith('0')) await kit.pause(1);
          yield doc;
        }
      };
      const reports = [await db.put(kit.doc(0)), await db.put(kit.docs(2, 1)), await db.put(sync)];
      reports.push(await db.put(later()));
      const ids = (await kit.all(db.list())).map(({ id }) => id);
      const commits = (await db.info()).commits;
      await db.close();
      return { reports, ids, commits };
    });
    expect(reports.map(({ seq, added }) => [seq, added])).toEqual([
      [1, 1],
      [2, 2],
      [3, 2],
      [4, 150],
    ]);
    expect(commits).toBe(4);
    expect(ids).toEqual(Array.from({ length: 155 }, (_, i) => `notes/${String(i).padStart(4, '0')}.md`));
  });

  it('reports what it did: documents, chunks, vectors made and reused, words', async () => {
    const { first, second, same, info } = await site.page.evaluate(async () => {
      const db = await kit.AetherV.open();
      const docs = kit.docs(3);
      const first = await db.put(docs, { message: 'three', author: 'me' });
      const [a, b, c] = docs;
      if (!a || !b || !c) throw new Error('three');
      const edited = { ...b, text: b.text.replace('## Care\n\nThe ', '## Care\n\nOne ') };
      const second = await db.put([a, edited, c, kit.doc(3)]);
      const same = await db.put(docs[0] ?? []);
      return { first, second, same, info: await db.info() };
    });
    expect(first).toMatchObject({ seq: 1, added: 3, updated: 0, unchanged: 0, deleted: 0, durable: 'memory' });
    expect(first).toMatchObject({ chunks: 9, embedded: 9, reused: 0, skipped: 0, tokensReused: 0 });
    expect(first.tokensEmbedded).toBeGreaterThan(100);
    expect(first.ms).toBeGreaterThan(0);
    // Of the edited document one chunk of three is new; the added one has three.
    expect(second).toMatchObject({ seq: 2, added: 1, updated: 1, unchanged: 2, chunks: 6, embedded: 4, reused: 2 });
    expect(same).toMatchObject({ commit: second.commit, seq: 2, unchanged: 1, chunks: 0, embedded: 0 });
    expect(info).toMatchObject({ commits: 2, documents: 4, chunks: 12, chunkVersions: 13, contents: 13 });
    expect(info.head).toEqual({ commit: second.commit, seq: 2 });
  });

  it('keeps any text exactly as it was given', async () => {
    const { wrong, count } = await site.page.evaluate(async () => {
      const texts = [
        '',
        ' ',
        '\n',
        '\u0000',
        'one line without an end',
        '# Title\r\n\r\nA line.\r\nAnother.\r\n',
        '\ufeff# Marked\n\nBy a byte order mark.\n',
        '# Emoji 👩‍👩‍👧‍👦\n\nFamily 👩‍👩‍👧‍👦 and flags 🇩🇪🇫🇷, e\u0301 and é, \u202Eright to left\u202C.\n',
        'Tabs\tand trailing blanks   \n\n\n\n# End #\n\n',
        '```js\nconst a = 1;\n```\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n- item\n  - inner\n\n> quote\n\n<!-- only a comment -->\n',
        'Setext\n======\n\nold mac\rline ends\r\r# no heading?\r',
        '日本語のテキスト。改行\n二行目。',
        '---\ntitle: front\n---\n\nbody\u0085next\u2028line\u2029end',
      ];
      const docs = texts.flatMap((text, i) => ['.md', '.txt'].map((end) => ({ id: `odd-${i}${end}`, text })));
      const db = await kit.AetherV.open('texts');
      await db.put(docs);
      const wrong: string[] = [];
      const compare = async (when: string, from: { get(id: string): Promise<{ text: string } | undefined> }) => {
        for (const { id, text } of docs) if ((await from.get(id))?.text !== text) wrong.push(`${when}: ${id}`);
      };
      await compare('now', db);
      await db.flush();
      await compare('flushed', db);
      await db.close();
      const again = await kit.AetherV.open('texts');
      await compare('reopened', again);
      await again.put(docs.map(({ id }) => ({ id, text: 'other' })));
      await compare('as of', again.at('HEAD~1'));
      await again.close();
      await kit.AetherV.destroy('texts');
      return { wrong, count: docs.length };
    });
    expect(count).toBe(26);
    expect(wrong).toEqual([]);
  });

  it('gives back title, format, metadata and valid time as they were put', async () => {
    const got = await site.page.evaluate(async () => {
      const db = await kit.AetherV.open('fields');
      const meta = JSON.parse(
        '{"__proto__":{"x":1},"constructor":"c","list":[1,null,{"deep":true}],"a.b":"dot","n":-0.5}',
      );
      const valid = { from: Date.UTC(2020, 0), to: new Date(Date.UTC(2999, 0)) };
      await db.put([
        { id: 'a', text: '# x', title: 'T', format: 'markdown', meta, valid },
        { id: '__proto__', text: 'plain' },
      ]);
      await db.close();
      const again = await kit.AetherV.open('fields');
      const got = [await again.get('a'), await again.get('__proto__'), await again.get('constructor')];
      const list = await kit.all(again.list());
      await again.close();
      await kit.AetherV.destroy('fields');
      return { got: got.map((doc) => doc && JSON.stringify(doc)), list, clean: 'x' in {} };
    });
    const meta = '{"__proto__":{"x":1},"constructor":"c","list":[1,null,{"deep":true}],"a.b":"dot","n":-0.5}';
    expect(JSON.parse(got.got[0] ?? '')).toMatchObject({ id: 'a', text: '# x', title: 'T', format: 'markdown' });
    expect(got.got[0]).toContain(meta);
    expect(got.got[0]).toContain(`"valid":{"from":${Date.UTC(2020, 0)},"to":${Date.UTC(2999, 0)}}`);
    expect(JSON.parse(got.got[1] ?? '')).toEqual({ id: '__proto__', text: 'plain', format: 'text', meta: {} });
    expect(got.got[2]).toBeUndefined();
    expect(got.list.map(({ id, chunks, seq }) => [id, chunks, seq])).toEqual([
      ['a', 1, 1],
      ['__proto__', 1, 1],
    ]);
    expect(got.clean).toBe(false);
  });

  it('embeds nothing for new metadata, a copy, a rename or an undo', async () => {
    const reports = await site.page.evaluate(async () => {
      const db = await kit.AetherV.open();
      const doc = kit.doc(7);
      await db.put(doc);
      const meta = await db.put({ ...doc, meta: { n: 8 } });
      const copy = await db.put({ ...doc, id: 'copy.md' });
      const rename = [await db.delete('copy.md'), await db.put({ ...doc, id: 'renamed.md' })];
      const edit = await db.put({ ...doc, text: doc.text.replaceAll('stands', 'waits') });
      const undo = await db.put(doc);
      const now = await db.get(doc.id);
      return { meta, copy, rename, edit, undo, text: now?.text === doc.text, meta7: now?.meta };
    });
    expect(reports.meta).toMatchObject({ updated: 1, chunks: 3, embedded: 0, reused: 3 });
    expect(reports.copy).toMatchObject({ added: 1, chunks: 3, embedded: 0, reused: 3 });
    expect(reports.rename).toMatchObject([{ deleted: 1 }, { added: 1, embedded: 0, reused: 3 }]);
    expect(reports.edit.embedded).toBe(3);
    expect(reports.undo).toMatchObject({ seq: 7, updated: 1, embedded: 0, reused: 3 });
    expect(reports.text).toBe(true);
    expect(reports.meta7).toMatchObject({ n: 7 });
  });

  it('tells its progress up to the last document', async () => {
    const { seen, total } = await site.page.evaluate(async () => {
      const db = await kit.AetherV.open();
      const seen: { phase: string; done: number; total?: number | undefined }[] = [];
      await db.put(kit.docs(400), { onProgress: (progress) => seen.push(progress) });
      return { seen, total: (await db.info()).documents };
    });
    expect(total).toBe(400);
    const prepared = seen.filter(({ phase }) => phase === 'prepare');
    expect(prepared.at(-1)).toEqual({ phase: 'prepare', done: 400, total: 400 });
    expect(prepared.map(({ done }) => done)).toEqual(prepared.map(({ done }) => done).sort((a, b) => a - b));
    expect(new Set(seen.map(({ phase }) => phase))).toEqual(new Set(['prepare', 'embed', 'write']));
  });
});

describe('reading', () => {
  it('lists more documents and commits than fit on one page, in order', async () => {
    const { ids, seqs, parents, old } = await site.page.evaluate(async () => {
      const db = await kit.AetherV.open();
      await db.put(kit.docs(600));
      for (let i = 0; i < 299; i++) await db.put({ id: `one/${i}`, text: `t${i}` }, { message: `put ${i}` });
      const log = await kit.all(db.log());
      return {
        ids: (await kit.all(db.list())).map(({ id }) => id),
        seqs: log.map(({ seq, message }) => `${seq} ${message}`),
        parents: log.every(({ parents }, i) => (parents[0] ?? '') === (log[i + 1]?.id ?? '')),
        old: (await kit.all(db.log({ asOf: 'HEAD~298' }))).map(({ seq }) => seq),
      };
    });
    expect(ids).toHaveLength(899);
    expect(new Set(ids).size).toBe(899);
    expect(ids[599]).toBe('notes/0599.md');
    expect(ids[898]).toBe('one/298');
    expect(seqs).toHaveLength(300);
    expect(seqs.slice(0, 2)).toEqual(['300 put 298', '299 put 297']);
    expect(seqs.at(-1)).toBe('1 ');
    expect(parents).toBe(true);
    expect(old).toEqual([2, 1]);
  });

  it('sees a deleted document only as of before', async () => {
    const seen = await site.page.evaluate(async () => {
      const db = await kit.AetherV.open();
      await db.put(kit.docs(3));
      const ids = ['notes/0001.md', 'not there', 'notes/0001.md'];
      const report = await db.delete(ids);
      const nothing = await db.delete('not there');
      const look = async (asOf?: string) => ({
        has: await db.has('notes/0001.md', asOf),
        get: (await db.get('notes/0001.md', asOf)) !== undefined,
        hits: (await db.search('only1x', { mode: 'lexical', ...(asOf && { asOf }) })).length,
        count: (await kit.all(db.list({ asOf: asOf }))).length,
      });
      return { report, nothing, now: await look(), before: await look('HEAD~1') };
    });
    expect(seen.report).toMatchObject({ seq: 2, deleted: 1, added: 0, updated: 0 });
    expect(seen.nothing).toMatchObject({ seq: 2, deleted: 0 });
    expect(seen.now).toEqual({ has: false, get: false, hits: 0, count: 2 });
    expect(seen.before).toEqual({ has: true, get: true, hits: 1, count: 3 });
  });

  it('says which engine, storage, space and worker are used, and why', async () => {
    const { memory, stored } = await site.page.evaluate(async () => {
      const [a, b] = [await kit.AetherV.open(), await kit.AetherV.open('said', { durability: 'relaxed' })];
      const said = { memory: a.capabilities(), stored: b.capabilities() };
      await b.close();
      await kit.AetherV.destroy('said');
      return said;
    });
    expect(memory.wasm).toEqual({ build: 'relaxed', why: 'the browser validates relaxed SIMD' });
    expect(memory.storage).toMatchObject({ kind: 'memory', durability: 'memory' });
    expect(memory.space).toMatchObject({ id: 'aether-static-256x2', dims: 256 });
    expect(stored.storage).toMatchObject({ kind: 'indexeddb', durability: 'relaxed' });
    expect(stored.worker.how).toContain('module worker');
    for (const { why } of [memory.storage, memory.space, memory.gpu, stored.storage]) expect(why).not.toBe('');
  });

  it('tells every commit of this tab until the listener is taken away', async () => {
    const { told, reports } = await site.page.evaluate(async () => {
      const db = await kit.AetherV.open();
      const told: { id: string; seq: number; message: string }[] = [];
      const stop = db.on('change', ({ id, seq, message }) => told.push({ id, seq, message }));
      const reports = [
        await db.put(kit.doc(0), { message: 'one' }),
        await db.delete('notes/0000.md', { message: 'two' }),
      ];
      await db.put([]);
      await kit.until(() => told.length >= 2);
      stop();
      await db.put(kit.doc(1));
      await kit.pause(50);
      return { told, reports };
    });
    expect(told).toEqual([
      { id: reports[0]?.commit, seq: 1, message: 'one' },
      { id: reports[1]?.commit, seq: 2, message: 'two' },
    ]);
  });
});
