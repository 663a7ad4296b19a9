// A reader of Markdown of the harness's own: blocks as data/histories/README.md counts them, and headings without markup.

/** Lines with a mark for those inside a code fence (its own lines included). */
function fenced(text) {
  let fence = '';
  return text.split('\n').map((line) => {
    const mark = /^\s*(`{3,}|~{3,})/.exec(line)?.[1] ?? '';
    const inside = fence !== '' || mark !== '';
    if (fence === '') fence = mark;
    else if (mark.startsWith(fence) && line.trim() === mark) fence = '';
    return { line, inside };
  });
}

/** Blocks between blank lines; a code fence is one whole block, a heading line a block of its own. */
export function blocks(text) {
  const out = [];
  let open = [];
  const close = () => {
    if (open.length > 0) out.push(open.join('\n'));
    open = [];
  };
  let wasInside = false;
  for (const { line, inside } of fenced(text)) {
    const heading = !inside && /^#{1,6}\s/.test(line);
    if (heading || inside !== wasInside || (!inside && line.trim() === '')) close();
    wasInside = inside;
    if (inside || line.trim() !== '') open.push(line);
    if (heading) close();
  }
  close();
  return out;
}

export const isHeading = (block) => /^#{1,6}\s/.test(block) || /^[^\n]+\n(=+|-+)\s*$/.test(block);

export const countWords = (text) => text.match(/[\p{L}\p{N}]+/gu)?.length ?? 0;

/**
 * A heading, or a whole " > " path, without markup: link targets, tags, anchors and the signs of code, emphasis and escapes go.
 * Applied to both sides of every comparison, so what it takes away cannot make two equal headings differ.
 */
export function plain(heading) {
  return heading
    .replace(/\s*\{\s*#[^}]*\}/g, '')
    .replace(/!?\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/<\/?[A-Za-z!][^<>]*>/g, '')
    .replace(/[`*_~\\]/g, '')
    .replace(/\s+/g, ' ')
    .trim();
}

/** The heading path of every section of a document, plain and joined by " > ". */
export function headingPaths(text) {
  const open = [];
  const out = [];
  for (const block of blocks(text)) {
    const atx = /^(#{1,6})\s+(.*?)\s*#*\s*$/.exec(block);
    const setext = atx ? null : /^([^\n]+)\n(=+|-+)\s*$/.exec(block);
    if (!atx && !setext) continue;
    const level = atx ? atx[1].length : setext[2].startsWith('=') ? 1 : 2;
    open.length = Math.min(open.length, level);
    open[level] = plain(atx ? atx[2] : setext[1]);
    out.push(open.filter((title) => title).join(' > '));
  }
  return out;
}
