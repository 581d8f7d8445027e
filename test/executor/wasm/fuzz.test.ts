import { afterAll, describe, expect, it } from 'vitest';
import { createFuzzExecutors } from '../../fuzz/executors.js';
import { describeFailure, fuzzBlock, type FuzzCounts } from '../../fuzz/fuzz.js';
import { randomBlock } from '../../fuzz/random-block.js';

const FIRST_SEED = 1;
const BLOCKS = 120;

const { executors, close } = createFuzzExecutors();
afterAll(close);

describe('random blocks', () => {
  it(
    `give on the WASM engine what they give on the reference: seeds from ${FIRST_SEED}`,
    { timeout: 600_000 },
    async () => {
      const counts: FuzzCounts = { blocks: 0, transactions: 0, refused: 0, unsupported: 0 };
      for (let seed = FIRST_SEED; seed < FIRST_SEED + BLOCKS; seed += 1) {
        const failure = await fuzzBlock(randomBlock(seed), executors, counts);
        if (failure !== null) expect.fail(await describeFailure(failure, executors));
      }
      expect(counts.unsupported).toBe(0);
      // Most transactions are to be run rather than refused.
      expect(counts.transactions).toBeGreaterThan(3 * BLOCKS);
    },
  );
});
