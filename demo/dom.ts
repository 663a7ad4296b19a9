// Builds elements and finds those of the page; text is only ever set as text, so nothing a document says can become markup.

type Handlers = { readonly [K in keyof HTMLElementEventMap]?: (event: HTMLElementEventMap[K]) => void };
type Attributes = { readonly [name: string]: string | number | boolean | undefined };
export type Child = Node | string | undefined | false;

/** An element with attributes (`true` = present, `false` or undefined = absent) and children. */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) continue;
    element.setAttribute(name, value === true ? '' : String(value));
  }
  element.append(...solid(children));
  return element;
}

/** Adds event handlers to an element and gives it back. */
export function on<E extends HTMLElement>(element: E, handlers: Handlers): E {
  for (const [name, handler] of Object.entries(handlers)) element.addEventListener(name, handler as EventListener);
  return element;
}

/** A button of type `button` with what it does. */
export function button(attributes: Attributes, onClick: () => void, ...children: readonly Child[]): HTMLButtonElement {
  return on(h('button', { type: 'button', ...attributes }, ...children), { click: onClick });
}

/** Puts `children` in place of what is in `parent`. */
export function fill(parent: Element, ...children: readonly Child[]): void {
  parent.replaceChildren(...solid(children));
}

function solid(children: readonly Child[]): (Node | string)[] {
  return children.filter((child): child is Node | string => child !== undefined && child !== false);
}

/** The element of index.html with that id. */
export function byId<E extends HTMLElement>(id: string, kind: new () => E): E {
  const element = document.getElementById(id);
  if (!(element instanceof kind)) throw new Error(`index.html has no ${kind.name} with the id "${id}".`);
  return element;
}

const shapes = {
  file: 'M4 2h5l3 3v9H4z M9 2v3h3',
  close: 'M4 4l8 8 M12 4l-8 8',
  back: 'M9 3L4 8l5 5 M4 8h9',
  edit: 'M3 13l.6-2.6L11 3l2 2-7.4 7.4z',
  bin: 'M3 4.5h10 M6 4.5V3h4v1.5 M4.5 4.5l.5 8.5h6l.5-8.5',
  check: 'M3.5 8.5l3 3 6-7',
  restore: 'M3 8a5 5 0 1 0 1.6-3.7 M3 3v2.6h2.6',
} as const;

/** A line drawing of 16 by 16, hidden from screen readers: the text beside it says the same. */
export function icon(name: keyof typeof shapes): SVGSVGElement {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  const path = document.createElementNS('http://www.w3.org/2000/svg', 'path');
  for (const [key, value] of Object.entries({ viewBox: '0 0 16 16', class: 'icon', 'aria-hidden': 'true' }))
    svg.setAttribute(key, value);
  path.setAttribute('d', shapes[name]);
  svg.append(path);
  return svg;
}
