import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { z } from 'zod';
import { addEvaluateCommand } from './commands/evaluate.js';
import { addForecastCommand } from './commands/forecast.js';
import { addGenerateCommand } from './commands/generate.js';
import { addIngestCommand } from './commands/ingest.js';
import { addReplayCommand } from './commands/replay.js';
import { addStatsCommand } from './commands/stats.js';
import { addTrainCommand } from './commands/train.js';

/** Where a command leaves the process's exit code. */
export interface Outcome {
  exitCode: number;
}

/** The whole command line. Errors are thrown: CommanderError for bad arguments, LanecastError for the rest. */
export function createProgram(outcome: Outcome): Command {
  const program = new Command('lanecast')
    .description(
      'Replays blocks, records what their transactions touch, predicts conflicts and costs from that history, and shows what ' +
        'parallel execution could gain.',
    )
    .version(readVersion())
    .showHelpAfterError('(lanecast --help shows the commands and flags)')
    .exitOverride();
  addReplayCommand(program, outcome);
  addIngestCommand(program, outcome);
  addStatsCommand(program, outcome);
  addGenerateCommand(program);
  addTrainCommand(program, outcome);
  addEvaluateCommand(program, outcome);
  addForecastCommand(program, outcome);
  return program;
}

function readVersion(): string {
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
