// History verbs asked for what cannot be: a typed error that says what to do, nothing is changed, and the next search works.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
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
    await db.branch('x');
    await db.tag('t');
    const elsewhere = await kit.AetherV.open();
    await elsewhere.put(kit.docs(12));
    Object.assign(globalThis, { db, foreign: await elsewhere.stage(kit.doc(9)) });
    const old = await db.stage(kit.doc(20));
    await db.put({ id: 'notes/0004.md', text: 'the head moves' });
    Object.assign(globalThis, { old });
  });
});
afterAll(() => site.stop());

/** A call of each verb that takes a point in history. */
const POINTS: readonly (readonly [verb: string, call: string])[] = [
  ['get', "db.get('notes/0007.md', REF)"],
  ['has', "db.has('notes/0007.md', REF)"],
  ['list', 'db.list({ asOf: REF })'],
  ['log', 'db.log({ asOf: REF })'],
  ['search', "db.search('x', { asOf: REF })"],
  ['at', "db.at(REF).get('notes/0007.md')"],
  ['branch', "db.branch('fresh', REF)"],
  ['tag', "db.tag('fresh', REF)"],
  ['checkout', 'db.checkout(REF)'],
  ['merge', 'db.merge(REF)'],
  ['restore', 'db.restore(REF)'],
  ['reset', "db.reset('x', REF)"],
  ['diff from', 'db.diff(REF)'],
  ['diff to', "db.diff('HEAD', REF)"],
  ['changes from', "db.changes('x', { from: REF })"],
  ['changes to', "db.changes('x', { from: 'HEAD', to: REF })"],
];

/** A call that is there as text only, as a case holds it. */
const asCall = (text: string): Call => ({ toString: () => `(db) => ${text}` }) as unknown as Call;

describe.each([
  ['a branch there never was', "'nonsense'"],
  ['before the first commit', "'HEAD~3'"],
  ['a branch before its first commit', "'x~2'"],
  ['a tag before its first commit', "'t~99'"],
  ['an unknown commit', "'ffffffffffffffffffffffffffffffff'"],
  ['five digits of a commit', '(await kit.all(db.log()))[0].id.slice(0, 5)'],
  ['a whole commit id and more', "(await kit.all(db.log()))[0].id.concat('0')"],
  ['a commit id in capitals', '(await kit.all(db.log()))[0].id.toUpperCase()'],
  ['nothing', "''"],
  ['~ alone', "'HEAD~'"],
  ['a range', "'HEAD..x'"],
  ['a time before the first commit', '0'],
  ['a date before the first commit', 'new Date(0)'],
  ['no date', "new Date('nonsense')"],
  ['NaN', 'Number.NaN'],
  ['null', 'null'],
  ['true', 'true'],
  ['a list', '[]'],
])('%s is no point in history', (_, ref) => {
  const known = ref === '[]' ? POINTS.filter(([verb]) => /branch|checkout|merge|diff/.test(verb)) : POINTS;
  refuses(
    known.map(
      ([verb, call]): Case => [
        verb,
        'AV_REF_UNKNOWN',
        asCall(`(async () => { const REF = ${ref}; return ${call}; })()`),
      ],
    ),
  );
});

