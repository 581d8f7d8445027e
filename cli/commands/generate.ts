import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { Command } from 'commander';
import { Calibration, PROFILES, type CalibrationRow } from '../../datasets/generate/index.js';
import { snapshotToJson } from '../../datasets/snapshot.js';
import { LanecastError } from '../../errors.js';
import type { BlockSnapshot } from '../../types.js';
import { oneOf } from '../arguments.js';
import { addGeneratedSizeOptions, generatedBlocks, generateSnapshots, type GeneratedSize } from '../source.js';
import { formatNumber, renderTable } from '../table.js';
import { printNotice, printResult, startProgress } from '../terminal.js';
import { createTools, type Tools } from '../tools.js';

interface GenerateFlags {
  readonly profile: string;
  readonly out?: string;
  readonly calibration?: boolean;
  readonly force?: boolean;
}

type GenerateOptions = GenerateFlags & GeneratedSize;

const CALIBRATED_PROFILE = 'mainnet';
const compress = promisify(gzip);

const EPILOGUE = `
Profiles:
${PROFILES.map(({ name, description }) => `  ${name.padEnd(18)} ${description}`).join('\n')}

Blocks are written as FOLDER/NUMBER.json.gz, to be read by every command that takes a source. The same profile, seed and
number of transactions give the same blocks to the byte.`;

export function addGenerateCommand(program: Command): void {
  const command = program
    .command('generate')
    .description('Makes blocks whose transactions call real contracts, and saves them.')
    .requiredOption('--profile <name>', 'what the blocks are like; see below', oneOf(PROFILES.map(({ name }) => name)))
    .option('--out <folder>', 'where to (default: PROFILE-SEED in the working directory)')
    .option('--force', 'write into a folder that is not empty')
    .option('--calibration', `print the figures asked of ${CALIBRATED_PROFILE} and got (its default; executes again)`)
    .option('--no-calibration', 'leave them out')
    .addHelpText('after', EPILOGUE);
  addGeneratedSizeOptions(command).action(generate);
}

async function generate(options: GenerateOptions): Promise<void> {
  const folder = options.out ?? `${options.profile}-${options.seed ?? 1}`;
  await prepareFolder(folder, options.force === true);
  const tools = createTools({ store: false });
  try {
    const calibrated = options.calibration ?? options.profile === CALIBRATED_PROFILE;
    await writeBlocks(folder, options, { tools, calibration: calibrated ? new Calibration() : null });
  } finally {
    await tools.close();
  }
}

async function prepareFolder(folder: string, force: boolean): Promise<void> {
  await mkdir(folder, { recursive: true });
  if (force || (await readdir(folder)).length === 0) return;
  throw new LanecastError(
    'INVALID_ARGUMENT',
    `${folder} is not empty. Name another folder with --out, or use --force.`,
  );
}

interface Session {
  readonly tools: Tools;
  readonly calibration: Calibration | null;
}

async function writeBlocks(folder: string, options: GenerateOptions, { tools, calibration }: Session): Promise<void> {
  const progress = startProgress('generating');
  const total = generatedBlocks(options);
  let [blocks, transactions] = [0, 0];
  try {
    progress.update(0, total);
    for await (const snapshot of generateSnapshots(options.profile, options, tools)) {
      await writeBlock(folder, snapshot);
      if (calibration !== null) calibration.add((await tools.executor.record(snapshot)).record);
      progress.update((blocks += 1), total, `block ${snapshot.header.number}`);
      transactions += snapshot.transactions.length;
    }
  } finally {
    progress.stop();
  }
  if (calibration !== null) printResult(`${renderCalibration(calibration.rows())}\n`);
  printNotice(`${formatNumber(blocks)} blocks with ${formatNumber(transactions)} transactions written to ${folder}.`);
}

async function writeBlock(folder: string, snapshot: BlockSnapshot): Promise<void> {
  const bytes = await compress(JSON.stringify(snapshotToJson(snapshot)));
  await writeFile(join(folder, `${snapshot.header.number}.json.gz`), bytes);
}

function renderCalibration(rows: readonly CalibrationRow[]): string {
  const format = (value: number): string => (Number.isNaN(value) ? '–' : formatNumber(value, value >= 100 ? 0 : 3));
  return renderTable(
    ['figure', 'asked', 'got'],
    rows.map(({ figure, asked, got }) => [figure, asked, format(got)]),
  );
}
