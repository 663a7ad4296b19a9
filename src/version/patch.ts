// Rebuilds the later text and head of a document from the earlier ones and the deltas between them.

import { AetherError } from '../base/errors.ts';
import type { Delta, DeltaSide, DocHead } from '../model/history.ts';

function sides(deltas: readonly Delta[], side: 'from' | 'to'): DeltaSide[] {
  return deltas
    .flatMap((delta) => delta[side] ?? [])
    .sort((a, b) => a.range[0] - b.range[0] || a.range[1] - b.range[1]);
}

function misfit(deltas: readonly Delta[], what: string): AetherError {
  return new AetherError('AV_INVALID', `the patch of ${JSON.stringify(deltas[0]?.id ?? '')} does not fit: ${what}`);
}

/** What is left of `text` without the ranges of the `from` sides. */
function kept(text: string, deltas: readonly Delta[]): string {
  let [out, at] = ['', 0];
  for (const { range, text: piece } of sides(deltas, 'from')) {
    const [start, end] = range;
    if (start < at || end < start || end > text.length) throw misfit(deltas, `no range ${start}..${end} in its text`);
    if (piece !== undefined && piece !== text.slice(start, end))
      throw misfit(deltas, `another text at ${start}..${end}`);
    out += text.slice(at, start);
    at = end;
  }
  return out + text.slice(at);
}

/**
 * The later text of one document, from the earlier one and all its deltas in patch mode. `undefined` stands for a document that is
 * not there. The `from` ranges are cut out of the text, and the texts of the `to` sides put in where their ranges say. `AV_INVALID`
 * when the deltas carry no texts or belong to another text.
 */
export function applyPatch(text: string | undefined, deltas: readonly Delta[]): string | undefined {
  const head = deltas.find(({ head }) => head !== undefined);
  if (head?.op === 'delete' || (text === undefined && head?.op !== 'add')) return undefined;
  const rest = kept(text ?? '', deltas);
  let [out, at] = ['', 0];
  for (const { range, text: piece } of sides(deltas, 'to')) {
    const [start, end] = range;
    const copied = start - out.length;
    if (piece === undefined) throw misfit(deltas, 'it carries no texts (mode "stat")');
    if (copied < 0 || at + copied > rest.length || piece.length !== end - start)
      throw misfit(deltas, `no place for ${start}..${end}`);
    out += rest.slice(at, at + copied) + piece;
    at += copied;
  }
  return out + rest.slice(at);
}

/** The later head of the document, as {@link applyPatch} gives its text. */
export function applyHead(head: DocHead | undefined, deltas: readonly Delta[]): DocHead | undefined {
  const found = deltas.find(({ head }) => head !== undefined);
  return found === undefined ? head : found.head?.to;
}

function withoutText({ version, path, range }: DeltaSide): DeltaSide {
  return version === undefined ? { path, range } : { version, path, range };
}

/** A delta as mode `stat` gives it: all but the texts. */
export function stripTexts(delta: Delta): Delta {
  const { from, to, ...rest } = delta;
  return { ...rest, ...(from && { from: withoutText(from) }), ...(to && { to: withoutText(to) }) };
}
