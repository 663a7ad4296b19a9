// Words in real Chromium, through the facade: phrases, clauses, typos, beginnings, sorting, facets, suggestions, snippets.
import type { Clause, Query, SearchOptions } from 'aetherv';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Site } from '../kit/site.ts';

let site: Site;
type Db = Awaited<ReturnType<typeof kit.AetherV.open>>;

beforeAll(async () => {
  site = await Site.start();
  await site.page.evaluate(async () => {
    const db = await kit.AetherV.open();
    const filler = 'Nothing of interest stands in this sentence at all. '.repeat(12);
    await db.put(
      [
        {
          id: 'hmr.md',
          text: '# Hot reload\n\nThe dev server can reload modules hot.\n\n```js\nserver.hmr.overlay = false\n```\n',
          meta: { lang: 'en', year: 2024, tags: ['dev', 'server'] },
        },
        {
          id: 'cold.md',
          text: '# Cold start\n\nA cold server starts slowly; reload hot pages later.\n',
          meta: { lang: 'en', year: 2022, tags: ['server'] },
        },
        {
          id: 'legacy.md',
          text: '# Legacy\n\nLegacy browsers get hot reload through a plugin.\n',
          meta: { lang: 'de', year: 2023 },
        },
        {
          id: 'long.md',
          text: `# Long\n\n${filler}At last the 😀 zebra meets the quokka here. ${filler}\n`,
          meta: { lang: 'de' },
        },
      ],
      { message: 'first' },
    );
    await db.put({
      id: 'later.md',
      text: '# Later\n\nA pangolin reloads nothing.\n',
      meta: { lang: 'fr', year: 2025 },
    });
    Object.assign(globalThis, { db });
  });
});
afterAll(() => site.stop());

/** Ids of the documents found, in order. */
const ids = (query: string | Query, options: SearchOptions = {}): Promise<string[]> =>
  site.page.evaluate(
    async (json) => {
      const { db } = globalThis as unknown as { db: Db };
      const [query, options] = JSON.parse(json);
      const hits = await db.search(query, { mode: 'lexical', collapse: 'document', ...options });
      return hits.map(({ id }) => id.replace('.md', ''));
    },
    JSON.stringify([query, options]),
  );

/** A question and the ids that it finds, sorted. */
const finds = async (query: string | Query, want: string, options: SearchOptions = {}): Promise<void> => {
  expect((await ids(query, options)).sort().join(' '), JSON.stringify(query)).toBe(want);
};
const must = (must: Clause): Query => ({ must });

describe('words', () => {
  it('in quotes stand side by side in every hit, in every mode', async () => {
    await finds('hot reload', 'cold hmr later legacy');
    await finds('"hot reload"', 'hmr legacy');
    await finds('"hot reload" zebra', 'hmr legacy');
    await finds('"hot reload', 'cold hmr later legacy');
    for (const mode of ['hybrid', 'dense'] as const) await finds('a "hot reload"', 'hmr legacy', { mode });
  });

  it('can be wanted, needed and unwanted, in fields', async () => {
    await finds({ text: 'reload', not: 'legacy' }, 'cold hmr later');
    await finds({ text: 'reload', must: 'server' }, 'cold hmr');
    await finds({ must: ['server', { prefix: 'mod' }] }, 'hmr');
    await finds(must({ text: 'hot', fields: ['title'] }), 'hmr');
    await finds(must({ text: 'overlay', fields: ['code'] }), 'hmr');
    await finds(must({ text: 'overlay', fields: ['body'] }), '');
    await finds(must({ phrase: 'server reload', slop: 1 }), 'hmr');
    await finds(must({ text: 'sever', typos: 1 }), 'cold hmr');
    await finds({ not: 'legacy' }, '');
    await finds({ text: 'reload', not: 'legacy' }, 'cold hmr later long', { mode: 'hybrid' });
  });

  it('may be mistyped, and unfinished while they are typed', async () => {
    await finds('pangolni', 'later');
    await finds('pangolni', '', { typos: 'off' });
    await finds('pango', 'later', { prefix: true });
    await finds('pango', '');
    await finds('leg', 'legacy', { prefix: true });
    await finds('cold', 'cold', { typos: 'off' });
    expect(await ids('pangolni', { asOf: 'HEAD~1' })).toEqual([]);
  });

  it('weigh as their fields do', async () => {
    expect((await ids('cold reload', { boosts: { title: 1000 } }))[0]).toBe('cold');
    expect(await ids('legacy', { boosts: { title: 0, headings: 0, body: 0, code: 0 } })).toEqual([]);
  });
});

describe('sorting', () => {
  it('is by metadata, missing values last, at any commit', async () => {
    const sort = { by: 'year', order: 'desc' } as const;
    expect(await ids('reload', { sort })).toEqual(['later', 'hmr', 'legacy', 'cold']);
    expect(await ids('reload', { sort, asOf: 'HEAD~1', k: 2 })).toEqual(['hmr', 'legacy']);
    expect(await ids('', { sort: [{ by: 'lang' }, { by: 'year' }] })).toEqual([
      'legacy',
      'long',
      'cold',
      'hmr',
      'later',
    ]);
    expect(await ids({}, { sort: { by: 'year' }, filter: { lang: 'de' } })).toEqual(['legacy', 'long']);
  });
});

