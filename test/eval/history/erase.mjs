// erase-needles: documents with words that stand nowhere else are erased; their bytes are looked for in the whole browser profile.
import { readFileSync } from 'node:fs';
import { random, round } from '../../bench/lib/stats.mjs';
import { paragraph } from '../page/notes.js';
import { filesBelow } from './disk.mjs';
import { layersOf } from './lay-open.mjs';

const page = 'eval/history';
const name = 'erasing';
const letters = 'bcdfghjkmnpqrtvwxz';
const halfLength = 10;

/**
 * A word of twenty letters, all drawn (no two needles share a beginning that could be stored once for both), that stemming leaves as
 * it is. Either half will do to recognise it.
 */
function needle(uniform) {
  const half = () => Array.from({ length: halfLength }, () => letters[Math.floor(uniform() * letters.length)]).join('');
  return half() + half();
}

/**
 * Note `i` with its needle in a paragraph among others, and the needle again in a heading of every fifth. Version 3 is one without it:
 * the needle is in history alone.
 */
function note(i, needle, version = 0) {
  const word = version === 3 ? 'nothing' : needle;
  const body = [paragraph(i, 0, version), `Here ${word} stands. ${paragraph(i, 1, version)}`, paragraph(i, 2, version)];
  const heading = i % 5 === 0 ? `\n\n## About ${word}\n\n${paragraph(i, 3, version)}` : '';
  return `# Note ${i}\n\n${body.join('\n\n')}${heading}\n`;
}

/**
 * A hundred notes: the first fifty are to be erased, the others stay and show that the search for needles sees anything. By number:
 * 0 to 29 lie in segments, of them 0 to 9 are edited before the flush, 10 to 19 after it, 15 to 19 so that the needle goes; 30 to 39 lie in the log only; 40 to
 * 44 are written on a branch only, where 20 to 24 are edited too; 45 to 49 are deleted before they are erased. So with those that stay.
 */
function scenario(words) {
  const doc = (i, version) => ({ id: `note-${i}.md`, text: note(i, words[i], version) });
  const both = (from, to) => [0, 50].flatMap((base) => range(base + from, base + to));
  const put = (numbers, message, version) => ({ put: numbers.map((i) => doc(i, version)), drop: [], message });
  const drop = (numbers, message) => ({ put: [], drop: numbers.map((i) => `note-${i}.md`), message });
  return {
    first: [put([...both(0, 30), ...both(45, 50)], 'notes'), put(both(0, 10), 'edits', 1)],
    branch: [put(both(40, 45), 'on the branch'), put(both(20, 25), 'edits on the branch', 2)],
    later: [
      put(both(10, 15), 'more edits', 1),
      put(both(15, 20), 'needles go', 3),
      put(both(30, 40), 'notes in the log'),
      drop(both(45, 50), 'deleted'),
    ],
  };
}

const range = (from, to) => Array.from({ length: to - from }, (_, i) => from + i);

async function write(tab, { first, branch, later }) {
  const verb = (...given) => tab.call(page, 'verb', 'db', ...given);
  await feedDirectly(tab, first);
  await verb('flush');
  await verb('branch', 'side');
  await verb('checkout', 'side');
  await feedDirectly(tab, branch);
  await verb('checkout', 'main');
  await feedDirectly(tab, later);
}

/** Documents go into the page as arguments: what it fetches, the browser might keep. */
async function feedDirectly(tab, steps) {
  for (const { put, drop, message } of steps) {
    if (put.length > 0) await tab.call(page, 'verb', 'db', 'put', put, { message });
    if (drop.length > 0) await tab.call(page, 'verb', 'db', 'delete', drop, { message });
  }
}

