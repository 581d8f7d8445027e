import { Command } from 'commander';
import { addEvaluateCommand } from './commands/evaluate.js';
import { addForecastCommand } from './commands/forecast.js';
import { addGenerateCommand } from './commands/generate.js';
import { addIngestCommand } from './commands/ingest.js';
import { addReplayCommand } from './commands/replay.js';
import { addServeCommand } from './commands/serve.js';
import { addStatsCommand } from './commands/stats.js';
import { addTrainCommand } from './commands/train.js';
import { readVersion } from './version.js';

/** What was asked for, and where a command leaves the process's exit code. */
export interface Outcome {
  /** Without the names of node and script. */
  readonly args: readonly string[];
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
  addServeCommand(program, outcome);
  return program;
}
