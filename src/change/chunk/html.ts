// HTML inside Markdown: where a block of it ends, and whether a reader would see anything of it.

import type { LineTable } from './lines.ts';
import { hasWord } from './words.ts';

/** `raw` runs to its closing tag, `comment` to -->, `block` and `inline` to a blank line; `inline` cannot interrupt a paragraph. */
export type HtmlKind = 'raw' | 'comment' | 'block' | 'inline';

const RAW_TAGS = new Set(['script', 'pre', 'style', 'textarea']);
const RAW_CLOSER = /<\/(?:script|pre|style|textarea)>/gi;
const BLOCK_TAGS = new Set(
  (
    'address article aside base blockquote body caption center col colgroup dd details dialog dir div dl dt fieldset figcaption ' +
    'figure footer form frame frameset h1 h2 h3 h4 h5 h6 head header hr html iframe legend li link main menu nav ol optgroup ' +
    'option p param section source summary table tbody td tfoot th thead title tr track ul'
  ).split(' '),
);
const TAG = /^<(\/?)([A-Za-z][A-Za-z0-9.-]{0,40})(?=[\s/>]|$)/;

/** The HTML block that starts on the line. */
export function htmlKind(lines: LineTable, row: number): HtmlKind | undefined {
  if (lines.sign(row) !== 60 || lines.indent(row) > 3) return undefined;
  const head = lines.text.slice(lines.first(row), Math.min(lines.end(row), lines.first(row) + 44));
  if (head.startsWith('<!--')) return 'comment';
  if (head.startsWith('<?') || /^<![A-Za-z[]/.test(head)) return 'block';
  const tag = TAG.exec(head);
  if (tag === null) return undefined;
  const name = (tag[2] ?? '').toLowerCase();
  if (tag[1] === '' && RAW_TAGS.has(name)) return 'raw';
  return BLOCK_TAGS.has(name) ? 'block' : 'inline';
}

/** The last row of the HTML block that starts at `row`. */
export function htmlEnd(lines: LineTable, row: number, kind: HtmlKind): number {
  if (kind === 'comment') {
    const at = lines.text.indexOf('-->', lines.first(row) + 2);
    return at < 0 ? lines.count - 1 : lines.rowOf(at, row);
  }
  if (kind === 'raw') {
    RAW_CLOSER.lastIndex = lines.first(row);
    const found = RAW_CLOSER.exec(lines.text);
    return found === null ? lines.count - 1 : lines.rowOf(found.index, row);
  }
  let last = row;
  while (last + 1 < lines.count && !lines.blank(last + 1)) last++;
  return last;
}

/** Longer blocks are shown without a closer look. */
const LOOK_CHARS_MAX = 2000;

const TAG_NAMES = /<\/?[A-Za-z][A-Za-z0-9.-]*/g;
const ADDRESS_ATTRIBUTES = /\s(?:id|name|class|style|align|width|height)\s?=\s?(?:"[^"]*"|'[^']*'|[^\s"'>]+)/g;

/** Whether an HTML block is only closing tags, anchors and frames: nothing of it is worth finding. A comment's words are. */
export function isSilentHtml(text: string, start: number, end: number): boolean {
  if (end - start > LOOK_CHARS_MAX) return false;
  const shown = text.slice(start, end).replace(TAG_NAMES, ' ').replace(ADDRESS_ATTRIBUTES, ' ');
  return !hasWord(shown, 0, shown.length);
}
