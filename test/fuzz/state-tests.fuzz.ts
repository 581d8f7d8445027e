import { expect, it } from 'vitest';
import { createWasmExecutor } from '../../executor/wasm/index.js';
import { readStateTests } from '../executor/wasm/state-tests/reader.js';
import { runStateTests } from '../executor/wasm/state-tests/run.js';
import { hasSharedData, sharedData } from '../shared-data.js';

const QUICK_CASES = 15_465;

/** The public state tests that take too long for every run of the tests. */
it.skipIf(!hasSharedData)('slow state tests end with the state roots and logs that they expect', async () => {
  const engine = createWasmExecutor();
  const tests = readStateTests(sharedData('state-tests', 'state-tests.jsonl.gz'));
  const report = await runStateTests((snapshot) => engine.execute(snapshot), { tests, cases: 'slow' });
  expect(report).toEqual({
    executed: 2,
    refused: 0,
    excluded: { capacity: 0, noTransaction: 0 },
    failures: [],
    notChosen: QUICK_CASES,
  });
});
