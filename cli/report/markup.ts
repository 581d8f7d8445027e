/** A piece of HTML that is safe to put into a page as it is. */
export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** What a template takes: text is escaped, markup is not. */
export type Content = Markup | string | number | null | readonly Content[];

/** HTML from a template. Everything put into it is escaped unless it is markup itself; null leaves nothing. */
export function markup(strings: TemplateStringsArray, ...values: readonly Content[]): Markup {
  const text = strings.map((part, index) => part + render(values[index] ?? null)).join('');
  return new Markup(text);
}

/** Text with the five characters replaced that mean something in HTML: fit for elements and quoted attributes. */
function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

function render(content: Content): string {
  if (content === null) return '';
  if (content instanceof Markup) return content.text;
  if (typeof content === 'string' || typeof content === 'number') return escapeHtml(`${content}`);
  return content.map(render).join('');
}
