import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, extname, join } from 'node:path';
import { LanecastError } from '../errors.js';

/** A file of the dashboard as it is served. */
export interface DashboardFile {
  readonly body: Buffer;
  /** Content type. */
  readonly type: string;
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
};

const root = import.meta.dirname;

/**
 * All that the dashboard needs, by request path; `/` is the page. It is read once, about half a megabyte, and asks for nothing of any other
 * host. The page draws what `/v1/blocks`, `/v1/model`, `/v1/forecast` and the events of `/v1/events` say, on the same host.
 *
 * @throws LanecastError UNSUPPORTED where the browser's code was not built.
 */
export function readDashboard(): ReadonlyMap<string, DashboardFile> {
  const require = createRequire(import.meta.url);
  const pages = join(root, 'dashboard', 'static');
  return new Map([
    ['/', readFile(join(pages, 'index.html'))],
    ['/assets/style.css', readFile(join(pages, 'style.css'))],
    ['/assets/icon.svg', readFile(join(pages, 'icon.svg'))],
    ['/assets/d3.js', readFile(besidePackage(require.resolve('d3'), 'dist/d3.min.js'))],
    ['/assets/plot.js', readFile(besidePackage(require.resolve('@observablehq/plot'), 'dist/plot.umd.min.js'))],
    ...readBrowserCode(),
  ]);
}

/** The compiled modules lie in dist/, seen from there (dist/server/) and from the sources (server/). */
function readBrowserCode(): [string, DashboardFile][] {
  const places = ['dashboard/browser', '../dist/server/dashboard/browser'].map((place) => join(root, place));
  const folder = places.find((place) => existsSync(join(place, 'main.js')));
  if (folder === undefined) {
    throw new LanecastError('UNSUPPORTED', 'The dashboard is not built: main.js is missing. Run `npm run build`.');
  }
  return readdirSync(folder)
    .filter((name) => name.endsWith('.js'))
    .map((name) => [`/assets/dashboard/${name}`, readFile(join(folder, name))]);
}

/** A file of the package whose entry is `entry`; both packages keep theirs one folder below their own. */
function besidePackage(entry: string, path: string): string {
  return join(dirname(entry), '..', path);
}

function readFile(path: string): DashboardFile {
  return { body: readFileSync(path), type: TYPES[extname(path)] ?? 'application/octet-stream' };
}
