import { describe, expect, it } from 'vitest';
import { readDashboard } from '../../../server/dashboard.js';

const files = readDashboard();
const own = [...files].filter(([path]) => path !== '/assets/d3.js' && path !== '/assets/plot.js');

function textOf(path: string): string {
  return files.get(path)?.body.toString('utf8') ?? '';
}

describe('the files of the dashboard', () => {
  it('are a page, its style, its modules and two libraries', () => {
    expect(files.get('/')?.type).toBe('text/html; charset=utf-8');
    expect(files.get('/assets/style.css')?.type).toBe('text/css; charset=utf-8');
    expect(files.get('/assets/dashboard/main.js')?.type).toBe('text/javascript; charset=utf-8');
    expect(textOf('/assets/d3.js')).toMatch(/^\/\/ https:\/\/d3js\.org v7/);
    expect(textOf('/assets/plot.js')).toMatch(/^\/\/ @observablehq\/plot v0\.6/);
  });

  it('are all that the page and the modules ask for', () => {
    const fromPage = [...textOf('/').matchAll(/(?:src|href)="([^"#]+)"/g)].map(([, path]) => `/${path ?? ''}`);
    const fromModules = own
      .filter(([path]) => path.startsWith('/assets/dashboard/'))
      .flatMap(([, { body }]) => [...body.toString('utf8').matchAll(/ from '\.\/([^']+)'/g)])
      .map(([, name]) => `/assets/dashboard/${name ?? ''}`);
    expect(fromPage.length).toBeGreaterThan(4);
    expect(fromModules.length).toBeGreaterThan(20);
    expect([...fromPage, ...fromModules].filter((path) => !files.has(path))).toEqual([]);
  });

  it('name no other host, and hold no script or handler in the page', () => {
    const hosts = own.flatMap(
      ([, { body }]) => body.toString('utf8').match(/(?:https?:)?\/\/[a-z0-9.-]+\.[a-z]+/g) ?? [],
    );
    expect(hosts.filter((host) => !host.endsWith('www.w3.org'))).toEqual([]);
    expect(textOf('/')).not.toMatch(/<script(?![^>]*src=)|\son[a-z]+=|style="/);
  });
});
