// The chunker on two real histories: every version rebuilt, and edits that touch few chunks.

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { align, bagOf, bagSimilarity } from './align.ts';
import { chunk } from './chunk.ts';
import { CHUNK_CHARS_MAX, CHUNK_WORDS_MAX } from './chunk/split.ts';
import { countWords } from './chunk/words.ts';

interface Change {
  readonly path: string;
  readonly op: string;
  readonly text: string | null;
  readonly from?: string;
}

interface Commit {
  readonly seq: number;
  readonly changes: readonly Change[];
}

interface Edit {
  readonly seq: number;
  readonly path: string;
  readonly blocks: number;
  readonly changed: number;
}

interface Piece {
  readonly id: string;
  readonly text: string;
}

const data = process.env.AETHERV_DATA ?? fileURLToPath(new URL('../../../shared', import.meta.url));
const folder = join(data, 'data', 'histories');

function readLines<T>(text: string): T[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as T);
}

/** The chunks of a version, after checking that gaps and chunks rebuild it. */
function cut(text: string): Piece[] {
  let at = 0;
  let rebuilt = '';
  const pieces = chunk(text, { format: 'markdown' }).map(({ path, start, end }) => {
    if (start < at || end <= start) throw new Error(`span ${start}..${end} behind ${at}`);
    const piece = text.slice(start, end);
    if (countWords(piece) > CHUNK_WORDS_MAX || piece.length > CHUNK_CHARS_MAX) throw new Error(`too long: ${piece}`);
    rebuilt += text.slice(at, start) + piece;
    at = end;
    return { id: JSON.stringify([path, piece]), text: piece };
  });
  expect(rebuilt + text.slice(at)).toBe(text);
  return pieces;
}

/** New chunks whose text or path is new, and those that continue an old chunk. */
function compare(old: readonly Piece[], now: readonly Piece[]): { fresh: number; continued: number } {
  const oldBags = old.map(({ text }) => bagOf(text));
  const bags = now.map(({ text }) => bagOf(text));
  const similar = (a: number, b: number): number => bagSimilarity(oldBags[a] ?? bagOf(''), bags[b] ?? bagOf(''));
  const from = align(
    old.map(({ id }) => id),
    now.map(({ id }) => id),
    similar,
  );
  let fresh = 0;
  let continued = 0;
  from.forEach((oldAt, newAt) => {
    if (oldAt >= 0) continued++;
    if (old[oldAt]?.id !== now[newAt]?.id) fresh++;
  });
  return { fresh, continued };
}

/** Replays a history; counts over all edits of documents. */
function replay(name: string): {
  chunks: number;
  fresh: number;
  continued: number;
  blocks: number;
  changed: number;
  atHead: number;
} {
  const commits = readLines<Commit>(gunzipSync(readFileSync(join(folder, `${name}.jsonl.gz`))).toString('utf8'));
  const edits = readLines<Edit>(readFileSync(join(folder, `${name}.edits.jsonl`), 'utf8'));
  const editOf = new Map(edits.map((edit) => [`${edit.seq} ${edit.path}`, edit]));
  const live = new Map<string, Piece[]>();
  const sums = { chunks: 0, fresh: 0, continued: 0, blocks: 0, changed: 0, atHead: 0 };
  for (const { seq, changes } of commits) {
    for (const { path, op, text, from } of changes) {
      const old = live.get(from ?? path);
      live.delete(from ?? path);
      if (op === 'delete') continue;
      const now = text === null ? (old ?? []) : cut(text);
      live.set(path, now);
      const edit = editOf.get(`${seq} ${path}`);
      if (old === undefined || edit === undefined) continue;
      const { fresh, continued } = compare(old, now);
      sums.chunks += now.length;
      sums.fresh += fresh;
      sums.continued += continued;
      sums.blocks += edit.blocks;
      sums.changed += edit.changed;
    }
  }
  for (const pieces of live.values()) sums.atHead += pieces.length;
  return sums;
}

describe.each([
  { name: 'vite-docs', embeddable: 2306 },
  { name: 'rust-book', embeddable: 4937 },
])('the history $name', ({ name, embeddable }) => {
  const missing = !existsSync(join(folder, `${name}.jsonl.gz`));
  if (missing)
    console.info(`skipped: no ${name} in ${folder} (AETHERV_DATA names the folder that holds data/histories)`);

  it.skipIf(missing)('keeps its chunks through edits nearly as its blocks stay the same', { timeout: 120_000 }, () => {
    const sums = replay(name);
    const kept = 1 - sums.fresh / sums.chunks;
    const untouched = 1 - sums.changed / sums.blocks;
    expect(kept / untouched).toBeGreaterThan(0.97);
    expect(sums.continued / sums.chunks).toBeGreaterThan(0.97);
    expect(Math.abs(sums.atHead / embeddable - 1)).toBeLessThan(0.15);
  });
});
