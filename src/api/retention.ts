// How much history is kept, as it is given: counts and spans of time.

import type { RetentionPolicy } from '../model/history.ts';
import { checkKeys, invalid } from './validate.ts';

const UNITS_MS: Readonly<Record<string, number>> = {
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
  y: 31_557_600_000,
};

/** The policy in plain numbers. Throws `AV_INVALID`. */
export function checkRetention(policy: RetentionPolicy): { keepLast?: number; keepWithinMs?: number } {
  checkKeys(policy, ['keepLast', 'keepWithin']);
  const { keepLast, keepWithin } = policy;
  if (keepLast !== undefined && !(Number.isSafeInteger(keepLast) && keepLast >= 1))
    throw invalid(`keepLast is ${keepLast}; it must be a whole number from 1`);
  return {
    ...(keepLast === undefined ? {} : { keepLast }),
    ...(keepWithin === undefined ? {} : { keepWithinMs: spanOf(keepWithin) }),
  };
}

function spanOf(span: unknown): number {
  if (typeof span === 'number' && Number.isFinite(span) && span >= 0) return span;
  const [, count, unit] = (typeof span === 'string' && /^(\d+(?:\.\d+)?)\s*([mhdwy])$/.exec(span)) || [];
  const ms = UNITS_MS[unit ?? ''];
  if (count === undefined || ms === undefined)
    throw invalid(
      `keepWithin is ${JSON.stringify(span)}; it takes milliseconds, or a span such as '30m', '12h', '7d', '2w', '1y'`,
    );
  return Number(count) * ms;
}
