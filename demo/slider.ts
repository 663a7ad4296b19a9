// A slider over the commits of the branch: search and read as of any of them while it is dragged.
import { byId, on } from './dom.ts';
import { moment, subject } from './format.ts';
import type { Session } from './session.ts';

export function timeSlider(session: Session): void {
  const { store } = session;
  const slider = byId('as-of-slider', HTMLInputElement);
  const label = byId('as-of-label', HTMLElement);
  let waiting = 0;
  const chosen = () => store.state.commits[store.state.commits.length - 1 - Number(slider.value)];
  const tell = () => {
    const commit = chosen();
    const text = commit ? `${moment(commit)}: ${subject(commit)}` : '';
    label.textContent = text;
    slider.setAttribute('aria-valuetext', text);
  };
  store.watch(['commits', 'asOf'], ({ commits, asOf }) => {
    byId('as-of-tools', HTMLElement).hidden = commits.length < 2;
    slider.max = String(Math.max(0, commits.length - 1));
    const at = asOf === undefined ? 0 : commits.findIndex(({ id }) => id === asOf);
    slider.value = String(commits.length - 1 - Math.max(0, at));
    tell();
  });
  on(slider, {
    input: () => {
      tell();
      clearTimeout(waiting);
      waiting = window.setTimeout(() => void session.lookAt(chosen()?.id), 80);
    },
  });
}
