// Replays a stream of document changes (data/histories/README.md): the state at a commit, renames, what it ends with.
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { parseLines } from './data.mjs';

export function readHistory(file) {
  return { name: basename(file).replace(/\.jsonl(\.gz)?$/, ''), commits: parseLines(text(file)) };
}

function text(file) {
  const bytes = readFileSync(file);
  return (file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
}

/** Brings `state` (a map from path to text) past one commit. Renames all start from what was there before the commit. */
export function apply(state, { changes }) {
  const moved = new Map(changes.filter(({ op }) => op === 'rename').map(({ from }) => [from, state.get(from)]));
  for (const path of moved.keys()) state.delete(path);
  for (const { path, op, from, text: now } of changes) {
    if (op === 'delete') state.delete(path);
    else state.set(path, now ?? moved.get(from));
  }
}

/** The documents of the last commit, sorted by path. */
export function head({ commits }) {
  const state = new Map();
  for (const commit of commits) apply(state, commit);
  return [...state].sort(([a], [b]) => (a < b ? -1 : 1)).map(([id, text]) => ({ id, text }));
}

/** The name at the end of the file that was called `was` at `seq`, renames followed; undefined when it was deleted. */
export function pathAtHead(history, was, seq) {
  return pathAt(history, was, seq, Number.POSITIVE_INFINITY);
}

/** The name at seq `to`, earlier or later, of the file that was called `was` at `seq`; undefined when it was not there. */
export function pathAt({ commits }, was, seq, to) {
  const between = commits.filter((commit) => commit.seq > Math.min(seq, to) && commit.seq <= Math.max(seq, to));
  return to < seq ? earlierName(between.reverse(), was) : laterName(between, was);
}

function laterName(commits, was) {
  let name = was;
  for (const { changes } of commits) {
    const change = changes.find(({ op, path, from }) => (op === 'rename' ? from : op === 'delete' && path) === name);
    if (change?.op === 'delete') return undefined;
    name = change?.path ?? name;
  }
  return name;
}

function earlierName(commits, was) {
  let name = was;
  for (const { changes } of commits) {
    const change = changes.find(({ op, path }) => (op === 'rename' || op === 'add') && path === name);
    if (change?.op === 'add') return undefined;
    name = change?.from ?? name;
  }
  return name;
}
