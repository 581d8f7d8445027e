import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { LiveBlock } from '../../../server/live.js';
import { findChromium } from '../../helpers/chromium.js';
import { FIRST_BLOCK, START_MS, makeBlock } from './live-fixture.js';
import { StubService } from './stub-service.js';

const executablePath = findChromium();

const BLOCKS = 120;
const DESKTOP = { viewport: { width: 1180, height: 900 }, colorScheme: 'light' } as const;
const PHONE = { viewport: { width: 360, height: 740 }, colorScheme: 'light', hasTouch: true } as const;

/** Where screenshots go, to be looked at. `LANECAST_SCREENSHOTS` names a folder. */
const screenshots = process.env['LANECAST_SCREENSHOTS'] ?? mkdtempSync(join(tmpdir(), 'lanecast-dashboard-'));
/** `npm run docs:dashboard` sets it: the picture of the README. */
const documentPicture = process.env['LANECAST_DASHBOARD_PICTURE'];

interface OpenedPage {
  readonly page: Page;
  readonly service: StubService;
  /** What the browser complained about. */
  readonly problems: string[];
  readonly hosts: Set<string>;
}

describe.skipIf(executablePath === null)('the dashboard in a browser', () => {
  let browser: Browser;
  const services: StubService[] = [];
  /** Made once: they are the same in all tests. */
  const observed = Array.from({ length: 24 }, (_, index) => makeBlock({ sequence: BLOCKS - 23 + index }));

  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: executablePath ?? '', chromiumSandbox: false });
  });
  afterEach(async () => {
    for (const context of browser.contexts()) await context.close();
    for (const service of services.splice(0)) await service.close();
  });
  afterAll(() => browser.close());

  async function open(options: BrowserContextOptions, blocks: readonly LiveBlock[] = observed): Promise<OpenedPage> {
    const service = new StubService({ blocks });
    services.push(service);
    const url = await service.listen();
    const page = await browser.newPage(options);
    await page.clock.setFixedTime(START_MS + 12_000 * BLOCKS + 4000);
    const problems: string[] = [];
    const hosts = new Set<string>();
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) problems.push(message.text());
    });
    page.on('pageerror', (error) => problems.push(String(error)));
    page.on('request', (request) => hosts.add(new URL(request.url()).host));
    await page.goto(url);
    await service.listener();
    return { page, service, problems, hosts };
  }

  async function pictures(page: Page): Promise<void> {
    for (const id of ['lanes', 'graph', 'times', 'gas', 'fans', 'scores', 'speedups', 'calibration']) {
      await page.locator(`#${id} svg`).first().waitFor();
    }
  }

  async function text(page: Page, id: string): Promise<string> {
    return (await page.locator(`#${id}`).textContent()) ?? '';
  }

  it('draws everything, complains of nothing, and asks no other host', async () => {
    const { page, problems, hosts } = await open(DESKTOP);
    await pictures(page);
    expect(await text(page, 'chain')).toBe('Ethereum (1)');
    expect(await text(page, 'last-block')).toBe('21,500,120, 3 s ago');
    expect(await text(page, 'model')).toBe('2025-01-01.120trained');
    expect(await text(page, 'connection')).toBe('live');
    expect(await page.getByRole('option').count()).toBe(24);
    expect(await page.getByRole('img').count()).toBe(11);
    expect(await page.locator('#fans svg').count()).toBe(4);
    await page.screenshot({ path: join(screenshots, 'light.png'), fullPage: true });
    expect(problems).toEqual([]);
    expect([...hosts]).toEqual([new URL(page.url()).host]);
  });

  it('follows the newest block without a jump, and stays at a pinned one', async () => {
    const { page, service, problems } = await open(DESKTOP);
    await pictures(page);
    const tops = (): Promise<number[]> =>
      page.evaluate<number[]>(
        'Array.from(document.querySelectorAll("h2, h3"), (at) => at.getBoundingClientRect().top)',
      );
    const before = await tops();
    service.observe(makeBlock({ sequence: BLOCKS + 1, transactions: 60 }));
    await page.getByText('Block 21,500,121', { exact: true }).waitFor();
    await page.getByText('after block 21,500,121').waitFor();
    expect(await tops()).toEqual(before);

    await page.getByRole('option', { name: /^Block 21,500,115/ }).click();
    await page.getByText('Block 21,500,115', { exact: true }).waitFor();
    service.observe();
    await page.getByText('21,500,122', { exact: false }).first().waitFor();
    expect(await text(page, 'block-title')).toBe('Block 21,500,115');
    expect(await text(page, 'block-note')).toMatch(/^pinned/);

    await page.getByRole('button', { name: 'Follow the newest' }).click();
    await page.getByText('Block 21,500,122', { exact: true }).waitFor();
    expect(problems).toEqual([]);
  });

  it('can be used with the keyboard alone', async () => {
    const { page } = await open(DESKTOP);
    await pictures(page);
    await page.getByRole('option', { selected: true }).focus();
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('ArrowLeft');
    await page.getByText('Block 21,500,118', { exact: true }).waitFor();
    await page.keyboard.press('End');
    await page.getByText('Block 21,500,120', { exact: true }).waitFor();
    expect(await page.getByRole('button', { name: 'Follow the newest' }).getAttribute('aria-pressed')).toBe('true');

    await page.getByLabel('Transaction', { exact: true }).fill('85');
    await page.getByText('Transaction 85:').waitFor();
    expect(await text(page, 'block-note')).toMatch(/^pinned/);
    await page.keyboard.press('ArrowUp');
    await page.getByText('Transaction 86:').waitFor();
    await page.getByLabel('Transaction', { exact: true }).fill('85');
    await page.getByRole('button', { name: 'transaction 16', exact: true }).press('Enter');
    await page.getByText('Transaction 16:').waitFor();
  });

  it('chooses a transaction in the lanes and in the arcs, and tells what lies under the pointer', async () => {
    const { page } = await open(DESKTOP);
    await pictures(page);
    const lanes = page.locator('#lanes svg');
    await lanes.hover({ position: { x: 110, y: 35 } });
    expect(await page.getByRole('tooltip').textContent()).toMatch(/^Transaction 0, executed once\n.*\nworker 0, 0 to /);
    await lanes.click({ position: { x: 110, y: 35 } });
    await page.getByText('Transaction 0:').waitFor();

    await page.locator('#graph circle').first().hover();
    expect(await page.getByRole('tooltip').textContent()).toMatch(/^Transaction \d+\n.*\n.*slot 8\n/);
    await page.locator('#graph circle').nth(3).click();
    await page.getByText(/^Transaction [1-9]\d*:/).waitFor();
    await page.mouse.move(5, 5);
    expect(await page.getByRole('tooltip', { includeHidden: true }).isVisible()).toBe(false);
  });

  it('says when the connection is lost, and takes it up again with what it missed', async () => {
    const { page, service } = await open(DESKTOP);
    await pictures(page);
    service.goDown();
    await page.locator('#connection[data-status="disconnected"]').waitFor();
    service.observe();
    service.comeBack();
    await page.locator('#connection[data-status="live"]').waitFor();
    await page.getByText('Block 21,500,121', { exact: true }).waitFor();
  });

  it('says that there is nothing yet, and fills when there is', async () => {
    const { page, service } = await open(DESKTOP, []);
    await page.getByText('No block has been observed, so nothing can be forecast.').waitFor();
    await page.getByText('No block has been observed yet.').waitFor();
    await page.screenshot({ path: join(screenshots, 'empty.png'), fullPage: true });
    service.observe();
    await pictures(page);
    expect(await text(page, 'block-title')).toBe(`Block ${(FIRST_BLOCK + 1).toLocaleString('en-US')}`);
  });

  it('draws a block without transactions, and one without a conflict', async () => {
    const { page, service, problems } = await open(DESKTOP);
    await pictures(page);
    const { lanes, makespans } = service.observe({ edges: [], hotKeys: [] });
    await page.getByText('No transactions of this block conflict').waitFor();
    service.observe({
      transactions: [],
      edges: [],
      hotKeys: [],
      lanes: { ...lanes, intervals: [], makespan: 0, executions: 0, aborts: 0, suspensions: 0, idleShare: 0 },
      makespans: { ...makespans, sequential: 0, predicted: 0, observed: 0, optimistic: 0, oracle: 0 },
    });
    await page.getByText('Block 21,500,122', { exact: true }).waitFor();
    await page.getByText('No transactions.', { exact: true }).waitFor();
    expect(problems).toEqual([]);
  });

  it('fits a phone, draws anew when there is more room, and is dark where that is wanted', async () => {
    const { page, problems } = await open(PHONE);
    await pictures(page);
    const [content, window] = await page.evaluate<[number, number]>(
      '[document.documentElement.scrollWidth, innerWidth]',
    );
    expect(content).toBe(window);
    await page.screenshot({ path: join(screenshots, 'phone.png'), fullPage: true });

    await page.setViewportSize(DESKTOP.viewport);
    await page.emulateMedia({ colorScheme: 'dark' });
    await page.locator('#lanes svg[width="1066"]').waitFor();
    await page.locator('#fans svg[width="521"]').first().waitFor();
    expect(await page.evaluate<string>('getComputedStyle(document.body).backgroundColor')).toBe('rgb(15, 19, 26)');
    await page.screenshot({ path: join(screenshots, 'dark.png'), fullPage: true });
    expect(problems).toEqual([]);
  });

  it.runIf(documentPicture !== undefined)('is pictured for the README', async () => {
    const { page } = await open({ ...DESKTOP, viewport: { width: 1148, height: 1396 } }, [
      ...observed.slice(0, -1),
      makeBlock({ sequence: BLOCKS, transactions: 110 }),
    ]);
    await pictures(page);
    await page.screenshot({ path: documentPicture ?? '' });
  });
});
