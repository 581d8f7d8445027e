type Child = Node | string;
type Attributes = Readonly<Record<string, string | number | boolean>>;

/** A new element; `true` sets an attribute without a value, `false` leaves it out. */
export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  const created = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== false) created.setAttribute(name, value === true ? '' : String(value));
  }
  created.append(...children);
  return created;
}

/** An element of the page that is always there. */
export function byId(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`The page has no element #${id}.`);
  return found;
}

/** Sets a text only where it changes, so that screen readers do not hear it again. */
export function setText(target: Element, text: string): void {
  if (target.textContent !== text) target.textContent = text;
}

/** A message in place of what is not there. */
export function placeholder(message: string, kind: 'empty' | 'loading' | 'failed'): HTMLElement {
  return element('p', { class: `placeholder ${kind}` }, message);
}

/** A table with a row heading in each row. */
export function table(caption: string, headings: readonly string[], rows: readonly (readonly Child[])[]): HTMLElement {
  const head = element('tr', {}, ...headings.map((heading) => element('th', { scope: 'col' }, heading)));
  const body = rows.map(([first = '', ...rest]) =>
    element('tr', {}, element('th', { scope: 'row' }, first), ...rest.map((cell) => element('td', {}, cell))),
  );
  return element(
    'table',
    {},
    element('caption', {}, caption),
    element('thead', {}, head),
    element('tbody', {}, ...body),
  );
}

export interface LegendEntry {
  readonly label: string;
  /** A class that colours the mark, and its shape. */
  readonly mark: string;
}

export function legend(entries: readonly LegendEntry[]): HTMLElement {
  const items = entries.map(({ label, mark }) =>
    element('li', {}, element('span', { class: `mark ${mark}`, 'aria-hidden': 'true' }), label),
  );
  return element('ul', { class: 'legend' }, ...items);
}

/** Width of an element's content now, and whenever it changes; 0 before it is laid out. */
export function observeWidth(target: Element, changed: () => void): () => number {
  let width = Math.floor(target.getBoundingClientRect().width);
  new ResizeObserver(([entry]) => {
    const next = Math.floor(entry?.contentRect.width ?? width);
    if (next === width) return;
    width = next;
    changed();
  }).observe(target);
  return () => width;
}
