// Markdown as blocks: headings, paragraphs, lists, tables, code, quotes, HTML, front matter; what nobody would search is left out.

import { type Block, body } from './block.ts';
import { htmlEnd, htmlKind, isSilentHtml } from './html.ts';
import { headingText } from './inline.ts';
import { LineTable } from './lines.ts';
import {
  atxHeading,
  closesFence,
  containerSign,
  type Fence,
  fenceAt,
  isRule,
  type ListMarker,
  listMarker,
  setextLevel,
  startsTable,
} from './signs.ts';

/** One step of the reader: the block it met, if it is worth keeping, and the row behind it. */
interface Read {
  readonly next: number;
  readonly block: Block | undefined;
}

const QUOTE = 62;

/** Longer paragraphs over a line of dashes are paragraphs over a rule: a heading's text is repeated in every path below it. */
const SETEXT_LINES_MAX = 3;
const SETEXT_CHARS_MAX = 300;

function startsQuote(lines: LineTable, row: number): boolean {
  return lines.sign(row) === QUOTE && lines.indent(row) <= 3;
}

function fenceOn(lines: LineTable, row: number): Fence | undefined {
  return fenceAt(lines, row, lines.first(row));
}

/** Whether the line ends the paragraph (or lazy item, or lazy quote) in front of it. */
function interrupts(lines: LineTable, row: number): boolean {
  if (lines.indent(row) > 3) return false;
  if (startsQuote(lines, row) || isRule(lines, row) || fenceOn(lines, row) !== undefined) return true;
  if (atxHeading(lines, row) !== undefined || containerSign(lines, row) !== undefined) return true;
  if (listMarker(lines, row)?.interrupts === true || startsTable(lines, row)) return true;
  const html = htmlKind(lines, row);
  return html !== undefined && html !== 'inline';
}

/** Front matter between --- (or +++) lines at the very top. */
function readFrontMatter(lines: LineTable): Read | undefined {
  if (lines.count === 0) return undefined;
  const mark = lines.text.slice(lines.start(0), lines.end(0)).trimEnd();
  if (mark !== '---' && mark !== '+++') return undefined;
  for (let row = 1; row < lines.count; row++) {
    if (lines.end(row) - lines.start(row) > 80) continue;
    const line = lines.text.slice(lines.start(row), lines.end(row)).trimEnd();
    if (line !== mark && !(mark === '---' && line === '...')) continue;
    const block = row > 1 ? body(lines.start(0), lines.end(row), 'lines') : undefined;
    return { next: row + 1, block };
  }
  return undefined;
}

function readFence(lines: LineTable, row: number, fence: Fence): Read {
  let last = row + 1;
  while (last < lines.count && !closesFence(lines, last, fence)) last++;
  last = Math.min(last, lines.count - 1);
  return { next: last + 1, block: body(lines.start(row), lines.end(last), 'lines') };
}

function readIndentedCode(lines: LineTable, row: number): Read {
  let last = row;
  let at = row + 1;
  for (; at < lines.count; at++) {
    if (lines.blank(at)) continue;
    if (lines.indent(at) < 4) break;
    last = at;
  }
  return { next: at, block: body(lines.start(row), lines.end(last), 'lines') };
}

function readQuote(lines: LineTable, row: number): Read {
  let last = row;
  for (let at = row + 1; at < lines.count && !lines.blank(at); at++) {
    if (!startsQuote(lines, at) && interrupts(lines, at)) break;
    last = at;
  }
  return { next: last + 1, block: body(lines.start(row), lines.end(last), 'sentences') };
}

/** What the reader of a list knows between two lines. */
interface ListState {
  readonly type: number;
  readonly indent: number;
  readonly marks: number[];
  content: number;
  fence: Fence | undefined;
  afterBlank: boolean;
}

function enterItem(lines: LineTable, row: number, marker: ListMarker, list: ListState): void {
  list.marks.push(lines.start(row));
  list.content = marker.content;
  list.fence = fenceAt(lines, row, marker.at);
}

/** Whether a line that is not blank still belongs to the list; remembers new items and fences inside them. */
function continuesList(lines: LineTable, row: number, list: ListState): boolean {
  const indent = lines.indent(row);
  if (list.fence !== undefined && indent >= list.content) {
    if (closesFence(lines, row, list.fence)) list.fence = undefined;
    return true;
  }
  list.fence = undefined;
  if (indent >= list.content) {
    list.fence = fenceOn(lines, row);
    return true;
  }
  const marker = isRule(lines, row) ? undefined : listMarker(lines, row);
  if (marker?.type === list.type) {
    enterItem(lines, row, marker, list);
    return true;
  }
  if (marker !== undefined) return indent > list.indent;
  return !list.afterBlank && !interrupts(lines, row);
}

