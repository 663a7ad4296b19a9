// Chooses the corpus; for a long history it asks how many commits to replay.
import { byId, fill, h, on } from './dom.ts';
import type { Session } from './session.ts';

export function corpusChooser(session: Session): void {
  const { store } = session;
  const select = byId('corpus', HTMLSelectElement);
  store.watch(['corpora', 'corpus'], ({ corpora, corpus }) => {
    fill(
      select,
      ...corpora.map(({ name, title }) => h('option', { value: name, selected: name === corpus.name }, title)),
    );
    select.value = corpus.name;
  });
  on(select, {
    change: () => {
      const corpus = store.state.corpora.find(({ name }) => name === select.value);
      if (!corpus) return;
      store.set({ asOf: undefined, opened: undefined, query: '', folder: undefined });
      void session.open(corpus).then(() => offerHistory(session));
    },
  });
}

/** Fills a database that was never written: the sample at once, a long history after asking how much of it. */
export async function offerHistory(session: Session): Promise<void> {
  const { corpus, commits, info, phase, job } = session.store.state;
  if (!corpus.history || commits.length > 0 || phase !== 'ready' || info?.role !== 'writer' || job) return;
  if (corpus.history.commits === undefined) return session.load(undefined);
  const depth = await askDepth(corpus.title, corpus.history.about, corpus.history.commits);
  if (depth !== undefined && session.store.state.corpus === corpus) await session.load(depth);
}

/** How many commits to replay one by one; undefined when the user does not want any. */
function askDepth(title: string, about: string, commits: number): Promise<number | undefined> {
  const dialog = byId('depth', HTMLDialogElement);
  const form = byId('depth-form', HTMLFormElement);
  byId('depth-title', HTMLElement).textContent = title;
  byId('depth-about', HTMLElement).textContent = about;
  const steps = [30, 100, 300].filter((step) => step < commits);
  const choices = [...steps, commits].map((step, index) => {
    const radio = h('input', { type: 'radio', name: 'commits', value: step, checked: index === 0 });
    return h('label', {}, radio, step === commits ? `All ${commits} commits` : `The last ${step} commits`);
  });
  fill(byId('depth-choices', HTMLElement), ...choices);
  dialog.returnValue = '';
  dialog.showModal();
  return new Promise((done) => {
    const close = () => {
      const chosen = Number(new FormData(form).get('commits'));
      done(dialog.returnValue === 'load' && chosen > 0 ? chosen : undefined);
    };
    dialog.addEventListener('close', close, { once: true });
  });
}
