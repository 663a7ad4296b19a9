// The search box and its hits: answers while one types, arrows move through the hits, Enter opens one.
import type { CollapseBy, Hit, SearchMode } from 'aetherv';
import { button, byId, fill, h, on } from './dom.ts';
import { milliseconds, plural } from './format.ts';
import { hitItem } from './hit.ts';
import { refinements } from './refine.ts';
import type { Session } from './session.ts';
import type { Opened } from './store.ts';
import { welcome } from './welcome.ts';

const pageSize = 10;
const typingMs = 40;

export function searchPanel(session: Session): void {
  const { store } = session;
  const input = byId('query', HTMLInputElement);
  const results = byId('results', HTMLElement);
  const scroll = byId('scroll', HTMLElement);
  const list = h('ol', { class: 'hits', 'aria-label': 'Results' });
  let running: AbortController | undefined;
  let timer = 0;
  let k = pageSize;

  const answer = async () => {
    running?.abort();
    const { query, phase, documents } = store.state;
    if (query.trim() === '' || phase !== 'ready') {
      showStatus('');
      results.ariaBusy = String(phase === 'opening');
      return fill(results, phase !== 'opening' && welcome(session));
    }
    const control = new AbortController();
    running = control;
    const started = performance.now();
    const hits = await session.search(k, control.signal);
    const took = performance.now() - started;
    const refined = control.signal.aborted ? undefined : await refinements(session);
    if (control.signal.aborted || !hits) return;
    showHits(hits, refined);
    // Typed on meanwhile: the next answer is on its way.
    results.ariaBusy = String(timer !== 0);
    showStatus(
      hits.length === 0
        ? `Nothing found in ${plural(documents.length, 'document')}.`
        : hits.every(({ highlights }) => highlights.length === 0)
          ? 'No passage has these words; nearest by meaning'
          : `${plural(hits.length, 'result')} in ${milliseconds(took)}`,
    );
  };

  const showFirstMarks = () => {
    for (const passage of list.querySelectorAll<HTMLElement>('.passage')) showFirstMark(passage);
  };
  window.addEventListener('resize', showFirstMarks);

  const showHits = (hits: readonly Hit[], refined: HTMLElement | undefined) => {
    const focused = list.contains(document.activeElement)
      ? [...list.querySelectorAll('a.hit-title')].indexOf(document.activeElement as Element)
      : -1;
    fill(list, ...hits.map((hit) => hitItem(session, hit)));
    const more = () => {
      k += pageSize;
      void answer();
    };
    fill(results, refined, list, hits.length >= k && button({ class: 'more' }, more, 'Show more'));
    showFirstMarks();
    if (focused >= 0) list.querySelectorAll<HTMLElement>('a.hit-title')[focused]?.focus();
  };

  on(input, {
    input: () => {
      store.set({ query: input.value, opened: undefined });
    },
    keydown: (event) => {
      if (event.key === 'Escape' && input.value !== '') store.set({ query: '' });
      else if (event.key === 'ArrowDown' || event.key === 'Enter') moveTo(list, 0, event.key === 'Enter');
      else return;
      event.preventDefault();
    },
  });
  on(byId('search', HTMLFormElement), { submit: (event) => event.preventDefault() });
  on(list, { keydown: (event) => moveByKey(event, list, input) });
  choices(session);

  store.watch(['query'], ({ query }) => {
    if (input.value !== query) input.value = query;
    k = pageSize;
    scroll.scrollTop = 0;
  });
  store.watch(['query', 'mode', 'collapse', 'folder', 'asOf', 'commits', 'phase'], () => {
    results.ariaBusy = 'true';
    if (timer !== 0) return;
    timer = window.setTimeout(() => {
      timer = 0;
      void answer();
    }, typingMs);
  });
  // Going back from a document leads to the hit it was opened from.
  let leftAt = 0;
  let left: Opened | undefined;
  store.watch(['opened'], ({ opened }) => {
    if (opened && !left) leftAt = scroll.scrollTop;
    results.hidden = opened !== undefined;
    if (!opened && left) {
      scroll.scrollTop = leftAt;
      const title = list.querySelector<HTMLElement>(
        `[data-chunk="${CSS.escape(left.hit?.chunkId ?? '')}"] a.hit-title`,
      );
      if (document.activeElement !== input) (title ?? input).focus({ preventScroll: true });
    }
    left = opened;
  });
  // The empty page tells whether something is on its way.
  let busy = false;
  store.watch(['job'], ({ job, query }) => {
    if (busy === (job !== undefined)) return;
    busy = job !== undefined;
    if (query.trim() === '') void answer();
  });
}

/** The switches for mode and for what counts as one hit. */
function choices({ store }: Session): void {
  const group = byId('modes', HTMLFieldSetElement);
  const radios = [...group.querySelectorAll('input')];
  const collapse = byId('collapse', HTMLSelectElement);
  on(group, { change: (event) => store.set({ mode: (event.target as HTMLInputElement).value as SearchMode }) });
  on(collapse, { change: () => store.set({ collapse: collapse.value as CollapseBy }) });
  store.watch(['mode', 'collapse'], (state) => {
    for (const radio of radios) radio.checked = radio.value === state.mode;
    collapse.value = state.collapse;
  });
}

function showStatus(text: string): void {
  byId('status', HTMLElement).textContent = text;
}

/** A long passage shows its first marked word. */
function showFirstMark(passage: HTMLElement): void {
  const mark = passage.querySelector('mark');
  const hidden = passage.scrollHeight - passage.clientHeight;
  if (mark && mark.offsetTop > passage.clientHeight - 32) passage.scrollTop = mark.offsetTop - 28;
  passage.classList.toggle('cut-above', hidden > 4 && passage.scrollTop > 4);
  passage.classList.toggle('cut-below', passage.scrollTop < hidden - 4);
}

function moveByKey(event: KeyboardEvent, list: HTMLElement, input: HTMLInputElement): void {
  const titles = [...list.querySelectorAll('a.hit-title')];
  const from = titles.indexOf(document.activeElement as Element);
  const to = { ArrowDown: from + 1, ArrowUp: from - 1, Home: 0, End: titles.length - 1 }[event.key];
  if (event.key === 'Escape' || to === -1) {
    input.focus();
    event.preventDefault();
  } else if (to !== undefined) {
    moveTo(list, Math.min(to, titles.length - 1), false);
    event.preventDefault();
  }
}

function moveTo(list: HTMLElement, index: number, open: boolean): void {
  const title = list.querySelectorAll<HTMLElement>('a.hit-title')[index];
  if (open) title?.click();
  else title?.focus();
  title?.closest('li')?.scrollIntoView({ block: 'nearest' });
}
