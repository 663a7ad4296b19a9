// A document, an option or a name that cannot be is a typed error at once: nothing is changed, and the next search works.
import { afterAll, beforeAll, describe } from 'vitest';
import { type Call, type Case, refusing } from '../kit/refusing.ts';
import { Site } from '../kit/site.ts';

let site: Site;
const refuses = refusing(() => site.page);
beforeAll(async () => {
  site = await Site.start();
  await site.page.evaluate(async () => {
    const db = await kit.AetherV.open('good');
    await db.put(kit.docs(12));
    await db.put({ id: 'notes/0003.md', text: 'another text' });
    Object.assign(globalThis, { db });
  });
});
afterAll(() => site.stop());

describe('put refuses', () => {
  refuses([
    ['null', 'AV_INVALID', (db) => db.put(null)],
    ['nothing', 'AV_INVALID', (db) => db.put()],
    ['a number', 'AV_INVALID', (db) => db.put(5)],
    ['a string', 'AV_INVALID', (db) => db.put('text')],
    ['null in a list', 'AV_INVALID', (db) => db.put([kit.doc(50), null])],
    ['a number in an iterable', 'AV_INVALID', (db) => db.put(new Set([kit.doc(50), 5]))],
    ['no id', 'AV_INVALID', (db) => db.put({ text: 'x' })],
    ['no text', 'AV_INVALID', (db) => db.put({ id: 'x' })],
    ['an id that is a number', 'AV_INVALID', (db) => db.put({ id: 1, text: 'x' })],
    ['an id that is null', 'AV_INVALID', (db) => db.put({ id: null, text: 'x' })],
    ['an empty id', 'AV_INVALID', (db) => db.put({ id: '', text: 'x' })],
    ['an id of 1,025 bytes', 'AV_LIMIT', (db) => db.put({ id: 'x'.repeat(1025), text: 'x' })],
    ['an id of 513 two-byte letters', 'AV_LIMIT', (db) => db.put({ id: 'ä'.repeat(513), text: 'x' })],
    ['a lone surrogate in an id', 'AV_TEXT_ENCODING', (db) => db.put({ id: 'a\ud800', text: 'x' })],
    ['a lone high surrogate in a text', 'AV_TEXT_ENCODING', (db) => db.put({ id: 'x', text: 'a\ud83d b' })],
    ['a lone low surrogate in a text', 'AV_TEXT_ENCODING', (db) => db.put({ id: 'x', text: '\udc00' })],
    ['swapped surrogates', 'AV_TEXT_ENCODING', (db) => db.put({ id: 'x', text: '\udc00\ud800' })],
    ['a text of 1,048,577 bytes', 'AV_LIMIT', (db) => db.put({ id: 'x', text: 'x'.repeat(1_048_577) })],
    ['a text of 524,289 two-byte letters', 'AV_LIMIT', (db) => db.put({ id: 'x', text: 'ä'.repeat(524_289) })],
    ['a text that is a number', 'AV_INVALID', (db) => db.put({ id: 'x', text: 5 })],
    ['a long title', 'AV_LIMIT', (db) => db.put({ id: 'x', text: 'x', title: 'x'.repeat(1025) })],
    ['a title that is a list', 'AV_INVALID', (db) => db.put({ id: 'x', text: 'x', title: ['x'] })],
    ['an unknown format', 'AV_INVALID', (db) => db.put({ id: 'x', text: 'x', format: 'html' })],
    ['an unknown field', 'AV_INVALID', (db) => db.put({ id: 'x', text: 'x', vector: [1] })],
    ['a bad document after good ones', 'AV_INVALID', (db) => db.put([...kit.docs(300, 50), { id: '' }])],
    [
      'valid time that ends before it begins',
      'AV_INVALID',
      (db) => db.put({ id: 'x', text: 'x', valid: { from: 2, to: 1 } }),
    ],
    ['valid time in words', 'AV_INVALID', (db) => db.put({ id: 'x', text: 'x', valid: { from: 'today' } })],
    ['an invalid date', 'AV_INVALID', (db) => db.put({ id: 'x', text: 'x', valid: { to: new Date('no') } })],
    ['a message that is a number', 'AV_INVALID', (db) => db.put(kit.doc(50), { message: 5 })],
    ['a long message', 'AV_LIMIT', (db) => db.put(kit.doc(50), { message: 'x'.repeat(65_537) })],
    ['a lone surrogate in an author', 'AV_TEXT_ENCODING', (db) => db.put(kit.doc(50), { author: '\ud800' })],
    ['an unknown option', 'AV_INVALID', (db) => db.put(kit.doc(50), { msg: 'x' })],
    ['an unknown kind of waiting', 'AV_INVALID', (db) => db.put(kit.doc(50), { wait: 'maybe' })],
    ['a signal that is pulled already', 'AV_ABORTED', (db) => db.put(kit.doc(50), { signal: AbortSignal.abort() })],
    [
      'an iterable that throws',
      'AV_INVALID',
      (db) =>
        db.put({
          *[Symbol.iterator]() {
            yield kit.doc(50);
            throw new Error('halfway');
          },
        }),
    ],
    [
      'a getter that throws',
      'AV_INVALID',
      (db) =>
        db.put({
          id: 'x',
          get text() {
            throw new Error('no text');
          },
        }),
    ],
  ]);
});

