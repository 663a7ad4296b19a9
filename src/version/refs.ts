// Names for points in history: branches, tags, the moves of branches, the retention policy; and their Refs section.

import { ByteReader, ByteWriter } from '../base/bytes.ts';
import { AetherError } from '../base/errors.ts';
import { pattern } from '../base/pattern.ts';

/** The branch of a new database. */
export const MAIN = 'main';
/** Moves that are remembered. */
const MOVES_MAX = 256;

/** A branch that moved other than by a commit. Seq 0 = before the first commit, or no longer there. */
export interface Move {
  readonly branch: string;
  readonly from: number;
  readonly to: number;
  readonly time: number;
  readonly why: string;
}

/** How much history is kept; undefined = no such rule. Without a rule everything is. */
export interface Retention {
  readonly keepLast?: number | undefined;
  readonly keepWithinMs?: number | undefined;
}

/** A value: edits make a new one. */
export interface Refs {
  /** Seq of the newest commit by name; 0 for none. */
  readonly branches: ReadonlyMap<string, number>;
  readonly tags: ReadonlyMap<string, number>;
  readonly moves: readonly Move[];
  readonly retention: Retention;
}

/** One change of the refs, as a frame carries it. */
export type RefEdit =
  | { readonly kind: 'head' | 'tag'; readonly name: string; readonly seq: number }
  | { readonly kind: 'move'; readonly move: Move }
  | { readonly kind: 'drop-branch' | 'drop-tag'; readonly name: string }
  | { readonly kind: 'retention'; readonly retention: Retention };

export const NO_REFS: Refs = { branches: new Map([[MAIN, 0]]), tags: new Map(), moves: [], retention: {} };

/** The refs after an edit. A `move` creates its branch, or ends it when it goes to seq 0 as `drop-branch` says. */
export function edited(refs: Refs, edit: RefEdit): Refs {
  const [branches, tags] = [new Map(refs.branches), new Map(refs.tags)];
  switch (edit.kind) {
    case 'head':
      return { ...refs, branches: branches.set(edit.name, edit.seq) };
    case 'move': {
      const moves = [...refs.moves, edit.move].slice(-MOVES_MAX);
      return { ...refs, branches: branches.set(edit.move.branch, edit.move.to), moves };
    }
    case 'tag':
      return { ...refs, tags: tags.set(edit.name, edit.seq) };
    case 'drop-branch':
      branches.delete(edit.name);
      return { ...refs, branches };
    case 'drop-tag':
      tags.delete(edit.name);
      return { ...refs, tags };
    case 'retention':
      return { ...refs, retention: edit.retention };
  }
}

const KINDS = ['head', 'tag', 'move', 'drop-branch', 'drop-tag', 'retention'] as const;

/** Bytes of a Refs section: edits in order. */
export function encodeRefs(edits: readonly RefEdit[]): Uint8Array {
  const out = new ByteWriter();
  for (const edit of edits) {
    out.varint(KINDS.indexOf(edit.kind));
    if (edit.kind === 'retention') {
      out.varint(1 + (edit.retention.keepLast ?? -1)).f64(edit.retention.keepWithinMs ?? -1);
    } else if (edit.kind === 'move') {
      const { branch, from, to, time, why } = edit.move;
      out.string(branch).varint(from).varint(to).f64(time).string(why);
    } else {
      out.string(edit.name);
      if (edit.kind === 'head' || edit.kind === 'tag') out.varint(edit.seq);
    }
  }
  return out.take();
}

/** The edits of a Refs section. */
export function decodeRefs(section: Uint8Array): RefEdit[] {
  const reader = new ByteReader(section, 'Refs');
  const out: RefEdit[] = [];
  while (reader.left > 0) {
    const kind = KINDS[reader.varint()];
    if (kind === undefined)
      throw new AetherError('AV_FORMAT_NEWER', 'the refs hold an edit this version does not know. Update the library.');
    if (kind === 'retention') {
      const [last, within] = [reader.varint(), reader.f64()];
      const keepLast = last === 0 ? undefined : last - 1;
      out.push({ kind, retention: { keepLast, keepWithinMs: within < 0 ? undefined : within } });
    } else if (kind === 'move') {
      const [branch, from, to] = [reader.string(), reader.varint(), reader.varint()];
      out.push({ kind, move: { branch, from, to, time: reader.f64(), why: reader.string() } });
    } else if (kind === 'head' || kind === 'tag') out.push({ kind, name: reader.string(), seq: reader.varint() });
    else out.push({ kind, name: reader.string() });
  }
  return out;
}

/** Edits that make `refs` of {@link NO_REFS}: the moves, then the names as they stand. */
export function snapshot(refs: Refs): RefEdit[] {
  const names = new Set([MAIN, ...refs.moves.map(({ branch }) => branch)]);
  return [
    ...refs.moves.map((move): RefEdit => ({ kind: 'move', move })),
    ...[...names].filter((name) => !refs.branches.has(name)).map((name): RefEdit => ({ kind: 'drop-branch', name })),
    ...[...refs.branches].map(([name, seq]): RefEdit => ({ kind: 'head', name, seq })),
    ...[...refs.tags].map(([name, seq]): RefEdit => ({ kind: 'tag', name, seq })),
    { kind: 'retention', retention: refs.retention },
  ];
}

const REF_NAME = pattern(String.raw`^[\p{L}\p{N}_][\p{L}\p{N}\p{M}._/+-]*$`);

/**
 * Throws `AV_INVALID` for what can be no branch or tag: names must not be mistaken for commits or for ref grammar.
 */
export function checkRefName(name: string): void {
  const refuse = (why: string): AetherError => new AetherError('AV_INVALID', `"${name.slice(0, 60)}" ${why}`);
  if (name.length < 1 || name.length > 100) throw refuse('is no ref name: it takes 1 to 100 characters');
  if (!REF_NAME().test(name) || /\.\.|\/\/|[./]$|\.lock$/.test(name))
    throw refuse(
      'is no ref name: letters, digits, _ . / + - only, it begins with a letter, digit or _ and does not end with . or /',
    );
  if (name === 'HEAD') throw refuse('is the name of where a handle stands');
  if (/^[0-9a-f]{6,32}$/.test(name)) throw refuse('looks like a commit id');
}
