// The history: every commit with what it cost; choosing one shows the state as of it.
import type { CommitInfo } from 'aetherv';
import { button, byId, fill, h } from './dom.ts';
import { count, fullTime, moment, originalTime, plural, shortId, subject } from './format.ts';
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
  store.watch(['commits', 'asOf', 'phase'], show);
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
      h('span', { class: 'moment' }, time, ' · ', h('code', {}, shortId(commit.id))),
      h(
        'span',
        { class: 'cost' },
        stats.deleted > 0 && stats.chunks === 0 ? `${plural(stats.deleted, 'document')} deleted` : cost,
      ),
    ),
  );
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
