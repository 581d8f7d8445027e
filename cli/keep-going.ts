import type { Command } from 'commander';
import { LanecastError } from '../errors.js';
import type { SourceBlock } from '../types.js';
import type { LeftOut } from './replay/document.js';
import type { SourceOutcome } from './source.js';

export interface KeepGoingOptions {
  readonly keepGoing?: boolean;
}

export function addKeepGoingOption(command: Command): Command {
  return command.option('--keep-going', 'leave out blocks that are not sound, say which, and go on (exit code 2)');
}

/**
 * Transforms every sound block. The first unsound one, or one that `transform` finds to be unsound, is thrown; where
 * there is a list of what was left out (`--keep-going`) it is noted there, and the others go on.
 */
export async function* mapSound<Result>(
  source: AsyncIterable<SourceOutcome>,
  leftOut: LeftOut[] | null,
  transform: (block: SourceBlock) => Promise<Result>,
): AsyncGenerator<Result> {
  const leaveOut = (error: unknown): void => {
    if (leftOut === null || !(error instanceof LanecastError) || !isAboutOneBlock(error)) throw error;
    leftOut.push({ code: error.code, message: error.message });
  };
  for await (const item of source) {
    if (!item.ok) {
      leaveOut(item.error);
      continue;
    }
    let result: Result;
    try {
      result = await transform(item.block);
    } catch (error) {
      leaveOut(error);
      continue;
    }
    yield result;
  }
}

/** Whether an error leaves other blocks to be had. */
export function isAboutOneBlock({ code }: LanecastError): boolean {
  return ['INVALID_INPUT', 'EXECUTION_FAILED', 'VERIFICATION_FAILED', 'UNSUPPORTED'].includes(code);
}
