import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const projectRoot = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const root = process.env['LANECAST_DATA'] ?? resolve(projectRoot, '../shared/data');

/** Whether the real chain data that some tests use is on this machine; where it is not they skip. */
export const hasSharedData: boolean = existsSync(join(root, 'mainnet-blocks'));

if (!hasSharedData) {
  process.stderr.write('notice: no shared chain data (set LANECAST_DATA); the tests that need it are skipped\n');
}

/** The path of a file or folder of the shared chain data. */
export function sharedData(...parts: readonly string[]): string {
  return join(root, ...parts);
}