function readList(lines: LineTable, row: number, marker: ListMarker): Read {
  const list: ListState = {
    type: marker.type,
    indent: lines.indent(row),
    marks: [],
    content: marker.content,
    fence: undefined,
    afterBlank: false,
  };
  enterItem(lines, row, marker, list);
  let last = row;
  let at = row + 1;
  for (; at < lines.count; at++) {
    const blank = lines.blank(at);
    if (!blank && !continuesList(lines, at, list)) break;
    list.afterBlank = blank;
    if (!blank) last = at;
  }
  return { next: at, block: body(lines.start(row), lines.end(last), 'items', list.marks) };
}

function readTable(lines: LineTable, row: number): Read {
  let last = row + 1;
  while (last + 1 < lines.count && !lines.blank(last + 1) && !interrupts(lines, last + 1)) last++;
  return { next: last + 1, block: body(lines.start(row), lines.end(last), 'lines') };
}

/** A paragraph, or the setext heading that it turns out to be. */
function readParagraph(lines: LineTable, row: number): Read {
  const start = lines.start(row);
  let at = row + 1;
  for (; at < lines.count && !lines.blank(at); at++) {
    const level = setextLevel(lines, at);
    const short = at - row <= SETEXT_LINES_MAX && lines.end(at - 1) - start <= SETEXT_CHARS_MAX;
    if (level > 0 && short) {
      const title = headingText(lines.text.slice(start, lines.end(at - 1)));
      return { next: at + 1, block: { kind: 'heading', start, end: lines.end(at), level, title } };
    }
    if (interrupts(lines, at)) break;
  }
  return { next: at, block: body(start, lines.end(at - 1), 'sentences') };
}

function readHtml(lines: LineTable, row: number): Read | undefined {
  const kind = htmlKind(lines, row);
  if (kind === undefined) return undefined;
  const last = htmlEnd(lines, row, kind);
  const [start, end] = [lines.start(row), lines.end(last)];
  const silent = kind !== 'raw' && isSilentHtml(lines.text, start, end);
  return { next: last + 1, block: silent ? undefined : body(start, end, kind === 'raw' ? 'lines' : 'sentences') };
}

function readBlock(lines: LineTable, row: number): Read {
  const fence = fenceOn(lines, row);
  if (fence !== undefined) return readFence(lines, row, fence);
  if (lines.indent(row) > 3) return readIndentedCode(lines, row);
  const heading = atxHeading(lines, row);
  if (heading !== undefined) {
    const title = headingText(lines.text.slice(heading.from, heading.to));
    const block: Block = { kind: 'heading', start: lines.start(row), end: lines.end(row), level: heading.level, title };
    return { next: row + 1, block };
  }
  if (startsQuote(lines, row)) return readQuote(lines, row);
  if (isRule(lines, row)) return { next: row + 1, block: undefined };
  const marker = listMarker(lines, row);
  if (marker !== undefined) return readList(lines, row, marker);
  const html = readHtml(lines, row);
  if (html !== undefined) return html;
  return startsTable(lines, row) ? readTable(lines, row) : readParagraph(lines, row);
}

/**
 * The blocks of a Markdown text in order. Left out (gaps): blank lines, thematic breaks, closing container lines, HTML
 * without a word. A container's opening line goes with the block that follows it.
 */
export function markdownBlocks(text: string): Block[] {
  const lines = new LineTable(text);
  const blocks: Block[] = [];
  const front = readFrontMatter(lines);
  if (front?.block !== undefined) blocks.push(front.block);
  let lead: Block | undefined;
  for (let row = front?.next ?? 0; row < lines.count; ) {
    if (lines.blank(row)) {
      row++;
      continue;
    }
    const container = containerSign(lines, row);
    if (container !== undefined) {
      if (lead !== undefined) blocks.push(lead);
      lead = container === 'open' ? body(lines.start(row), lines.end(row), 'sentences') : undefined;
      row++;
      continue;
    }
    const { next, block } = readBlock(lines, row);
    row = next;
    if (block === undefined) continue;
    if (lead !== undefined && block.kind === 'body') blocks.push({ ...block, start: lead.start });
    else blocks.push(...(lead === undefined ? [block] : [lead, block]));
    lead = undefined;
  }
  if (lead !== undefined) blocks.push(lead);
  return blocks;
}
