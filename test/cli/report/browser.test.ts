import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Browser } from 'playwright-core';
import { evaluateReport } from '../../../cli/report/evaluate/report.js';
import { temporaryFolder } from '../run-cli.js';
import { hasBrowser, launchBrowser } from './browser.js';
import { evaluateFew, FACTS, replayTwo } from './pages.js';

interface Seen {
  readonly troubles: string[];
  readonly requests: string[];
  readonly overflowPx: number;
  readonly clipped: string[];
}

async function look(browser: Browser, page: string, how: { width: number; dark: boolean }): Promise<Seen> {
  const path = join(temporaryFolder(), 'report.html');
  writeFileSync(path, page);
  const tab = await browser.newPage({
    viewport: { width: how.width, height: 800 },
    colorScheme: how.dark ? 'dark' : 'light',
  });
  const [troubles, requests]: [string[], string[]] = [[], []];
  tab.on('console', (message) => troubles.push(message.text()));
  tab.on('pageerror', (error) => troubles.push(error.message));
  const url = pathToFileURL(path).href;
  tab.on('request', (request) => requests.push(request.url()));
  await tab.goto(url);
  const overflowPx = await tab.evaluate<number>('document.documentElement.scrollWidth - innerWidth');
  // Labels that stick out of their chart are cut off by the box around it.
  const clipped = await tab.evaluate<string[]>(`[...document.querySelectorAll('.scroll > svg text')].filter((text) => {
    const [own, chart] = [text.getBoundingClientRect(), text.ownerSVGElement.getBoundingClientRect()];
    return own.width > 0 && (own.left < chart.left - 1 || own.right > chart.right + 1);
  }).map((text) => text.textContent)`);
  await tab.close();
  return {
    troubles,
    requests: requests.filter((seen) => seen !== url && !seen.startsWith('data:')),
    overflowPx,
    clipped,
  };
}

describe.skipIf(!hasBrowser)('in a browser', () => {
  let browser: Browser;
  let pages: string[];

  beforeAll(async () => {
    browser = await launchBrowser();
    pages = [(await replayTwo()).page, evaluateReport(await evaluateFew(), FACTS)];
  });

  afterAll(async () => browser.close());

  it.each([
    ['wide and light', { width: 1200, dark: false }],
    ['wide and dark', { width: 1200, dark: true }],
    ['as small as a phone', { width: 390, dark: false }],
  ])('a report loads %s without errors, requests, overflow or clipped labels', async (_, how) => {
    for (const page of pages) {
      const seen = await look(browser, page, how);
      expect(seen).toEqual({ troubles: [], requests: [], overflowPx: 0, clipped: [] });
    }
  });
});
