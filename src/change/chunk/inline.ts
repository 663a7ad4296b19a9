// The words of a heading without its markup, as they stand in a path.

import { pattern } from '../../base/pattern.ts';

/** Private-use characters that hold the place of lifted code and escapes; taken out of the source first. */
const CODE_MARK = String.fromCodePoint(0xe000);
const ESCAPE_MARK = String.fromCodePoint(0xe001);

/** Code spans out of the text, so that nothing in them is taken for markup: a run of ticks up to the next run of equal length. */
function liftCode(source: string, codes: string[]): string {
  const runs = [...source.matchAll(/`+/g)];
  let out = '';
  let at = 0;
  for (let open = 0; open < runs.length; ) {
    const from = runs[open];
    let close = open + 1;
    while (close < runs.length && runs[close]?.[0].length !== from?.[0].length) close++;
    const to = runs[close];
    if (from === undefined || to === undefined) {
      open++;
      continue;
    }
    const code = source.slice(from.index + from[0].length, to.index).trim();
    out += `${source.slice(at, from.index)}${CODE_MARK}${codes.push(code) - 1}${CODE_MARK}`;
    at = to.index + to[0].length;
    open = close + 1;
  }
  return out + source.slice(at);
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&#39;': "'",
  '&nbsp;': ' ',
};

const UNDERSCORES = pattern(String.raw`(?<![\p{L}\p{N}_])_+(?=\S)|(?<=\S)_+(?![\p{L}\p{N}_])`, 'gu');
/** What the steps below look for; most headings have none of it. */
const MARKUP = /[`\\{}<>[\]~*_&\uE000\uE001]|\s\s|[^\S ]/;

/** The text of a heading: code without ticks, links as their text, images as their alt, no emphasis, tags or {#anchor}. */
export function headingText(source: string): string {
  if (!MARKUP.test(source)) return source.trim();
  const plain = source.replace(/[\uE000\uE001]|^\s+|\s+$/g, '').replace(/\s+/g, ' ');
  const codes: string[] = [];
  const escapes: string[] = [];
  const text = liftCode(plain, codes)
    .replace(/\\([!-/:-@[-`{-~])/g, (_all, char: string) => `${ESCAPE_MARK}${escapes.push(char) - 1}${ESCAPE_MARK}`)
    .replace(/ ?\{ ?[#.][^{}]*\} ?$/, '')
    .replace(/<(https?:[^<>\s]*)>/g, '$1')
    .replace(/<[/!]?[A-Za-z][^<>]*>/g, '')
    .replace(/!\[([^[\]]*)\](?:\((?:[^()]|\([^()]*\))*\)|\[[^[\]]*\])/g, '$1')
    .replace(/\[([^[\]]*)\](?:\((?:[^()]|\([^()]*\))*\)|\[[^[\]]*\])/g, '$1')
    .replace(/~~|\*+(?=\S)|(?<=\S)\*+/g, '')
    .replace(UNDERSCORES(), '')
    .replace(/&(?:amp|lt|gt|quot|#39|nbsp);/g, (entity) => ENTITIES[entity] ?? entity);
  return text
    .replace(/\uE001(\d+)\uE001/g, (_all, index: string) => escapes[Number(index)] ?? '')
    .replace(/\uE000(\d+)\uE000/g, (_all, index: string) => codes[Number(index)] ?? '')
    .replace(/\s+/g, ' ')
    .trim();
}
