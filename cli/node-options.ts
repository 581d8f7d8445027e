import { InvalidArgumentError, type Command } from 'commander';
import { LanecastError } from '../errors.js';
import { integerFrom, integerTo } from './arguments.js';

/** How to read from a JSON-RPC node; other sources have no use for it. */
export interface NodeFlags {
  /** First block. */
  readonly from?: number;
  /** Last block. */
  readonly to?: number | 'latest';
  /** Blocks behind the latest one that are left out. */
  readonly confirmations?: number;
  readonly concurrency?: number;
  readonly batchSize?: number;
  readonly timeoutMs?: number;
}

const FLAGS = ['from', 'to', 'confirmations', 'concurrency', 'batchSize', 'timeoutMs'] as const;

export const NODE_DEFAULTS = { concurrency: 4, batchSize: 20, timeoutMs: 60_000, confirmations: 0 } as const;

const MOST_CONCURRENCY = 256;
const MOST_BATCH = 10_000;

export function addNodeOptions(command: Command): Command {
  return command
    .option('--from <number>', 'first block to read from a node', integerFrom(0))
    .option('--to <number>', 'last block to read from a node (default: latest)', numberOrLatest)
    .option(
      '--confirmations <count>',
      'with the latest block of a node: stay so many blocks behind (default: 0)',
      integerFrom(0),
    )
    .option(
      '--concurrency <count>',
      `blocks, and HTTP requests, at a time to a node (default: ${NODE_DEFAULTS.concurrency})`,
      integerTo(MOST_CONCURRENCY),
    )
    .option(
      '--batch-size <count>',
      `calls in one HTTP request to a node (default: ${NODE_DEFAULTS.batchSize})`,
      integerTo(MOST_BATCH),
    )
    .option(
      '--timeout-ms <ms>',
      `milliseconds that a node has for an answer (default: ${NODE_DEFAULTS.timeoutMs})`,
      integerFrom(1),
    );
}

function numberOrLatest(text: string): number | 'latest' {
  if (text === 'latest') return text;
  try {
    return integerFrom(0)(text);
  } catch {
    throw new InvalidArgumentError('Expected a block number, or latest.');
  }
}

/** Throws INVALID_ARGUMENT where a flag for nodes is given for another source. */
export function refuseNodeFlags(source: string, flags: NodeFlags): void {
  const given = FLAGS.find((name) => flags[name] !== undefined);
  if (given === undefined) return;
  const name = given.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  throw new LanecastError('INVALID_ARGUMENT', `--${name} is for JSON-RPC nodes only; "${source}" is none.`);
}
