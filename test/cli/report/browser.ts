import { chromium, type Browser } from 'playwright-core';
import { findChromium } from '../../helpers/chromium.js';

const found = findChromium();

/** Whether there is a browser for the tests that need one; where there is none they skip. */
export const hasBrowser: boolean = found !== null;

export function launchBrowser(): Promise<Browser> {
  if (found === null) throw new Error('there is no chromium');
  return chromium.launch({ executablePath: found, args: ['--no-sandbox', '--disable-dev-shm-usage'] });
}
