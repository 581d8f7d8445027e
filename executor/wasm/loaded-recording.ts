import { at } from '../../scheduler/rows.js';
import type { Workload, WorkItem } from '../../scheduler/workload.js';
import { withinTables } from './capacity.js';
import { heapBytes, type Engine } from './engine.js';
import type { EngineInstance } from './instance.js';
import * as layout from './layout.js';
import type { EngineRun } from './loaded-block.js';
import { refuseWorkers, runInOrder, runParallel, type Placed, type RunOptions } from './run.js';

const KINDS = { read: layout.O_READ, write: layout.O_WRITE, add: layout.O_ADD } as const;
/** The account whose slots stand for the keys of a recording. */
const KEEPER = 0xffffn;

/**
 * A block of recorded transactions in the engine's memory, until another is loaded. Each does what its trace says it did:
 * its reads, writes and credits, with work in proportion to its cost in between. It runs on the same workers and through the same
 * loop as executed blocks.
 */
export class LoadedRecording {
  /** By key of the workload: the engine's number of it, for plans that name writes. */
  readonly keys: Uint32Array;
  readonly #engine: Engine;
  readonly #workload: Workload;
  readonly #placed: Placed;
  /** By transaction: where its program begins. */
  readonly #programs: readonly number[];

  /** `unitsPerCost`: units of work for a unit of cost; a unit takes about a nanosecond. */
  constructor(engine: Engine, workload: Workload, unitsPerCost = 1) {
    const { instance, states } = engine;
    states.reset();
    // Credits to nobody: what the trace credits to the fee recipient is in its program.
    instance.setWord(layout.B_FEE_RECIPIENT, 0n);
    instance.exports.beginBlock();
    this.#engine = engine;
    this.#workload = workload;
    this.keys = internKeys(instance, workload.keyCount);
    this.#programs = workload.transactions.map((item) =>
      writeProgram(instance, item, { keys: this.keys, unitsPerCost }),
    );
    this.#placed = placeTransactions(instance, workload, this.#programs);
    instance.exports.markHeap();
  }

  /** Errors as for executed blocks. */
  async run(options: RunOptions): Promise<EngineRun> {
    refuseWorkers(options.workers, this.#engine.workers);
    if (options.workers > 1) await this.#engine.pool.listen();
    this.#engine.instance.exports.rewindBlock();
    const startMs = performance.now();
    const straight = options.workers === 1 && options.plan === undefined && options.tracked !== true;
    const outcome = straight
      ? runInOrder(this.#engine, this.#placed)
      : await runParallel(this.#engine, this.#placed, { keys: this.keys, ...options });
    const wallNs = (performance.now() - startMs) * 1e6;
    return { ...outcome, workers: options.workers, wallNs, heapBytes: heapBytes(this.#engine) };
  }

  /** By transaction: all that it read, hashed; equal digests mean equal reads. Of the last run. */
  digests(): bigint[] {
    const { receipts, count } = this.#placed;
    return Array.from({ length: count }, (_, index) =>
      this.#engine.instance.u64(receipts + layout.RECEIPT_BYTES * index + layout.P_DIGEST),
    );
  }

  /**
   * Whether every read of the last run saw the version that it sees in block order: the last earlier writer, and the number of
   * credits since. It asks the recording alone what is right.
   */
  verify(): boolean {
    const { instance } = this.#engine;
    const [writers, adds] = [new Map<number, number>(), new Map<number, number>()];
    return this.#workload.transactions.every(({ accesses }, index) => {
      const right = accesses.every(({ key, kind }, place) => {
        if (kind !== 'read') return true;
        const access = at(this.#programs, index) + layout.ACCESS_BYTES * place;
        const writer = instance.u32(access + layout.O_SEEN_WRITER);
        return writer === (writers.get(key) ?? 0) && instance.u32(access + layout.O_SEEN_ADDS) === (adds.get(key) ?? 0);
      });
      for (const { key, kind } of accesses) {
        if (kind === 'write') {
          writers.set(key, index + 1);
          adds.set(key, 0);
        } else if (kind === 'add') {
          adds.set(key, (adds.get(key) ?? 0) + 1);
        }
      }
      return right;
    });
  }
}

function internKeys(instance: EngineInstance, keyCount: number): Uint32Array {
  const account = instance.exports.internAccount(instance.putWord(KEEPER)) >>> 0;
  const word = instance.putWord(0n);
  const intern = (key: number): number => {
    instance.setU32(word, key);
    return instance.exports.internSlot(account, word) >>> 0;
  };
  return withinTables(instance, () => Uint32Array.from({ length: keyCount }, (_, key) => intern(key)));
}

interface Translation {
  readonly keys: Uint32Array;
  readonly unitsPerCost: number;
}

/** The accesses in their order, and the work that is left at the end as a last one without effect. */
function writeProgram(instance: EngineInstance, item: WorkItem, { keys, unitsPerCost }: Translation): number {
  const start = instance.allocate(layout.ACCESS_BYTES * (item.accesses.length + 1));
  let done = 0;
  const write = (place: number, kind: number, key: number, position: number): void => {
    const access = start + layout.ACCESS_BYTES * place;
    const due = Math.round(item.cost * unitsPerCost * position);
    instance.setU32(access + layout.O_KIND, kind);
    instance.setU32(access + layout.O_KEY, key);
    instance.setU64(access + layout.O_WORK, BigInt(Math.max(0, due - done)));
    done = Math.max(done, due);
  };
  for (const [place, { key, kind, position }] of item.accesses.entries()) {
    write(place, KINDS[kind], at(keys, key), position);
  }
  write(item.accesses.length, layout.O_WORK_ONLY, 0, 1);
  return start;
}

function placeTransactions(instance: EngineInstance, { transactions }: Workload, programs: readonly number[]): Placed {
  const count = transactions.length;
  const start = instance.allocate(layout.TRANSACTION_BYTES * (count + 1));
  for (const [index, { accesses, previous = Infinity }] of transactions.entries()) {
    const record = start + layout.TRANSACTION_BYTES * index;
    instance.setU32(record + layout.T_TYPE, layout.RECORDED);
    instance.setU64(record + layout.T_NONCE, BigInt(index));
    instance.setU32(record + layout.T_INPUT, at(programs, index));
    instance.setU32(record + layout.T_INPUT_LENGTH, accesses.length + 1);
    instance.setU32(record + layout.T_PREVIOUS, previous < index ? previous + 1 : 0);
  }
  return { transactions: start, receipts: instance.allocateLines(layout.RECEIPT_BYTES * (count + 1)), count };
}
