// What is odd but allowed works; a closed database says so; a browser without storage still searches.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Site, serveSite } from '../kit/site.ts';

let site: Site;
beforeAll(async () => {
  site = await Site.start();
});
afterAll(() => site.stop());

describe('a hostile text', () => {
  const texts: Record<string, () => string> = {
    'one word of 1 MiB': () => 'x'.repeat(1_048_576),
    'one heading of 1 MiB': () => `# ${'y'.repeat(1_048_570)}`,
    'two-byte letters up to the limit': () => 'ä'.repeat(524_288),
    'a flood of combining marks': () => `quokka a${'\u0301'.repeat(200_000)} quokka`,
    'right to left with overrides': () => 'quokka \u202e\u2067שלום עולם\u2069 \u061cمرحبا\u202c quokka',
    'NUL bytes': () => `quokka\u0000\u0000 nee\u0000dle ${'\u0000'.repeat(10_000)} quokka`,
    'emoji joined by ZWJ': () => `${'👩‍👩‍👧‍👦'.repeat(5000)} quokka ${'🏴󠁧󠁢󠁥󠁮󠁧󠁿'.repeat(500)}`,
    'nothing but line ends': () => '\r\n'.repeat(100_000),
    'nothing but stop words': () => 'the and of '.repeat(2000),
    'forty thousand open brackets': () => `${'['.repeat(20_000)}quokka${'('.repeat(20_000)}`,
    'deep quotes and lists': () => `${'> '.repeat(5000)}quokka\n${'- '.repeat(5000)}quokka\n`,
    'a fence that never ends': () => `\`\`\`\n${'quokka in code\n'.repeat(2000)}`,
    'a table of ten thousand columns': () => `|${' quokka |'.repeat(10_000)}\n|${'-|'.repeat(10_000)}\n`,
    'five thousand equal headings': () => '# quokka\n'.repeat(5000),
    'backslashes, ticks and stars': () => `${'\\`*_'.repeat(30_000)} quokka`,
    'markup for a browser': () => '<script>alert("quokka")</script><!-- <!-- --> ]]> <p onclick=quokka>'.repeat(500),
    'words like those of JavaScript': () => '__proto__ constructor toString hasOwnProperty quokka __proto__',
  };

  it.each(Object.keys(texts))('is stored exactly, searched and edited: %s', async (what) => {
    const text = texts[what]?.() ?? '';
    const seen = await site.page.evaluate(
      async ([what, text]) => {
        const name = `hostile ${what}`;
        const db = await kit.AetherV.open(name);
        await db.put([...kit.docs(3), { id: `${what}.md`, text, title: 'hostile' }, { id: `${what}.txt`, text }]);
        const hits = await db.search('quokka', { mode: 'lexical', k: 50 });
        const dense = await db.search('quokka', { collapse: 'none', k: 50 });
        const wrong = [...hits, ...dense].filter(
          ({ id, range, text: part, highlights }) =>
            !id.startsWith('notes') &&
            (text.slice(...range) !== part || highlights.some(([from, to]) => !/quokka/i.test(text.slice(from, to)))),
        );
        const other = (await db.search('only1x', { mode: 'lexical' }))[0]?.id;
        const edit = await db.put({ id: `${what}.md`, text: [...text].slice(0, -1).join(''), title: 'hostile' });
        await db.close();
        const again = await kit.AetherV.open(name);
        const exact = [
          (await again.get(`${what}.txt`))?.text === text,
          (await again.at('HEAD~1').get(`${what}.md`))?.text === text,
        ];
        await again.close();
        await kit.AetherV.destroy(name);
        return { found: new Set(hits.map(({ id }) => id)).size, wrong: wrong.length, other, edit: edit.updated, exact };
      },
      [what, text] as const,
    );
    expect(seen).toMatchObject({ wrong: 0, other: 'notes/0001.md', edit: 1, exact: [true, true] });
    expect(seen.found).toBe(text.includes('quokka') ? 2 : 0);
  });
});

