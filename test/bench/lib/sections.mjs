// Sections of a document with their places: Markdown as lib/markdown.mjs reads it, and the headings of reStructuredText and AsciiDoc.
import { blocks, plain } from './markdown.mjs';

const endings = { md: 'markdown', markdown: 'markdown', mdx: 'markdown', rst: 'rest', rest: 'rest' };
const asciidoc = { adoc: 'asciidoc', asciidoc: 'asciidoc', asc: 'asciidoc' };
const headings = { markdown: markdownHeading, rest: restHeading, asciidoc: asciidocHeading, text: () => undefined };

/** How the harness reads a document, by the ending of its id. */
export function kindOf(id) {
  return { ...endings, ...asciidoc }[/\.(\w+)$/.exec(id)?.[1]?.toLowerCase()] ?? 'text';
}

/**
 * The sections of a document, first to last: `{ path, start, end, blocks }`; `path` is plain and joined by " > ", empty before the first
 * heading; `start` and `end` are offsets into the text, from the section's heading to the next heading; `blocks` are its blocks
 * without the heading.
 */
export function sections(id, text) {
  const kind = kindOf(id);
  const open = [];
  const marks = [];
  const out = [{ path: '', start: 0, end: text.length, blocks: [] }];
  let at = 0;
  for (const block of kind === 'markdown' ? blocks(text) : paragraphs(text)) {
    at = text.indexOf(block, at);
    const heading = headings[kind](block, marks);
    if (heading) {
      open.length = Math.min(open.length, heading.level);
      open[heading.level] = plain(heading.title);
      out.at(-1).end = at;
      out.push({ path: open.filter((title) => title).join(' > '), start: at, end: text.length, blocks: [] });
    }
    const body = heading?.rest ?? (heading ? '' : block);
    if (body) out.at(-1).blocks.push(body);
    at += block.length;
  }
  return out;
}

/** Blocks between blank lines. */
const paragraphs = (text) => text.split(/\n[^\S\n]*(?:\n[^\S\n]*)+/).filter((block) => block.trim() !== '');

function markdownHeading(block) {
  const atx = /^(#{1,6})\s+(.*?)\s*#*\s*$/.exec(block);
  if (atx) return { level: atx[1].length, title: atx[2] };
  const setext = /^([^\n]+)\n(=+|-+)\s*$/.exec(block);
  return setext ? { level: setext[2].startsWith('=') ? 1 : 2, title: setext[1] } : undefined;
}

function asciidocHeading(block) {
  const found = /^(={1,6})\s+(\S[^\n]*)(?:\n([\s\S]*))?$/.exec(block);
  return found ? { level: found[1].length, title: found[2], rest: found[3] ?? '' } : undefined;
}

/** A title under (or between) lines of one sign at least as long as it is; levels in the order in which the signs come. */
function restHeading(block, marks) {
  const found = /^(?:(([^\w\s])\2{2,})\n)?[^\S\n]*(\S[^\n]*)\n(([^\w\s])\5{2,})[^\S\n]*(?:\n([\s\S]*))?$/.exec(block);
  if (!found) return undefined;
  const [, over, , title, under, sign, rest] = found;
  if ((over !== undefined && over !== under) || under.length < title.trimEnd().length) return undefined;
  const mark = over === undefined ? sign : sign + sign;
  if (!marks.includes(mark)) marks.push(mark);
  return { level: marks.indexOf(mark) + 1, title, rest: rest ?? '' };
}
