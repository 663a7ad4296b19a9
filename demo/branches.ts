// The branch that is written to: choose it, make one, merge another into it; conflicts are shown, and decided by side.
import type { CommitInfo, Conflict, MergeResult } from 'aetherv';
import { button, byId, fill, h, on } from './dom.ts';
import { plural, reuse, shortId } from './format.ts';
import type { Session } from './session.ts';
import { texts, threeTexts } from './side-by-side.ts';

export function branchBar(session: Session): void {
  const { store } = session;
  const bar = byId('branches', HTMLFieldSetElement);
  let form: 'none' | 'branch' = 'none';
  const show = () => {
    const { refs, info, phase } = store.state;
    const branches = refs.filter(({ kind }) => kind === 'branch');
    const current = branches.find((ref) => ref.current)?.name;
    bar.hidden = phase !== 'ready' || store.state.commits.length === 0;
    const others = branches.filter(({ name }) => name !== current).map(({ name }) => name);
    const reader = info?.role === 'reader';
    const options = branches.map(({ name }) => h('option', { value: name, selected: name === current }, name));
    const choose = on(h('select', { id: 'branch', 'aria-label': 'Branch' }, ...options), {
      change: (event) => void checkout(session, (event.target as HTMLSelectElement).value),
    });
    const cancel = () => {
      form = 'none';
      show();
    };
    fill(
      bar,
      h('div', { class: 'branch-row' }, h('label', { class: 'choice', for: 'branch' }, 'On branch'), choose),
      !reader &&
        form === 'none' &&
        h(
          'div',
          { class: 'branch-row' },
          button(
            { class: 'plain small' },
            () => {
              form = 'branch';
              show();
              bar.querySelector('input')?.focus();
            },
            'New branch',
          ),
          others.length > 0 && mergeChoice(session, others),
        ),
      form === 'branch' &&
        nameForm('Name of the new branch', 'Make branch', cancel, (name) => {
          form = 'none';
          void makeBranch(session, name);
        }),
    );
  };
  store.watch(['refs', 'commits', 'phase', 'info'], show);
  // One write at a time: what is clicked meanwhile would only be refused.
  store.watch(['job'], ({ job }) => {
    bar.disabled = job !== undefined;
  });
}

/** A name and a button, in place. */
export function nameForm(label: string, action: string, cancel: () => void, done: (name: string) => void): HTMLElement {
  const input = h('input', { type: 'text', placeholder: label, 'aria-label': label, required: true, maxlength: 100 });
  const form = h(
    'form',
    { class: 'branch-row' },
    input,
    h('button', { class: 'primary small', type: 'submit' }, action),
  );
  form.append(button({ class: 'quiet small' }, cancel, 'Cancel'));
  return on(form, {
    submit: (event) => {
      event.preventDefault();
      done(input.value.trim());
    },
  });
}

function mergeChoice(session: Session, others: readonly string[]): HTMLElement {
  const merge = (name: string) => void mergeBranch(session, name, 'conflict');
  if (others.length === 1 && others[0])
    return button({ class: 'plain small' }, () => merge(others[0] ?? ''), `Merge ${others[0]}`);
  const options = [h('option', { value: '' }, 'Merge …'), ...others.map((name) => h('option', { value: name }, name))];
  return on(h('select', { 'aria-label': 'Merge a branch' }, ...options), {
    change: (event) => merge((event.target as HTMLSelectElement).value),
  });
}

async function checkout(session: Session, name: string): Promise<void> {
  const done = await session.change(`Checking out ${name}`, async (db) => {
    await db.checkout(name);
    return true;
  });
  if (done) session.store.set({ asOf: undefined });
  await session.refresh();
}

async function makeBranch(session: Session, name: string): Promise<void> {
  const done = await session.change(`Making branch ${name}`, async (db) => {
    await db.branch(name);
    await db.checkout(name);
    return true;
  });
  if (done) session.tell(`Branch ${name} begins here. What you save now is on it alone, until you merge it.`);
}

async function mergeBranch(session: Session, name: string, strategy: 'conflict' | 'ours' | 'theirs'): Promise<void> {
  if (name === '') return;
  const result = await session.change(`Merging ${name}`, (db, signal) =>
    db.merge(name, { strategy, message: `Merge ${name}`, signal }),
  );
  if (!result) return;
  if (strategy === 'conflict' && result.conflicts.length > 0) return showConflicts(session, name, result.conflicts);
  session.tell(told(name, result));
}

function told(name: string, { commit }: MergeResult<CommitInfo>): string {
  if (!commit) return `${name} has nothing new.`;
  return `${name} is merged as commit ${shortId(commit.id)}: ${reuse(commit.stats)}.`;
}

/** Nothing is committed yet: the user says which side counts where both changed the same. */
function showConflicts(session: Session, name: string, conflicts: readonly Conflict[]): void {
  const dialog = byId('conflicts', HTMLDialogElement);
  const decide = (strategy: 'ours' | 'theirs') => {
    dialog.close();
    void mergeBranch(session, name, strategy);
  };
  const current = session.store.state.refs.find((ref) => ref.current)?.name ?? 'this branch';
  fill(
    dialog,
    h('h2', {}, `${plural(conflicts.length, 'conflict')} with ${name}`),
    h(
      'p',
      {},
      `Both branches changed the same. Nothing is merged yet; everything else merges either way. From the left: before, ${current}, ${name}.`,
    ),
    h('div', { class: 'conflict-list' }, ...conflicts.map(conflictView)),
    h(
      'div',
      { class: 'dialog-tools' },
      button({ class: 'quiet' }, () => dialog.close(), 'Not now'),
      button({ class: 'plain' }, () => decide('ours'), `Keep ${current}`),
      button({ class: 'primary' }, () => decide('theirs'), `Take ${name}`),
    ),
  );
  dialog.showModal();
}

const kinds: Record<Conflict['kind'], string> = {
  text: 'both rewrote it',
  delete: 'one changed it, the other deleted it',
  add: 'both added it',
  field: 'both changed its',
};

function conflictView({ id, kind, path, field, base, ours, theirs }: Conflict): HTMLElement {
  const where = [id, ...(path ?? [])].join(' › ');
  const deleted = '(deleted)';
  return h(
    'article',
    { class: 'delta' },
    h(
      'header',
      {},
      h('strong', {}, where),
      h('span', { class: 'classes' }, `${kinds[kind]}${field ? ` ${field}` : ''}`),
    ),
    base === undefined ? texts(ours ?? deleted, theirs ?? deleted) : threeTexts(base, ours, theirs),
  );
}