describe('a branch or a tag refuses', () => {
  const names: readonly (readonly [what: string, name: string])[] = [
    ['an empty name', "''"],
    ['a blank', "'a b'"],
    ['only blanks', "'  '"],
    ['HEAD', "'HEAD'"],
    ['~', "'x~1'"],
    ['..', "'a..b'"],
    ['a slash at its end', "'a/'"],
    ['two slashes', "'a//b'"],
    ['a dot first', "'.a'"],
    ['a dash first', "'-a'"],
    ['a tab', "'a\\tb'"],
    ['.lock', "'a.lock'"],
    ['what looks like a commit id', "'abcdef'"],
    ['32 digits', "'0123456789abcdef0123456789abcdef'"],
    ['101 characters', "'x'.repeat(101)"],
    ['a number', '5'],
    ['nothing', ''],
    ['null', 'null'],
  ];
  for (const verb of ['branch', 'tag'])
    refuses(names.map(([what, name]): Case => [`${verb} ${what}`, 'AV_INVALID', asCall(`db.${verb}(${name})`)]));
  refuses([
    ['a branch that is there', 'AV_REF_EXISTS', asCall("db.branch('x')")],
    ['main', 'AV_REF_EXISTS', asCall("db.branch('main', 'HEAD~1')")],
    ['a branch named as a tag', 'AV_REF_EXISTS', asCall("db.branch('t')")],
    ['a tag that is there', 'AV_REF_EXISTS', asCall("db.tag('t', 'HEAD~1')")],
    ['a tag named as a branch', 'AV_REF_EXISTS', asCall("db.tag('x')")],
    ['deleting the branch in use', 'AV_REF_IN_USE', asCall("db.deleteBranch('main')")],
    ['deleting an unknown branch', 'AV_REF_UNKNOWN', asCall("db.deleteBranch('nonsense')")],
    ['deleting a tag as a branch', 'AV_REF_UNKNOWN', asCall("db.deleteBranch('t')")],
    ['deleting a branch as a tag', 'AV_REF_UNKNOWN', asCall("db.deleteTag('x')")],
    ['deleting an unknown tag', 'AV_REF_UNKNOWN', asCall("db.deleteTag('nonsense')")],
    ['resetting an unknown branch', 'AV_REF_UNKNOWN', asCall("db.reset('nonsense', 'HEAD')")],
    ['resetting a tag', 'AV_REF_UNKNOWN', asCall("db.reset('t', 'HEAD')")],
    ['resetting to nothing', 'AV_REF_UNKNOWN', asCall("db.reset('x')")],
    ['checkout of nothing', 'AV_REF_UNKNOWN', asCall('db.checkout()')],
    ['merge of nothing', 'AV_REF_UNKNOWN', asCall('db.merge()')],
    ['restore of nothing', 'AV_REF_UNKNOWN', asCall('db.restore()')],
    ['diff of nothing', 'AV_REF_UNKNOWN', asCall('db.diff()')],
  ]);
});

describe('a plan is refused', () => {
  refuses([
    ['when the head moved since', 'AV_CONFLICT', asCall("db.commit('late', { plan: old })")],
    ['of another database', 'AV_CONFLICT', asCall("db.commit('foreign', { plan: foreign })")],
    ['that is none', 'AV_INVALID', asCall("db.commit('x', { plan: {} })")],
    ['that is null', 'AV_INVALID', asCall("db.commit('x', { plan: null })")],
    ['that is a copy', 'AV_INVALID', asCall("db.commit('x', { plan: { ...old } })")],
    ['that is not there', 'AV_INVALID', asCall("db.commit('x', {})")],
    ['without a message', 'AV_INVALID', asCall('db.stage(kit.doc(9)).then((plan) => db.commit(5, { plan }))')],
    ['of what is no document', 'AV_INVALID', asCall('db.stage([5])')],
    ['of an empty id to delete', 'AV_INVALID', asCall("db.stage([], { delete: '' })")],
    ['of a document too large', 'AV_LIMIT', asCall("db.stage({ id: 'x', text: 'x'.repeat(1048577) })")],
  ]);
});

describe('upkeep refuses', () => {
  refuses([
    ['erasing what never was', 'AV_NOT_FOUND', asCall("db.erase('nonsense')")],
    ['erasing a folder', 'AV_NOT_FOUND', asCall("db.erase('notes/')")],
    ['erasing nothing', 'AV_INVALID', asCall("db.erase('')")],
    ['a reason that is a number', 'AV_INVALID', asCall("db.erase('notes/0007.md', { reason: 5 })")],
    ['a reason of 65,537 bytes', 'AV_LIMIT', asCall("db.erase('notes/0007.md', { reason: 'x'.repeat(65537) })")],
    ...[
      '{ keepLast: 0 }',
      '{ keepLast: -1 }',
      '{ keepLast: 1.5 }',
      "{ keepLast: '5' }",
      '{ keepLast: Infinity }',
      '{ keepLast: null }',
      "{ keepWithin: 'soon' }",
      "{ keepWithin: '5' }",
      '{ keepWithin: -1 }',
      '{ keepWithin: NaN }',
      '{ keepWithin: null }',
      '{ keepFirst: 5 }',
      'null',
      '5',
      '',
    ].map((policy): Case => [`retain(${policy})`, 'AV_INVALID', asCall(`db.retain(${policy})`)]),
    ['compact in no time', 'AV_INVALID', asCall('db.compact({ budgetMs: 0 })')],
    ['compact in NaN', 'AV_INVALID', asCall('db.compact({ budgetMs: NaN })')],
    ['verify against nonsense', 'AV_INVALID', asCall("db.verify({ against: 'nonsense' })")],
  ]);
});

