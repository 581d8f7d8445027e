import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { generateBlocks } from '../../../datasets/generate/index.js';
import { keccak256 } from '../../../executor/reference/index.js';
import { createWasmExecutor } from '../../../executor/wasm/index.js';
import * as layout from '../../../executor/wasm/layout.js';
import { LoadedBlock } from '../../../executor/wasm/loaded-block.js';
import type { BlockSnapshot } from '../../../types.js';
import { CONTRACT, account, code, push, slotOf, snapshotOf } from '../reference/snapshots.js';
import { adversarialPlans } from './plans.js';
import { createWarmEngine } from './test-engine.js';

const engine = await createWarmEngine(2, { keys: 1 << 17, codeBytes: 1 << 26 });
const { instance } = engine;
const generator = createWasmExecutor();
afterAll(async () => {
  await engine.pool.destroy();
  await generator.close();
});

const [SSTORE, LOG2, MSTORE] = [0x55, 0xa2, 0x52];
const NUMBER_BYTES = 4;

/** Logs 40 bytes with two topics, and writes a slot. */
const PROGRAM = code(push(0xabc), push(0), MSTORE, push(1), push(2), push(40), push(3), LOG2, push(1), push(7), SSTORE);
/** Its initcode returns one byte of code. */
const CREATION = { to: null, input: '0x600160005360016000f3' } as const;

const BLOCK = snapshotOf({
  accounts: { [CONTRACT]: account(PROGRAM, { [slotOf(7)]: 3 }) },
  transactions: [{}, CREATION, {}],
});

const receiptAt = (index: number): number => instance.u32(layout.RUN_RECEIPTS) + layout.RECEIPT_BYTES * index;

/** Where the record lies of a key of this kind that the block has given another value. */
function changedRecord(kind: number): number {
  const dirty = instance.u32(layout.H_DIRTY);
  for (let place = 0; place < instance.u32(layout.H_DIRTY_COUNT); place += 1) {
    const entry = dirty + layout.DIRTY_BYTES * place;
    const record = instance.exports.recordOf(instance.u32(entry + layout.D_KEY)) >>> 0;
    const isChanged = instance.word(record + layout.R_VALUE) !== instance.word(entry + layout.D_VALUE);
    if (instance.u32(record + layout.R_KIND) === kind && isChanged) return record;
  }
  throw new Error(`the block changes nothing of kind ${kind}`);
}

const firstLog = (): number => instance.u32(receiptAt(0) + layout.P_LOGS);

/** Where each part of the outcome lies. */
const PARTS: readonly (readonly [what: string, place: () => number])[] = [
  ['the status of a receipt', () => receiptAt(0) + layout.P_STATUS],
  ['the gas used', () => receiptAt(2) + layout.P_GAS_USED],
  ['the upper half of the gas used', () => receiptAt(2) + layout.P_GAS_USED + NUMBER_BYTES],
  ['the address of a log', () => firstLog() + layout.LOG_HEAD - NUMBER_BYTES],
  ['the first topic of a log', () => firstLog() + layout.LOG_HEAD],
  ['the last bytes of the data of a log', () => firstLog() + layout.LOG_HEAD + 2 * 32 + 36],
  ['the bloom of a receipt', () => instance.u32(receiptAt(0) + layout.P_BLOOM) + layout.BLOOM_BYTES - NUMBER_BYTES],
  ['the bloom of the block', () => layout.B_BLOOM],
  ['a balance', () => changedRecord(layout.KIND_ACCOUNT) + layout.R_VALUE],
  ['the top of a balance', () => changedRecord(layout.KIND_ACCOUNT) + layout.R_VALUE + 28],
  ['a nonce', () => changedRecord(layout.KIND_ACCOUNT) + layout.R_NONCE],
  ['a slot', () => changedRecord(layout.KIND_SLOT) + layout.R_VALUE],
  ['a code', () => changedRecord(layout.KIND_CODE) + layout.R_VALUE],
];

describe('the fingerprint of a run', () => {
  let loaded: LoadedBlock;
  beforeEach(async () => {
    loaded = new LoadedBlock(engine, BLOCK);
    await loaded.run({ workers: 1, tracked: true });
  });

  it.each(PARTS)('is another one where %s is', (_what, place) => {
    const fingerprint = loaded.fingerprint();
    const at = place();
    const value = instance.u32(at);
    instance.setU32(at, value ^ 1);
    expect(loaded.fingerprint()).not.toBe(fingerprint);
    instance.setU32(at, value);
    expect(loaded.fingerprint()).toBe(fingerprint);
  });

  it('is another one where a key has the value again that it had before the block', () => {
    const fingerprint = loaded.fingerprint();
    instance.setWord(changedRecord(layout.KIND_SLOT) + layout.R_VALUE, 3n);
    expect(loaded.fingerprint()).not.toBe(fingerprint);
  });

  it('does not depend on where things lie, nor on the root and the result being asked for', async () => {
    const fingerprint = loaded.fingerprint();
    loaded.describe([]);
    expect(loaded.fingerprint()).toBe(fingerprint);
    await loaded.run({ workers: 1 });
    expect(loaded.fingerprint()).toBe(fingerprint);
    loaded.timeTransactions();
    expect(loaded.fingerprint()).toBe(fingerprint);
  });

  it.each(['erc20', 'payments-10', 'mainnet'])('is the same with any workers and any plan: %s', async (profile) => {
    const execute = (snapshot: BlockSnapshot) => generator.execute(snapshot);
    const options = { profile, blocks: 1, transactions: 150, seed: 5, execute, keccak256 };
    for await (const block of generateBlocks(options)) {
      loaded = new LoadedBlock(engine, block);
      await loaded.run({ workers: 1 });
      const fingerprint = loaded.fingerprint();
      const plans = Object.values(adversarialPlans(block.transactions.length, 2));
      for (const plan of [undefined, ...plans]) {
        for (const workers of [1, 2]) {
          await loaded.run({ workers, tracked: true, plan });
          expect(loaded.fingerprint()).toBe(fingerprint);
        }
      }
    }
  });
});
