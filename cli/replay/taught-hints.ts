import { LanecastError } from '../../errors.js';
import { keccak256 } from '../../executor/reference/index.js';
import { ModelHints } from '../../model/hints/model-hints.js';
import { ModelPredictor } from '../../model/predictor.js';
import { untrainedModel } from '../../model/untrained.js';
import type { SourceBlock } from '../../types.js';
import { requireNext } from '../evaluate/split.js';
import { recordOf } from '../record-of.js';
import { isNode, shownSource } from '../node-source.js';
import { expectedBlocks, soundBlocks, type SourceFlags } from '../source.js';
import { printNotice, startProgress } from '../terminal.js';
import type { Tools } from '../tools.js';
import { readModel } from '../train/artifact.js';

/** Where hints come from instead of what the store holds. */
export interface HintOrigin {
  /** A source whose blocks are learned first. */
  readonly trainOn?: string;
  /** The folder of a model that was trained before. */
  readonly model?: string;
}

/**
 * Hints for a replay that begins with `first`, of a trained model or of one that learns the blocks of a source; null where
 * neither is named. Errors: INVALID_ARGUMENT where something of the replay, or of what comes after it, would be known beforehand,
 * or where the chain is another one; those of the source, of its execution, and of `readModel`.
 */
export async function teachHints(
  { trainOn, model }: HintOrigin,
  first: SourceBlock,
  tools: Tools,
): Promise<ModelHints | null> {
  if (model !== undefined) return hintsOfModel(model, first);
  return trainOn === undefined ? null : hintsOfSource(trainOn, first, tools);
}

async function hintsOfModel(folder: string, first: SourceBlock): Promise<ModelHints> {
  const { model, chainId, lastBlock } = await readModel(folder);
  if (chainId !== first.chainId) refuse(`the model in ${folder} is of chain ${chainId}, and ${chainOf(first)}`);
  if (lastBlock >= first.header.number) {
    refuse(
      `the model in ${folder} has learned the blocks up to ${lastBlock}, and the replay begins with ${nameOf(first)}`,
    );
  }
  return new ModelHints(new ModelPredictor(model));
}

/** Each block is looked at before it is executed. */
async function hintsOfSource(source: string, first: SourceBlock, tools: Tools): Promise<ModelHints> {
  const hints = new ModelHints(new ModelPredictor(untrainedModel(keccak256)));
  const progress = startProgress('learning');
  // Of a node: the last blocks before the replay.
  const flags: SourceFlags = isNode(source) ? { to: Math.max(0, first.header.number - 1) } : {};
  const total = await expectedBlocks(source, flags, tools);
  let [blocks, last]: [number, SourceBlock | null] = [0, null];
  progress.update(0, total);
  try {
    for await (const block of soundBlocks(source, flags, tools)) {
      requireEarlier(block, first);
      if (last !== null) requireNext(last, block);
      hints.learn(await recordOf(block, tools.executor));
      [blocks, last] = [blocks + 1, block];
      progress.update(blocks, total, `block ${block.header.number}`);
    }
  } finally {
    progress.stop();
  }
  if (last === null) throw new LanecastError('SOURCE_NOT_FOUND', `--train-on: ${shownSource(source)} holds no blocks.`);
  printNotice(
    `learned ${blocks} ${blocks === 1 ? 'block' : 'blocks'} of ${shownSource(source)}, up to block ${last.header.number}`,
  );
  return hints;
}

function requireEarlier(block: SourceBlock, first: SourceBlock): void {
  if (block.chainId !== first.chainId) {
    refuse(`--train-on: ${nameOf(block)} is of chain ${block.chainId}, and ${chainOf(first)}`);
  }
  if (block.header.number >= first.header.number) {
    refuse(`--train-on: ${nameOf(block)} is not before ${nameOf(first)}, with which the replay begins`);
  }
}

function nameOf({ header, origin }: SourceBlock): string {
  return `block ${header.number} (${origin})`;
}

function chainOf(first: SourceBlock): string {
  return `the replay begins with ${nameOf(first)} of chain ${first.chainId}`;
}

function refuse(problem: string): never {
  throw new LanecastError('INVALID_ARGUMENT', `${problem}.`);
}
