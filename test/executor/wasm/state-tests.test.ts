import { describe, expect, it } from 'vitest';
import { LanecastError } from '../../../errors.js';
import { createWasmExecutor } from '../../../executor/wasm/index.js';
import type { BlockResult } from '../../../types.js';
import { CONTRACT, account } from '../reference/snapshots.js';
import { hasSharedData, sharedData } from '../../shared-data.js';
import { readStateTests, type StateTest } from './state-tests/reader.js';
import { runStateTests, type Execute } from './state-tests/run.js';

const path = sharedData('state-tests', 'state-tests.jsonl.gz');

async function* testsNamed(name: string): AsyncGenerator<StateTest> {
  for await (const test of readStateTests(path)) if (test.name === name) yield test;
}

describe.skipIf(!hasSharedData)('the public Ethereum state tests from Berlin on', () => {
  const engine = createWasmExecutor();
  const execute: Execute = (snapshot) => engine.execute(snapshot);

  it('give on the WASM engine the state roots, logs and refusals that they expect', { timeout: 900_000 }, async () => {
    const report = await runStateTests(execute, { tests: readStateTests(path), cases: 'quick' });
    expect(report).toEqual({
      executed: 14_446,
      refused: 1_016,
      excluded: { capacity: 2, noTransaction: 1 },
      failures: [],
      notChosen: 2,
    });
  });

  const addAccount = (result: BlockResult): BlockResult => ({
    ...result,
    postState: new Map([...result.postState, [CONTRACT, account()]]),
  });
  const addLog = (result: BlockResult): BlockResult => ({
    ...result,
    receipts: result.receipts.map((receipt) => ({ ...receipt, logs: [{ address: CONTRACT, topics: [], data: '0x' }] })),
  });
  const refuseOtherwise = (): never => {
    throw new LanecastError('EXECUTION_FAILED', 'planted (error 103)');
  };
  const planted: [string, Execute, RegExp][] = [
    ['an account too many', async (snapshot) => addAccount(await execute(snapshot)), /expected the state root/],
    ['a log too many', async (snapshot) => addLog(await execute(snapshot)), /expected logs/],
    ['another refusal', (snapshot) => execute(snapshot).catch(refuseOtherwise), /expected INVALID_FUNDS, got/],
  ];

  // The test has six cases of either kind.
  it.each(planted)('catch a planted error: %s', async (_what, execute, message) => {
    const report = await runStateTests(execute, { tests: testsNamed('valCausesOOF'), cases: 'quick' });
    expect(report.executed + report.refused).toBe(6);
    expect(report.failures).toHaveLength(6);
    for (const failure of report.failures) expect(failure).toMatch(message);
  });
});
