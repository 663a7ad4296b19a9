// Plain text as blocks: paragraphs between blank lines.

import { type Block, body } from './block.ts';
import { LineTable } from './lines.ts';

/** The paragraphs of a plain text in order. */
export function plainBlocks(text: string): Block[] {
  const lines = new LineTable(text);
  const blocks: Block[] = [];
  for (let row = 0; row < lines.count; row++) {
    if (lines.blank(row)) continue;
    const start = lines.start(row);
    while (row + 1 < lines.count && !lines.blank(row + 1)) row++;
    blocks.push(body(start, lines.end(row), 'sentences'));
  }
  return blocks;
}
