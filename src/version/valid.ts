// Valid time: when a document version holds by its own account. Half-open, either end may be missing.

import type { DocVersion } from './record.ts';

export type Span = Pick<DocVersion, 'validFrom' | 'validTo'>;

const startOf = ({ validFrom }: Span): number => validFrom ?? Number.NEGATIVE_INFINITY;
const endOf = ({ validTo }: Span): number => validTo ?? Number.POSITIVE_INFINITY;

/** from <= at < to. */
export function isValidAt(span: Span, at: number): boolean {
  return startOf(span) <= at && at < endOf(span);
}

/** Do the spans share a moment? */
export function overlap(a: Span, b: Span): boolean {
  return startOf(a) < endOf(b) && startOf(b) < endOf(a);
}

/** What is left of a span outside another: none, one or two spans, in order. */
export function outside(span: Span, cut: Span): Span[] {
  if (!overlap(span, cut)) return [span];
  const out: Span[] = [];
  if (startOf(span) < startOf(cut)) out.push({ validFrom: span.validFrom, validTo: cut.validFrom });
  if (endOf(cut) < endOf(span)) out.push({ validFrom: cut.validTo, validTo: span.validTo });
  return out;
}
