import { z } from 'zod';
import type { Store } from '../../datasets/store/index.js';
import { LanecastError } from '../../errors.js';
import { keccak256 } from '../../executor/reference/index.js';
import { SectionReader } from '../../model/artifact/section-reader.js';
import { SectionWriter } from '../../model/artifact/section-writer.js';
import { decodeHints, encodeHints } from '../../model/hints/hints-file.js';
import type { ModelHints } from '../../model/hints/model-hints.js';
import type { Hash } from '../../types.js';
import { printNotice } from '../terminal.js';
import type { SchedulerStates } from './scheduling.js';

/** What replay learned of a chain. */
export interface Learned {
  readonly hints: ModelHints;
  readonly schedulers: SchedulerStates;
  readonly lastBlock: number;
}

/** Where a replay begins. */
export interface ReplayStart {
  readonly chainId: number;
  /** Number of the first block: what was learned of it or of later blocks is not for this replay. */
  readonly before: number;
  readonly firstParentHash: Hash;
}

/** What is to be kept, and up to which block of which chain it was learned. */
export interface LearnedUpTo extends Learned {
  readonly chainId: number;
  readonly lastHash: Hash;
}

const NAME = 'replay/1';
const FORMAT = 2;

const WayHistoryState = z.strictObject({
  blocks: z.int().nonnegative(),
  ways: z.record(
    z.string(),
    z.strictObject({
      blocks: z.int().nonnegative(),
      factors: z.array(z.number().positive()).max(5),
      residual: z.number().positive().nullable(),
    }),
  ),
});
const States = z.record(
  z.string(),
  z.strictObject({ kinds: z.array(z.tuple([z.string(), WayHistoryState])), all: WayHistoryState }),
);

/**
 * What a replay may go on from: what was learned last before its first block. Null where there is nothing, where the block
 * that was learned last is not the parent although it has its number (another chain goes by the same id), and, after a
 * notice, where it cannot be read.
 */
export async function loadLearned(store: Store, start: ReplayStart): Promise<Learned | null> {
  const { chainId, before, firstParentHash } = start;
  try {
    const state = await store.readState({ chainId, name: NAME, format: FORMAT, before });
    if (state === null) return null;
    const { lastBlock, lastHash, payload } = state;
    if (lastBlock === before - 1 && lastHash !== firstParentHash) return null;
    return { ...decodeLearned(payload, `what was learned of chain ${chainId} up to block ${lastBlock}`), lastBlock };
  } catch (error) {
    if (!(error instanceof LanecastError)) throw error;
    printNotice(`notice: starting anew, what was learned before is not usable: ${error.message}`);
    return null;
  }
}

/** Keeps what was learned for later replays. A store that fails costs a notice. */
export async function saveLearned(store: Store, learned: LearnedUpTo): Promise<void> {
  const { chainId, lastBlock, lastHash } = learned;
  try {
    await store.writeState({
      ...{ chainId, name: NAME, format: FORMAT, lastBlock, lastHash },
      payload: encodeLearned(learned),
    });
  } catch (error) {
    if (!(error instanceof LanecastError)) throw error;
    printNotice(`notice: what was learned is not kept: ${error.message}`);
  }
}

function encodeLearned({ hints, schedulers }: Learned): Uint8Array {
  const to = new SectionWriter();
  to.bytes('hints', encodeHints(hints));
  to.texts('schedulers', [JSON.stringify(schedulers)]);
  return to.finish();
}

/** `file`: what the bytes are, for messages. */
function decodeLearned(payload: Uint8Array, file: string): Omit<Learned, 'lastBlock'> {
  const from: SectionReader = SectionReader.open(file, payload);
  const schedulers = States.safeParse(jsonOf(from.texts('schedulers')[0]));
  if (!schedulers.success) from.refuse('schedulers', z.prettifyError(schedulers.error));
  return { hints: decodeHints(from.bytes('hints'), { keccak256, file }), schedulers: schedulers.data };
}

/** Undefined where it is none. */
function jsonOf(text = ''): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
