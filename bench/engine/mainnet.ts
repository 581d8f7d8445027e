import { existsSync } from 'node:fs';
import { readBlocks } from '../../datasets/read.js';
import { FORKS, type BlockSnapshot } from '../../types.js';
import type { Bench } from './bench.js';
import type { MeasuredBlock } from './document.js';
import { measureBlock } from './measure-block.js';

/** Measures the blocks of Berlin or later of a folder, one by one; null, after a notice, where there is no folder. */
export async function measureMainnet(bench: Bench): Promise<MeasuredBlock[] | null> {
  if (!hasBlocks(bench)) return null;
  const measured: MeasuredBlock[] = [];
  for await (const snapshot of executableBlocks(bench)) {
    const name = `${snapshot.header.number} ${snapshot.fork}`;
    const block = { name, kind: 'mainnet', perCore: false, snapshot } as const;
    const outcome = await measureBlock(bench, block, { reference: true, tracked: false, parallel: true });
    if (outcome !== null) measured.push(outcome);
  }
  return measured;
}

/** Whether the folder is there; a notice where it is not. */
export function hasBlocks(bench: Bench): boolean {
  const { blocksFolder } = bench.settings;
  if (existsSync(blocksFolder)) return true;
  bench.notice(
    `notice: no mainnet blocks in ${blocksFolder} (--blocks names another folder); what needs them is left out`,
  );
  return false;
}

/** The blocks of Berlin or later of the folder, in the order of their numbers. */
export async function* executableBlocks(bench: Bench): AsyncGenerator<BlockSnapshot> {
  for await (const outcome of readBlocks(bench.settings.blocksFolder)) {
    if (!outcome.ok) {
      bench.fail({
        block: bench.settings.blocksFolder,
        variant: 'reading',
        problem: outcome.error.message,
      });
    } else if (outcome.block.kind === 'snapshot' && isBerlinOrLater(outcome.block)) {
      yield outcome.block;
    }
  }
}

function isBerlinOrLater({ fork }: BlockSnapshot): boolean {
  return FORKS.indexOf(fork) >= FORKS.indexOf('berlin');
}
