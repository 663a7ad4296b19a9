// Texts in other languages: the stemmers are fetched when the first one comes and not before, in both builds; without them
// nothing is written or searched in another way.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Site } from '../kit/site.ts';

let site: Site;
beforeAll(async () => {
  site = await Site.start();
});
afterAll(() => site.stop());

const GERMAN = { id: 'de', text: 'Der Ausbruch des Vulkans hat die Dörfer in der Nähe mit Asche bedeckt.' };

describe('the stemmers', () => {
  it('are fetched when a text needs them', async () => {
    const fetched: string[] = [];
    site.page.on('request', (request) => {
      if (request.url().includes('stems')) fetched.push(request.url());
    });
    const before = await site.page.evaluate(async () => {
      const db = await kit.AetherV.open('languages');
      await db.put([{ id: 'en', text: 'The eruption of the volcano covered the villages with ash.' }]);
      const hits = await db.search('volcano', { mode: 'lexical' });
      await db.close();
      return hits.length;
    });
    expect({ before, fetched }).toEqual({ before: 1, fetched: [] });
    const found = await site.page.evaluate(async (german) => {
      const db = await kit.AetherV.open('languages');
      await db.put([german]);
      const hits = await db.search('Dorf Vulkane', { mode: 'lexical' });
      await db.close();
      const again = await kit.AetherV.open('languages');
      const same = await again.search('Dorf Vulkane', { mode: 'lexical' });
      await again.close();
      return [hits, same].map((each) => each.map(({ id, score }) => `${id} ${score}`));
    }, GERMAN);
    expect(found[0]?.[0]).toMatch(/^de /);
    expect(found[1]).toEqual(found[0]);
    // Once for each worker: the second opening finds German rows.
    expect(fetched.map((url) => new URL(url).pathname)).toEqual(Array(2).fill('/aetherv/wasm/aetherv.stems.wasm'));
  });

  it('come from beside the script of the one-file build', async () => {
    const page = await site.tab('bare.html');
    await page.addScriptTag({ url: `${site.served.url}aetherv/aetherv.global.js` });
    const ids = await page.evaluate(async (german) => {
      const { AetherV } = globalThis as unknown as { AetherV: typeof kit.AetherV };
      const db = await AetherV.open();
      await db.put([german]);
      const hits = await db.search('Dorf Vulkane', { mode: 'lexical' });
      await db.close();
      return hits.map(({ id }) => id);
    }, GERMAN);
    expect(ids).toEqual(['de']);
    await page.close();
  });

  it('are missed aloud: a text that needs them is refused, others are not', async () => {
    const seen = await site.page.evaluate(async (german) => {
      const db = await kit.AetherV.open(undefined, { assets: { stemsUrl: '/nowhere.wasm' } });
      await db.put([{ id: 'en', text: 'The eruption of the volcano covered the villages with ash.' }]);
      const failure = await db.put([german]).catch((error: { code: string; message: string }) => error);
      const hits = await db.search('villages', { mode: 'lexical' });
      await db.close();
      return { code: 'code' in failure ? failure.code : '', message: String(failure), hits: hits.map(({ id }) => id) };
    }, GERMAN);
    expect(seen).toMatchObject({ code: 'AV_MODEL_UNAVAILABLE', hits: ['en'] });
    expect(seen.message).toContain('assets.stemsUrl');
  });
});
