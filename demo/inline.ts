// Renders one stretch of Markdown prose (code, bold, links) into nodes and marks the words that matched.

/** Half-open ranges of the document's text, UTF-16 code units, ascending. */
export type Marks = readonly (readonly [start: number, end: number])[];

/** Text taken from a document: the characters, and where each of them stands there. */
export interface Stretch {
  readonly text: string;
  readonly at: (index: number) => number;
}

// In the order in which they are tried. What may hold anything is bounded, so that a hostile text stays cheap.
const token = new RegExp(
  [
    '(`+)([^`]|[^`][\\s\\S]{0,2000}?[^`])\\1(?!`)', // 1 ticks, 2 code
    '!?\\[([^[\\]]{0,500}(?:\\[[^[\\]]{0,200}\\][^[\\]]{0,500})?)\\](?:\\(\\s*<?([^\\s<>()]*(?:\\([^\\s<>()]*\\)[^\\s<>()]*)?)>?[^)\\n]{0,200}\\)|\\[[^\\]\\n]{0,200}\\])', // 3 label, 4 address
    '(\\*\\*|__)(?=\\S)([\\s\\S]{0,2000}?\\S)\\5', // 5 sign, 6 strong
    '(?<![\\w*_])([*_])(?=[^\\s*_])([^*_]{0,1000}?[^\\s*_])\\7(?![\\w*_])', // 7 sign, 8 emphasis
    '<!--[\\s\\S]{0,10000}?-->',
    '</?[a-zA-Z][^<>\\n]{0,500}>',
    '\\bhttps?://[^\\s<>()\\]]+',
    '\\\\[!-/:-@[-`{-~]',
  ].join('|'),
  'g',
);

/** Appends the rendered stretch to `parent`. */
export function renderInline(parent: Element, stretch: Stretch, marks: Marks): void {
  render(parent, stretch, 0, stretch.text.length, marks);
}

function render(parent: Element, stretch: Stretch, from: number, to: number, marks: Marks): void {
  const text = stretch.text.slice(from, to);
  let done = 0;
  for (const match of text.matchAll(token)) {
    const start = match.index;
    plain(parent, stretch, from + done, from + start, marks);
    done = start + match[0].length;
    element(parent, stretch, match, from + start, marks);
  }
  plain(parent, stretch, from + done, to, marks);
}

/** One token; `start` is where it stands in the stretch. */
function element(parent: Element, stretch: Stretch, match: RegExpExecArray, start: number, marks: Marks): void {
  const [whole, ticks, code, label, address, bold, strong, italic, emphasis] = match;
  const inside = (tag: 'strong' | 'em', sign: string, length: number) => {
    const child = parent.appendChild(document.createElement(tag));
    render(child, stretch, start + sign.length, start + sign.length + length, marks);
  };
  if (ticks !== undefined && code !== undefined) {
    const child = parent.appendChild(document.createElement('code'));
    plain(child, stretch, start + ticks.length, start + ticks.length + code.length, marks);
  } else if (label !== undefined) {
    const skip = whole.startsWith('!') ? 2 : 1;
    render(linkTo(parent, address), stretch, start + skip, start + skip + label.length, marks);
  } else if (bold !== undefined && strong !== undefined) inside('strong', bold, strong.length);
  else if (italic !== undefined && emphasis !== undefined) inside('em', italic, emphasis.length);
  else if (whole.startsWith('http')) plain(linkTo(parent, whole), stretch, start, start + whole.length, marks);
  else if (whole.startsWith('\\')) plain(parent, stretch, start + 1, start + 2, marks);
  else if (/^<br\b/i.test(whole)) parent.append(document.createElement('br'));
  // A type parameter outside code, as in Map<string>, is text; a known tag or a comment is not.
  else if (!/^<(?:!--|\/?(?:a|b|i|em|strong|sup|sub|kbd|span|img|code|p|div|small|u|s)\b)/i.test(whole))
    plain(parent, stretch, start, start + whole.length, marks);
}

/** A link where the address leads out to the web, else what is there already: a document's own links have no page here. */
function linkTo(parent: Element, address: string | undefined): Element {
  if (!address || !/^https?:\/\//i.test(address)) return parent;
  const link = document.createElement('a');
  link.href = address;
  link.target = '_blank';
  link.rel = 'noopener noreferrer';
  return parent.appendChild(link);
}

/** Characters as they are, those in a marked range inside <mark>. */
export function plain(parent: Element, stretch: Stretch, from: number, to: number, marks: Marks): void {
  let start = from;
  while (start < to) {
    const at = stretch.at(start);
    const mark = marks.find((range) => range[1] > at);
    const marked = mark !== undefined && mark[0] <= at;
    const border = mark === undefined ? Number.POSITIVE_INFINITY : marked ? mark[1] : mark[0];
    let end = start + 1;
    while (end < to && stretch.at(end) < border) end += 1;
    const text = stretch.text.slice(start, end);
    if (marked) parent.appendChild(document.createElement('mark')).append(text);
    else parent.append(text);
    start = end;
  }
}