it('takes the largest id, title, metadata and the same id twice in one put', async () => {
  const seen = await site.page.evaluate(async () => {
    const db = await kit.AetherV.open();
    const id = `${'ä'.repeat(511)}id`;
    let meta: object = { bottom: true };
    for (let i = 1; i < 32; i++) meta = { meta };
    const report = await db.put([
      { id, text: 'first', title: 't'.repeat(1024), meta: meta as never },
      { id: 'b', text: 'second', meta: { big: 'x'.repeat(65_000) } },
      { id: 'twice', text: 'one' },
      { id: 'twice', text: 'two' },
      { id: '1', text: 'a digit' },
    ]);
    const [twice, found] = [await db.get('twice'), await db.has(id)];
    return { added: report.added, twice: twice?.text, found, list: (await kit.all(db.list())).length };
  });
  expect(seen).toEqual({ added: 4, twice: 'two', found: true, list: 4 });
});

it('answers odd questions', async () => {
  const answers = await site.page.evaluate(async () => {
    const db = await kit.AetherV.open();
    await db.put(kit.docs(10));
    const wide = new Float32Array(300).fill(1);
    const queries: (string | Float32Array)[] = [
      '',
      ' \n ',
      'the of and',
      '!?…',
      '\u0000',
      'lone \ud83d surrogate only3x \udc00',
      '👩‍👩‍👧‍👦',
      'basket '.repeat(9362),
      'x'.repeat(65_536),
      '"basket" AND (window OR *) NOT ^[',
      '__proto__ constructor',
      new Float32Array(256),
      wide.subarray(40, 296),
      new Float32Array(256).fill(1e-40),
      new Float32Array(256).fill(-0),
      new Float32Array(256).fill(1e18),
    ];
    const answers: { count: number; first: string | undefined; finite: boolean }[] = [];
    for (const query of queries)
      for (const mode of typeof query === 'string' ? (['hybrid', 'lexical', 'dense'] as const) : (['dense'] as const)) {
        const hits = await db.search(query, { mode, explain: true });
        const finite = hits.every(
          ({ score, why }) => score >= 0 && score <= 1 && Number.isFinite((why?.bm25 ?? 0) + (why?.cosine ?? 0)),
        );
        answers.push({ count: hits.length, first: hits[0]?.id, finite });
      }
    const many = await Promise.all(
      Array.from({ length: 300 }, (_, i) => db.search(`only${i % 10}x`, { mode: 'lexical' })),
    );
    const future = await db.search('only3x', { asOf: new Date(Date.now() + 1e9), mode: 'lexical' });
    return { answers, many: many.every((hits, i) => hits[0]?.id === `notes/000${i % 10}.md`), future: future.length };
  });
  expect(answers.answers.filter(({ finite }) => !finite)).toEqual([]);
  expect(answers.answers[3 * 5 + 1]).toMatchObject({ count: 1, first: 'notes/0003.md' });
  // Words that are in no document, or no words, match nothing lexically.
  expect([0, 1, 2, 3, 4, 6, 8, 10].map((at) => answers.answers[3 * at + 1]?.count)).toEqual([0, 0, 0, 0, 0, 0, 0, 0]);
  expect(answers).toMatchObject({ many: true, future: 1 });
});

it('a deadline that no timer can hold is no deadline', async () => {
  const codes = await site.page.evaluate(async () => {
    const db = await kit.AetherV.open();
    await db.put(kit.docs(300));
    const ask = (deadlineMs: number) => kit.failure(db.search('the basket near the window', { deadlineMs }));
    return [(await ask(Number.POSITIVE_INFINITY)).code, (await ask(1e10)).code];
  });
  expect(codes).toEqual(['none', 'none']);
});

