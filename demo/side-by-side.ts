// One difference as a person reads it: what became of it, where, and both texts with the words that changed.
import type { ChangeHit, Delta } from 'aetherv';
import { button, h } from './dom.ts';
import type { Session } from './session.ts';
import { compareWords, type Stretch } from './words.ts';

const names: Record<Delta['op'], string> = {
  add: 'added',
  delete: 'removed',
  modify: 'reworded',
  move: 'moved',
  split: 'split',
  merge: 'joined',
};

/** A delta with its texts. */
export function deltaView(session: Session, delta: Delta | ChangeHit): HTMLElement {
  const { op, id, from, to, classes, head, origins } = delta;
  const path = (to ?? from)?.path ?? [];
  const about = head ? (op === 'modify' ? 'document details' : 'document') : path.join(' › ');
  const classed = classes.length > 0 && h('span', { class: 'classes' }, classes.join(', '));
  const origin = origins?.[0] && origins[0].id !== id && h('span', { class: 'classes' }, `from ${origins[0].id}`);
  const open = button({ class: 'link file' }, () => session.store.set({ opened: { id }, compared: undefined }), id);
  return h(
    'article',
    { class: 'delta', 'data-op': op },
    h(
      'header',
      {},
      h('span', { class: `op ${op}` }, names[op]),
      open,
      h('span', { class: 'where' }, about),
      classed,
      origin,
    ),
    ...(head ? [headView(delta)] : [texts(from?.text, to?.text)]),
  );
}

/** Two texts beside each other; one alone takes the whole width. */
export function texts(before: string | undefined, after: string | undefined): HTMLElement {
  if (before === undefined || after === undefined) {
    const only = before ?? after ?? '';
    return h('div', { class: 'sides one' }, h('pre', { class: before === undefined ? 'after' : 'before' }, only));
  }
  const words = compareWords(before, after);
  return h(
    'div',
    { class: 'sides' },
    h('pre', { class: 'before' }, ...marked(words.before, 'del')),
    h('pre', { class: 'after' }, ...marked(words.after, 'ins')),
  );
}

/** A text and what two sides made of it, each with the words it changed. */
export function threeTexts(base: string, ours: string | undefined, theirs: string | undefined): HTMLElement {
  const side = (text: string | undefined, of: string): HTMLElement =>
    text === undefined
      ? h('pre', { class: 'gone', 'data-side': of }, '(deleted)')
      : h('pre', { class: 'after', 'data-side': of }, ...marked(compareWords(base, text).after, 'ins'));
  const before = h('pre', { class: 'base', 'data-side': 'base' }, base);
  return h('div', { class: 'sides three' }, before, side(ours, 'ours'), side(theirs, 'theirs'));
}

function marked(stretches: readonly Stretch[], tag: 'del' | 'ins'): (Node | string)[] {
  return stretches.map(({ text, same }) => (same ? text : h(tag, {}, text)));
}

function headView({ head }: Delta): HTMLElement {
  const show = (value: unknown): string | undefined =>
    value === undefined ? undefined : JSON.stringify(value, undefined, 1);
  return texts(show(head?.from), show(head?.to));
}
