// A stream of changes as the history rows use it: steps to write, states at points of it, points to look at.
import { basename } from 'node:path';
import { readLines, shared } from '../../bench/lib/data.mjs';
import { apply, readHistory } from '../../bench/lib/history.mjs';

const shortCommits = 120;

/**
 * The data sets of a run: `{ name, open }`, read once and only when a row needs them (a missing file is a skipped row). Short: the
 * first 120 commits, of vite-docs alone unless files are given.
 */
export function streams({ histories, queries, short }) {
  const given = histories.map((file, i) => [nameOf(file, histories, i), () => [file, queries[i]]]);
  const names = short ? ['vite-docs'] : ['vite-docs', 'rust-book'];
  const all = given.length > 0 ? given : names.map((name) => [name, () => sharedPair(name)]);
  return all.map(([name, files]) => {
    let stream;
    const open = () => {
      stream ??= read(name, ...files(), short ? shortCommits : Number.POSITIVE_INFINITY);
      return stream;
    };
    return { name, open };
  });
}

/** The file's name; files of the same name in several folders are numbered. */
function nameOf(file, files, i) {
  const name = (path) => basename(path).replace(/\.jsonl(\.gz)?$/, '');
  const before = files.slice(0, i).filter((other) => name(other) === name(file)).length;
  return before === 0 ? name(file) : `${name(file)}-${before + 1}`;
}

function sharedPair(name) {
  const file = (end) => shared(`data/histories/${name}${end}`);
  return [file('.jsonl.gz'), file('.queries.jsonl')];
}

/** `commits` are those that are replayed, `whole` is the history with all of them: names are followed through it. */
function read(name, historyFile, queriesFile, count) {
  const whole = readHistory(historyFile);
  const commits = whole.commits.slice(0, count);
  return { name, whole, commits, queries: readLines(queriesFile), last: commits.length - 1 };
}

/** The index of the last commit at or before a seq; -1 before the first. */
export function indexOf({ commits }, seq) {
  return commits.findLastIndex((commit) => commit.seq <= seq);
}

/** Every commit as `{ put, drop, message }`: what differs from the state before it. */
export function steps({ commits }) {
  const state = new Map();
  return commits.map((commit) => {
    const touched = [
      ...new Set(commit.changes.flatMap(({ path, from }) => (from === undefined ? [path] : [from, path]))),
    ];
    const before = new Map(touched.map((id) => [id, state.get(id)]));
    apply(state, commit);
    const changed = touched.filter((id) => state.get(id) !== before.get(id));
    const put = changed.filter((id) => state.has(id)).map((id) => ({ id, text: state.get(id) }));
    return { put, drop: changed.filter((id) => !state.has(id)), message: commit.message ?? '' };
  });
}

/** The step from one state to another. */
export function difference(before, after, message) {
  const put = [...after].filter(([id, text]) => before.get(id) !== text).map(([id, text]) => ({ id, text }));
  return { put, drop: [...before.keys()].filter((id) => !after.has(id)), message };
}

/** The states (maps from id to text) after the commits of some indices, by index. */
export function statesAt({ commits }, indices) {
  const wanted = new Set(indices);
  const state = new Map();
  const out = new Map();
  for (const [index, commit] of commits.entries()) {
    apply(state, commit);
    if (wanted.has(index)) out.set(index, new Map(state));
  }
  return out;
}

export const stateAt = (stream, index) => statesAt(stream, [index]).get(index);

/** `count` indices below `size` (or all), spread evenly, the first and the last among them. */
export function evenly(size, count) {
  if (size <= count) return Array.from({ length: size }, (_, i) => i);
  return Array.from({ length: count }, (_, i) => Math.round((i * (size - 1)) / (count - 1)));
}

/** Is a piece of a document with this id the text that stands in a state? */
export const isAlive = (state, { id, text }) => state.get(id)?.includes(text) ?? false;
