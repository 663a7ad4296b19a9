// The history verbs of the engine contract: each takes its turn if it writes, and runs at once if it reads.

import { AetherError } from '../base/errors.ts';
import { merge } from '../change/merge.ts';
import { mustStandOnBranch } from '../change/write.ts';
import { dropRef, fastForward, makeBranch, makeTag, resetBranch, setRetention } from '../change/refs.ts';
import { restore } from '../change/restore.ts';
import type { CompactionReport, MergeResult, RefInfo, ReflogEntry } from '../model/history.ts';
import type { Instant } from '../model/query.ts';
import type { CommitInfo } from '../model/report.ts';
import type { CommitRequest, EngineContract, RefRequest } from '../protocol/engine.ts';
import { blame, history, lineage } from '../retrieve/chunks.ts';
import { changes, diff } from '../retrieve/diff.ts';
import { erase } from '../upkeep/erase.ts';
import { mergeBase } from '../version/compare.ts';
import type { State } from '../version/state.ts';
import type { Engine } from './engine.ts';
import { afterwards, gc, upkeep } from './upkeep.ts';
import { verify } from './verify.ts';

type Verbs =
  | 'merge'
  | 'restore'
  | 'ref'
  | 'refs'
  | 'reflog'
  | 'commitInfo'
  | 'diff'
  | 'changes'
  | 'history'
  | 'blame'
  | 'lineage'
  | 'retain'
  | 'gc'
  | 'erase'
  | 'compact'
  | 'verify';

/** Two compactions as one. */
const together = (a: CompactionReport, b: CompactionReport): CompactionReport => ({
  merged: a.merged + b.merged,
  written: a.written + b.written,
  archived: a.archived + b.archived,
  bytesBefore: a.bytesBefore,
  bytesAfter: b.bytesAfter,
  ms: a.ms + b.ms,
});

/** The calls, over the engine that owns the turns. */
export function historyCalls(engine: Engine): Pick<EngineContract, Verbs> {
  /** A change without a commit. */
  const change = <T>(call: number, run: (state: State) => Promise<T>) =>
    engine.run(call, (signal) => {
      const room = engine.mustWrite();
      return engine.exclusively(async () => {
        const result = await run(room.state);
        engine.announce(room.state);
        return result;
      }, signal);
    });
  return {
    merge: (call, from, strategy, request) =>
      engine.run(call, (signal) => mergeCall(engine, { call, from, strategy, request, signal })),
    restore: (call, ref, path, request) =>
      engine.run(call, (signal) =>
        engine.commit(call, request, signal, async (state, plan) => {
          const seq = state.history.resolve(ref);
          if (seq === 0) throw new AetherError('AV_REF_UNKNOWN', 'there is no commit to restore yet');
          const { commit } = await restore(state, seq, path, plan);
          return mustInfo(state, commit);
        }),
      ),
    ref: (call, request) =>
      request.kind === 'checkout'
        ? engine.run(call, () => engine.exclusively(() => engine.standing.checkout(request.ref)))
        : change(call, async (state) => {
            await moveRef(state, request);
            if (request.kind === 'reset') engine.standing.tell();
            return undefined;
          }),
    refs: (call) => engine.run(call, async () => refsOf(engine.state)),
    reflog: (call) => engine.run(call, async () => reflogOf(engine.state)),
    commitInfo: (call, id) => engine.run(call, async () => infoOf(engine.state, id)),
    diff: (_call, range, options) => engine.read((state) => diff(state, range, options)),
    changes: (_call, query, range) =>
      engine.read(async () => {
        const room = engine.must();
        await room.model();
        return changes(room.state, query, range);
      }),
    history: (_call, id) => engine.read((state) => history(state, id)),
    blame: (_call, id) => engine.read((state) => blame(state, id)),
    lineage: (_call, id, direction) => engine.read((state) => lineage(state, id, direction)),
    retain: (call, policy) =>
      change(call, async (state) => {
        await setRetention(state, policy);
        return undefined;
      }),
    gc: (call, dryRun) =>
      change(call, async (state) => {
        const report = await gc(state, dryRun, await engine.standing.pinned());
        // Items that no commit shows any more go in their own turn.
        if (!dryRun) engine.tendItems();
        return report;
      }),
    erase: (call, id, reason) =>
      change(call, async (state) => {
        const report = await erase(state, id, reason);
        afterwards(state);
        engine.standing.tell();
        return report;
      }),
    compact: (call, budgetMs) =>
      engine.run(call, async (signal) => {
        const { state } = engine.mustWrite();
        const pinned = (): Promise<ReadonlySet<number>> => engine.standing.pinned();
        const documents = await engine.exclusively(() => upkeep(state, 'now', pinned, budgetMs), signal);
        const items = await engine.tender.now(signal);
        engine.announce(state);
        return items.reduce(together, documents);
      }),
    verify: (call, against) =>
      engine.run(call, (signal) =>
        engine.exclusively(async () => {
          const room = engine.must();
          if (room.state.history.chunks.size > 0) await room.model();
          return verify(room.state, against);
        }, signal),
      ),
  };
}

