// Stages a write without writing: what it would change, embed and reuse.

import { hex } from '../base/bytes.ts';
import type { Delta, Plan } from '../model/history.ts';
import { NONE } from '../ports/index.ts';
import type { Bitset } from '../version/bitset.ts';
import { chunksOf } from '../version/compare.ts';
import { diffSides } from '../version/diff.ts';
import type { DocSide } from '../version/document.ts';
import { sideOf } from '../version/side.ts';
import { embeddingInput } from '../version/input.ts';
import { reading } from '../version/opening.ts';
import type { DocVersion } from '../version/record.ts';
import { spaceOf, type State } from '../version/state.ts';
import { Draft, fateOf } from './draft.ts';
import { contentKeys, countTokens } from './embeddings.ts';
import { stageDeletes, stageDoc, type WriteSource } from './write.ts';

/** What a write of this source would do. Nothing is changed. */
export async function stage(state: State, source: WriteSource, signal: AbortSignal): Promise<Plan> {
  const { history } = state;
  const draft = new Draft(history.chunks.size, history.docs.length);
  await stageDeletes({ state, draft }, source);
  for await (const docs of source.batches())
    for (const doc of docs) {
      signal.throwIfAborted();
      await stageDoc({ state, draft }, doc);
    }
  const { checkout } = history;
  const chunks = draft.chunkCount();
  const rows = draft.takePending();
  const inputs = [...new Set(rows.map(({ path, text }) => embeddingInput(path, text)))];
  const stored = state.index.findContents(contentKeys(state.hasher, spaceOf(state).id, inputs));
  const fresh = inputs.filter((_, i) => stored[i] === NONE);
  const tokens = draft.tokens();
  const tokensEmbed = sum(fresh, countTokens);
  return {
    base: history.headCommit?.id,
    branch: 'branch' in checkout ? checkout.branch : 'HEAD',
    added: draft.count('added'),
    updated: draft.count('updated'),
    unchanged: draft.count('unchanged'),
    deleted: draft.count('deleted'),
    chunks,
    embed: fresh.length,
    reuse: Math.max(0, chunks - fresh.length),
    tokensEmbed,
    tokensReuse: Math.max(0, tokens - tokensEmbed),
    deltas: await reading(
      state,
      () => known(draft),
      () => deltasOf(state, draft, rows),
    ),
  };
}

/** Chunk versions of the staged documents that are stored. */
function known(draft: Draft): Bitset {
  const docs = [...draft.docs.values()].flatMap(({ before, after }) => [...before, ...after]);
  return chunksOf(docs.filter((doc) => !draft.newDocs.includes(doc)));
}

const sum = <T>(items: readonly T[], of: (item: T) => number): number =>
  items.reduce((total, item) => total + of(item), 0);

function deltasOf(state: State, draft: Draft, rows: ReturnType<Draft['takePending']>): Delta[] {
  const fresh = new Map(
    rows.map((row) => [row.vno, { ...row, chunkId: hex(row.chunkId), version: hex(row.versionId) }]),
  );
  const side = (doc: DocVersion | undefined): DocSide | undefined => doc && sideOf(state, doc, fresh);
  const pairs = [...draft.docs.values()]
    .filter((doc) => fateOf(doc) !== 'unchanged')
    .map(({ before, after }) => ({ from: side(before.at(-1)), to: side(after.at(-1)) }));
  return diffSides(pairs);
}