it('a closed database says so to every call, and closing it again is fine', async () => {
  const codes = await site.page.evaluate(async () => {
    const db = await kit.AetherV.open('shut');
    await db.put(kit.doc(1));
    const view = db.at('HEAD');
    await Promise.all([db.close(), db.close()]);
    await db.close();
    const calls: Record<string, () => Promise<unknown>> = {
      put: () => db.put(kit.doc(2)),
      delete: () => db.delete('x'),
      get: () => db.get('x'),
      has: () => db.has('x'),
      list: () => kit.all(db.list()),
      log: () => kit.all(db.log()),
      search: () => db.search('x'),
      view: () => view.search('x'),
      info: () => db.info(),
      metrics: () => db.metrics(),
      flush: () => db.flush(),
    };
    const codes: Record<string, string> = {};
    for (const [name, call] of Object.entries(calls)) {
      let thrown = '';
      const promise = (() => {
        try {
          return call();
        } catch (error) {
          thrown = ' thrown at once';
          return Promise.reject(error);
        }
      })();
      codes[name] = (await kit.failure(promise)).code + thrown;
    }
    codes.capabilities = (await kit.failure(() => db.capabilities())).code;
    await kit.AetherV.destroy('shut');
    return codes;
  });
  expect(new Set(Object.values(codes)), JSON.stringify(codes)).toEqual(new Set(['AV_CLOSED']));
});

describe('without IndexedDB', () => {
  const works = { warnings: ['AV_STORAGE'], kind: 'memory', durable: 'memory', hit: 'notes/0004.md' };

  it.each([
    ['is not there', "Object.defineProperty(self, 'indexedDB', { value: undefined });"],
    ['is denied', "IDBFactory.prototype.open = () => { throw new DOMException('denied', 'SecurityError'); };"],
  ])('because it %s, a named database works in memory and says so', async (_, before) => {
    const page = await site.tab();
    await page.route('**/before.js', (route) => route.fulfill({ contentType: 'text/javascript', body: before }));
    await page.route('**/worker.js', (route) =>
      route.fulfill({
        contentType: 'text/javascript',
        body: "import '/before.js'; import '/aetherv/workers/engine.worker.js';",
      }),
    );
    const seen = await page.evaluate(async () => {
      const db = await kit.AetherV.open('nowhere', { assets: { workerUrl: '/worker.js' } });
      const warnings: string[] = [];
      db.on('warning', ({ code }) => warnings.push(code));
      const { durable } = await db.put(kit.docs(5));
      const hit = (await db.search('only4x'))[0]?.id;
      return { warnings, kind: db.capabilities().storage.kind, durable, hit };
    });
    expect(seen).toEqual(works);
    await page.close();
  });

  it('in a sandboxed frame, no database is listed, and a named one works in memory and says so', async () => {
    const shared = await serveSite({ cors: true });
    const page = await site.tab('bare.html');
    await page.evaluate(async (url) => {
      const frame = document.createElement('iframe');
      frame.sandbox.add('allow-scripts');
      // Module workers cannot be made here: the origin of the frame is nobody's.
      frame.srcdoc = `<!doctype html><script src="${url}aetherv/aetherv.global.js"></script>`;
      const loaded = new Promise((done) => frame.addEventListener('load', done));
      document.body.append(frame);
      await loaded;
    }, shared.url);
    const seen = await page.frames()[1]?.evaluate(async () => {
      const list = await AetherV.list().catch((error) => error.name);
      const db = await AetherV.open('nowhere');
      const warnings: string[] = [];
      db.on('warning', ({ code }) => warnings.push(code));
      const { durable } = await db.put({ id: 'notes/0004.md', text: 'only4x' });
      const hit = (await db.search('only4x'))[0]?.id;
      const { kind } = db.capabilities().storage;
      await db.close();
      return { list, warnings, kind, durable, hit };
    });
    await page.close();
    await shared.close();
    expect(seen).toEqual({ list: [], ...works });
  });
});
