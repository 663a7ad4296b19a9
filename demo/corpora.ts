// The collections of documents that the page offers, each in a database of its own.
import { bytes, count, plural } from './format.ts';
import sampleUrl from '../.tools/demo/sample.jsonl.gz?url';

/** Where a corpus comes from: commits to replay. */
export interface HistorySource {
  readonly url: string;
  /** How many commits there are; undefined = all are replayed. */
  readonly commits: number | undefined;
  readonly about: string;
}

export interface Corpus {
  /** Name of its database. */
  readonly name: string;
  readonly title: string;
  /** Undefined: it starts empty. */
  readonly history: HistorySource | undefined;
  readonly questions: readonly string[];
}

export const sample: Corpus = {
  name: 'demo',
  title: 'AetherV documentation',
  history: { url: sampleUrl, commits: undefined, about: '' },
  questions: [
    'how do I search an earlier version?',
    'what happens when the browser is killed during a write?',
    'which text is embedded again after an edit',
  ],
};

export const own: Corpus = { name: 'demo-own', title: 'Your own files', history: undefined, questions: [] };

const questions: Record<string, readonly string[]> = {
  'vite-docs': ['how do I turn on hot reload?', 'proxy API requests during development', 'closePreviewServer'],
  'rust-book': ['who owns a value?', 'recover from an error', 'share state between threads'],
};

interface Listed {
  readonly name: string;
  readonly file: string;
  readonly bytes: number;
  readonly commits: number;
  readonly documents: number;
}

/** The histories that the server has beside the page; none when it has no list. */
export async function listHistories(): Promise<Corpus[]> {
  const response = await fetch('./histories/index.json').catch(() => undefined);
  if (!response?.ok || !response.headers.get('content-type')?.includes('json')) return [];
  const list = (await response.json()) as readonly Listed[];
  return list.map((entry) => ({
    name: `demo-${entry.name}`,
    title: titleOf(entry.name),
    history: {
      url: `./histories/${entry.file}`,
      commits: entry.commits,
      about: `${plural(entry.documents, 'document')} after ${count(entry.commits)} commits, a download of ${bytes(entry.bytes)}.`,
    },
    questions: questions[entry.name] ?? [],
  }));
}

function titleOf(name: string): string {
  const words = name.replaceAll(/[-_]+/g, ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}
