import { accessSync, constants, statSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { LanecastError } from '../errors.js';
import { printNotice } from './terminal.js';

export const REPORT_HELP = 'also write a page (HTML, one file that needs no other) with tables and charts';

/** Before the work begins. Throws INVALID_ARGUMENT where nothing can be written to the path. */
export function checkReportPath(path: string): void {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === true) refuse(path, 'it is a folder');
  try {
    accessSync(dirname(path), constants.W_OK);
  } catch (error) {
    refuse(path, describe(error), { cause: error });
  }
}

/** Throws INVALID_ARGUMENT where it cannot be written. */
export async function writeReport(path: string, page: string): Promise<void> {
  try {
    await writeFile(path, page);
  } catch (error) {
    refuse(path, describe(error), { cause: error });
  }
  printNotice(`report written to ${path}`);
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function refuse(path: string, problem: string, options?: ErrorOptions): never {
  const message = `--report: "${path}" cannot be written: ${problem}. Expected a file in a folder that exists.`;
  throw new LanecastError('INVALID_ARGUMENT', message, options);
}
