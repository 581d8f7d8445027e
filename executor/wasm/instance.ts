import { LanecastError } from '../../errors.js';
import * as layout from './layout.js';
import type { Precompiles } from './precompiles/index.js';

/** Osaka, as the engine numbers rule sets (B_FORK). */
const OSAKA = 6;
const CACHE_LINE_BYTES = 64;

/** What the engine exports; numbers are offsets and counts. See executor/engine/assembly/index.ts. */
export interface EngineExports {
  layOut(workers: number, keys: number, codeBytes: number, memoryBytes: number, limitBytes: number): number;
  attach(worker: number): void;
  beginBlock(): void;
  rewindBlock(): void;
  resetHeap(): void;
  markHeap(): void;
  forgetKeys(): void;
  forgetValues(): void;
  forgetCode(): void;
  failure(): number;
  clearFailure(): void;
  offerAccounts(at: number, count: number): void;
  allocate(bytes: number): number;
  recordOf(key: number): number;
  internAccount(address: number): number;
  internSlot(account: number, slot: number): number;
  findAccount(address: number): number;
  findSlot(account: number, slot: number): number;
  internCode(bytes: number, length: number): number;
  codeRecord(code: number): number;
  codeBytes(code: number): number;
  codeLength(code: number): number;
  runSequential(transactions: number, count: number, receipts: number): number;
  bloomBlock(receipts: number, count: number): void;
  runSystemCall(address: number, input: number, length: number): number;
  creditAccount(address: number, amount: number): void;
  prepareRun(): number;
  leadRun(): number;
  closeRun(): number;
  giveUpRun(): void;
  runWorker(run: number): void;
  keccak256(to: number, from: number, length: number): void;
}

/** The engine's code and the memory that all its instances share: all that a worker thread needs. */
export interface EngineShare {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
}

/** One instance of the engine, and views of its memory. */
export class EngineInstance {
  readonly exports: EngineExports;
  readonly #memory: WebAssembly.Memory;
  #bytes: Uint8Array;
  #view: DataView;

  constructor({ module, memory }: EngineShare, precompiles: Precompiles) {
    this.#memory = memory;
    const abort = (): never => {
      throw new Error('the engine aborted');
    };
    const host = { precompile: this.#answerPrecompile(precompiles) };
    const instance = new WebAssembly.Instance(module, { env: { memory, abort }, host });
    this.exports = instance.exports as unknown as EngineExports;
    this.#bytes = new Uint8Array(memory.buffer);
    this.#view = new DataView(memory.buffer);
  }

  /** The memory may have grown since the last call. */
  get bytes(): Uint8Array {
    this.#refresh();
    return this.#bytes;
  }

  get view(): DataView {
    return this.#refresh();
  }

  u32(at: number): number {
    return this.#refresh().getUint32(at, true);
  }

  setU32(at: number, value: number): void {
    this.#refresh().setUint32(at, value, true);
  }

  u64(at: number): bigint {
    return this.#refresh().getBigUint64(at, true);
  }

  setU64(at: number, value: bigint): void {
    this.#refresh().setBigUint64(at, value, true);
  }

  /** 256 bits. */
  word(at: number): bigint {
    return [24, 16, 8, 0].reduce((value, limb) => (value << 64n) | this.u64(at + limb), 0n);
  }

  setWord(at: number, value: bigint): void {
    for (const limb of [0, 8, 16, 24]) this.setU64(at + limb, BigInt.asUintN(64, value >> BigInt(8 * limb)));
  }

  /** Zeroed bytes that live until the next block. Throws UNSUPPORTED where the memory is exhausted. */
  allocate(sizeBytes: number): number {
    const at = this.exports.allocate(sizeBytes) >>> 0;
    if (at === 0) {
      throw new LanecastError('UNSUPPORTED', `The engine's memory has no room for ${sizeBytes} bytes more.`);
    }
    this.bytes.fill(0, at, at + sizeBytes);
    return at;
  }

  /** The same from a cache line's start. */
  allocateLines(sizeBytes: number): number {
    const at = this.allocate(sizeBytes + CACHE_LINE_BYTES);
    return at + (-at & (CACHE_LINE_BYTES - 1));
  }

  put(content: Uint8Array): number {
    if (content.length === 0) return 0;
    const at = this.allocate(content.length);
    this.bytes.set(content, at);
    return at;
  }

  putWord(value: bigint): number {
    const at = this.allocate(32);
    this.setWord(at, value);
    return at;
  }

  /** 32-bit numbers. */
  putNumbers(numbers: Uint32Array): number {
    const at = this.allocate(numbers.byteLength + 4);
    new Uint32Array(this.bytes.buffer, at, numbers.length).set(numbers);
    return at;
  }

  #answerPrecompile(precompiles: Precompiles) {
    // eslint-disable-next-line max-params -- the engine's import has six
    return (number: number, from: number, length: number, gas: number, to: number, lengthAt: number): number => {
      const rules = { hasOsakaModexp: this.u32(layout.B_FORK) >= OSAKA };
      const input = this.bytes.slice(from >>> 0, (from >>> 0) + (length >>> 0));
      const outcome = precompiles.run({ number, rules, input, gas });
      if (outcome === null) return -1;
      this.bytes.set(outcome.output, to >>> 0);
      this.setU32(lengthAt >>> 0, outcome.output.length);
      return outcome.gasUsed;
    };
  }

  #refresh(): DataView {
    const { buffer } = this.#memory;
    if (this.#view.buffer !== buffer || this.#view.byteLength !== buffer.byteLength) {
      this.#bytes = new Uint8Array(buffer);
      this.#view = new DataView(buffer);
    }
    return this.#view;
  }
}
