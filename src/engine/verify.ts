// The honest comparison on the user's own data: against a database built anew from the documents, or against checksums.

import { AetherError, asAether } from '../base/errors.ts';
import { pattern } from '../base/pattern.ts';
import { joined } from '../base/pack.ts';
import { headerSum, verifyEnvelope } from '../base/envelope.ts';
import { stageDoc, write } from '../change/write.ts';
import { createIndex } from '../index/shard.ts';
import type { Doc } from '../model/document.ts';
import type { VerifyReport } from '../model/report.ts';
import type { Hit } from '../model/query.ts';
import { collectionInfo } from '../retrieve/items.ts';
import { get } from '../retrieve/reads.ts';
import { search } from '../retrieve/search.ts';
import { createMemoryStore } from '../storage/memory.ts';
import { flush } from '../upkeep/flush.ts';
import { create, emptyState, findManifest, firstManifest } from '../upkeep/recover.ts';
import { chunksOf } from '../version/compare.ts';
import { openFor, reading } from '../version/opening.ts';
import { vnosOf } from '../version/record.ts';
import { spaceOf, type State } from '../version/state.ts';
import { isValidAt } from '../version/valid.ts';

const QUERIES_MAX = 100;
/** Items of a collection that are searched for. */
const ITEMS_MAX = 200;
const WORDS_PER_QUERY = 8;
const DIFFERENCES_MAX = 100;
const TOP = 10;
const WORDS = pattern(String.raw`[\p{L}\p{N}]+`, 'gu');

/** Compares; nothing is changed. `ok` is false, with what differs in words, when anything does. */
export async function verify(state: State, against: 'rebuild' | 'checksums'): Promise<VerifyReport> {
  const started = state.now();
  const report = against === 'checksums' ? await checksums(state) : await rebuild(state);
  const { differences } = report;
  return {
    ...report,
    against,
    ok: differences.length === 0,
    differences: differences.slice(0, DIFFERENCES_MAX),
    ms: state.now() - started,
  };
}

type Found = Omit<VerifyReport, 'against' | 'ok' | 'ms'>;

/** Every stored byte against its checksum, every document against its id. */
async function checksums(state: State): Promise<Found> {
  const { store, hasher, manifest, walSegments, history } = state;
  const differences: string[] = [];
  const tell = (what: string, error: unknown): void => void differences.push(`${what}: ${asAether(error).message}`);
  let pieces = 0;
  for (const { id, kind, bytes, sum } of store.kind === 'memory' ? [] : [...manifest.segments, ...walSegments]) {
    pieces++;
    try {
      const piece = joined({ frames: await store.readSegment(id), length: bytes });
      if (headerSum(piece) !== sum) throw new AetherError('AV_CORRUPT', 'it is missing, or another segment');
      verifyEnvelope(piece, hasher.crc32c);
    } catch (error) {
      tell(`segment ${id} (${kind})`, error);
    }
  }
  if (store.kind !== 'memory') {
    const segments = new Set(manifest.segments.map(({ id }) => id));
    const stored = await store.load(() => ({ first: new Set(), later: segments }));
    pieces += stored.manifests.size + stored.frames.length;
    if (findManifest(stored, hasher.crc32c)?.epoch !== manifest.epoch)
      differences.push('the manifest in use is not the newest that is stored');
    for (const { epoch, n, bytes } of stored.frames)
      try {
        verifyEnvelope(bytes, hasher.crc32c);
      } catch (error) {
        tell(`log frame ${epoch}/${n}`, error);
      }
  }
  const rows = history.head.chunks;
  while (await openFor(state, rows));
  const absent = state.index.absent(rows.words).length;
  if (absent > 0) differences.push(`${absent} live chunks have no text`);
  return { ...NOTHING, pieces, documents: history.head.docs.count(), unreachable: absent, differences };
}

const NOTHING = { pieces: 0, documents: 0, queries: 0, overlapAt10: 1, unreachable: 0, stale: 0, collections: [] };

