// What the user gives and gets back: documents with their metadata.

/** A metadata value: JSON. Keys are plain data, `__proto__` included. */
export type MetaValue = string | number | boolean | null | readonly MetaValue[] | { readonly [key: string]: MetaValue };

/** Metadata of a document. */
export type Meta = { readonly [key: string]: MetaValue };

/** How a document's text is structured. */
export type DocFormat = 'markdown' | 'text';

/** When the document's statement holds, in the user's own time: half-open, either end may be missing. */
export interface ValidTime {
  readonly from?: Date | number | undefined;
  readonly to?: Date | number | undefined;
}

/** A document to store. */
export interface Doc {
  /** Its name: 1 to 1,024 UTF-8 bytes, well-formed. Putting the same id again makes a new version. */
  readonly id: string;
  /** Its text, kept exactly as given: up to 1,048,576 UTF-8 bytes, well-formed. */
  readonly text: string;
  /** First element of every heading path; up to 1,024 bytes. Default: none. */
  readonly title?: string | undefined;
  /** Default: `markdown` for ids that end in .md, .markdown or .mdx, else `text`. */
  readonly format?: DocFormat | undefined;
  /** Up to 65,536 bytes as JSON, at most 32 levels deep. A put without it leaves the document without it. */
  readonly meta?: Meta | undefined;
  /** Search finds the document only within it, by today's date, also as of earlier commits. Default: always. */
  readonly valid?: ValidTime | undefined;
}

/** A document without its text. */
export interface DocInfo {
  readonly id: string;
  readonly title?: string | undefined;
  readonly format: DocFormat;
  readonly meta: Meta;
  /** Chunks of this version. */
  readonly chunks: number;
  /** When it holds; missing for always. A document with several versions at different times is listed once for each. */
  readonly valid?: ValidTime | undefined;
  /** Seq at which this version was committed. */
  readonly seq: number;
}
