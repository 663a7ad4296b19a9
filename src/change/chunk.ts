// Cuts a document's text into chunks: structural blocks with their heading path, the unit of change and of embedding.

import type { Block } from './chunk/block.ts';
import { body } from './chunk/block.ts';
import { markdownBlocks } from './chunk/markdown.ts';
import { plainBlocks } from './chunk/plain.ts';
import { split } from './chunk/split.ts';

/** Raised whenever the same text would fall into other chunks; part of every version id. */
export const CHUNKER_VERSION = 1;

/** One chunk: text.slice(start, end) under its headings. Spans are ordered, never overlap and are never empty. */
export interface ChunkSpan {
  readonly path: readonly string[];
  /** Half-open UTF-16 offsets into the given text. */
  readonly start: number;
  readonly end: number;
}

/** How the text is to be read; a `title` becomes the first element of every path. */
export interface ChunkOptions {
  readonly format: 'markdown' | 'text';
  readonly title?: string | undefined;
}

function tidy(title: string): string {
  return title.replace(/\s+/g, ' ').trim();
}

/** The headings open at a point of the text. */
class Outline {
  readonly #title: string;
  #open: { level: number; title: string }[] = [];
  path: readonly string[];

  constructor(title: string) {
    this.#title = title;
    this.path = title === '' ? [] : [title];
  }

  /** Opens a section; closes those of the same and of deeper levels. */
  enter(level: number, title: string): void {
    this.#open = this.#open.filter((heading) => heading.level < level);
    this.#open.push({ level, title });
    const shown = this.#open.filter(
      (heading) => heading.title !== '' && !(heading.level === 1 && heading.title === this.#title),
    );
    const path = shown.map((heading) => heading.title);
    this.path = this.#title === '' ? path : [this.#title, ...path];
  }
}

function place(text: string, blocks: readonly Block[], title: string): ChunkSpan[] {
  const spans: ChunkSpan[] = [];
  const outline = new Outline(title);
  let bare: Block | undefined;
  const flush = (): void => {
    const span = bare === undefined ? undefined : split(text, { ...bare, cut: 'sentences', marks: [] });
    for (const [start, end] of span ?? []) spans.push({ path: outline.path, start, end });
    bare = undefined;
  };
  for (const block of blocks) {
    if (block.kind === 'heading') {
      flush();
      outline.enter(block.level, block.title);
      bare = block.title === '' ? undefined : block;
      continue;
    }
    for (const [start, end] of split(text, block)) {
      bare = undefined;
      spans.push({ path: outline.path, start, end });
    }
  }
  flush();
  return spans;
}

/**
 * The chunks of a text, a pure function of text, options and CHUNKER_VERSION. What lies between spans (blank lines, headings that
 * have a body, markup that shows nothing) is for the caller to keep. Only white space gives no chunks; any other text at least one.
 */
export function chunk(text: string, options: ChunkOptions): ChunkSpan[] {
  const title = tidy(options.title ?? '');
  const blocks = options.format === 'markdown' ? markdownBlocks(text) : plainBlocks(text);
  const spans = place(text, blocks, title);
  // A text that is nothing but rules, comments or link targets is still a document that somebody stored.
  return spans.length > 0 ? spans : place(text, [body(0, text.length, 'sentences')], title);
}
