import { existsSync } from 'node:fs';
import { chromium, type Browser } from 'playwright-core';

const found = [
  process.env['CHROMIUM'],
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
].find((path) => path !== undefined && existsSync(path));

/** Whether there is a browser for the tests that need one; where there is none they skip. */
export const hasBrowser: boolean = found !== undefined;

if (!hasBrowser) {
  process.stderr.write('notice: no chromium (CHROMIUM may name one); the tests that need it are skipped\n');
}

export function launchBrowser(): Promise<Browser> {
  if (found === undefined) throw new Error('there is no chromium');
  return chromium.launch({ executablePath: found, args: ['--no-sandbox', '--disable-dev-shm-usage'] });
}
