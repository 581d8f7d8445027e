import { bytesToHex, createAddressFromString, generateAddress2, hexToBytes } from '@ethereumjs/util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createReferenceExecutor } from '../../../executor/reference/index.js';
import * as layout from '../../../executor/wasm/layout.js';
import { createWasmExecutor } from '../../../executor/wasm/index.js';
import { LoadedBlock } from '../../../executor/wasm/loaded-block.js';
import { LoadedRecording } from '../../../executor/wasm/loaded-recording.js';
import type { RunOptions } from '../../../executor/wasm/run.js';
import { emptyPlan } from '../../../scheduler/plan.js';
import { compressRows } from '../../../scheduler/rows.js';
import type { BlockSnapshot, Fork } from '../../../types.js';
import { independent } from '../../scheduler/workloads.js';
import { account, code, OTHER, push, slotOf, snapshotOf } from '../reference/snapshots.js';
import { comparable } from './comparable.js';
import { joined } from './eips/compare.js';
import { childInitcode, contractAt, FACTORY_PLACE, INITCODES, MOCK_CODES } from './mock-contracts.js';
import { createWarmEngine, type TestEngine } from './test-engine.js';

// What Block-STM once got wrong, as blocks on which it shows on any number of workers.

const reference = createReferenceExecutor();
const opened: { engine?: TestEngine } = {};
beforeAll(async () => {
  opened.engine = await createWarmEngine(3);
});
afterAll(() => opened.engine?.pool.destroy());

function engine(): TestEngine {
  if (opened.engine === undefined) throw new Error('no engine');
  return opened.engine;
}

async function expectSame(block: BlockSnapshot, runs: readonly RunOptions[]): Promise<void> {
  const wanted = comparable(await reference.execute(block), block);
  const loaded = new LoadedBlock(engine(), block);
  for (const options of runs) {
    await loaded.run(options);
    expect(comparable(loaded.describe([]), block)).toEqual(wanted);
  }
}

describe('a fee recipient that was destroyed', () => {
  it('is not empty once it has been paid', async () => {
    const factory = createAddressFromString(contractAt(FACTORY_PLACE)).bytes;
    const child = bytesToHex(generateAddress2(factory, hexToBytes(slotOf(0)), hexToBytes(childInitcode(true))));
    const [createBriefly, logHash] = [joined(...[0, 0, 1, 0].map(slotOf)), joined(...[8, 0, 0, 0].map(slotOf))];
    const block = snapshotOf({
      fork: 'cancun',
      accounts: {
        ...Object.fromEntries(MOCK_CODES.map((program, place) => [contractAt(place), account(program)])),
        ...Object.fromEntries(Object.entries(INITCODES).map(([address, program]) => [address, account(program)])),
        [child]: account(),
      },
      transactions: [
        { to: contractAt(FACTORY_PLACE), input: createBriefly },
        { to: OTHER },
        { to: contractAt(5), input: logHash },
      ],
    });
    const paid = { ...block, header: { ...block.header, feeRecipient: child } };
    await expectSame(paid, [{ workers: 1 }, { workers: 1, tracked: true }, { workers: 3 }]);
  });
});

describe('writes that the plan expects', () => {
  const COUNTER = contractAt(0x20);
  const MORTAL = contractAt(0x21);
  const counter = code(push(0), 0x54, push(1), 0x01, 0x80, push(0), 0x55, push(0), 0x52, push(32), push(0), 0xa0);

  it.each<[string, Fork]>([
    ['at the end of the block', 'cancun'],
    ['where one thread goes on', 'shanghai'],
  ])('are in the state %s', async (_where, fork) => {
    const block = snapshotOf({
      fork,
      accounts: { [COUNTER]: account(counter, { [slotOf(0)]: 7 }), [MORTAL]: account(code(push(OTHER), 0xff)) },
      transactions: [{ to: COUNTER }, { to: COUNTER }, { to: MORTAL }, { to: COUNTER }],
    });
    const { instance } = engine();
    const plan = { ...emptyPlan(4, 3), writes: compressRows([[0], [0], [], [0]]) };
    // Numbers of keys outlive the loading of a block.
    const loaded = new LoadedBlock(engine(), block);
    const contract = instance.exports.internAccount(instance.putWord(BigInt(COUNTER)));
    const keys = Uint32Array.of(instance.exports.internSlot(contract, instance.putWord(0n)));
    const { inOrderFrom } = await loaded.run({ workers: 1, plan, keys });
    expect(inOrderFrom).toBe(fork === 'cancun' ? null : 2);
    await expectSame(
      block,
      [1, 2, 3].map((workers) => ({ workers, plan, keys, mayContinueInOrder: false })),
    );
  });
});

describe('the counters of a run', () => {
  it('count no other run, whatever its number of workers', async () => {
    const { instance } = engine();
    const recording = new LoadedRecording(engine(), independent(64, 10));
    // As if the third worker had executed something in the run before.
    const third = instance.u32(layout.H_WORKER_BASE) + 2 * instance.u32(layout.H_WORKER_BYTES);
    for (const counter of [layout.W_EXECUTIONS, layout.W_VALIDATIONS, layout.W_ABORTS]) {
      instance.setU32(third + counter, 1_000);
    }
    const { executions, validations, aborts } = await recording.run({ workers: 1, tracked: true });
    expect({ executions, validations, aborts }).toEqual({ executions: 64, validations: 64, aborts: 0 });
  });
});

describe('blocks that are given at once', () => {
  it('take turns, and one that fails stops no other', async () => {
    const executor = createWasmExecutor({ workers: 2 });
    const blocks = [1, 2, 3, 4].map((transfers) =>
      snapshotOf({ transactions: Array.from({ length: transfers }, () => ({ to: OTHER, valueWei: 5n })) }),
    );
    const impossible = snapshotOf({ transactions: [{ nonce: 9 }] });
    for (const workers of [1, 2]) {
      const failed = expect(executor.execute(impossible, { workers })).rejects.toMatchObject({
        code: 'EXECUTION_FAILED',
      });
      const results = await Promise.all(blocks.map((block) => executor.execute(block, { workers })));
      await failed;
      for (const [place, block] of blocks.entries()) {
        const [got, wanted] = [results[place], await reference.execute(block)];
        expect(got === undefined ? null : comparable(got, block)).toEqual(comparable(wanted, block));
      }
    }
    await executor.close();
  });
});
