import type { TransactionType } from '@ethereumjs/tx';
import { hexToBytes } from '@ethereumjs/util';
import { Bloom, type TxReceipt } from '@ethereumjs/vm';
import { LanecastError } from '../../errors.js';
import type { BlockResult, BlockSnapshot, Receipt } from '../../types.js';
import { createCustomCrypto } from '../reference/crypto.js';
import { joinBlooms, receiptsRootOf } from '../reference/receipts.js';
import {
  BEACON_ROOTS,
  BLOCK_HASHES,
  CONSOLIDATION_REQUESTS,
  GWEI_IN_WEI,
  WITHDRAWAL_REQUESTS,
} from '../reference/system-calls.js';
import { createMachine } from '../reference/vm.js';
import { createEngine, type Work } from './base-state.js';
import type { EngineInstance } from './instance.js';
import * as layout from './layout.js';
import { readLogs, readPostState } from './read-result.js';
import { rulesOf, writeEnvironment, writeTransactions } from './write-block.js';

/**
 * Executes blocks of Berlin to Osaka on the WASM engine, one transaction after the other. Precompiles run on ethereumjs.
 * Errors: UNSUPPORTED for earlier forks and where a table of the engine is full (execute the block elsewhere);
 * EXECUTION_FAILED for a transaction that its block cannot hold, or where the engine is not built.
 */
export interface WasmExecutor {
  execute(snapshot: BlockSnapshot): Promise<BlockResult>;
}

export function createWasmExecutor(): WasmExecutor {
  const customCrypto = createCustomCrypto();
  const current: { work: Work | null } = { work: null };
  const engine = createEngine(() => {
    if (current.work === null) throw new Error('the engine runs without a block');
    return current.work;
  });
  return {
    execute: async (snapshot) => {
      refuseEarlyFork(snapshot);
      current.work = { snapshot, machine: await createMachine(snapshot, customCrypto) };
      return runBlock(engine, current.work);
    },
  };
}

function refuseEarlyFork({ origin, fork, header }: BlockSnapshot): void {
  if (rulesOf(fork) >= 0) return;
  const where = `${origin}, block ${header.number}`;
  throw new LanecastError('UNSUPPORTED', `${where}: the WASM engine starts with Berlin, the block is of ${fork}.`);
}

async function runBlock(engine: EngineInstance, work: Work): Promise<BlockResult> {
  const { snapshot } = work;
  writeEnvironment(engine, work);
  const transactions = writeTransactions(engine, work);
  const receipts = engine.allocate(layout.RECEIPT_BYTES * (snapshot.transactions.length + 1));
  runBeforeTransactions(engine, work);
  const transactionNs = snapshot.transactions.map(({ index }) => {
    const receipt = receipts + layout.RECEIPT_BYTES * index;
    const startMs = performance.now();
    const done = engine.exports.runSequential(transactions + layout.TRANSACTION_BYTES * index, 1, receipt);
    const elapsedNs = (performance.now() - startMs) * 1e6;
    if (done !== 1) throw refusal(snapshot, index, engine.u32(receipt + layout.P_ERROR));
    return elapsedNs;
  });
  runAfterTransactions(engine, work);
  return describe(engine, work, { receipts, transactionNs });
}

function refusal({ origin, header }: BlockSnapshot, index: number, error: number): LanecastError {
  const where = `${origin}, block ${header.number}, transaction ${index}`;
  if (error >= layout.ENGINE_KEYS_FULL && error <= layout.ENGINE_RETURN_FULL) {
    return new LanecastError('UNSUPPORTED', `${where}: a table of the WASM engine is full (error ${error}).`);
  }
  return new LanecastError('EXECUTION_FAILED', `${where}: the block cannot hold this transaction (error ${error}).`);
}

function runBeforeTransactions(engine: EngineInstance, { snapshot, machine }: Work): void {
  const { parentBeaconBlockRoot, parentHash } = snapshot.header;
  if (machine.common.isActivatedEIP(4788) && parentBeaconBlockRoot !== null) {
    callAsSystem(engine, BEACON_ROOTS, hexToBytes(parentBeaconBlockRoot));
  }
  if (machine.common.isActivatedEIP(2935)) callAsSystem(engine, BLOCK_HASHES, hexToBytes(parentHash));
}

function runAfterTransactions(engine: EngineInstance, { snapshot, machine }: Work): void {
  for (const { address, amountGwei } of snapshot.withdrawals) {
    engine.exports.creditAccount(engine.putWord(BigInt(address)), engine.putWord(amountGwei * GWEI_IN_WEI));
  }
  if (machine.common.isActivatedEIP(7002)) callAsSystem(engine, WITHDRAWAL_REQUESTS, new Uint8Array());
  if (machine.common.isActivatedEIP(7251)) callAsSystem(engine, CONSOLIDATION_REQUESTS, new Uint8Array());
}

function callAsSystem(engine: EngineInstance, address: string, input: Uint8Array): void {
  engine.exports.runSystemCall(engine.putWord(BigInt(address)), engine.put(input), input.length);
}

interface Outcome {
  readonly receipts: number;
  readonly transactionNs: readonly number[];
}

async function describe(engine: EngineInstance, { snapshot, machine }: Work, outcome: Outcome): Promise<BlockResult> {
  let cumulativeGasUsed = 0;
  const receipts = snapshot.transactions.map(({ index, type }): Receipt => {
    const at = outcome.receipts + layout.RECEIPT_BYTES * index;
    const gasUsed = Number(engine.u64(at + layout.P_GAS_USED));
    cumulativeGasUsed += gasUsed;
    return {
      type,
      succeeded: engine.u32(at + layout.P_STATUS) === 1,
      gasUsed,
      cumulativeGasUsed,
      logs: readLogs(engine, at),
    };
  });
  const encodable = receipts.map((receipt) => toEncodable(receipt, machine));
  const types = receipts.map(({ type }) => type as TransactionType);
  return {
    receipts,
    gasUsed: cumulativeGasUsed,
    receiptsRoot: await receiptsRootOf(encodable, types),
    logsBloom: joinBlooms(encodable),
    transactionNs: outcome.transactionNs,
    postState: readPostState(engine, snapshot),
  };
}

function toEncodable({ succeeded, cumulativeGasUsed, logs }: Receipt, { common }: Work['machine']): TxReceipt {
  const bloom = new Bloom(undefined, common);
  for (const { address, topics } of logs) for (const item of [address, ...topics]) bloom.add(hexToBytes(item));
  return {
    status: succeeded ? 1 : 0,
    cumulativeBlockGasUsed: BigInt(cumulativeGasUsed),
    bitvector: bloom.bitvector,
    logs: logs.map(({ address, topics, data }) => [
      hexToBytes(address),
      topics.map((topic) => hexToBytes(topic)),
      hexToBytes(data),
    ]),
  };
}
