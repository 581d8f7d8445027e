import { hexToBytes } from '@ethereumjs/util';
import type { AccountState, Address, BlockSnapshot } from '../../types.js';
import type { Machine } from '../reference/vm.js';
import { EngineInstance } from './instance.js';
import { runPrecompile } from './precompiles.js';
import {
  KIND_ACCOUNT,
  R_FLAGS,
  R_KIND,
  R_NONCE,
  R_OWNER,
  R_VALUE,
  R_WORD,
  RECORD_HAS_STORAGE,
  W_OUTPUT_LENGTH,
} from './layout.js';

/** The block that an engine works on: it is asked for what the engine does not know. */
export interface Work {
  readonly snapshot: BlockSnapshot;
  /** Its precompiles run for the engine. */
  readonly machine: Machine;
}

/** An engine whose misses and precompiles are answered from `work()`. */
export function createEngine(work: () => Work): EngineInstance {
  const engine: EngineInstance = new EngineInstance({
    missAccount: (key) => fillAccount(engine, engine.exports.recordOf(key) >>> 0, work()),
    missCode: (key) => fillAccount(engine, engine.exports.recordOf(key) >>> 0, work()),
    missSlot: (key) => fillSlot(engine, engine.exports.recordOf(key) >>> 0, work()),
    // eslint-disable-next-line max-params -- the engine's import has five
    precompile: (number, from, length, gas, to) => {
      const input = engine.bytes.slice(from >>> 0, (from >>> 0) + (length >>> 0));
      const outcome = runPrecompile(work().machine, { number, input, gas });
      if (outcome === null) return -1;
      engine.bytes.set(outcome.output, to >>> 0);
      engine.setU32(engine.workerBase + W_OUTPUT_LENGTH, outcome.output.length);
      return outcome.gasUsed;
    },
  });
  return engine;
}

export function toAddress(word: bigint): Address {
  return `0x${word.toString(16).padStart(40, '0')}`;
}

export function toSlot(word: bigint): `0x${string}` {
  return `0x${word.toString(16).padStart(64, '0')}`;
}

function stateAt(engine: EngineInstance, record: number, { snapshot }: Work): AccountState | undefined {
  return snapshot.preState.get(toAddress(engine.word(record + R_WORD)));
}

function fillAccount(engine: EngineInstance, record: number, work: Work): void {
  const state = stateAt(engine, record, work);
  if (engine.u32(record + R_KIND) !== KIND_ACCOUNT) {
    engine.setWord(record + R_VALUE, BigInt(internCode(engine, state)));
    return;
  }
  engine.setWord(record + R_VALUE, state?.balanceWei ?? 0n);
  engine.setU64(record + R_NONCE, BigInt(state?.nonce ?? 0));
  if (state !== undefined && hasStorage(state)) {
    engine.setU32(record + R_FLAGS, engine.u32(record + R_FLAGS) | RECORD_HAS_STORAGE);
  }
}

function internCode(engine: EngineInstance, state: AccountState | undefined): number {
  if (state === undefined || state.code === '0x') return 0;
  const bytes = hexToBytes(state.code);
  return engine.exports.internCode(engine.put(bytes), bytes.length);
}

function hasStorage({ storage }: AccountState): boolean {
  for (const value of storage.values()) if (BigInt(value) !== 0n) return true;
  return false;
}

function fillSlot(engine: EngineInstance, record: number, work: Work): void {
  const owner = engine.exports.recordOf(engine.u32(record + R_OWNER)) >>> 0;
  const value = stateAt(engine, owner, work)?.storage.get(toSlot(engine.word(record + R_WORD)));
  engine.setWord(record + R_VALUE, BigInt(value ?? 0));
}
