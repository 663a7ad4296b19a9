// Short messages in a corner of the page: what was done, warnings, and errors with their code.
import { button, h, icon, on } from './dom.ts';

export interface Notice {
  readonly kind: 'done' | 'warning' | 'error';
  readonly text: string;
  readonly code?: string | undefined;
}

export type Notify = (notice: Notice) => void;

const stayMs = { done: 5000, warning: 10_000, error: 15_000 };
const shownMax = 3;

export function toasts(container: HTMLElement): Notify {
  return ({ kind, text, code }) => {
    const label = code ? h('code', { class: 'toast-code' }, code) : undefined;
    const body = h('p', {}, label, text);
    const toast = h('div', { class: `toast ${kind}`, role: kind === 'error' ? 'alert' : 'status' }, body);
    let timer = 0;
    const leave = () => toast.remove();
    const start = () => {
      timer = window.setTimeout(leave, stayMs[kind]);
    };
    const stop = () => clearTimeout(timer);
    toast.append(button({ class: 'quiet square', 'aria-label': 'Dismiss' }, leave, icon('close')));
    on(toast, { mouseenter: stop, mouseleave: start, focusin: stop, focusout: start });
    container.append(toast);
    while (container.children.length > shownMax) container.firstElementChild?.remove();
    start();
  };
}

/** The code of an error of the library. */
export function codeOf(error: unknown): string | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : undefined;
}
