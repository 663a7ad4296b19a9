// What mends or narrows a query, above its hits: "did you mean", and folders with how many of their documents match.
import type { FacetValue, Suggestion } from 'aetherv';
import { button, h } from './dom.ts';
import type { Session } from './session.ts';
import { groupedBy as key } from './store.ts';

const foldersMax = 12;

/** What there is to offer for the query of the store; undefined when nothing is. */
export async function refinements(session: Session): Promise<HTMLElement | undefined> {
  const { query, asOf, documents, folder } = session.store.state;
  const grouped = documents.some(({ meta }) => key in meta);
  const found = await session.read(async (db) => {
    const [meant] = (await db.suggest(query, { k: 1, asOf })).filter(({ kind }) => kind === 'correction');
    const counts = grouped ? await db.facets(query, { by: key, asOf, limit: foldersMax, prefix: true }) : {};
    return { meant, folders: counts[key] ?? [] };
  });
  if (!found) return undefined;
  const { meant, folders } = found;
  const choice = folders.length > 1 || folder !== undefined;
  if (!meant && !choice) return undefined;
  return h('div', { class: 'refine' }, meant && didYouMean(session, meant), choice && folderChips(session, folders));
}

function didYouMean({ store }: Session, { text, changed }: Suggestion): HTMLElement {
  let at = 0;
  const parts = changed.flatMap(([start, end]) => {
    const before = text.slice(at, start);
    at = end;
    return [before, h('strong', {}, text.slice(start, end))];
  });
  const take = () => store.set({ query: text });
  return h('p', {}, 'Did you mean ', button({ class: 'link' }, take, ...parts, text.slice(at)), '?');
}

function folderChips({ store }: Session, folders: readonly FacetValue[]): HTMLElement {
  const chosen = store.state.folder;
  const gone =
    chosen === undefined || folders.some(({ value }) => value === chosen) ? [] : [{ value: chosen, count: 0 }];
  const chips = [...folders, ...gone].map(({ value, count }) => {
    const name = String(value);
    const pressed = name === chosen;
    const choose = () => store.set({ folder: pressed ? undefined : name });
    return button(
      { class: 'chip', 'aria-pressed': String(pressed) },
      choose,
      name,
      h('span', { class: 'amount' }, String(count)),
    );
  });
  return h('div', { class: 'chips', role: 'group', 'aria-label': 'Folder' }, ...chips);
}
