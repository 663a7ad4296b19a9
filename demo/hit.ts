// One hit: where it stands, the passage with the words that matched, its score, its version and since when it holds.
import type { CommitInfo, Hit } from 'aetherv';
import { addressOf } from './address.ts';
import { button, h, on } from './dom.ts';
import { ago, fullTime, moment, shortId, subject } from './format.ts';
import { renderMarkdown, renderPlain } from './markdown.ts';
import type { Session } from './session.ts';
import type { State } from './store.ts';

export function hitItem(session: Session, hit: Hit): HTMLLIElement {
  const { store } = session;
  const opened = { id: hit.id, hit };
  const title = h('a', { class: 'hit-title', href: addressOf({ ...store.state, opened }) }, ...crumbs(hit));
  on(title, {
    click: (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      store.set({ opened });
    },
  });
  const passage = h('div', { class: 'passage prose' });
  renderPassage(passage, hit, formatOf(store.state, hit.id));
  return h(
    'li',
    { class: 'hit', 'data-id': hit.id, 'data-chunk': hit.chunkId },
    h('div', { class: 'hit-head' }, title, score(hit)),
    passage,
    origin(session, hit),
  );
}

/** Longer chunks are shown by their snippet. */
const wholeCharsMax = 600;
/** Cut anywhere, these are no Markdown any more. */
const brittle = /^\s*(```|~~~|\||<)/m;

function renderPassage(parent: Element, hit: Hit, format: 'markdown' | 'text'): void {
  const { text, range, snippet, highlights } = hit;
  const isLong = text.length > wholeCharsMax;
  const [start, end] = isLong ? snippet : range;
  const part = text.slice(start - range[0], end - range[0]);
  renderText(parent, part, start, highlights, isLong && brittle.test(text) ? 'text' : format);
  if (!isLong) return;
  if (snippet[0] > range[0]) parent.classList.add('goes-before');
  if (snippet[1] < range[1]) parent.classList.add('goes-on');
}

/** How a document is structured, as far as the list of documents says. */
export function formatOf(state: State, id: string): 'markdown' | 'text' {
  const listed = state.documents.find((document) => document.id === id)?.format;
  return listed ?? (/\.(?:md|mdx|markdown)$/i.test(id) ? 'markdown' : 'text');
}

/** Longer texts are shown as they are: as nodes they would take seconds. */
const renderedCharsMax = 262_144;

/** Renders a text of a document by its format. */
export function renderText(
  parent: Element,
  text: string,
  start: number,
  marks: Hit['highlights'],
  format: 'markdown' | 'text',
): void {
  if (format === 'markdown' && text.length <= renderedCharsMax) renderMarkdown(parent, text, start, marks);
  // Also what has only comments in it.
  if (!parent.hasChildNodes()) renderPlain(parent, text, start, marks);
}

/** The heading path; a document without headings is named by its id. */
function crumbs(hit: Hit): (Node | string)[] {
  const path = hit.path.length > 0 ? hit.path : [hit.id];
  return path.flatMap((part, index) => {
    const name = h('span', { class: index === path.length - 1 ? 'crumb last' : 'crumb' }, part.replaceAll('`', ''));
    return index === 0 ? [name] : [h('span', { class: 'separator', 'aria-hidden': 'true' }, '›'), name];
  });
}

function score(hit: Hit): HTMLElement {
  const { why } = hit;
  const place = (rank: number): string => (rank > 0 ? ` (place ${rank})` : '');
  const title = why
    ? `BM25 ${why.bm25.toFixed(2)}${place(why.lexicalRank)}, cosine ${why.cosine.toFixed(3)}${place(why.cosineRank)}`
    : undefined;
  const bar = h('meter', { min: 0, max: 1, value: hit.score.toFixed(3), 'aria-hidden': 'true' });
  return h(
    'span',
    { class: 'score', title },
    bar,
    h('span', {}, h('span', { class: 'unseen' }, 'Score '), hit.score.toFixed(2)),
  );
}

/** Document, version, the commit since which it holds, until when, and what answered. */
function origin(session: Session, hit: Hit): HTMLElement {
  const [from, to] = hit.interval.system;
  const { commits } = session.store.state;
  const commit = commits.find(({ time }) => time === from);
  const parts: (Node | string)[] = [
    h('span', { class: 'file' }, hit.id),
    h(
      'span',
      { title: `Version ${hit.version} of chunk ${hit.chunkId}` },
      'version ',
      h('code', {}, shortId(hit.version)),
    ),
    since(session, commit, from),
  ];
  if (to !== undefined) parts.push(h('span', { class: 'replaced', title: fullTime(to) }, `replaced ${ago(to)}`));
  parts.push(h('span', { class: 'space', title: 'The embedding space that answered' }, hit.space));
  return h('p', { class: 'origin' }, ...parts);
}

function since(session: Session, commit: CommitInfo | undefined, from: number): HTMLElement {
  if (!commit) return h('span', { title: fullTime(from) }, `since ${ago(from)}`);
  const title = `${subject(commit)} (${fullTime(from)}). Look at the state as of this commit.`;
  const look = () => void session.lookAt(commit.id);
  return h(
    'span',
    {},
    `since ${moment(commit)}, `,
    button({ class: 'link', title }, look, h('code', {}, shortId(commit.id))),
  );
}
