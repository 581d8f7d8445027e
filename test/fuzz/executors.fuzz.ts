import { expect, it } from 'vitest';
import { createFuzzExecutors } from './executors.js';
import { describeFailure, fuzzBlock, type FuzzCounts } from './fuzz.js';
import { randomBlock } from './random-block.js';

/** Run by hand: `LANECAST_FUZZ_SEED=S LANECAST_FUZZ_BLOCKS=N npm run fuzz`. Block i has seed S + i. */
const first = Number(process.env['LANECAST_FUZZ_SEED'] ?? 1);
const blocks = Number(process.env['LANECAST_FUZZ_BLOCKS'] ?? 2_000);
const REPORT_EVERY = 1_000;

it(`executors agree on ${blocks} random blocks from seed ${first}`, { timeout: 0 }, async () => {
  // New ones now and then: the engine keeps every code that it has seen, and its table of codes is finite.
  let { executors, close } = createFuzzExecutors();
  const counts: FuzzCounts = { blocks: 0, transactions: 0, refused: 0, unsupported: 0 };
  const failures: string[] = [];
  const report = (): boolean => process.stderr.write(`${JSON.stringify(counts)}, ${failures.length} failures\n`);
  for (let seed = first; seed < first + blocks; seed += 1) {
    const failure = await fuzzBlock(randomBlock(seed), executors, counts);
    if (failure !== null) {
      failures.push(await describeFailure(failure, executors));
      process.stderr.write(`${failures.at(-1) ?? ''}\n`);
    }
    if (counts.blocks % REPORT_EVERY !== 0) continue;
    report();
    await close();
    ({ executors, close } = createFuzzExecutors());
  }
  await close();
  report();
  expect(failures).toEqual([]);
});
