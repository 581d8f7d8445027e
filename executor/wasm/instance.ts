import { existsSync, readFileSync } from 'node:fs';
import { LanecastError } from '../../errors.js';
import { H_WORKER_BASE } from './layout.js';

/** What the engine exports; numbers are offsets and counts. See executor/engine/assembly/index.ts. */
interface EngineExports {
  layOut(workers: number, keys: number, codeBytes: number, memoryBytes: number, limitBytes: number): number;
  attach(worker: number): void;
  beginBlock(): void;
  resetHeap(): void;
  forgetKeys(): void;
  allocate(bytes: number): number;
  recordOf(key: number): number;
  internCode(bytes: number, length: number): number;
  codeBytes(code: number): number;
  codeLength(code: number): number;
  runSequential(transactions: number, count: number, receipts: number): number;
  runSystemCall(address: number, input: number, length: number): number;
  creditAccount(address: number, amount: number): void;
}

/** What the engine asks of the host; see executor/engine/assembly/host.ts. */
export interface EngineHost {
  missAccount(key: number): void;
  missCode(key: number): void;
  missSlot(key: number): void;
  precompile(number: number, from: number, length: number, gas: number, to: number): number;
}

const MEMORY_PAGES = 32_768;
const PAGE_BYTES = 65_536;
const LIMIT_BYTES = (MEMORY_PAGES - 2) * PAGE_BYTES;
const KEYS = 1 << 20;
const CODE_BYTES = 256 << 20;
const EVM_MEMORY_BYTES = 256 << 20;

/** One instance of the engine with a memory of its own, and views of it. */
export class EngineInstance {
  readonly exports: EngineExports;
  readonly workerBase: number;
  readonly #memory: WebAssembly.Memory;
  #bytes: Uint8Array;
  #view: DataView;

  constructor(host: EngineHost) {
    this.#memory = new WebAssembly.Memory({ initial: 64, maximum: MEMORY_PAGES, shared: true });
    const abort = (): never => {
      throw new Error('the engine aborted');
    };
    const imports = { env: { memory: this.#memory, abort }, host: { ...host } };
    const instance = new WebAssembly.Instance(new WebAssembly.Module(readModule()), imports);
    this.exports = instance.exports as unknown as EngineExports;
    this.#bytes = new Uint8Array(this.#memory.buffer);
    this.#view = new DataView(this.#memory.buffer);
    if (this.exports.layOut(1, KEYS, CODE_BYTES, EVM_MEMORY_BYTES, LIMIT_BYTES) === 0) {
      throw new LanecastError(
        'UNSUPPORTED',
        `The engine can't have the ${LIMIT_BYTES} bytes of memory that it may grow to.`,
      );
    }
    this.exports.attach(0);
    this.workerBase = this.u32(H_WORKER_BASE);
  }

  /** The memory may have grown since the last call. */
  get bytes(): Uint8Array {
    this.#refresh();
    return this.#bytes;
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
    if (at === 0)
      throw new LanecastError('UNSUPPORTED', `The engine's memory has no room for ${sizeBytes} bytes more.`);
    this.bytes.fill(0, at, at + sizeBytes);
    return at;
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

  #refresh(): DataView {
    const { buffer } = this.#memory;
    if (this.#view.buffer !== buffer || this.#view.byteLength !== buffer.byteLength) {
      this.#bytes = new Uint8Array(buffer);
      this.#view = new DataView(buffer);
    }
    return this.#view;
  }
}

/** Beside the build, seen from the build (dist/executor/wasm/) and from the sources (executor/wasm/). */
function readModule(): Uint8Array<ArrayBuffer> {
  const places = ['../../engine.wasm', '../../dist/engine.wasm'].map((path) => new URL(path, import.meta.url));
  const place = places.find((url) => existsSync(url));
  if (place === undefined) {
    throw new LanecastError(
      'EXECUTION_FAILED',
      'The engine is not built: engine.wasm is missing. Run `npm run build`.',
    );
  }
  return new Uint8Array(readFileSync(place));
}
