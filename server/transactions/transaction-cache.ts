import { LanecastError } from '../../errors.js';
import type { DecodeRawTransaction } from '../../executor/reference/index.js';
import type { Hash, Hex, Transaction } from '../../types.js';
import { invalid } from '../problem.js';
import { isBytes, isObject, refuse, EXPECTED, type Json } from './fields.js';
import { readTransaction } from './read-transaction.js';

interface Entry {
  /** As it came: an object, or raw bytes as text. */
  readonly source: Json | string;
  readonly transaction: Transaction;
  readonly bytes: number;
  /** Blocks that had been learned when it came. */
  readonly learnedBlocks: number;
}

export interface TransactionCacheOptions {
  readonly decodeRaw: DecodeRawTransaction;
  /** Told of transactions that are kept no longer. */
  readonly onLeave: (transactions: readonly Transaction[]) => void;
  /** Blocks that the model knew before. */
  readonly learnedBlocks?: number;
  readonly maxTransactions?: number;
  readonly maxBytes?: number;
}

const MAX_TRANSACTIONS = 50_000;
const MAX_BYTES = 128 * 2 ** 20;
/** About what a transaction takes beside its input. */
const ENTRY_BYTES = 2_048;
/** Of one sender and nonce; replacements with a higher fee are few. */
const MOST_OF_A_KEY = 4;
/** What a transaction was expected to do before so many blocks were learned is worked out anew … */
const STALE_AFTER_BLOCKS = 16;
/** … or before this share of all blocks that the model knows: the first blocks teach most. */
const STALE_SHARE = 1 / 8;

/**
 * Transactions that were asked about, because a mempool is asked about again and again: the same content gives the same object, and
 * what was prepared for it hangs on that. Compared by content in full, never by a hash that somebody states. Bounded; what was not
 * asked about for longest goes first.
 */
export class TransactionCache {
  readonly #options: Required<TransactionCacheOptions>;
  readonly #entries = new Map<string, Entry[]>();
  readonly #keyByHash = new Map<Hash, string>();
  #bytes = 0;
  #count = 0;
  #learnedBlocks: number;
  #hits = 0;

  constructor(options: TransactionCacheOptions) {
    this.#options = { maxTransactions: MAX_TRANSACTIONS, maxBytes: MAX_BYTES, learnedBlocks: 0, ...options };
    this.#learnedBlocks = this.#options.learnedBlocks;
  }

  get size(): number {
    return this.#count;
  }

  /** Of all reads those that found what they asked for. */
  get hits(): number {
    return this.#hits;
  }

  /** Throws Problem `invalid_request` naming the field. */
  read(value: unknown, index: number, path: string): Transaction {
    const key = keyOf(value);
    const known = key === null ? undefined : this.#find(key, value as Json | string);
    if (known !== undefined) {
      this.#hits += 1;
      return known;
    }
    const transaction = this.#decode(value, index, path);
    if (key !== null) this.#add(key, value as Json | string, transaction);
    return transaction;
  }

  /** A block was learned: its transactions wait no longer. */
  noteBlock(hashes: Iterable<Hash>): void {
    this.#learnedBlocks += 1;
    for (const hash of hashes) {
      const key = this.#keyByHash.get(hash);
      if (key !== undefined) this.#drop(key);
    }
  }

  /** Drops what was not asked about for longest. To be called when an answer was made, not while one is. */
  trim(): void {
    const { maxTransactions, maxBytes } = this.#options;
    for (const key of this.#entries.keys()) {
      if (this.#count <= maxTransactions && this.#bytes <= maxBytes) return;
      this.#drop(key);
    }
  }

  #decode(value: unknown, index: number, path: string): Transaction {
    if (typeof value !== 'string') return readTransaction(value, index, path);
    if (!isBytes(value)) return refuse(path, `a transaction object, or a raw transaction: ${EXPECTED.bytes}`, value);
    try {
      return this.#options.decodeRaw(value.toLowerCase() as Hex, index);
    } catch (error) {
      if (error instanceof LanecastError) throw invalid(path, `is no raw signed transaction: ${error.message}`);
      throw error;
    }
  }

  #find(key: string, source: Json | string): Transaction | undefined {
    const entries = this.#entries.get(key);
    if (entries === undefined) return undefined;
    const entry = entries.find((candidate) => isSame(candidate.source, source));
    if (entry === undefined) return undefined;
    if (this.#isStale(entry)) {
      this.#drop(key);
      return undefined;
    }
    // The last in a map are those that were asked about last.
    this.#entries.delete(key);
    this.#entries.set(key, entries);
    return entry.transaction;
  }

  #isStale({ learnedBlocks }: Entry): boolean {
    const limit = Math.min(STALE_AFTER_BLOCKS, Math.max(1, STALE_SHARE * this.#learnedBlocks));
    return this.#learnedBlocks - learnedBlocks >= limit;
  }

  #add(key: string, source: Json | string, transaction: Transaction): void {
    const bytes = ENTRY_BYTES + 2 * transaction.input.length;
    const entries = this.#entries.get(key) ?? [];
    if (entries.length >= MOST_OF_A_KEY) this.#leave(entries.splice(0, 1));
    entries.push({ source, transaction, bytes, learnedBlocks: this.#learnedBlocks });
    this.#entries.set(key, entries);
    this.#keyByHash.set(transaction.hash, key);
    this.#count += 1;
    this.#bytes += bytes;
  }

  #drop(key: string): void {
    const entries = this.#entries.get(key) ?? [];
    this.#entries.delete(key);
    this.#leave(entries);
  }

  #leave(entries: readonly Entry[]): void {
    for (const { transaction, bytes } of entries) {
      this.#keyByHash.delete(transaction.hash);
      this.#count -= 1;
      this.#bytes -= bytes;
    }
    this.#options.onLeave(entries.map(({ transaction }) => transaction));
  }
}

/** Null for what can't be a transaction. */
function keyOf(value: unknown): string | null {
  if (typeof value === 'string') return value;
  if (!isObject(value)) return null;
  const { from, nonce } = value;
  if (typeof from !== 'string') return null;
  return typeof nonce === 'string' || typeof nonce === 'number' ? `${from} ${nonce}` : from;
}

function isSame(a: Json | string, b: Json | string): boolean {
  if (typeof a === 'string' || typeof b === 'string') return a === b;
  let fields = 0;
  for (const name in a) {
    fields += 1;
    const [first, second] = [a[name], b[name]];
    if (first === second) continue;
    if (typeof first !== 'object' || JSON.stringify(first) !== JSON.stringify(second)) return false;
  }
  return fields === Object.keys(b).length;
}