describe('facets', () => {
  it('count documents by value, on the database and on a view', async () => {
    const seen = await site.page.evaluate(async () => {
      const { db } = globalThis as unknown as { db: Db };
      const view = db.at('HEAD~1');
      return [
        await db.facets('reload', { by: ['lang', 'tags', 'none'] }),
        await db.facets('', { by: 'year', filter: { lang: 'en' } }),
        await view.facets('', { by: 'lang', limit: 1 }),
        await db.facets({ not: 'reload' }, { by: 'lang' }),
      ];
    });
    const of = (...pairs: (string | number)[][]) => pairs.map(([value, count]) => ({ value, count }));
    expect(seen).toEqual([
      { lang: of(['en', 2], ['de', 1], ['fr', 1]), tags: of(['server', 2], ['dev', 1]), none: [] },
      { year: of([2022, 1], [2024, 1]) },
      { lang: of(['de', 2]) },
      { lang: of(['de', 1]) },
    ]);
  });
});

describe('suggestions', () => {
  it('mean what is there', async () => {
    const seen = await site.page.evaluate(async () => {
      const { db } = globalThis as unknown as { db: Db };
      const view = db.at('HEAD~1');
      return [
        await db.suggest('pangolni reload'),
        await db.suggest('hot reload'),
        await db.suggest('hot pango', { k: 1 }),
        await view.suggest('pangolni reload'),
      ];
    });
    expect(seen).toEqual([
      [{ text: 'pangolin reload', kind: 'correction', changed: [[0, 8]] }],
      [],
      [{ text: 'hot pangolin', kind: 'completion', changed: [[4, 12]] }],
      [],
    ]);
  });
});

describe('a hit', () => {
  it('shows the part of a long chunk that matched', async () => {
    const [hit] = await site.page.evaluate(async () => {
      const { db } = globalThis as unknown as { db: Db };
      return db.search('zebra quokka', { mode: 'lexical' });
    });
    if (!hit) throw new Error('nothing was found');
    const [start, end] = hit.snippet;
    const snippet = hit.text.slice(start - hit.range[0], end - hit.range[0]);
    expect(hit.text.length).toBeGreaterThan(300);
    expect(end - start).toBeLessThanOrEqual(240);
    expect(snippet).toContain('the 😀 zebra meets the quokka here');
    expect(hit.highlights).toHaveLength(2);
    for (const [from, to] of hit.highlights) expect(from >= start && to <= end).toBe(true);
  });

  it('marks beginnings, mistyped words and phrases, and says why', async () => {
    const seen = await site.page.evaluate(async () => {
      const { db } = globalThis as unknown as { db: Db };
      const marks = async (query: string, options: object) => {
        const [hit] = await db.search(query, { explain: true, ...options });
        const words = hit?.highlights.map(([from, to]) => hit.text.slice(from - hit.range[0], to - hit.range[0]));
        return [words, hit?.why?.rules, Number(hit?.why?.weight.toFixed(2)), hit?.why?.lexicalRank];
      };
      return [
        await marks('pango', { prefix: true }),
        await marks('pangolni', {}),
        await marks('"hot reload" legacy', {}),
        await marks('server.hmr.overlay', {}),
        await marks('"through a plugin"', { weight: 0.3 }),
      ];
    });
    expect(seen).toEqual([
      // The table spells these by pieces, and one word of three in the next: it is believed less.
      [['pangolin'], ['prefix'], 0.9, 1],
      [['pangolin'], ['typos'], 0.9, 1],
      [['Legacy', 'hot', 'reload'], [], 0.77, 1],
      [['server.hmr.overlay'], ['identifier'], 0.9, 1],
      [['plugin'], ['quoted'], 0.3, 1],
    ]);
  });

  it('of other fusions and with diversity is there too', async () => {
    for (const options of [{ fusion: 'rank' }, { feedback: true }, { mmr: 0.5 }, { mmr: 1, k: 2 }] as const) {
      const found = await ids('hot reload', { mode: 'hybrid', ...options });
      expect(found).toHaveLength(options.mmr === 1 ? 2 : 5);
      expect(['hmr', 'legacy']).toContain(found[0]);
    }
  });
});

describe('changes and live queries', () => {
  it('take phrases, clauses and options of words', async () => {
    const seen = await site.page.evaluate(async () => {
      const { db } = globalThis as unknown as { db: Db };
      const from = 'HEAD~1';
      const counts = [
        await db.changes('pangolni', { from }),
        await db.changes('"reloads nothing"', { from }),
        await db.changes('"nothing reloads"', { from }),
        await db.changes({ text: 'reloads', not: 'pangolin' }, { from }),
      ].map((hits) => hits.length);
      const found: string[] = [];
      for await (const { hits } of db.live({ must: { phrase: 'hot reload' } }, { collapse: 'document' })) {
        found.push(...hits.map(({ id }) => id));
        break;
      }
      return { counts, found: found.sort() };
    });
    expect(seen).toEqual({ counts: [1, 1, 0, 0], found: ['hmr.md', 'legacy.md'] });
  });
});