describe('an option is refused', () => {
  const doc = "{ id: 'x', text: 'x' }";
  refuses([
    ...[
      `put(${doc}, { deletes: 'x' })`,
      `put(${doc}, { delete: '' })`,
      `put(${doc}, { delete: 5 })`,
      `put(${doc}, { valid: 5 })`,
      `put(${doc}, { valid: { from: 2, to: 1 } })`,
      `put(${doc}, { valid: { from: 1, to: 1 } })`,
      `put(${doc}, { valid: { from: new Date('nonsense') } })`,
      "put({ id: 'x', text: 'x', valid: { from: new Date(2), to: new Date(1) } })",
      "delete('notes/0007.md', { valid: { from: 2, to: 1 } })",
      "delete('notes/0007.md', { asOf: 'HEAD' })",
      `stage(${doc}, { message: 'x' })`,
      `stage(${doc}, { signal: 5 })`,
      "commit('x', { plan: old, plans: 1 })",
      "merge('x', { strategy: 'union' })",
      "merge('x', { strategy: null })",
      "merge('x', { into: 'main' })",
      "merge('x', { message: 5 })",
      "restore('HEAD~1', { path: 5 })",
      "restore('HEAD~1', { path: '' })",
      "restore('HEAD~1', { paths: ['x'] })",
      "restore('HEAD~1', null)",
      "diff('HEAD~1', 'HEAD', { mode: 'full' })",
      "diff('HEAD~1', 'HEAD', { paths: 'x' })",
      "changes('x', { from: 'HEAD~1', k: 0 })",
      "changes('x', { from: 'HEAD~1', mode: 'lexical' })",
      "changes(5, { from: 'HEAD~1' })",
      "changes(new Float32Array(256), { from: 'HEAD~1' })",
      "lineage('notes/0007.md', { direction: 'sideways' })",
      "lineage('notes/0007.md', { depth: 5 })",
      "history('')",
      'history()',
      "blame('')",
      'gc({ dry: true })',
      'compact({ budget: 5 })',
      "verify({ against: 'rebuild', deep: true })",
      "erase('notes/0007.md', { force: true })",
      "list({ at: 'HEAD' })",
      'log({ k: 5 })',
      "search('x', { recency: 'on' })",
      "search('x', { recency: null })",
      "search('x', { recency: { halfLife: 5 } })",
      "search('x', { recency: { halfLifeMs: 0 } })",
      "search('x', { recency: { weight: 11 } })",
      "get('notes/0007.md', { system: 'HEAD', when: 1 })",
      'live(5)',
      "live('x', { k: 0 })",
      "live('x', { deadline: 5 })",
    ].map((call): Case => [call, 'AV_INVALID', asCall(`db.${call}`)]),
    [
      "changes('x', { from: 'HEAD~1', k: 10_001 })",
      'AV_LIMIT',
      asCall("db.changes('x', { from: 'HEAD~1', k: 10_001 })"),
    ],
    ['a valid time that is none', 'AV_REF_UNKNOWN', asCall("db.get('notes/0007.md', { valid: 'now' })")],
  ]);
});

it('after all of it, branches, tags and their moves are what they were', async () => {
  const seen: { refs: string[]; moves: number } = await site.page.evaluate(`(async () => ({
    refs: (await db.refs()).map(({ kind, name, seq, current }) => [kind, name, seq, current].join(' ')),
    moves: (await db.reflog()).length,
  }))()`);
  expect(seen).toEqual({ refs: ['branch main 3 true', 'branch x 2 false', 'tag t 2 false'], moves: 1 });
});
