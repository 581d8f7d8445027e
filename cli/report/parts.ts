import { markup, Markup, type Content } from './markup.js';

export interface Column {
  readonly name: string;
  /** Text stands left, numbers right. */
  readonly isText?: boolean;
}

export interface Row {
  readonly cells: readonly Content[];
  /** Set off from the others: what the report is about. */
  readonly isOwn?: boolean;
}

export interface TableOptions {
  readonly columns: readonly Column[];
  readonly rows: readonly Row[];
  /** Whether a long table scrolls within the page. */
  readonly isLong?: boolean;
}

/** Of a long table, about. */
const ROWS_IN_SIGHT = 18;

/** A table that scrolls sideways where it is too wide. Nothing without rows. */
export function table({ columns, rows, isLong = false }: TableOptions): Markup | null {
  if (rows.length === 0) return null;
  const head = columns.map(({ name, isText }) => markup`<th scope="col"${classOf(isText)}>${name}</th>`);
  const body = rows.map(({ cells, isOwn }) => {
    const shown = cells.map((cell, index) => markup`<td${classOf(columns[index]?.isText)}>${cell}</td>`);
    return markup`<tr${isOwn === true ? new Markup(' class="own"') : null}>${shown}</tr>
`;
  });
  return markup`<div class="scroll${isLong ? ' tall' : ''}"><table><thead><tr>${head}</tr></thead><tbody>
${body}</tbody></table></div>
${isLong && rows.length > ROWS_IN_SIGHT ? markup`<p class="muted">${rows.length} rows; the table scrolls.</p>` : null}
`;
}

function classOf(isText: boolean | undefined): Markup | null {
  return isText === true ? new Markup(' class="left"') : null;
}

/** A number of the document, as it is, with the text that people read; a dash for none. */
export function figure(value: number | null | undefined, format: (value: number) => string): Content {
  if (value === null || value === undefined) return '–';
  return markup`<data value="${value}">${format(value)}</data>`;
}

/** A headline number. */
export interface Fact {
  readonly name: string;
  readonly value: Content;
  readonly note?: string;
}

export function facts(items: readonly Fact[]): Markup {
  const shown = items.map(
    ({ name, value, note }) =>
      markup`<div><dt>${name}</dt><dd>${value}${note === undefined ? null : markup`<small>${note}</small>`}</dd></div>`,
  );
  return markup`<dl class="facts">${shown}</dl>
`;
}

export interface LegendItem {
  readonly name: string;
  readonly colour: string;
  readonly mark: 'square' | 'dot' | 'ring' | 'line' | 'dashes' | 'cross';
}

const MARKS: Readonly<Record<LegendItem['mark'], string>> = {
  square: '<rect x="2" y="1" width="14" height="10" fill="currentColor"/>',
  dot: '<circle cx="9" cy="6" r="4.5" fill="currentColor"/>',
  ring: '<circle cx="9" cy="6" r="4" fill="none" stroke="currentColor" stroke-width="2"/>',
  line: '<path d="M0,6H18" stroke="currentColor" stroke-width="2.5"/>',
  dashes: '<path d="M0,6H18" stroke="currentColor" stroke-width="2" stroke-dasharray="4 3"/>',
  cross: '<path d="M9,1V11" stroke="currentColor" stroke-width="2.5"/>',
};

export function legend(items: readonly LegendItem[]): Markup {
  const shown = items.map(
    ({ name, colour, mark }) =>
      markup`<li><svg viewBox="0 0 18 12" aria-hidden="true" style="color: ${colour}">${new Markup(MARKS[mark])}</svg>${name}</li>`,
  );
  return markup`<ul class="legend">${shown}</ul>`;
}

export interface Picture {
  readonly title: string;
  readonly caption?: Content;
  readonly legend?: readonly LegendItem[];
  readonly charts: Content;
  /** Shown in full width; on a small screen it scrolls instead of shrinking. */
  readonly isWide?: boolean;
}

/** A chart with its title above it, and what is to be known for reading it. */
export function picture({ title, caption, legend: items = [], charts, isWide = false }: Picture): Markup {
  return markup`<figure${isWide ? new Markup(' class="wide"') : null}>
<figcaption><strong>${title}</strong>${caption === undefined ? null : [' ', caption]}</figcaption>
${items.length > 0 ? legend(items) : null}
<div class="scroll">${charts}</div>
</figure>
`;
}

export function section(title: string, ...content: readonly Content[]): Markup {
  return markup`<section><h2>${title}</h2>
${content}</section>
`;
}

/** What is wrong, to be seen first. Nothing where nothing is. */
export function alarm(title: string, problems: readonly Content[]): Markup | null {
  if (problems.length === 0) return null;
  const items = problems.map((problem) => markup`<li>${problem}</li>`);
  return markup`<div class="alarm" role="alert"><h2>${title}</h2><ul>${items}</ul></div>
`;
}
