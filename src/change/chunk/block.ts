// What the readers of a format hand to the chunker: blocks in text order, never overlapping.

/** How a block that is too long may be cut: at sentences, at lines, or at the list items named by `marks`. */
export type Cut = 'sentences' | 'lines' | 'items';

/** Text that becomes one chunk, or several when it is too long. */
export interface BodyBlock {
  readonly kind: 'body';
  readonly start: number;
  readonly end: number;
  readonly cut: Cut;
  /** Offsets at which list items start, ascending; empty unless `cut` is 'items'. */
  readonly marks: readonly number[];
}

/** A heading: opens a section; its `title` is free of markup. */
export interface HeadingBlock {
  readonly kind: 'heading';
  readonly start: number;
  readonly end: number;
  readonly level: number;
  readonly title: string;
}

export type Block = BodyBlock | HeadingBlock;

/** A body block; `marks` only matter to lists. */
export function body(start: number, end: number, cut: Cut, marks: readonly number[] = []): BodyBlock {
  return { kind: 'body', start, end, cut, marks };
}
