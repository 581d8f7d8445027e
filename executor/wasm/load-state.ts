import type { AccountState, Address, BlockSnapshot, Hex } from '../../types.js';
import { byteLength, Encoder } from './encode.js';
import type { EngineInstance } from './instance.js';
import * as layout from './layout.js';
import { withinTables } from './capacity.js';

/** An account is offered as: address, balance, nonce, code, number of slots, padding; then its slots. */
const ACCOUNT_BYTES = 96;
const SLOT_BYTES = 64;
/** Share of a table at which it is emptied before the next block, and room for code below which all code is. */
const HIGH_WATER = 0.5;
const LEAST_CODE_BYTES = 64 << 20;

/** Gives the engine the state before a block. Code is known by its hex between blocks, so that it is hashed only once. */
export class StateLoader {
  readonly #engine: EngineInstance;
  readonly #codes = new Map<Hex, number>();

  constructor(engine: EngineInstance) {
    this.#engine = engine;
  }

  /** Forgets all state and code where the tables fill up, else only the values; drops the block heap. */
  reset(): void {
    const { exports } = this.#engine;
    const [keys, codes] = [this.#engine.u32(layout.H_KEY_NEXT), this.#engine.u32(layout.H_CODE_NEXT)];
    const codeBytesLeft = this.#engine.u32(layout.H_CODE_HEAP_END) - this.#engine.u32(layout.H_CODE_HEAP);
    exports.forgetValues();
    exports.resetHeap();
    if (codes > HIGH_WATER * layout.CODE_CAPACITY || codeBytesLeft < LEAST_CODE_BYTES) {
      exports.forgetCode();
      this.#codes.clear();
    }
    if (keys > HIGH_WATER * this.#engine.u32(layout.H_KEY_CAPACITY)) exports.forgetKeys();
  }

  /** What the snapshot does not hold is nothing. Throws UNSUPPORTED where the tables have no room for it. */
  load({ preState }: BlockSnapshot): void {
    if (preState.size === 0) return;
    const sizeBytes = sizeOf(preState);
    const start = this.#engine.allocate(sizeBytes);
    const codes = [...preState.values()].map(({ code }) => this.#codeOf(code));
    const encoder = new Encoder(this.#engine.bytes, start, sizeBytes);
    let place = 0;
    for (const [address, state] of preState) {
      writeAccount(encoder, { address, state, code: codes[place] ?? 0 });
      place += 1;
    }
    encoder.finish();
    withinTables(this.#engine, () => this.#engine.exports.offerAccounts(start, preState.size));
  }

  #codeOf(code: Hex): number {
    if (code === '0x') return 0;
    const known = this.#codes.get(code);
    if (known !== undefined) return known;
    const sizeBytes = byteLength(code) + 16;
    const at = this.#engine.allocate(sizeBytes);
    const encoder = new Encoder(this.#engine.bytes, at, sizeBytes);
    encoder.hexBytes(code);
    encoder.finish();
    const number = withinTables(this.#engine, () => this.#engine.exports.internCode(at, byteLength(code)));
    this.#codes.set(code, number);
    return number;
  }
}

function sizeOf(preState: BlockSnapshot['preState']): number {
  let sizeBytes = 0;
  for (const { storage } of preState.values()) sizeBytes += ACCOUNT_BYTES + SLOT_BYTES * storage.size;
  return sizeBytes;
}

interface Account {
  readonly address: Address;
  readonly state: AccountState;
  readonly code: number;
}

function writeAccount(encoder: Encoder, { address, state, code }: Account): void {
  const end = encoder.at + ACCOUNT_BYTES;
  encoder.hexWord(address);
  encoder.word(state.balanceWei);
  encoder.u64(BigInt(state.nonce));
  encoder.u32(code);
  encoder.u32(state.storage.size);
  encoder.moveTo(end);
  for (const [slot, value] of state.storage) {
    encoder.hexWord(slot);
    encoder.hexWord(value);
  }
}
