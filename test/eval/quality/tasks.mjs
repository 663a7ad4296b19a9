// The suite `quality`: judged collections and known-item questions, Cranfield and both shared histories unless others are given.
import { basename } from 'node:path';
import { shared } from '../../bench/lib/data.mjs';
import { collectionTasks } from './collection.mjs';
import { docsTask } from './docs.mjs';

/** Shared data is looked for when a task runs, so that missing data is a skipped row. */
export function quality({ collections, histories, queries }) {
  const judged = collections.map((folder) => [basename(folder), () => folder]);
  if (judged.length === 0) judged.push(['cranfield', () => shared('data/cranfield')]);
  const pairs = histories.map((file, i) => () => [file, queries[i]]);
  if (pairs.length === 0) pairs.push(...['vite-docs', 'rust-book'].map(sharedPair));
  return [...judged.flatMap(([name, folder]) => collectionTasks(name, folder)), docsTask(pairs)];
}

function sharedPair(name) {
  const file = (end) => shared(`data/histories/${name}${end}`);
  return () => [file('.jsonl.gz'), file('.queries.jsonl')];
}
