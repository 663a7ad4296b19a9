// The strip under the header while a long call runs: what, how far, and a button that stops it.
import { button, byId, fill, h } from './dom.ts';
import type { Store } from './store.ts';

/** Shorter calls show nothing, so that an edit does not flash. */
const patienceMs = 150;

export function progressStrip(store: Store): void {
  const strip = byId('job', HTMLElement);
  const title = h('strong');
  const detail = h('span', { class: 'job-detail' });
  const bar = h('progress', { max: 1, 'aria-label': 'Progress' });
  const stop = button({ class: 'plain small' }, () => store.state.job?.abort(), 'Stop');
  const told = byId('job-told', HTMLElement);
  fill(strip, h('p', {}, title, detail), bar, stop);
  let since = 0;
  let timer = 0;
  const show = () => {
    strip.hidden = store.state.job === undefined;
  };
  store.watch(['job'], ({ job }) => {
    if (!job) {
      since = 0;
      clearTimeout(timer);
      if (title.textContent) told.textContent = `${title.textContent}: done`;
      title.textContent = '';
      return show();
    }
    if (since === 0) {
      since = performance.now();
      timer = window.setTimeout(show, patienceMs);
    }
    // Screen readers hear the title once, not every step.
    if (title.textContent !== job.title) told.textContent = job.title;
    title.textContent = job.title;
    detail.textContent = job.detail;
    if (job.share === undefined) bar.removeAttribute('value');
    else bar.value = job.share;
  });
}