describe('metadata refuses', () => {
  refuses([
    ['a list', 'AV_INVALID', (db) => db.put({ ...kit.doc(50), meta: [1] })],
    ['a string', 'AV_INVALID', (db) => db.put({ ...kit.doc(50), meta: 'x' })],
    ['null', 'AV_INVALID', (db) => db.put({ ...kit.doc(50), meta: null })],
    ['a Map', 'AV_INVALID', (db) => db.put({ ...kit.doc(50), meta: new Map([['a', 1]]) })],
    ['a Map inside', 'AV_INVALID', (db) => db.put({ ...kit.doc(50), meta: { a: new Map() } })],
    ['a Date', 'AV_INVALID', (db) => db.put({ ...kit.doc(50), meta: { a: new Date() } })],
    ['a regular expression', 'AV_INVALID', (db) => db.put({ ...kit.doc(50), meta: { a: /x/ } })],
    ['an instance of a class', 'AV_INVALID', (db) => db.put({ ...kit.doc(50), meta: { a: new (class Own {})() } })],
    ['a node of the page', 'AV_INVALID', (db) => db.put({ ...kit.doc(50), meta: { a: document.body } })],
    ['a function', 'AV_INVALID', (db) => db.put({ ...kit.doc(50), meta: { a: () => 1 } })],
    ['a symbol', 'AV_INVALID', (db) => db.put({ ...kit.doc(50), meta: { a: Symbol('x') } })],
    ['a BigInt', 'AV_INVALID', (db) => db.put({ ...kit.doc(50), meta: { a: 1n } })],
    ['NaN', 'AV_INVALID', (db) => db.put({ ...kit.doc(50), meta: { a: [Number.NaN] } })],
    ['infinity', 'AV_INVALID', (db) => db.put({ ...kit.doc(50), meta: { a: { b: -Infinity } } })],
    ['undefined in a list', 'AV_INVALID', (db) => db.put({ ...kit.doc(50), meta: { a: [undefined] } })],
    ['a list of four million holes', 'AV_INVALID', (db) => db.put({ ...kit.doc(50), meta: { a: new Array(4e6) } })],
    [
      'a circle',
      'AV_INVALID',
      (db) => {
        const meta: Record<string, unknown> = {};
        meta.self = { meta };
        return db.put({ ...kit.doc(50), meta });
      },
    ],
    [
      '33 levels',
      'AV_LIMIT',
      (db) => {
        let meta: object = {};
        for (let i = 0; i < 32; i++) meta = { meta };
        return db.put({ ...kit.doc(50), meta });
      },
    ],
    [
      '5,000 levels',
      'AV_LIMIT',
      (db) => {
        let meta: object = {};
        for (let i = 0; i < 5000; i++) meta = { meta };
        return db.put({ ...kit.doc(50), meta });
      },
    ],
    ['a value of 65 KiB', 'AV_LIMIT', (db) => db.put({ ...kit.doc(50), meta: { a: 'x'.repeat(66_560) } })],
    [
      '10,000 keys',
      'AV_LIMIT',
      (db) =>
        db.put({ ...kit.doc(50), meta: Object.fromEntries(Array.from({ length: 10_000 }, (_, i) => [`k${i}`, i])) }),
    ],
    ['a lone surrogate', 'AV_TEXT_ENCODING', (db) => db.put({ ...kit.doc(50), meta: { a: '\udfff' } })],
    ['a lone surrogate in a key', 'AV_TEXT_ENCODING', (db) => db.put({ ...kit.doc(50), meta: { 'a\ud800': 1 } })],
    [
      'a getter that throws',
      'AV_INVALID',
      (db) =>
        db.put({
          ...kit.doc(50),
          meta: {
            get a() {
              throw new Error('no such value');
            },
          },
        }),
    ],
  ]);
});

