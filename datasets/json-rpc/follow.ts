import { InputError, LanecastError } from '../../errors.js';
import { backoffMs } from './client.js';
import type { Clock } from './clock.js';
import type { EthereumNode } from './node.js';

export interface FollowOptions {
  readonly node: Pick<EthereumNode, 'head'>;
  readonly clock: Clock;
  readonly random: () => number;
  /** Ends following: after the part that is being read, which ends by the same signal. */
  readonly signal: AbortSignal;
  /** The first block to follow from. */
  readonly from: number;
  readonly pollMs: number;
  /** Blocks behind the latest one that are not read yet. */
  readonly confirmations: number;
  /** Reads and keeps blocks, both ends included. Blocks that are kept are compared, and read again where they changed. */
  readonly read: (from: number, to: number) => Promise<void>;
  /** Told once when the node fails, and once when it is back. */
  readonly onOutage: (error: LanecastError) => void;
  readonly onRecovery: () => void;
}

/** What was read is kept after so many blocks at the latest. */
const PART_BLOCKS = 16;
const MAX_PAUSE_MS = 60_000;
/** A node that gave no sound block so many times in a row will not get better. */
const MOST_BAD_READINGS = 10;

/**
 * Keeps up with a chain until the signal ends it: reads up to the latest block, waits, and looks again. The last block is
 * always compared again, so that a reorganisation shows when it happens. A node that gives no answer is asked again and
 * again, less and less often. Throws what no waiting helps: UNSUPPORTED, failures of the store, blocks that stay unsound.
 */
export async function followHead(options: FollowOptions): Promise<void> {
  const { clock, random, signal, pollMs } = options;
  const state = { last: options.from - 1 };
  let [failures, badReadings] = [0, 0];
  while (!signal.aborted) {
    try {
      await catchUp(options, state);
      if (failures > 0 && !isAborted(signal)) options.onRecovery();
      [failures, badReadings] = [0, 0];
      await clock.sleep(pollMs, signal);
    } catch (error) {
      if (isAborted(signal)) return;
      badReadings = error instanceof InputError ? badReadings + 1 : 0;
      if (!mayPass(error) || badReadings >= MOST_BAD_READINGS) throw error;
      if (failures === 0) options.onOutage(error);
      failures += 1;
      await clock.sleep(Math.max(pollMs, backoffMs(failures, random, MAX_PAUSE_MS)), signal);
    }
  }
}

async function catchUp(options: FollowOptions, state: { last: number }): Promise<void> {
  const { node, from, confirmations, read, signal } = options;
  const target = (await node.head()) - confirmations;
  for (let first = Math.max(from, Math.min(state.last, target)); first <= target && !signal.aborted;) {
    const last = Math.min(target, first + PART_BLOCKS - 1);
    await read(first, last);
    state.last = last;
    first = last + 1;
  }
}

function mayPass(error: unknown): error is LanecastError {
  return error instanceof InputError || (error instanceof LanecastError && error.code === 'NODE_UNAVAILABLE');
}

/** The signal may have changed since it was looked at. */
function isAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}