/** A new database in memory gets the documents that are live; both answer the same questions. */
async function rebuild(state: State): Promise<Found> {
  const docs = await liveDocuments(state);
  const fresh = await built(state, docs);
  const differences: string[] = [];
  for (const doc of docs) {
    const { from, to } = doc.valid ?? {};
    const holds = from ?? (to === undefined ? undefined : Number(to) - 1);
    const other = await get(fresh, doc.id, holds === undefined ? undefined : { valid: holds });
    if (other?.text !== doc.text) differences.push(`the text of "${doc.id}" differs`);
  }
  const texts = new Map(docs.map((doc) => [doc.id, doc.text]));
  const queries = await reading(
    state,
    () => state.history.head.chunks,
    () => questions(state),
  );
  let [agreed, stale] = [0, 0];
  for (const query of queries) {
    const [ours, theirs] = [await search(state, query, { k: TOP }), await search(fresh, query, { k: TOP })];
    const name = ({ id, text }: Hit): string => `${id}\n${text}`;
    const [a, b] = [ours.map(name), theirs.map(name)];
    agreed += b.length === 0 ? Number(a.length === 0) : b.filter((hit) => a.includes(hit)).length / b.length;
    if (a.join('\n\n') !== b.join('\n\n')) differences.push(`the answers to "${query}" differ`);
    stale += ours.filter(
      ({ id, range, text }) => !state.history.hasValidTime && texts.get(id)?.slice(...range) !== text,
    ).length;
  }
  const unreachable = state.embedder ? state.index.unembedded(state.history.head.chunks.words).length : 0;
  if (unreachable > 0) differences.push(`${unreachable} live chunks have no vector`);
  fresh.index.free();
  return {
    ...NOTHING,
    collections: await recalls(state, differences),
    documents: docs.length,
    queries: queries.length,
    overlapAt10: queries.length === 0 ? 1 : agreed / queries.length,
    unreachable,
    stale,
    differences,
  };
}

/** How much the graphs of collections find of what is exactly nearest; a scan finds all. A collection that cannot be read differs. */
async function recalls(state: State, differences: string[]): Promise<VerifyReport['collections']> {
  const out: VerifyReport['collections'][number][] = [];
  for (const { def } of state.collections.entries())
    try {
      if ((await collectionInfo(state, def.name))?.used !== 'hnsw') continue;
      const { recall } = (await collectionInfo(state, def.name, ITEMS_MAX)) ?? {};
      if (recall) out.push({ name: def.name, recall });
    } catch (error) {
      differences.push(`collection "${def.name}": ${asAether(error).message}`);
    }
  return out;
}

async function liveDocuments(state: State): Promise<Doc[]> {
  const { history, index } = state;
  const live = [...history.head.docs].map((dno) => history.docs[dno]).filter((doc) => doc !== undefined);
  const asDocs = (): Doc[] =>
    live.map(({ id, title, format, meta, validFrom: from, validTo: to, parts }) => {
      const text = parts.map((part) => (typeof part === 'string' ? part : index.text(part))).join('');
      return { id, text, title, format, meta, valid: { from, to } };
    });
  return reading(state, () => chunksOf(live), asDocs);
}

async function built(state: State, docs: readonly Doc[]): Promise<State> {
  const { id, dims } = spaceOf(state);
  const seed = { ...state, store: createMemoryStore() };
  const fresh = emptyState(seed, firstManifest(state.newId(), { id, dims }), createIndex);
  await create(fresh);
  const plan = {
    message: '',
    author: '',
    dense: true,
    durable: 'memory',
    signal: new AbortController().signal,
    onProgress: () => undefined,
    flush: () => flush(fresh),
  } as const;
  await write(fresh, plan, async (desk) => {
    for (const doc of docs) await stageDoc(desk, doc);
  });
  return fresh;
}

/** First words of live chunks, evenly over the documents. */
function questions({ history, index, now }: State): string[] {
  const at = now();
  const live = [...history.head.docs]
    .map((dno) => history.docs[dno])
    .filter((doc) => doc !== undefined && isValidAt(doc, at));
  const step = Math.max(1, Math.ceil(live.length / QUERIES_MAX));
  const out = new Set<string>();
  for (const [i, doc] of live.entries()) {
    const vnos = vnosOf(doc?.parts ?? []);
    const vno = vnos[i % Math.max(1, vnos.length)];
    if (i % step !== 0 || vno === undefined) continue;
    const words = index.text(vno).match(WORDS()) ?? [];
    if (words.length > 0) out.add(words.slice(0, WORDS_PER_QUERY).join(' '));
  }
  return [...out];
}
