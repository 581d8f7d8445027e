import { readFileSync } from 'node:fs';
import { z } from 'zod';

/** Of this program, as package.json states it. */
export function readVersion(): string {
  // The same file seen from the sources (cli/) and from the build (dist/cli/).
  for (const path of ['../package.json', '../../package.json']) {
    try {
      return z.object({ version: z.string() }).parse(JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8')))
        .version;
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
    }
  }
  throw new Error('package.json not found beside the program');
}
