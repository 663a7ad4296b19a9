// What stands in place of results before a question is typed.
import { button, h } from './dom.ts';
import { plural } from './format.ts';
import type { Session } from './session.ts';

export function welcome(session: Session): HTMLElement {
  const { corpus, documents, commits, job, asOf, phase } = session.store.state;
  if (phase === 'failed') return failed(session);
  if (documents.length === 0) return job ? underway() : empty(session);
  const chunks = documents.reduce((sum, document) => sum + document.chunks, 0);
  const when = asOf === undefined ? `and ${plural(commits.length, 'commit')}` : 'as of this commit';
  const questions = corpus.questions.map((query) =>
    h(
      'li',
      {},
      button({ class: 'question' }, () => session.store.set({ query, opened: undefined }), query),
    ),
  );
  return h(
    'div',
    { class: 'welcome' },
    h('h2', {}, 'Knowledge that keeps every version'),
    h(
      'p',
      { class: 'lead' },
      `${plural(documents.length, 'document')} in ${plural(chunks, 'chunk')} ${when}, stored and searched in this browser. Nothing leaves it.`,
    ),
    questions.length > 0 && h('ul', { class: 'questions', 'aria-label': 'Questions to try' }, ...questions),
    h(
      'ol',
      { class: 'steps' },
      step('Ask', 'Type a question. Each answer is a passage of one section, with the words that matched.'),
      step('Edit', 'Open a document, change a sentence, save. Only the chunks you touched are embedded again.'),
      step('Go back', 'Choose a commit in the history and ask again: you get what was true then.'),
    ),
  );
}

function failed(session: Session): HTMLElement {
  const again = () => void session.open(session.store.state.corpus);
  const lead = h('p', { class: 'lead' }, 'The message at the bottom says why.');
  const title = h('h2', {}, 'This database could not be opened');
  return h('div', { class: 'welcome' }, title, lead, button({ class: 'primary' }, again, 'Try again'));
}

function underway(): HTMLElement {
  const lead = 'The first documents are on their way. What is committed can be searched at once.';
  return h('div', { class: 'welcome' }, h('h2', {}, 'Indexing'), h('p', { class: 'lead' }, lead));
}

function step(title: string, text: string): HTMLElement {
  return h('li', {}, h('h3', {}, title), h('p', {}, text));
}

function empty(session: Session): HTMLElement {
  const { corpus, commits, asOf } = session.store.state;
  const load = () => void session.load(undefined);
  const offer = corpus.history && commits.length === 0 && asOf === undefined;
  return h(
    'div',
    { class: 'welcome' },
    h('h2', {}, 'No documents yet'),
    h('p', { class: 'lead' }, 'Drop Markdown or text files, or a whole folder, anywhere on this page.'),
    offer && corpus.history?.commits === undefined && button({ class: 'primary' }, load, `Index ${corpus.title}`),
  );
}
