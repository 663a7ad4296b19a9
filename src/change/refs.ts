// Branches, tags and retention: each change is one small frame, durable before it counts.

import { AetherError } from '../base/errors.ts';
import type { Instant } from '../model/query.ts';
import { encodeFrame } from '../version/frame.ts';
import { checkRefName, MAIN, type RefEdit, type Retention } from '../version/refs.ts';
import { previousIn, type State, takeDurable } from '../version/state.ts';

/** Writes edits of the refs. */
async function editRefs(state: State, refs: readonly RefEdit[]): Promise<void> {
  const frame = { record: undefined, refs, sections: [], segments: [] };
  const bytes = encodeFrame(frame, state.wal.chain, previousIn(state.history), state.hasher.crc32c);
  await state.store.append(state.manifest.epoch, state.wal.frames, bytes);
  takeDurable(state, frame, bytes, () => ({ frames: [], length: 0 }));
}

function mustBeFree({ history }: State, name: string): void {
  checkRefName(name);
  const { branches, tags } = history.refs;
  const kind = branches.has(name) ? 'branch' : tags.has(name) ? 'tag' : undefined;
  if (kind)
    throw new AetherError('AV_REF_EXISTS', `there is a ${kind} "${name}". Take another name, or delete it first.`);
}

/** Makes a branch at a commit; nothing is copied. @throws `AV_INVALID`, `AV_REF_EXISTS`, `AV_REF_UNKNOWN`. */
export async function makeBranch(state: State, name: string, from: Instant | undefined): Promise<void> {
  mustBeFree(state, name);
  const to = state.history.resolve(from);
  const move = { branch: name, from: 0, to, time: state.now(), why: `branch from ${describe(from)}` };
  await editRefs(state, [{ kind: 'move', move }]);
}

/** Makes a tag. Tags do not move. @throws as {@link makeBranch}. */
export async function makeTag(state: State, name: string, ref: Instant | undefined): Promise<void> {
  mustBeFree(state, name);
  const seq = state.history.resolve(ref);
  if (seq === 0) throw new AetherError('AV_REF_UNKNOWN', 'there is no commit to tag yet');
  await editRefs(state, [{ kind: 'tag', name, seq }]);
}

/** Moves a branch to a commit; where it was stays in the reflog. @throws `AV_REF_UNKNOWN`. */
export async function resetBranch(state: State, branch: string, ref: Instant): Promise<void> {
  const { history } = state;
  const from = history.refs.branches.get(branch);
  if (from === undefined) throw new AetherError('AV_REF_UNKNOWN', `no branch "${branch.slice(0, 60)}"`);
  const to = history.resolve(ref);
  if (to === from) return;
  await editRefs(state, [
    { kind: 'move', move: { branch, from, to, time: state.now(), why: `reset to ${describe(ref)}` } },
  ]);
}

/** Moves a branch on to a commit that comes of where it is. */
export async function fastForward(state: State, branch: string, to: number, from: string): Promise<void> {
  const move = {
    branch,
    from: state.history.refs.branches.get(branch) ?? 0,
    to,
    time: state.now(),
    why: `merge ${from}`,
  };
  await editRefs(state, [{ kind: 'move', move }]);
}

/** Deletes a branch or a tag; its commits stay until retention lets them go. @throws `AV_REF_UNKNOWN`, `AV_REF_IN_USE`. */
export async function dropRef(state: State, kind: 'branch' | 'tag', name: string): Promise<void> {
  const { refs, checkout } = state.history;
  const seq = (kind === 'branch' ? refs.branches : refs.tags).get(name);
  if (seq === undefined) throw new AetherError('AV_REF_UNKNOWN', `no ${kind} "${name.slice(0, 60)}"`);
  if (kind === 'tag') return editRefs(state, [{ kind: 'drop-tag', name }]);
  if (name === MAIN)
    throw new AetherError(
      'AV_REF_IN_USE',
      `every new handle stands on "${MAIN}", so it stays. Check another one out first and reset() it, if it is in the way.`,
    );
  if ('branch' in checkout && checkout.branch === name)
    throw new AetherError('AV_REF_IN_USE', `"${name}" is checked out. Check another one out first.`);
  const move = { branch: name, from: seq, to: 0, time: state.now(), why: 'deleted' };
  return editRefs(state, [
    { kind: 'move', move },
    { kind: 'drop-branch', name },
  ]);
}

/** Sets how much history is kept; it takes effect with the next upkeep, or `gc`. */
export function setRetention(state: State, retention: Retention): Promise<void> {
  return editRefs(state, [{ kind: 'retention', retention }]);
}

function describe(ref: Instant | undefined): string {
  return ref === undefined
    ? 'HEAD'
    : ref instanceof Date || typeof ref === 'number'
      ? new Date(ref).toISOString()
      : ref;
}
