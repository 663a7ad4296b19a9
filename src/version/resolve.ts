// What a ref or a time means: which commit.

import { AetherError } from '../base/errors.ts';
import type { Instant } from '../model/query.ts';
import type { History } from './history.ts';

const HEX_DIGITS_MIN = 6;

/**
 * The seq of an instant; 0 = before the first commit, for a branch that has none.
 *
 * @throws `AV_REF_UNKNOWN`, `AV_REF_AMBIGUOUS`.
 */
export function resolveRef(history: History, instant: Instant): number {
  if (instant instanceof Date || typeof instant === 'number') return atTime(history, Number(instant));
  const [, name = instant, back = '0'] = /^(.+?)(?:~(\d{1,9}))?$/s.exec(instant) ?? [];
  return goBack(history, instant, named(history, name), Number(back));
}

/** A branch before a tag, a tag before a commit id. */
function named(history: History, name: string): number {
  if (name === 'HEAD') return history.headSeq;
  const { branches, tags } = history.refs;
  const seq = branches.get(name) ?? tags.get(name);
  if (seq !== undefined) return seq;
  if (!/^[0-9a-f]{6,32}$/.test(name)) {
    throw new AetherError(
      'AV_REF_UNKNOWN',
      `no branch or tag "${name.slice(0, 60)}". Use a branch (${[...branches.keys()].slice(0, 5).join(', ')}), a tag, a commit id (at least ${HEX_DIGITS_MIN} digits), HEAD, any of them with ~n, or a Date.`,
    );
  }
  const whole = history.seqOf(name);
  if (whole !== undefined) return whole;
  const fits = [...history.commits].filter(([, commit]) => commit.id.startsWith(name));
  if (fits.length > 1)
    throw new AetherError(
      'AV_REF_AMBIGUOUS',
      `${name} fits ${fits.length} commits: ${fits
        .slice(0, 3)
        .map(([, commit]) => commit.id)
        .join(', ')}. Give more digits.`,
    );
  if (!fits[0]) throw new AetherError('AV_REF_UNKNOWN', `no commit ${name}. log() lists those there are.`);
  return fits[0][0];
}

function goBack(history: History, ref: string, seq: number, steps: number): number {
  if (steps === 0) return seq;
  let left = steps;
  for (const at of history.lines.walk(seq)) if (left-- === 0) return at;
  const there = [...history.lines.walk(seq)].length;
  throw new AetherError('AV_REF_UNKNOWN', `${ref} lies before the first commit: there are ${there} on that way.`);
}

/** The last commit at or before a time on the way to where the handle stands. */
function atTime(history: History, time: number): number {
  if (Number.isNaN(time)) throw new AetherError('AV_REF_UNKNOWN', 'asOf is not a valid date');
  const { lines, headSeq } = history;
  const seq = lines.newest(headSeq, (at) => history.timeOf(at) <= time);
  if (seq > 0 || headSeq === 0) return seq;
  const first = [...lines.walk(headSeq)].at(-1) ?? 0;
  throw new AetherError(
    'AV_REF_UNKNOWN',
    `no commit at or before ${dateOf(time)}; the first is of ${dateOf(history.timeOf(first))}.`,
  );
}

/** A time for people; far ones are no dates. */
function dateOf(time: number): string {
  const date = new Date(time);
  return Number.isNaN(date.getTime()) ? String(time) : date.toISOString();
}
