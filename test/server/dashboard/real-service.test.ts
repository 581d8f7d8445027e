import { chromium, type Browser, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readDashboard } from '../../../server/dashboard.js';
import { LoadForecastSource } from '../../../server/forecast/forecast-source.js';
import { findChromium } from '../../helpers/chromium.js';
import { executedBlock } from '../blocks.js';
import { startService, type TestService } from '../service.js';

const executablePath = findChromium();
const LEARNED_BLOCKS = 24;

describe.skipIf(executablePath === null)('the dashboard on the service itself', () => {
  let browser: Browser;

  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: executablePath ?? '', chromiumSandbox: false });
  });
  afterAll(() => browser.close());

  async function taught(): Promise<TestService> {
    const service = await startService({
      service: { forecast: new LoadForecastSource(null) },
      app: { pages: readDashboard() },
    });
    for (let number = 1; number <= LEARNED_BLOCKS; number++)
      await service.post('/v1/observations', executedBlock(number));
    return service;
  }

  async function text(page: Page, id: string): Promise<string> {
    return (await page.locator(`#${id}`).textContent()) ?? '';
  }

  it('loads, follows an observation, complains of nothing, and asks no other host', async () => {
    const service = await taught();
    const { url } = service.listening;
    const page = await browser.newPage({ viewport: { width: 1180, height: 900 } });
    const problems: string[] = [];
    const hosts = new Set<string>();
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) problems.push(message.text());
    });
    page.on('pageerror', (error) => problems.push(String(error)));
    page.on('request', (request) => hosts.add(new URL(request.url()).host));
    await page.goto(`${url}/`);
    await page.locator('#connection[data-status="live"]').waitFor();
    await page.getByText('Block 24', { exact: true }).waitFor();
    for (const id of ['lanes', 'graph', 'times', 'gas', 'fans', 'scores', 'speedups', 'calibration']) {
      await page.locator(`#${id} svg`).first().waitFor();
    }
    expect(await text(page, 'chain')).toBe('Ethereum (1)');
    expect(await text(page, 'model')).toBe('statistics+24untrained');
    expect(await text(page, 'forecast-note')).toMatch(/^after block 24, by baselines/);
    expect(await text(page, 'forecast-notice')).toContain('No trained forecaster');
    expect(await page.locator('#fans svg').count()).toBe(5);
    expect(await text(page, 'forecast-keys')).toContain('slot 0');
    expect(await page.getByRole('option').count()).toBe(LEARNED_BLOCKS);

    await service.post('/v1/observations', executedBlock(25, { senders: 9 }));
    await page.getByText('Block 25', { exact: true }).waitFor();
    await page.getByText('after block 25').waitFor();
    await page.getByText('statistics+25').waitFor();
    expect(await text(page, 'graph')).toContain('36 conflicts, touched by 9, changed by 9, was predicted');
    await page.close();
    expect(problems).toEqual([]);
    expect([...hosts]).toEqual([new URL(url).host]);
  });
});
