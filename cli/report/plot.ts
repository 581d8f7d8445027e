import { plot, type PlotOptions } from '@observablehq/plot';
import { parseHTML } from 'linkedom';
import { Markup } from './markup.js';

export {
  areaY,
  arrow,
  axisX,
  axisY,
  barX,
  dot,
  gridX,
  gridY,
  line,
  link,
  rect,
  rectY,
  ruleX,
  ruleY,
  text,
  tickX,
  type Markish,
  type PlotOptions,
} from '@observablehq/plot';

/** Text of charts, in pixels at their own width. */
const FONT_PX = 13;

export interface ChartOptions extends Omit<PlotOptions, 'document'> {
  /** What a reader is told who does not see it. */
  readonly ariaLabel: string;
  readonly width: number;
}

/**
 * A chart as SVG for a page, drawn without a browser; the same options give the same text. Colours are CSS variables of the page, so
 * that it follows the reader's light or dark scheme.
 */
export function chart(options: ChartOptions): Markup {
  const { document } = parseHTML('<!doctype html><html><body></body></html>') as { readonly document: object };
  const svg = plot({ ...options, document: document as never }) as unknown as SvgElement;
  svg.setAttribute('role', 'img');
  svg.setAttribute('style', `font-size: ${FONT_PX}px; overflow: visible`);
  for (const sheet of svg.querySelectorAll('style')) sheet.remove();
  return new Markup(shorten(svg.outerHTML));
}

/** As much of an element as is needed here. */
interface SvgElement {
  readonly outerHTML: string;
  setAttribute(name: string, value: string): void;
  querySelectorAll(selector: string): Iterable<{ remove(): void }>;
}

/** Hundredths of a pixel are enough. */
function shorten(svg: string): string {
  return svg.replace(/(?<=[ ("',A-Z])-?\d+\.\d{3,}(?=[ )"',A-Z])/g, (number) => `${Number(Number(number).toFixed(2))}`);
}
