import { basename } from 'node:path';
import { shownSource } from '../node-source.js';
import type { Environment } from '../environment.js';
import { readVersion } from '../version.js';
import { markup, Markup, type Content } from './markup.js';
import { STYLE } from './style.js';

/** What a page says of its making that is in no document. */
export interface PageFacts {
  /** As it was given, of a node the host alone. */
  readonly source: string;
  /** Without the names of node and script, and without folders beyond those of the source. */
  readonly commandLine: string;
  readonly version: string;
  readonly date: Date;
}

export function pageFacts(source: string, args: readonly string[]): PageFacts {
  return {
    source: shownSource(source),
    commandLine: describeCommandLine(args),
    version: readVersion(),
    date: new Date(),
  };
}

/** Options that name places on this machine: what is shared says no more of them than the last name. */
const PLACES = ['--store', '--model', '--train-on', '--report', '--save', '--forecast'];

/** Keys and passwords in the URLs of nodes are left out. */
export function describeCommandLine(given: readonly string[]): string {
  const args = given.map((arg) =>
    arg.replace(/^(--[^=]+=)?(https?:.*)$/i, (_, option = '', url: string) => `${option}${shownSource(url)}`),
  );
  const shown = args.map((arg, index) => {
    const [option = '', ...rest] = arg.split('=');
    if (rest.length > 0 && PLACES.includes(option)) return `${option}=${shortenPath(rest.join('='))}`;
    return PLACES.includes(args[index - 1] ?? '') ? shortenPath(arg) : arg;
  });
  return ['lanecast', ...shown].map(quote).join(' ');
}

function shortenPath(path: string): string {
  return path.includes('/') && !/^(generated|store|https?):/.test(path) ? `…/${basename(path)}` : path;
}

function quote(arg: string): string {
  return /^[^\s"'$`\\|&;<>()*?]+$/.test(arg) ? arg : `'${arg.replaceAll("'", "'\\''")}'`;
}

export interface Page {
  readonly title: string;
  readonly facts: PageFacts;
  readonly environment: Environment;
  readonly body: Content;
}

/** One file that needs no other: it runs nothing and asks for nothing, which it also tells the browser. */
export function renderPage({ title, facts, environment, body }: Page): string {
  const page = markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<meta name="generator" content="lanecast ${facts.version}">
<link rel="icon" href="data:,">
<title>${title}</title>
<style>${new Markup(STYLE)}</style>
</head>
<body>
<main>
<h1>${title}</h1>
${body}
</main>
${renderFooter(facts, environment)}
</body>
</html>
`;
  return page.text;
}

function renderFooter({ commandLine, version, date }: PageFacts, { node, cpu, cores, tfBackend }: Environment): Markup {
  const rows: [string, Content][] = [
    ['Command', markup`<code>${commandLine}</code>`],
    ['Machine', `${cpu}, ${cores} ${cores === 1 ? 'core' : 'cores'}`],
    ['Software', `lanecast ${version}, Node ${node}${tfBackend === null ? '' : `, TensorFlow.js on ${tfBackend}`}`],
    ['Date', `${date.toISOString().slice(0, 16).replace('T', ' ')} UTC`],
  ];
  return markup`<footer><dl>${rows.map(([name, value]) => markup`<dt>${name}</dt><dd>${value}</dd>`)}</dl></footer>`;
}
