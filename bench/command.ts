import { CommanderError, type Command } from 'commander';
import { printNotice } from '../cli/terminal.js';
import { LanecastError } from '../errors.js';

/** Runs the command of this process. Answers the exit code: 0 all right, 1 something is not verified, 2 bad arguments. */
export async function runCommand(command: Command, action: () => Promise<boolean>): Promise<number> {
  const outcome = { isSound: true };
  command.exitOverride().action(async () => {
    outcome.isSound = await action();
  });
  try {
    await command.parseAsync(process.argv);
    return outcome.isSound ? 0 : 1;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    if (!(error instanceof LanecastError)) throw error;
    printNotice(`${command.name()}: ${error.message}`);
    return error.exitCode;
  }
}
