// The list of documents, as of the commit that is looked at.
import type { DocInfo } from 'aetherv';
import { addressOf } from './address.ts';
import { byId, fill, h, on } from './dom.ts';
import { count, plural } from './format.ts';
import type { Session } from './session.ts';

export function documentsPanel(session: Session): void {
  const { store } = session;
  const list = byId('documents', HTMLElement);
  const filter = byId('filter', HTMLInputElement);
  const show = () => {
    const { documents, phase } = store.state;
    const wanted = filter.value.trim().toLowerCase();
    const shown = documents.filter(({ id, title }) => `${id} ${title ?? ''}`.toLowerCase().includes(wanted));
    byId('documents-count', HTMLElement).textContent = count(documents.length);
    fill(list, ...groups(session, shown));
    if (shown.length === 0 && phase === 'ready')
      fill(list, h('li', { class: 'none' }, wanted ? 'None of that name.' : 'None yet.'));
    filter.hidden = documents.length < 12;
  };
  on(filter, { input: show });
  store.watch(['documents', 'opened', 'phase'], show);
}

/** One list for each folder. */
function groups(session: Session, documents: readonly DocInfo[]): HTMLElement[] {
  const folders = new Map<string, HTMLElement[]>();
  for (const document of documents) {
    const folder = document.id.slice(0, document.id.lastIndexOf('/') + 1);
    const rows = folders.get(folder) ?? [];
    folders.set(folder, [...rows, h('li', {}, link(session, document))]);
  }
  const sorted = [...folders].sort(([a], [b]) => a.localeCompare(b, 'en', { numeric: true }));
  return sorted.map(([folder, rows]) =>
    h('li', { class: 'group' }, folder !== '' && h('h3', {}, folder), h('ul', {}, ...rows)),
  );
}

function link({ store }: Session, { id, chunks }: DocInfo): HTMLElement {
  const { opened } = store.state;
  const current = opened?.id === id ? 'page' : undefined;
  const name = h('span', { class: 'name' }, id.slice(id.lastIndexOf('/') + 1));
  const size = h('span', { class: 'amount', title: plural(chunks, 'chunk') }, count(chunks));
  const href = addressOf({ ...store.state, opened: { id } });
  return on(h('a', { href, class: 'row', 'aria-current': current, title: id }, name, size), {
    click: (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      store.set({ opened: { id } });
    },
  });
}
