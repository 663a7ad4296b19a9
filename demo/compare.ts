// Two commits side by side: every difference, or those that answer a question.
import type { ChangeHit, CommitInfo, Delta } from 'aetherv';
import { button, byId, fill, h, icon, on } from './dom.ts';
import { plural, shortId, subject } from './format.ts';
import { all } from './lists.ts';
import type { Session } from './session.ts';
import { deltaView } from './side-by-side.ts';

const shownMax = 200;
const commitsMax = 400;

export function comparePanel(session: Session): void {
  const { store } = session;
  const panel = byId('compare', HTMLElement);
  let turn = 0;
  let [question, only] = ['', ''];
  const show = async () => {
    const { compared, commits, phase } = store.state;
    const mine = ++turn;
    panel.hidden = compared === undefined;
    document.body.classList.toggle('comparing', compared !== undefined);
    if (!compared || phase !== 'ready') return fill(panel);
    const { from, to } = compared;
    const choose = (patch: Partial<typeof compared>) => store.set({ compared: { ...compared, ...patch } });
    const list = h('div', { class: 'deltas', 'aria-live': 'polite' }, h('p', { class: 'none' }, 'Comparing …'));
    const ask = on(
      h('input', {
        type: 'search',
        class: 'ask',
        value: question,
        placeholder: 'What changed about …',
        'aria-label': 'What changed about',
      }),
      {
        change: (event) => {
          question = (event.target as HTMLInputElement).value.trim();
          void show();
        },
      },
    );
    fill(
      panel,
      h(
        'div',
        { class: 'document-head' },
        button({ class: 'quiet' }, () => store.set({ compared: undefined }), icon('back'), 'Back'),
      ),
      h('h2', { class: 'compare-title' }, 'What changed'),
      h(
        'div',
        { class: 'compare-tools' },
        chooser('From', from, commits, (id) => choose({ from: id })),
        chooser('to', to, commits, (id) => choose({ to: id })),
        ask,
      ),
      list,
    );
    const found = question
      ? await session.read((db) => db.changes(question, { from, to, k: 20 }))
      : await session.read(async (db) => all(db.diff(from, to)));
    if (mine !== turn) return;
    const told = (found ?? []).filter(worthTelling);
    const ids = [...new Set(told.map(({ id }) => id))].sort();
    if (!ids.includes(only)) only = '';
    const pick = (id: string) => {
      only = id;
      render();
    };
    const render = () => {
      const shown = told.filter(({ id }) => only === '' || id === only);
      const summary = `${plural(shown.length, 'difference')} in ${plural(only ? 1 : ids.length, 'document')}`;
      fill(
        list,
        h('p', { class: 'compare-summary' }, summary, ids.length > 1 && filter(ids, only, pick)),
        ...shown.slice(0, shownMax).map((delta) => deltaView(session, delta)),
        shown.length > shownMax &&
          h('p', { class: 'none' }, `${shown.length - shownMax} more; choose a document to see them.`),
      );
    };
    render();
  };
  store.watch(['compared', 'phase'], () => void show());
  store.watch(['opened', 'query'], ({ opened, compared }) => {
    if (compared && opened) store.set({ compared: undefined });
  });
}

/** Blank lines and markup between chunks are in a patch; nobody wants to read them. */
function worthTelling({ chunkId, head, from, to }: Delta | ChangeHit): boolean {
  return chunkId !== undefined || head !== undefined || (from?.text ?? '').trim() !== (to?.text ?? '').trim();
}

function chooser(
  label: string,
  value: string,
  commits: readonly CommitInfo[],
  choose: (id: string) => void,
): HTMLElement {
  const options = commits
    .slice(0, commitsMax)
    .map((commit) =>
      h('option', { value: commit.id, selected: commit.id === value }, `${shortId(commit.id)} ${subject(commit)}`),
    );
  const select = on(h('select', {}, ...options), {
    change: (event) => choose((event.target as HTMLSelectElement).value),
  });
  return h('label', { class: 'choice' }, `${label} `, select);
}

function filter(ids: readonly string[], only: string, pick: (id: string) => void): HTMLElement {
  const options = ['', ...ids].map((id) => h('option', { value: id, selected: id === only }, id || 'every document'));
  const select = on(h('select', { 'aria-label': 'Show only' }, ...options), {
    change: (event) => pick((event.target as HTMLSelectElement).value),
  });
  return h('label', { class: 'choice' }, ' in ', select);
}
