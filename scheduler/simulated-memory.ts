import { READER_LAG } from './engine-rules.js';
import type { Plan } from './plan.js';
import { at, rowOf } from './rows.js';
import type { WorkAccess, WorkItem, Workload } from './workload.js';

/** What an entry is to its readers: a value, a credit, or the prediction of one, which is an ESTIMATE. */
type Role = 'write' | 'add' | 'predicted';

interface KeyEntries {
  /** The transactions that have an entry now, ascending, and the role of each. */
  readonly transactions: number[];
  readonly roles: Role[];
}

/** Ends the sources of one read in a list of versions. */
export const END_OF_READ = -1;

/**
 * The multi-version memory of a simulated block: versions without values. Access sets are the same in each incarnation,
 * so whether a transaction's entries are ESTIMATEs is one flag per transaction.
 */
export class SimulatedMemory {
  /** By transaction: its reads by position, as rows of `readKeys` and `readPositions`. */
  readonly readOffsets: Uint32Array;
  readonly readKeys: Uint32Array;
  readonly readPositions: Float64Array;
  readonly #plan: Plan;
  readonly #transactions: readonly WorkItem[];
  readonly #entries: KeyEntries[];
  /** By key: about the last transaction that has read it. */
  readonly #lastReaders: Int32Array;
  readonly #aborted: Uint8Array;
  /** Completed executions by transaction: the version of its entries is (transaction, incarnations − 1). */
  readonly #incarnations: Uint32Array;

  constructor({ transactions, keyCount }: Workload, plan: Plan) {
    const reads: WorkAccess[] = [];
    this.readOffsets = new Uint32Array(transactions.length + 1);
    for (const [index, { accesses }] of transactions.entries()) {
      for (const read of readsByPosition(accesses)) reads.push(read);
      this.readOffsets[index + 1] = reads.length;
    }
    this.readKeys = Uint32Array.from(reads, ({ key }) => key);
    this.readPositions = Float64Array.from(reads, ({ position }) => position);
    this.#plan = plan;
    this.#transactions = transactions;
    this.#entries = Array.from({ length: keyCount }, () => ({ transactions: [], roles: [] }));
    this.#lastReaders = new Int32Array(keyCount).fill(-READER_LAG - 1);
    this.#aborted = new Uint8Array(transactions.length);
    this.#incarnations = new Uint32Array(transactions.length);
    for (const index of transactions.keys()) {
      for (const key of rowOf(plan.writes, index)) this.#setEntry(key, index, 'predicted');
    }
  }

  /**
   * Makes the writes of a transaction visible as those of a new incarnation. Answers the end of the range of later
   * transactions that are known to have read one of them, or 0.
   */
  publish(index: number): number {
    if (this.incarnations(index) === 0) this.#replacePredictions(index);
    this.#aborted[index] = 0;
    this.#incarnations[index] = this.incarnations(index) + 1;
    return this.#endOfReaders(index);
  }

  #replacePredictions(index: number): void {
    for (const { key, kind } of this.#accessesOf(index)) {
      if (kind !== 'read') this.#setEntry(key, index, kind);
    }
    for (const key of rowOf(this.#plan.writes, index)) this.#removePrediction(key, index);
  }

  #accessesOf(index: number): WorkItem['accesses'] {
    return this.#transactions[index]?.accesses ?? [];
  }

  /** A prediction may name a key that the block doesn't have: nobody reads it. */
  #setEntry(key: number, index: number, role: Role): void {
    const entries = this.#entries[key];
    if (entries === undefined) return;
    const place = countBelow(entries.transactions, index);
    if (entries.transactions[place] === index) {
      entries.roles[place] = role;
      return;
    }
    entries.transactions.splice(place, 0, index);
    entries.roles.splice(place, 0, role);
  }

  #removePrediction(key: number, index: number): void {
    const entries = this.#entries[key];
    if (entries === undefined) return;
    const place = countBelow(entries.transactions, index);
    if (entries.transactions[place] !== index || entries.roles[place] !== 'predicted') return;
    entries.transactions.splice(place, 1);
    entries.roles.splice(place, 1);
  }

  #endOfReaders(index: number): number {
    let end = 0;
    for (const { key, kind } of this.#accessesOf(index)) {
      const reader = at(this.#lastReaders, key);
      if (kind !== 'read' && reader > index) end = Math.max(end, reader + 1);
    }
    return end;
  }

  /** Turns the writes of an aborted transaction into ESTIMATEs. */
  markEstimates(index: number): void {
    this.#aborted[index] = 1;
  }

  incarnations(index: number): number {
    return at(this.#incarnations, index);
  }

  /** Notes that a read of a transaction is about to happen. */
  noteReader(index: number, read: number): void {
    const key = at(this.readKeys, read);
    if (at(this.#lastReaders, key) + READER_LAG < index) this.#lastReaders[key] = index;
  }

  /**
   * Appends to `versions` what a read of a transaction sees now: pairs (transaction, incarnation) of the latest earlier
   * writer and of those that added since, highest transaction first, and END_OF_READ. Where that meets an ESTIMATE, the
   * answer is its transaction, and `versions` is of no use; else null.
   */
  read(index: number, read: number, versions: number[]): number | null {
    const entries = this.#entries[at(this.readKeys, read)];
    if (entries === undefined) throw new RangeError(`expected keys below ${this.#entries.length}`);
    for (let place = countBelow(entries.transactions, index) - 1; place >= 0; place--) {
      const source = at(entries.transactions, place);
      const role = entries.roles[place];
      if (role === 'predicted' || at(this.#aborted, source) === 1) return source;
      versions.push(source, this.incarnations(source) - 1);
      if (role === 'write') break;
    }
    versions.push(END_OF_READ);
    return null;
  }

  /** Whether all reads of a transaction would see `versions` again. `scratch` is overwritten. */
  readsAgain(index: number, versions: readonly number[], scratch: number[]): boolean {
    scratch.length = 0;
    for (let read = at(this.readOffsets, index); read < at(this.readOffsets, index + 1); read++) {
      if (this.read(index, read, scratch) !== null) return false;
    }
    return scratch.length === versions.length && scratch.every((value, place) => value === versions[place]);
  }
}

/** Workloads have their accesses in this order mostly. */
function readsByPosition(accesses: readonly WorkAccess[]): WorkAccess[] {
  const reads = accesses.filter(({ kind }) => kind === 'read');
  const isSorted = reads.every(({ position }, place) => place === 0 || (reads[place - 1]?.position ?? 0) <= position);
  return isSorted ? reads : reads.sort((a, b) => a.position - b.position);
}

/** How many elements of an ascending list are below `value`. */
function countBelow(sorted: readonly number[], value: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (at(sorted, middle) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
