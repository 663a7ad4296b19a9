// The history: every commit with what it cost; choosing one shows the state as of it.
import type { CommitInfo, RefInfo } from 'aetherv';
import { button, byId, fill, h } from './dom.ts';
import { count, fullTime, moment, originalTime, plural, shortId, subject } from './format.ts';
import { nameForm } from './branches.ts';
import type { Session } from './session.ts';

const pageSize = 60;

export function timelinePanel(session: Session): void {
  const { store } = session;
  const list = byId('commits', HTMLElement);
  const foot = byId('commits-more', HTMLElement);
  let shown = pageSize;
  const show = () => {
    const { commits, asOf, phase } = store.state;
    byId('commits-count', HTMLElement).textContent = count(commits.length);
    const current = asOf ?? commits[0]?.id;
    // The commit that is looked at is always among those shown.
    const wanted = Math.max(shown, commits.findIndex(({ id }) => id === current) + 1);
    fill(list, ...commits.slice(0, wanted).map((commit) => entry(session, commit, commit.id === current)));
    if (commits.length === 0 && phase === 'ready') fill(list, h('li', { class: 'none' }, 'No commit yet.'));
    const more = () => {
      shown += 4 * pageSize;
      show();
    };
    fill(foot, commits.length > wanted && button({ class: 'quiet' }, more, `${count(commits.length - wanted)} older`));
  };
  store.watch(['commits', 'asOf', 'phase', 'refs'], show);
  banner(session);
  // "5 min. ago" goes on.
  setInterval(() => {
    if (!list.contains(document.activeElement) && !document.hidden) show();
  }, 60_000);
}

function entry(session: Session, commit: CommitInfo, current: boolean): HTMLLIElement {
  const { stats } = commit;
  const first = originalTime(commit);
  const title = `${subject(commit)}\nCommit ${commit.id}\n${fullTime(commit.time)}`;
  const time = h('time', { datetime: new Date(first ?? commit.time).toISOString() }, moment(commit));
  const cost = `${count(stats.embedded)} embedded, ${count(stats.reused)} reused`;
  return h(
    'li',
    {},
    button(
      { class: 'commit', 'aria-pressed': String(current), title, 'data-commit': commit.id },
      () => void session.lookAt(commit.id),
      h('span', { class: 'subject' }, subject(commit)),
      ...labels(session.store.state.refs, commit),
      h(
        'span',
        { class: 'moment' },
        time,
        ' · ',
        h('code', {}, shortId(commit.id)),
        commit.parents.length > 1 && ' · merge',
      ),
      h(
        'span',
        { class: 'cost' },
        stats.deleted > 0 && stats.chunks === 0 ? `${plural(stats.deleted, 'document')} deleted` : cost,
      ),
    ),
    current && commitTools(session, commit),
  );
}

/** Branches and tags that stand at a commit. */
function labels(refs: readonly RefInfo[], { id }: CommitInfo): HTMLElement[] {
  return refs
    .filter((ref) => ref.commit === id)
    .map(({ name, kind }) => h('span', { class: `label ${kind}`, title: kind }, name));
}

/** What can be done with the commit that is looked at. */
function commitTools(session: Session, commit: CommitInfo): HTMLElement {
  const { store } = session;
  const tools = h('div', { class: 'commit-tools' });
  const [parent] = commit.parents;
  const branch = store.state.refs.find((ref) => ref.current)?.name;
  const isHead = store.state.commits[0]?.id === commit.id;
  const small = (text: string, run: () => void) => button({ class: 'quiet small' }, run, text);
  const compare = (from: string, to: string) => store.set({ compared: { from, to }, opened: undefined });
  const change = async (title: string, done: string, work: Parameters<typeof session.change<true>>[1]) => {
    if (await session.change(title, work)) session.tell(done);
    await session.lookAt(undefined);
  };
  const ask = (question: string, run: () => void) =>
    fill(tools, h('span', {}, question), button({ class: 'plain small danger' }, run, 'Yes'), small('No', calm));
  const tag = () => {
    const name = (given: string) =>
      void change(`Tagging ${given}`, `${given} names this commit for good.`, async (db) => {
        await db.tag(given, commit.id);
        return true;
      });
    fill(tools, nameForm('Name of the tag', 'Tag', calm, name));
    tools.querySelector('input')?.focus();
  };
  const restore = () =>
    void change('Restoring', 'Everything is as it was then, as a commit of its own.', async (db) => {
      await db.restore(commit.id);
      return true;
    });
  const reset = () =>
    void change(
      `Resetting ${branch}`,
      `${branch} stands at ${shortId(commit.id)}; the reflog knows where it was.`,
      async (db) => {
        await db.reset(branch ?? '', commit.id);
        return true;
      },
    );
  const calm = () =>
    fill(
      tools,
      parent !== undefined && small('What it changed', () => compare(parent, commit.id)),
      !isHead && small('Compare with now', () => compare(commit.id, store.state.commits[0]?.id ?? commit.id)),
      small('Tag', tag),
      !isHead && small('Restore', () => ask('Commit everything as it was here?', restore)),
      !isHead && branch !== undefined && small('Reset', () => ask(`Move ${branch} back to here?`, reset)),
    );
  calm();
  if (store.state.info?.role === 'reader') for (const each of [...tools.children].slice(2)) each.remove();
  return tools;
}

/** The banner over everything while an earlier state is shown. */
function banner(session: Session): void {
  const { store } = session;
  const bar = byId('as-of', HTMLElement);
  store.watch(['asOf', 'commits', 'documents'], ({ asOf, commits, documents }) => {
    const index = commits.findIndex(({ id }) => id === asOf);
    const commit = commits[index];
    bar.hidden = !commit;
    document.body.classList.toggle('past', commit !== undefined);
    if (!commit) return fill(bar);
    const text = h(
      'p',
      {},
      'As of ',
      h('strong', {}, subject(commit)),
      h(
        'span',
        { class: 'banner-facts' },
        ` ${shortId(commit.id)}, ${plural(index, 'commit')} ago, with ${plural(documents.length, 'document')}`,
      ),
    );
    fill(
      bar,
      text,
      button({ class: 'plain' }, () => void session.lookAt(undefined), 'Back to now'),
    );
  });
}