interface MergeCall {
  readonly call: number;
  readonly from: Instant;
  readonly strategy: 'conflict' | 'ours' | 'theirs';
  readonly request: CommitRequest;
  readonly signal: AbortSignal;
}

/** A branch that has nothing of its own moves on, unless a message asks for a commit. */
async function mergeCall(
  engine: Engine,
  { call, from, strategy, request, signal }: MergeCall,
): Promise<MergeResult<CommitInfo>> {
  return engine.commit(call, request, signal, async (state, plan) => {
    const { history: all } = state;
    mustStandOnBranch(state, {});
    const [seq, { checkout: place }] = [all.resolve(from), all];
    if (
      'branch' in place &&
      request.message === '' &&
      mergeBase(all, all.headSeq, seq) === all.headSeq &&
      seq > all.headSeq
    ) {
      await fastForward(state, place.branch, seq, typeof from === 'string' ? from : '');
      engine.standing.tell();
      return { commit: all.commits.get(seq), conflicts: [] };
    }
    const message = request.message || `merge ${typeof from === 'string' ? from : all.commits.get(seq)?.id}`;
    const { commit, conflicts } = await merge(state, seq, strategy, { ...plan, message });
    return { ...(commit ? { commit: mustInfo(state, commit.commit) } : {}), conflicts };
  });
}

function infoOf({ history: all }: State, id: string): CommitInfo | undefined {
  return all.commits.get(all.seqOf(id) ?? 0);
}

function mustInfo(state: State, id: string): CommitInfo {
  const info = infoOf(state, id);
  if (!info) throw new AetherError('AV_INTERNAL', `commit ${id} is not there`);
  return info;
}

async function moveRef(state: State, request: Exclude<RefRequest, { kind: 'checkout' }>): Promise<undefined> {
  if (request.kind === 'branch') await makeBranch(state, request.name, request.ref);
  else if (request.kind === 'tag') await makeTag(state, request.name, request.ref);
  else if (request.kind === 'reset') await resetBranch(state, request.name, request.ref);
  else await dropRef(state, request.kind === 'drop-branch' ? 'branch' : 'tag', request.name);
  return undefined;
}

function refsOf({ history: all }: State): RefInfo[] {
  const { branches, tags } = all.refs;
  const current = 'branch' in all.checkout ? all.checkout.branch : undefined;
  const info =
    (kind: RefInfo['kind']) =>
    ([name, seq]: [string, number]): RefInfo => ({
      name,
      kind,
      commit: all.commits.get(seq)?.id,
      seq,
      current: kind === 'branch' && name === current,
    });
  return [...[...branches].map(info('branch')), ...[...tags].map(info('tag'))];
}

function reflogOf({ history: all }: State): ReflogEntry[] {
  const id = (seq: number): string | undefined => all.commits.get(seq)?.id;
  return all.refs.moves
    .map(({ branch, from, to, time, why }) => ({ branch, from: id(from), to: id(to), time, why }))
    .reverse();
}
