// What the page shows, kept in its address: reload, back, forward and a copied link all lead to the same view.
import type { CollapseBy, SearchMode } from 'aetherv';
import type { State, Store } from './store.ts';

type Shown = Pick<State, 'query' | 'mode' | 'collapse' | 'folder' | 'asOf' | 'opened'>;

/** Where a handle stands at first. */
export const FIRST_BRANCH = 'main';

/** The branch that is checked out. */
export const branchOf = ({ refs }: Pick<State, 'refs'>): string =>
  refs.find(({ kind, current }) => kind === 'branch' && current)?.name ?? FIRST_BRANCH;

const modes: readonly SearchMode[] = ['hybrid', 'lexical', 'dense'];
const collapses: readonly CollapseBy[] = ['section', 'document', 'none'];

/** The address of a view, from `#` on. */
export function addressOf(state: State): string {
  const fields = new URLSearchParams();
  if (state.corpus.name !== 'demo') fields.set('corpus', state.corpus.name);
  if (branchOf(state) !== FIRST_BRANCH) fields.set('branch', branchOf(state));
  if (state.query) fields.set('q', state.query);
  if (state.mode !== 'hybrid') fields.set('mode', state.mode);
  if (state.collapse !== 'section') fields.set('by', state.collapse);
  if (state.folder) fields.set('in', state.folder);
  if (state.asOf) fields.set('at', state.asOf);
  if (state.opened) fields.set('doc', state.opened.id);
  return `#${fields}`;
}

/** The view that the address names. */
export function shownByAddress(): Shown & { corpus: string; branch: string } {
  const fields = new URLSearchParams(location.hash.slice(1));
  const id = fields.get('doc');
  return {
    corpus: fields.get('corpus') ?? 'demo',
    branch: fields.get('branch') ?? FIRST_BRANCH,
    query: fields.get('q') ?? '',
    mode: modes.find((mode) => mode === fields.get('mode')) ?? 'hybrid',
    collapse: collapses.find((by) => by === fields.get('by')) ?? 'section',
    folder: fields.get('in') ?? undefined,
    asOf: fields.get('at') ?? undefined,
    opened: id ? { id } : undefined,
  };
}

/** Writes the address when the view changes. Opening something is a step of its own for the back button; typing is not. */
export function keepAddress(store: Store): void {
  let step = '';
  store.watch(['corpus', 'query', 'mode', 'collapse', 'folder', 'asOf', 'opened', 'refs', 'phase'], (state) => {
    if (state.phase === 'opening') return;
    const address = addressOf(state);
    const next = `${state.corpus.name} ${branchOf(state)} ${state.asOf ?? ''} ${state.opened?.id ?? ''}`;
    if (address === (location.hash || '#')) step = next;
    else if (step === '' || step === next) history.replaceState(null, '', address);
    else history.pushState(null, '', address);
    step = next;
  });
}
