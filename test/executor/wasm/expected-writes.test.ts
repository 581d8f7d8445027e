import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { generateBlocks } from '../../../datasets/generate/index.js';
import { createReferenceExecutor, keccak256 } from '../../../executor/reference/index.js';
import { createWasmExecutor } from '../../../executor/wasm/index.js';
import * as layout from '../../../executor/wasm/layout.js';
import { LoadedBlock } from '../../../executor/wasm/loaded-block.js';
import { emptyPlan } from '../../../scheduler/plan.js';
import type { PredictedKey } from '../../../scheduler/predictor.js';
import { compressRows } from '../../../scheduler/rows.js';
import type { BlockRecord, BlockSnapshot } from '../../../types.js';
import { CONTRACT, OTHER, SENDER, account, code, push, slotOf, snapshotOf } from '../reference/snapshots.js';
import { incarnationBlocks } from './incarnation-blocks.js';
import { contractAt } from './mock-contracts.js';
import { createWarmEngine, type TestEngine } from './test-engine.js';

const SEED = 20_264;
const WORKERS = 4;

const reference = createReferenceExecutor();
const generator = createWasmExecutor();
const opened: { engine?: TestEngine } = {};
beforeAll(async () => {
  opened.engine = await createWarmEngine(WORKERS, { keys: 1 << 17, codeBytes: 1 << 26 });
});
afterAll(async () => {
  await opened.engine?.pool.destroy();
  await generator.close();
});

function engine(): TestEngine {
  if (opened.engine === undefined) throw new Error('no engine');
  return opened.engine;
}

/** Keys, and by transaction which of them it is expected to write. */
interface Expected {
  readonly keys: readonly PredictedKey[];
  readonly writes: readonly (readonly number[])[];
}

/** What the block writes: slots, balances and nonces. */
function writesOf({ transactions }: BlockRecord): Expected {
  const places = new Map<string, number>();
  const keys: PredictedKey[] = [];
  const writes = transactions.map(({ accesses }) =>
    accesses
      .filter(({ kind, field }) => kind !== 'read' && field !== 'code')
      .map(({ address, slot }) => {
        const name = `${address} ${slot ?? ''}`;
        const place = places.get(name) ?? keys.push({ address, slot }) - 1;
        places.set(name, place);
        return place;
      }),
  );
  return { keys, writes };
}

/** Right, shifted by one transaction, all by all, and of accounts that nobody is likely to write. */
function variantsOf(
  right: Expected,
  { transactions, header, preState }: BlockSnapshot,
): Readonly<Record<string, Expected>> {
  const { keys, writes } = right;
  const all = Array.from(keys.keys());
  const others: PredictedKey[] = [header.feeRecipient, ...preState.keys()].flatMap((address) => [
    { address, slot: null },
    { address, slot: slotOf(0) },
    { address, slot: slotOf(999) },
  ]);
  return {
    right,
    shifted: { keys, writes: [...writes.slice(1), writes[0] ?? []] },
    everything: { keys, writes: transactions.map(() => all) },
    others: { keys: others, writes: transactions.map(() => Array.from(others.keys())) },
  };
}

/** Whatever writes are expected, the outcome is that of the block's order. */
async function expectSequential(block: BlockSnapshot, expectations: Readonly<Record<string, Expected>>): Promise<void> {
  const loaded = new LoadedBlock(engine(), block);
  await loaded.run({ workers: 1 });
  const wanted = loaded.fingerprint();
  for (const [name, { keys, writes }] of Object.entries(expectations)) {
    const plan = { ...emptyPlan(block.transactions.length, WORKERS), writes: compressRows(writes) };
    for (const workers of [1, 2, WORKERS]) {
      for (const mayContinueInOrder of [false, true]) {
        await loaded.run({ workers, plan, keys: loaded.keysOf(keys), mayContinueInOrder });
        expect(loaded.fingerprint(), `${name}, ${workers} workers`).toBe(wanted);
      }
    }
  }
}

/** Counts in slot 0. */
const COUNTER = code(push(0), 0x54, push(1), 0x01, push(0), 0x55);

