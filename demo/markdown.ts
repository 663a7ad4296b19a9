// Renders a Markdown text, or a passage of one, into nodes that know where they stand in the document.
//
// The text becomes lines with offsets; blocks are cut from the lines; a list item or a quotation strips its prefix from its
// lines and is rendered the same way inside. Only what documentation uses: no reference definitions, no raw HTML.
import { type Marks, plain, renderInline, type Stretch } from './inline.ts';

interface Line {
  readonly text: string;
  /** Where its first character stands in the document. */
  readonly at: number;
}

/** What the blocks of a text share: where they go to, and what is marked in them. */
interface Frame {
  readonly parent: Element;
  readonly marks: Marks;
  /** How many lists and quotations are around them. */
  readonly depth: number;
}

const depthMax = 24;

const fence = /^\s{0,3}(`{3,}|~{3,})\s*([\w+#.-]*)/;
const heading = /^\s{0,3}(#{1,6})\s+(.*?)\s*#*$/;
const item = /^(\s*)([-*+]|\d{1,9}[.)])(\s+|$)/;
const rule = /^\s{0,3}([-*_])(?:\s*\1){2,}\s*$/;
const quote = /^\s{0,3}>\s?/;
const admonition = /^:::+\s*(\w*)\s*(.*)$/;
// A passage can begin in the middle of a table.
const tableRow = /^\s*\|.*\|\s*$/;
const delimiterRow = /^\s*\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*\|?\s*$/;
const html = /^\s{0,3}<(?:!--|\/?[a-zA-Z])/;

/** Appends `text`, which starts at `start` of its document; every block gets `data-from` and `data-to`. */
export function renderMarkdown(parent: Element, text: string, start: number, marks: Marks): void {
  blocks({ parent, marks, depth: 0 }, linesOf(text, start));
}

/** Appends a text without structure, line breaks kept. */
export function renderPlain(parent: Element, text: string, start: number, marks: Marks): void {
  let at = 0;
  for (const gap of [...text.matchAll(/\n[^\S\n]*\n\s*/g), undefined]) {
    const stop = gap?.index ?? text.length;
    const piece = text.slice(at, stop);
    const from = start + at;
    if (piece.trim() !== '') {
      const block = append(parent, 'p', from, from + piece.length);
      block.classList.add('literal');
      plain(block, { text: piece, at: (index) => from + index }, 0, piece.length, marks);
    }
    at = stop + (gap?.[0].length ?? 0);
  }
}

function linesOf(text: string, start: number): Line[] {
  const lines: Line[] = [];
  for (let at = 0; at <= text.length; ) {
    const end = text.indexOf('\n', at);
    const stop = end < 0 ? text.length : end;
    lines.push({ text: text.slice(at, stop).replace(/\r$/, ''), at: start + at });
    at = stop + 1;
  }
  return lines;
}

function blocks(frame: Frame, lines: readonly Line[]): void {
  const flat = frame.depth > depthMax;
  for (let at = 0; at < lines.length; ) {
    const text = lines[at]?.text ?? '';
    if (text.trim() === '') at += 1;
    else if (flat) at = paragraph(frame, lines, at);
    else if (fence.test(text)) at = codeBlock(frame, lines, at);
    else if (rule.test(text) && !(at === 0 && lines[0]?.at === 0)) at = single(frame, lines, at, 'hr');
    else if (text === '---') at = frontMatter(frame, lines);
    else if (heading.test(text)) at = headingBlock(frame, lines, at);
    else if (quote.test(text)) at = quotation(frame, lines, at);
    else if (text.startsWith(':::')) at = container(frame, lines, at);
    else if (item.test(text)) at = list(frame, lines, at);
    else if (startsTable(text, lines[at + 1]?.text ?? '')) at = table(frame, lines, at);
    else if (html.test(text) && !/^\s*<https?:/.test(text)) at = rawHtml(frame, lines, at);
    else at = paragraph(frame, lines, at);
  }
}

function append<K extends keyof HTMLElementTagNameMap>(parent: Element, tag: K, from: number, to: number) {
  const element = parent.appendChild(document.createElement(tag));
  element.dataset.from = String(from);
  element.dataset.to = String(to);
  return element;
}

const endOf = (line: Line | undefined): number => (line ? line.at + line.text.length : 0);

/** Lines as one stretch, joined by line breaks. */
function joined(lines: readonly Line[]): Stretch {
  const text = lines.map((line) => line.text).join('\n');
  const offsets = new Uint32Array(text.length);
  let index = 0;
  for (const line of lines)
    for (let at = 0; at <= line.text.length && index < text.length; at++) offsets[index++] = line.at + at;
  return { text, at: (position) => offsets[position] ?? 0 };
}

function take(lines: readonly Line[], from: number, goesOn: (line: Line, index: number) => boolean): number {
  let to = from + 1;
  for (let line = lines[to]; line && goesOn(line, to); line = lines[to]) to += 1;
  return to;
}

function single({ parent }: Frame, lines: readonly Line[], at: number, tag: 'hr'): number {
  append(parent, tag, lines[at]?.at ?? 0, endOf(lines[at]));
  return at + 1;
}

function code(frame: Frame, lines: readonly Line[], from: number, to: number, label: string): void {
  const block = append(frame.parent, 'pre', from, to);
  if (label) block.dataset.label = label;
  const stretch = joined(lines);
  plain(block.appendChild(document.createElement('code')), stretch, 0, stretch.text.length, frame.marks);
}

function codeBlock(frame: Frame, lines: readonly Line[], at: number): number {
  const [, sign = '```', language = ''] = fence.exec(lines[at]?.text ?? '') ?? [];
  const to = take(lines, at, (line) => !line.text.trim().startsWith(sign));
  code(frame, lines.slice(at + 1, to), lines[at]?.at ?? 0, endOf(lines[Math.min(to, lines.length - 1)]), language);
  return to + 1;
}

