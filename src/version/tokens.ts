// What an edit is counted in: a text as words, numbers, names, link targets and marks, each knowing whether it is code.

import { pattern } from '../base/pattern.ts';

/** `negation` holds modality too (must, may, default); `identifier` names of things in code that stand in prose. */
export type TokenKind = 'word' | 'number' | 'negation' | 'identifier' | 'link' | 'mark';

export interface Token {
  /** Tokens with equal keys are the same; words of prose are blind to case, code and identifiers are not. */
  readonly key: string;
  /** What is left of it when markup, case and punctuation do not count; empty for marks. */
  readonly letters: string;
  readonly kind: TokenKind;
  /** Inside a fenced or indented block or inline code. */
  readonly code: boolean;
}

/** A stretch of a text, half-open. */
interface Stretch {
  readonly start: number;
  readonly end: number;
  /** A block knows its indent: white space in front of a line beyond it counts. */
  readonly code: boolean;
  readonly indent?: number | undefined;
}

const FENCE = /^( *)(`{3,}|~{3,})(.*)$/;
const LIST_ITEM = /^ {0,3}(?:[-*+]|\d+[.)]) /;
const INLINE_MAX = 2000;

const NUMBER = String.raw`(?:[<>]=?|[\u2264\u2265\u2260])?(?:(?<![\p{L}\p{N}])[-+\u2212])?[$\u20ac£]?v?\d+(?:[.,:/-]\d+)*(?:-(?:alpha|beta|rc|pre)[.\d]*)?(?:%|[\p{L}\p{M}\p{N}]+)?`;
const WORD = String.raw`[\p{L}\p{M}$](?:[\p{L}\p{M}\p{N}]|_+(?=[\p{L}\p{N}])|['\u2019](?=\p{L})|(?:\.|::|->)(?=[\p{L}$]))*`;
const TAG =
  '<\\/?(?:a|abbr|b|blockquote|br|center|code|del|details|div|em|h[1-6]|hr|i|img|ins|kbd|li|mark|ol|p|pre|s|small|span|strong|sub|summary|sup|table|tbody|td|th|thead|tr|u|ul)\\b[^<>]{0,500}>';
const PROSE = pattern(
  [
    String.raw`(?<target>(?<=\]\()<?[^\s()<>]+(?:\([^\s()]*\))?[^\s()<>]*>?|(?<=^ {0,3}\[(?!\^)[^\]\n]{1,200}\]:[ \t])[^\s]+|\bhttps?:\/\/[^\s<>()\]"']*[^\s<>()\]"'.,;:!?*_])`,
    `(?<tag>${TAG})`,
    String.raw`(?<dropped>&#?\w{1,20};|(?=\d)(?<=^[ \t>]{0,20})\d+[.)](?=\s))`,
    String.raw`(?<flag>(?<![\p{L}\p{N}-])--[\p{L}][\p{L}\p{N}-]*)`,
    `(?<number>(?<![\\p{L}\\p{M}])${NUMBER})`,
    `(?<word>${WORD})`,
    String.raw`(?<mark>[^\s\x60])`,
  ].join('|'),
  'gmu',
);
const CODE = pattern(`(?<number>${NUMBER})|(?<word>[\\p{L}\\p{M}\\p{N}_$]+)|(?<mark>\\S)`, 'gu');
const HREF = /\b(?:href|src)\s*=\s*["']?([^\s"'>]+)/gi;

const DENSE_SCRIPTS = String.raw`\p{scx=Han}\p{scx=Hiragana}\p{scx=Katakana}\p{scx=Thai}\p{scx=Lao}\p{scx=Khmer}\p{scx=Myanmar}`;
const DENSE = pattern(`[${DENSE_SCRIPTS}]`);
const DENSE_PARTS = pattern(String.raw`[${DENSE_SCRIPTS}]\p{M}*|[^${DENSE_SCRIPTS}]+`, 'gu');
const IDENTIFIER = pattern(String.raw`[._]|::|->|^\$|\p{Ll}\p{Lu}`);
/** e.g., U.S. */
const ABBREVIATION = pattern(String.raw`^\p{L}(?:\.\p{L})+$`);
const CONTRACTION = pattern(String.raw`^(\p{L}+)n['\u2019]t$`);
const DIGIT = pattern(String.raw`\p{N}`);
const BETWEEN_WORDS = pattern(String.raw`[^\p{L}\p{M}\p{N}]`, 'gu');
const MONTH = /^(?:January|February|March|April|June|July|August|September|October|November|December)$/;
const NEGATIONS: ReadonlySet<string> = new Set(
  (
    'not no never nor neither none without must should shall may can cannot only unless except default deprecated ' +
    'required optional true false always enabled disabled'
  ).split(' '),
);
const CONTRACTED: Readonly<Record<string, string>> = { ca: 'can', wo: 'will', sha: 'shall' };

function fold(text: string): string {
  return text.normalize('NFKC').toLowerCase();
}

function bare(text: string): string {
  return fold(text).replace(BETWEEN_WORDS(), '');
}

/** Blocks of code and what lies between them. Indented lines are code after a blank line where no list is open. */
function blocks(text: string): Stretch[] {
  const found: Stretch[] = [];
  let from = 0;
  let fence: { readonly marks: string; readonly indent: number } | undefined;
  let [blank, list, inIndented] = [true, false, false];
  const close = (end: number, indent?: number): void => {
    if (end > from) found.push({ start: from, end, code: indent !== undefined, indent });
    from = end;
  };
  for (let at = 0; at < text.length; ) {
    const newline = text.indexOf('\n', at);
    const next = newline < 0 ? text.length : newline + 1;
    const line = text.slice(at, next).trimEnd();
    const [, space = '', marks = '', info = ''] = FENCE.exec(line) ?? [];
    let indented = false;
    if (fence !== undefined) {
      if (marks.startsWith(fence.marks) && info === '') {
        close(at, fence.indent);
        from = next;
        fence = undefined;
      }
    } else if (marks !== '' && !(marks.startsWith('`') && info.includes('`'))) {
      close(at);
      from = at + space.length + marks.length;
      fence = { marks, indent: space.length };
    } else if (line !== '') {
      list = LIST_ITEM.test(line) || (list && /^[ \t]/.test(line));
      indented = /^(?: {4}|\t)/.test(line) && !list && (blank || inIndented);
      if (indented) {
        close(at);
        close(next, 4);
      }
    }
    inIndented = indented || (inIndented && line === '');
    blank = line === '';
    at = next;
  }
  close(text.length, fence?.indent);
  return found;
}

/** Cuts a stretch of prose at its inline code: what stands between two equally long runs of backticks. */
function inline(text: string, { start, end }: Stretch): Stretch[] {
  const found: Stretch[] = [];
  const runs = [...text.slice(start, end).matchAll(/`+/g)].map((run) => ({
    at: start + run.index,
    length: run[0].length,
  }));
  let from = start;
  for (let i = 0; i < runs.length; i++) {
    const open = runs[i];
    if (open === undefined) break;
    const inner = open.at + open.length;
    let j = i + 1;
    for (let run = runs[j]; run !== undefined && run.length !== open.length; run = runs[++j])
      if (run.at - inner > INLINE_MAX) j = runs.length;
    const shut = runs[j];
    if (shut === undefined || shut.at - inner > INLINE_MAX) continue;
    found.push({ start: from, end: open.at, code: false }, { start: inner, end: shut.at, code: true });
    from = shut.at + shut.length;
    i = j;
  }
  found.push({ start: from, end, code: false });
  return found;
}

function mark(text: string, code: boolean): Token {
  return { key: text, letters: '', kind: 'mark', code };
}

function codeTokens(text: string, { start, end, indent }: Stretch, out: Token[]): void {
  for (const line of text.slice(start, end).split('\n')) {
    const space = /^[ \t]*/.exec(line)?.[0] ?? '';
    const width = space.replaceAll('\t', '    ').length - (indent ?? 0);
    if (indent !== undefined && width > 0 && space.length < line.trimEnd().length) out.push(mark(`>${width}`, true));
    for (const { 0: part, groups } of line.matchAll(CODE())) {
      if (groups?.mark !== undefined) out.push(mark(part, true));
      else out.push({ key: part, letters: groups?.number === undefined ? bare(part) : part, kind: 'word', code: true });
    }
  }
}

/** The tokens of one word of prose: contractions fall in two, scripts without spaces into characters. */
function wordTokens(word: string, out: Token[]): void {
  const put = (key: string, kind: TokenKind): void => void out.push({ key, letters: bare(key), kind, code: false });
  const lower = fold(word);
  const [, stem] = CONTRACTION().exec(lower) ?? (lower === 'cannot' ? [lower, 'ca'] : []);
  if (stem !== undefined) {
    const full = CONTRACTED[stem] ?? stem;
    put(full, NEGATIONS.has(full) ? 'negation' : 'word');
    put('not', 'negation');
  } else if (DENSE().test(word)) {
    for (const part of word.match(DENSE_PARTS()) ?? []) put(fold(part), 'word');
  } else if (NEGATIONS.has(lower)) put(lower, 'negation');
  else if (MONTH.test(word)) put(lower, 'number');
  else if (IDENTIFIER().test(word) && !ABBREVIATION().test(word)) put(word, 'identifier');
  else put(lower, DIGIT().test(word) ? 'number' : 'word');
}

function proseTokens(text: string, { start, end }: Stretch, out: Token[]): void {
  const put = (key: string, kind: TokenKind): void => void out.push({ key, letters: key, kind, code: false });
  for (const { 0: part, groups } of text.slice(start, end).matchAll(PROSE())) {
    if (groups?.target !== undefined) put(part, 'link');
    else if (groups?.tag !== undefined) for (const [, target = ''] of part.matchAll(HREF)) put(target, 'link');
    else if (groups?.flag !== undefined) out.push({ key: part, letters: bare(part), kind: 'identifier', code: false });
    else if (groups?.number !== undefined) put(fold(part), 'number');
    else if (groups?.word !== undefined) wordTokens(part, out);
    else if (groups?.mark !== undefined) out.push(mark(part, false));
  }
}

/** The tokens of a text, read as Markdown, in order. */
export function tokensOf(text: string): Token[] {
  const out: Token[] = [];
  for (const block of blocks(text)) {
    if (block.code) codeTokens(text, block, out);
    else
      for (const part of inline(text, block)) {
        if (part.code) codeTokens(text, part, out);
        else proseTokens(text, part, out);
      }
  }
  return out;
}
