import { CommanderError } from 'commander';
import { LanecastError } from '../errors.js';
import { createProgram } from './program.js';
import { printNotice } from './terminal.js';

/**
 * Runs one command line, without the names of node and script. Answers the exit code: 0 all done and verified, 1 failed or
 * not verified, 2 bad arguments or input. Throws only what is a bug.
 */
export async function run(args: readonly string[]): Promise<number> {
  const outcome = { args, exitCode: 0 };
  try {
    await createProgram(outcome).parseAsync(args, { from: 'user' });
    return outcome.exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    if (!(error instanceof LanecastError)) throw error;
    printNotice(`lanecast: ${error.message}`);
    return error.exitCode;
  }
}