describe('other calls refuse', () => {
  refuses([
    ['delete of an empty id', 'AV_INVALID', (db) => db.delete('')],
    ['delete of a number', 'AV_INVALID', (db) => db.delete(5)],
    ['delete of nothing', 'AV_INVALID', (db) => db.delete()],
    ['delete of a list with null', 'AV_INVALID', (db) => db.delete(['notes/0001.md', null])],
    ['delete of a lone surrogate', 'AV_TEXT_ENCODING', (db) => db.delete(['notes/0001.md', '\ud800'])],
    ['get of an empty id', 'AV_INVALID', (db) => db.get('')],
    ['get of a number', 'AV_INVALID', (db) => db.get(1)],
    ['get of a long id', 'AV_LIMIT', (db) => db.get('x'.repeat(1025))],
    ['get as of an unknown ref', 'AV_REF_UNKNOWN', (db) => db.get('notes/0001.md', 'nope')],
    ['get as of a function', 'AV_REF_UNKNOWN', (db) => db.get('notes/0001.md', () => 1)],
    ['has of a lone surrogate', 'AV_TEXT_ENCODING', (db) => db.has('\udc00')],
    ['list as of an unknown ref', 'AV_REF_UNKNOWN', (db) => db.list({ asOf: 'HEAD~7' })],
    ['list of a string', 'AV_INVALID', (db) => db.list('HEAD~7')],
    ['log as of an object', 'AV_REF_UNKNOWN', (db) => db.log({ asOf: { system: 1 } })],
    ['log of an unknown option', 'AV_INVALID', (db) => db.log({ system: 1 })],
    ['on of an unknown event', 'AV_INVALID', (db) => db.on('nothing', () => undefined)],
    ['at of an object', 'AV_REF_UNKNOWN', (db) => db.at({})],
    ['at of an unknown ref, when it is read', 'AV_REF_UNKNOWN', (db) => db.at('0000000').get('x')],
    [
      'a second writer',
      'AV_BUSY',
      async () => {
        const other = await kit.AetherV.open('good');
        try {
          await other.put(kit.doc(50));
        } finally {
          await other.close();
        }
      },
    ],
    ['destroy of an open database', 'AV_BUSY', () => kit.AetherV.destroy('good')],
    ['destroy of an empty name', 'AV_INVALID', () => kit.AetherV.destroy('')],
    ['destroy of a number', 'AV_INVALID', () => kit.AetherV.destroy(5 as never)],
  ]);
});

describe('open refuses', () => {
  const open = (name: string, options: string) => `() => kit.AetherV.open(${name}, ${options})` as unknown as Call;
  const own = (fields: string) => open("'x'", `{ embedder: { id: 'a', dims: 4, embed: async () => [], ${fields} } }`);
  refuses([
    ['an empty name', 'AV_INVALID', open("''", '{}')],
    ['null as a name', 'AV_INVALID', open('null', '{}')],
    ['a number as a name', 'AV_INVALID', open('5', '{}')],
    ['a name of 201 characters', 'AV_LIMIT', open("'x'.repeat(201)", '{}')],
    ['a lone surrogate in a name', 'AV_TEXT_ENCODING', open("'a\\ud800'", '{}')],
    ['an unknown option', 'AV_INVALID', open("'x'", "{ storage: 'memory' }")],
    ['null as options', 'AV_INVALID', open("'x'", 'null')],
    ['another durability', 'AV_INVALID', open("'x'", "{ durability: 'maybe' }")],
    ['another onModelChange', 'AV_INVALID', open("'x'", "{ onModelChange: 'ignore' }")],
    ['another store', 'AV_INVALID', open("'x'", "{ store: 'disk' }")],
    ['a model that is a string', 'AV_INVALID', open("'x'", "{ embedder: 'minilm' }")],
    ['a model that is null', 'AV_INVALID', open("'x'", '{ embedder: null }')],
    ['a model without embed', 'AV_INVALID', own('embed: undefined')],
    ['a model without an id', 'AV_INVALID', own("id: ''")],
    ...['0', '-1', '1.5', 'NaN', "'4'"].map(
      (dims): Case => [`a model of ${dims} dims`, 'AV_INVALID', own(`dims: ${dims}`)],
    ),
    ['a model of 1e9 dims', 'AV_LIMIT', own('dims: 1e9')],
    ['a model of weight 2', 'AV_INVALID', own('weight: 2')],
    ['another model', 'AV_MODEL_MISMATCH', open("'good'", '{ embedder: kit.embedder() }')],
    ['a signal that is pulled already', 'AV_ABORTED', open("'x'", '{ signal: AbortSignal.abort() }')],
  ]);
});