/** Those of the words that are in a profile, whole or by half, as UTF-8 or UTF-16, plain, whitened or deflated, and in which files. */
function found(profile, words) {
  const forms = new Map();
  for (const word of words) {
    for (const half of [word.slice(0, halfLength), word.slice(halfLength)]) {
      for (const encoding of ['utf8', 'utf16le']) forms.set(Buffer.from(half, encoding).toString('latin1'), word);
    }
  }
  const seen = new Map();
  let bytes = 0;
  for (const { path } of filesBelow(profile)) {
    const content = readFileSync(path);
    bytes += content.length;
    for (const layer of layersOf(content))
      for (const word of wordsIn(layer, forms)) if (!seen.has(word)) seen.set(word, path.slice(profile.length + 1));
  }
  return { seen, bytes };
}

/** One pass over the bytes: only where the first three letters of a form stand, the rest is compared. */
function wordsIn(content, forms) {
  const starts = new Set([...forms.keys()].map((form) => form.charCodeAt(0) | (form.charCodeAt(1) << 8)));
  const table = new Uint8Array(65_536);
  for (const start of starts) table[start] = 1;
  const out = new Set();
  for (let at = 0; at + 1 < content.length; at++) {
    if (table[content[at] | (content[at + 1] << 8)] === 0) continue;
    for (const length of [halfLength, 2 * halfLength]) {
      const word = forms.get(content.latin1Slice(at, Math.min(at + length, content.length)));
      if (word !== undefined) out.add(word);
    }
  }
  return out;
}

/** A browser without a network log on the profile, with the database open. */
async function session(site, profile) {
  const tab = await site.browse({ profile, netLog: false });
  await tab.call(page, 'start', 'db', name);
  return tab;
}

async function ended(tab) {
  await tab.call(page, 'close', 'db');
  await tab.close();
}

export async function erase({ site, seed }) {
  const uniform = random(seed);
  const words = range(0, 100).map(() => needle(uniform));
  const [gone, kept] = [words.slice(0, 50), words.slice(50)];
  const profile = site.profile();
  const first = await session(site, profile);
  await write(first, scenario(words));
  await ended(first);
  const before = found(profile, gone).seen.size;
  if (before === 0)
    throw new Error('the search for needles finds none before they are erased: it would find none after');
  console.log(`${before} of ${gone.length} needles are in the profile before they are erased`);

  const second = await session(site, profile);
  for (const i of range(0, 50)) await second.call(page, 'verb', 'db', 'erase', `note-${i}.md`);
  await ended(second);

  const third = await session(site, profile);
  const left = await stillThere(third, gone);
  await ended(third);

  const after = found(profile, gone);
  for (const [word, file] of after.seen) console.error(`the needle of note ${words.indexOf(word)} is in ${file}`);
  if (left.length > 0) throw new Error(`erased documents are still there: ${left.slice(0, 5).join(', ')}`);
  const config = {
    seed,
    foundBeforeErasing: before,
    foundOfThoseKept: found(profile, kept).seen.size,
    profileMb: round(after.bytes / 1e6),
  };
  return [
    { row: 'erase-needles', value: after.seen.size, unit: 'needles', n: gone.length, data: 'generated notes', config },
  ];
}

/** Erased documents that a branch or an earlier commit still gives, and needles that a search still finds; those kept must be there. */
async function stillThere(tab, gone) {
  const verb = (...given) => tab.call(page, 'verb', 'db', ...given);
  const out = [];
  const commits = (await tab.call(page, 'times', 'db')).map(([id]) => id);
  for (const ref of [...commits, 'side']) {
    const ids = (await tab.call(page, 'documents', 'db', ref)).map(([id]) => id);
    const numbers = ids.map((id) => Number(/\d+/.exec(id)[0]));
    if (!numbers.some((number) => number >= 50)) throw new Error(`documents that were to stay are gone at ${ref}`);
    out.push(...ids.filter((_, i) => numbers[i] < 50).map((id) => `${id} at ${ref}`));
  }
  for (const word of gone) {
    const hits = await verb('search', word, { mode: 'lexical' });
    if (hits.some((hit) => hit.text.includes(word))) out.push(`${word} by search`);
  }
  return out;
}