describe('the numbers of keys', () => {
  it('are those of the engine, and 0 for keys that it has not seen', () => {
    const accounts = { [CONTRACT]: account(COUNTER, { [slotOf(0)]: 7, [slotOf(5)]: 1 }) };
    const loaded = new LoadedBlock(engine(), snapshotOf({ accounts, transactions: [{}] }));
    const { instance } = engine();
    const next = instance.u32(layout.H_KEY_NEXT);
    const unseen = `0x${'ab'.repeat(20)}` as const;
    const keys = loaded.keysOf([
      { address: CONTRACT, slot: slotOf(5) },
      { address: SENDER, slot: null },
      { address: CONTRACT, slot: null },
      { address: CONTRACT, slot: slotOf(0) },
      { address: CONTRACT, slot: slotOf(77) },
      { address: unseen, slot: null },
      { address: unseen, slot: slotOf(0) },
    ]);
    expect(instance.u32(layout.H_KEY_NEXT)).toBe(next);
    const accountOf = (address: string): number => instance.exports.internAccount(instance.putWord(BigInt(address)));
    const contract = accountOf(CONTRACT);
    const slotKey = (slot: bigint): number => instance.exports.internSlot(contract, instance.putWord(slot));
    expect([...keys]).toEqual([slotKey(5n), accountOf(SENDER), contract, slotKey(0n), 0, 0, 0]);
    expect(loaded.keysOf([])).toHaveLength(0);
  });

  it('may be any: what is none of a key is left out', async () => {
    const accounts = { [CONTRACT]: account(COUNTER, { [slotOf(0)]: 7 }) };
    const transactions = [0, 1, 2].map((nonce) => ({ nonce }));
    const loaded = new LoadedBlock(engine(), snapshotOf({ accounts, transactions }));
    await loaded.run({ workers: 1 });
    const wanted = loaded.fingerprint();
    const keys = Uint32Array.of(0, 2 ** 31, 2 ** 32 - 1, engine().instance.u32(layout.H_KEY_NEXT), 1, 2, 3);
    const plan = {
      ...emptyPlan(3, 2),
      writes: compressRows([
        [0, 1, 2, 3, 4, 5, 6],
        [6, 1],
        [2, 99],
      ]),
    };
    for (const workers of [1, 2]) {
      await loaded.run({ workers, plan, keys });
      expect(loaded.fingerprint()).toBe(wanted);
    }
  });
});

describe('writes that are expected on executed blocks', () => {
  it('save the executions that would meet them too late', async () => {
    const accounts = { [CONTRACT]: account(COUNTER, { [slotOf(0)]: 7 }) };
    const senders = [SENDER, OTHER, contractAt(0x77)];
    const rich = Object.fromEntries(senders.map((address) => [address, account()]));
    const block = snapshotOf({
      accounts: { ...rich, ...accounts },
      transactions: senders.map((from) => ({ from, nonce: 0 })),
    });
    const loaded = new LoadedBlock(engine(), block);
    const keys = loaded.keysOf([{ address: CONTRACT, slot: slotOf(0) }]);
    // The last first, so that without an expectation it is executed twice.
    const plan = { ...emptyPlan(3, 1), priority: Uint32Array.of(2, 1, 0) };
    const blind = await loaded.run({ workers: 1, plan });
    expect(blind).toMatchObject({ executions: 6, aborts: 3 });
    const seeing = await loaded.run({ workers: 1, plan: { ...plan, writes: compressRows([[0], [0], [0]]) }, keys });
    expect(seeing).toMatchObject({ executions: 3, aborts: 0 });
    expect(seeing.suspensions).toBeGreaterThan(0);
  });

  it.each(['erc20', 'mainnet'])('change nothing about the outcome: %s', async (profile) => {
    const execute = (snapshot: BlockSnapshot) => generator.execute(snapshot);
    for await (const block of generateBlocks({ profile, blocks: 1, transactions: 80, seed: 9, execute, keccak256 })) {
      const { record } = await reference.record(block);
      await expectSequential(block, variantsOf(writesOf(record), block));
    }
  });

  it(`change nothing where accesses change with the incarnation; seed ${SEED}`, { timeout: 300_000 }, async () => {
    const property = fc.asyncProperty(incarnationBlocks, async ({ block }) => {
      let record: BlockRecord;
      try {
        ({ record } = await reference.record(block));
      } catch {
        // A block that can't hold one of its transactions.
        return;
      }
      await expectSequential(block, variantsOf(writesOf(record), block));
    });
    await fc.assert(property, { seed: SEED, numRuns: 40 });
  });
});
