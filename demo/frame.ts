// The frame around the panels: light and dark, keys that work everywhere, and one panel at a time on a narrow screen.
import { byId, on } from './dom.ts';
import type { Store } from './store.ts';

const themeKey = 'aetherv-demo/theme';

/** Switches between light and dark; what the system prefers is the default. The first paint is right by a line in index.html. */
export function themeSwitch(): void {
  const system = matchMedia('(prefers-color-scheme: dark)');
  const root = document.documentElement;
  const dark = () => (root.dataset.theme ?? (system.matches ? 'dark' : 'light')) === 'dark';
  const toggle = byId('theme', HTMLButtonElement);
  const label = () => {
    const text = dark() ? 'Switch to light' : 'Switch to dark';
    toggle.setAttribute('aria-label', text);
    toggle.title = text;
  };
  on(toggle, {
    click: () => {
      const next = dark() ? 'light' : 'dark';
      const asSystem = (next === 'dark') === system.matches;
      if (asSystem) {
        delete root.dataset.theme;
        localStorage.removeItem(themeKey);
      } else {
        root.dataset.theme = next;
        localStorage.setItem(themeKey, next);
      }
      label();
    },
  });
  system.addEventListener('change', label);
  label();
}

/** `/` goes to the search box, Esc closes what is open. */
export function globalKeys(store: Store): void {
  const query = byId('query', HTMLInputElement);
  on(document.body, {
    keydown: (event) => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
      const typing = event.target instanceof HTMLElement && event.target.closest('input, textarea, select') !== null;
      if (event.key === '/' && !typing) {
        event.preventDefault();
        query.focus();
        query.select();
      } else if (event.key === 'Escape' && store.state.opened) {
        store.set({ opened: undefined });
      }
    },
  });
}

/** On a narrow screen one panel is shown at a time; opening something shows the panel it opens in. */
export function panelTabs(store: Store): void {
  const main = byId('main', HTMLElement);
  const tabs = [...byId('tabs', HTMLElement).querySelectorAll('button')];
  const show = (panel: string) => {
    main.dataset.panel = panel;
    for (const tab of tabs) tab.toggleAttribute('aria-current', tab.value === panel);
  };
  for (const tab of tabs) on(tab, { click: () => show(tab.value) });
  show('search');
  store.watch(['opened', 'query', 'asOf'], ({ opened, query, asOf }) => {
    if (opened || query || asOf) show('search');
  });
}