function frontMatter(frame: Frame, lines: readonly Line[]): number {
  const to = take(lines, 0, (line) => line.text !== '---');
  if (to >= lines.length) return single(frame, lines, 0, 'hr');
  code(frame, lines.slice(1, to), 0, endOf(lines[to]), 'front matter');
  return to + 1;
}

function headingBlock({ parent, marks }: Frame, lines: readonly Line[], at: number): number {
  const line = lines[at] ?? { text: '', at: 0 };
  const [, signs = '#', title = ''] = heading.exec(line.text) ?? [];
  const element = append(parent, `h${signs.length as 1 | 2 | 3 | 4 | 5 | 6}`, line.at, endOf(line));
  const start = line.text.indexOf(title, line.text.indexOf(signs) + signs.length);
  // VitePress writes the anchor of a heading behind it.
  const text = title.replace(/\s*\{#[\w-]+\}$/, '');
  renderInline(element, { text, at: (index) => line.at + start + index }, marks);
  return at + 1;
}

function quotation({ parent, marks, depth }: Frame, lines: readonly Line[], at: number): number {
  const to = take(lines, at, (line) => line.text.trim() !== '');
  const inner = lines.slice(at, to).map((line) => cut(line, quote.exec(line.text)?.[0].length ?? 0));
  const element = append(parent, 'blockquote', lines[at]?.at ?? 0, endOf(lines[to - 1]));
  blocks({ parent: element, marks, depth: depth + 1 }, inner);
  return to;
}

const cut = (line: Line, length: number): Line => ({ text: line.text.slice(length), at: line.at + length });

/** `::: tip Title` to `:::`, as VitePress writes notes. */
function container({ parent, marks, depth }: Frame, lines: readonly Line[], at: number): number {
  const [, kind = '', title = ''] = admonition.exec(lines[at]?.text ?? '') ?? [];
  const to = take(lines, at, (line) => !line.text.startsWith(':::'));
  const last = Math.min(to, lines.length - 1);
  const element = append(parent, 'blockquote', lines[at]?.at ?? 0, endOf(lines[last]));
  element.dataset.label = title || kind;
  blocks({ parent: element, marks, depth: depth + 1 }, lines.slice(at + 1, to));
  return to + 1;
}

/** A list: its items start at about the same margin with the same kind of sign; what is indented below belongs to them. */
function list({ parent, marks, depth }: Frame, lines: readonly Line[], at: number): number {
  const [, indent = '', sign = '-'] = item.exec(lines[at]?.text ?? '') ?? [];
  const ordered = /\d/.test(sign);
  const starts = (text: string) => {
    const match = item.exec(text);
    return match !== null && (match[1]?.length ?? 0) < indent.length + 2 && /\d/.test(match[2] ?? '') === ordered;
  };
  const inside = (text: string) => text.search(/\S/) >= indent.length + 2 || starts(text);
  const to = take(lines, at, ({ text }, index) => {
    if (text.trim() === '')
      return inside(lines.slice(index, index + 3).find((line) => line.text.trim() !== '')?.text ?? '');
    return inside(text) || (lines[index - 1]?.text.trim() !== '' && !startsBlock(text));
  });
  const element = append(parent, ordered ? 'ol' : 'ul', lines[at]?.at ?? 0, endOf(lines[to - 1]));
  if (ordered) element.setAttribute('start', String(Number.parseInt(sign, 10)));
  for (let start = at; start < to; ) {
    const own = item.exec(lines[start]?.text ?? '')?.[0].length ?? 0;
    const end = take(lines, start, (line, index) => index < to && !starts(line.text));
    const inner = lines.slice(start, end).map((line, index) => cut(line, index === 0 ? own : indentOf(line.text, own)));
    const entry = append(element, 'li', lines[start]?.at ?? 0, endOf(lines[end - 1]));
    blocks({ parent: entry, marks, depth: depth + 1 }, inner);
    start = end;
  }
  return to;
}

const indentOf = (text: string, most: number): number => Math.min(most, Math.max(0, text.search(/\S|$/)));

function startsBlock(text: string): boolean {
  return [fence, heading, item, rule, quote].some((start) => start.test(text)) || text.startsWith(':::');
}

function startsTable(text: string, next: string): boolean {
  return tableRow.test(text) || (text.includes('|') && delimiterRow.test(next));
}

function table({ parent, marks }: Frame, lines: readonly Line[], at: number): number {
  const to = take(lines, at, (line) => line.text.trim() !== '' && line.text.includes('|'));
  const element = append(parent, 'table', lines[at]?.at ?? 0, endOf(lines[to - 1]));
  const headed = delimiterRow.test(lines[at + 1]?.text ?? '');
  lines.slice(at, to).forEach((line, index) => {
    if (delimiterRow.test(line.text)) return;
    const row = append(element, 'tr', line.at, endOf(line));
    for (const cell of line.text.matchAll(/(?:`[^`]*`|\\\||[^|`])+/g)) {
      if (cell[0].trim() === '' && (cell.index === 0 || cell.index + cell[0].length === line.text.length)) continue;
      const start = line.at + cell.index + cell[0].search(/\S|$/);
      const place = row.appendChild(document.createElement(headed && index === 0 ? 'th' : 'td'));
      renderInline(place, { text: cell[0].trim(), at: (offset) => start + offset }, marks);
    }
  });
  return to;
}

/** Comments are left out, other HTML is shown as the text it is. */
function rawHtml(frame: Frame, lines: readonly Line[], at: number): number {
  const comment = /^\s*<!--/.test(lines[at]?.text ?? '');
  const closed = (index: number) => comment && lines[index]?.text.includes('-->') === true;
  const to = take(lines, at, (line, index) => !closed(index - 1) && (comment || line.text.trim() !== ''));
  const first = lines[at]?.text ?? '';
  const inlineOnly = /^\s*<(?:a|b|i|em|strong|kbd|span|sup|sub|img|code)\b/i.test(first);
  if (inlineOnly) return paragraph(frame, lines, at);
  if (!comment) code(frame, lines.slice(at, to), lines[at]?.at ?? 0, endOf(lines[to - 1]), 'html');
  return to;
}

function paragraph({ parent, marks }: Frame, lines: readonly Line[], at: number): number {
  const to = take(lines, at, (line) => line.text.trim() !== '' && !startsBlock(line.text));
  const element = append(parent, 'p', lines[at]?.at ?? 0, endOf(lines[to - 1]));
  renderInline(element, joined(lines.slice(at, to)), marks);
  if (element.textContent?.trim() === '') element.remove();
  return to;
}
