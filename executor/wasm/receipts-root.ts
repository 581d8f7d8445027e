import type { Hash } from '../../types.js';
import { logAt, numberAt, receiptAt, viewHeap, type Heap, type PlacedLog, type PlacedReceipt } from './heap.js';
import type { EngineInstance } from './instance.js';
import * as layout from './layout.js';
import { bytesOfNumber, encodedBytes, encodedNumberBytes, RlpWriter } from './rlp.js';
import type { Placed } from './run.js';

const HASH_BYTES = 32;
/** Keccak-256 of the RLP of nothing. */
const EMPTY_ROOT: Hash = '0x56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421';
/** Of the longest key: RLP of an index of four bytes. */
const MOST_NIBBLES = 10;
/** Room for a branch: a header, sixteen hashes, no value. */
const NODE_BYTES = 544;
/** Room for a leaf beyond its logs. */
const LEAF_BYTES = 512;

const ONE_BYTE_KEYS = 128;
const NOTHING = 0x80;
const HASH_HEADER = NOTHING + HASH_BYTES;

/** Of the receipts in the engine's memory. Throws UNSUPPORTED where the memory has no room for one receipt more. */
export function computeReceiptsRoot(engine: EngineInstance, placed: Placed): Hash {
  return placed.count === 0 ? EMPTY_ROOT : new ReceiptTrie(engine, placed).root();
}

/**
 * The trie of receipts, built at once from its sorted keys: each node is encoded and hashed once, by the engine, in its memory. Three
 * things make it simpler than tries are. A receipt has a bloom, so that every leaf, and so every node, is at least 32 bytes long:
 * nodes refer to each other by hash. No key, an index in RLP, begins with another: branches have no values. Keys sort as the
 * indices do, but for 0, whose key is 0x80.
 */
class ReceiptTrie {
  readonly #engine: EngineInstance;
  readonly #placed: Placed;
  readonly #heap: Heap;
  readonly #writer: RlpWriter;
  /** One node for each depth, then a leaf. */
  readonly #nodes: number;
  readonly #leaf: number;
  /** By place in the order of keys. */
  readonly #indices: Uint32Array;
  /** By index. */
  readonly #nibbles: Uint8Array;
  readonly #cumulativeGas: Float64Array;

  constructor(engine: EngineInstance, placed: Placed) {
    const longest = longestLogsBytes(viewHeap(engine), placed);
    const nodesBytes = NODE_BYTES * (MOST_NIBBLES + 1) + HASH_BYTES;
    const room = engine.allocate(nodesBytes + LEAF_BYTES + longest);
    this.#engine = engine;
    this.#placed = placed;
    this.#heap = viewHeap(engine);
    this.#writer = new RlpWriter(this.#heap.bytes);
    this.#nodes = room - this.#heap.start;
    this.#leaf = this.#nodes + nodesBytes;
    this.#indices = indicesByKey(placed.count);
    this.#nibbles = nibblesOfKeys(placed.count);
    this.#cumulativeGas = cumulativeGasOf(this.#heap, placed);
  }

  root(): Hash {
    const to = this.#leaf - HASH_BYTES;
    this.#hashRange(0, this.#placed.count, { depth: 0, to });
    return `0x${Buffer.from(this.#heap.bytes.slice(to, to + HASH_BYTES)).toString('hex')}`;
  }

  /** Hashes what holds the receipts from one place in the order of keys up to another. */
  #hashRange(first: number, end: number, { depth, to }: NodePlace): void {
    if (end - first === 1) {
      this.#hashLeaf(this.#indexAt(first), { depth, to });
      return;
    }
    const shared = this.#endOfSharedPath(first, end, depth);
    if (shared === depth) this.#hashBranch(first, end, { depth, to });
    else this.#hashExtension(first, end, { depth, to, shared });
  }

  #hashBranch(first: number, end: number, { depth, to }: NodePlace): void {
    const content = this.#nodes + NODE_BYTES * depth + 3;
    const { bytes } = this.#heap;
    let at = content;
    let from = first;
    for (let nibble = 0; nibble < 16; nibble += 1) {
      let until = from;
      while (until < end && this.#nibbleAt(this.#indexAt(until), depth) === nibble) until += 1;
      if (until === from) {
        bytes[at] = NOTHING;
        at += 1;
      } else {
        bytes[at] = HASH_HEADER;
        this.#hashRange(from, until, { depth: depth + 1, to: at + 1 });
        at += 1 + HASH_BYTES;
      }
      from = until;
    }
    bytes[at] = NOTHING;
    const contentBytes = at + 1 - content;
    // Two hashes make it too long for a short header.
    const start = content - 1 - bytesOfNumber(contentBytes);
    this.#writer.at = start;
    this.#writer.list(contentBytes);
    this.#hash(to, start, at + 1 - start);
  }

  #hashExtension(first: number, end: number, { depth, to, shared }: NodePlace & { readonly shared: number }): void {
    const writer = this.#writer;
    const start = this.#nodes + NODE_BYTES * depth;
    writer.at = start;
    writer.list(encodedPathBytes(shared - depth) + 1 + HASH_BYTES);
    this.#writePath(this.#indexAt(first), { from: depth, to: shared, flag: 0 });
    writer.byte(HASH_HEADER);
    const hash = writer.at;
    this.#hashBranch(first, end, { depth: shared, to: hash });
    this.#hash(to, start, hash + HASH_BYTES - start);
  }

  #hashLeaf(index: number, { depth, to }: NodePlace): void {
    const writer = this.#writer;
    const receipt = receiptAt(this.#heap, this.#placed, index);
    const type = numberAt(this.#heap, this.#transactionAt(index) + layout.T_TYPE);
    const logsBytes = logsContentBytes(this.#heap, receipt);
    const gas = this.#cumulativeGas[index] ?? 0;
    const fieldsBytes = 1 + encodedNumberBytes(gas) + encodedBytes(layout.BLOOM_BYTES) + encodedBytes(logsBytes);
    const valueBytes = (type === 0 ? 0 : 1) + encodedBytes(fieldsBytes);
    const length = keyNibbles(index);
    writer.at = this.#leaf;
    writer.list(encodedPathBytes(length - depth) + encodedBytes(valueBytes));
    this.#writePath(index, { from: depth, to: length, flag: 2 });
    writer.string(valueBytes);
    if (type !== 0) writer.byte(type);
    writer.list(fieldsBytes);
    writer.number(receipt.succeeded ? 1 : 0);
    writer.number(gas);
    writer.string(layout.BLOOM_BYTES);
    if (receipt.bloom === null) writer.zeros(layout.BLOOM_BYTES);
    else writer.copy(receipt.bloom, layout.BLOOM_BYTES);
    writer.list(logsBytes);
    this.#writeLogs(receipt);
    this.#hash(to, this.#leaf, writer.at - this.#leaf);
  }

  #writeLogs({ logs, logCount }: PlacedReceipt): void {
    const writer = this.#writer;
    let at = logs;
    for (let count = logCount; count > 0; count -= 1) {
      const log = logAt(this.#heap, at);
      writer.list(logContentBytes(this.#heap, log));
      writer.string(20);
      writer.copy(log.address, 20);
      writer.list((1 + 32) * log.topicCount);
      for (let topic = 0; topic < log.topicCount; topic += 1) {
        writer.string(32);
        writer.copy(log.topics + 32 * topic, 32);
      }
      if (!isOwnEncoding(this.#heap, log)) writer.string(log.dataBytes);
      writer.copy(log.data, log.dataBytes);
      at = log.end;
    }
  }

  /** Part of a key in compact form. */
  #writePath(
    index: number,
    { from, to, flag }: { readonly from: number; readonly to: number; readonly flag: number },
  ): void {
    const writer = this.#writer;
    const isOdd = (to - from) % 2 === 1;
    if (to - from > 1) writer.string(1 + ((to - from) >> 1));
    writer.byte(isOdd ? ((flag + 1) << 4) | this.#nibbleAt(index, from) : flag << 4);
    for (let place = isOdd ? from + 1 : from; place < to; place += 2) {
      writer.byte((this.#nibbleAt(index, place) << 4) | this.#nibbleAt(index, place + 1));
    }
  }

  /** Keys are sorted: what the first and the last have in common, all have. */
  #endOfSharedPath(first: number, end: number, depth: number): number {
    const [one, other] = [this.#indexAt(first), this.#indexAt(end - 1)];
    let place = depth;
    while (this.#nibbleAt(one, place) === this.#nibbleAt(other, place)) place += 1;
    return place;
  }

  #transactionAt(index: number): number {
    return this.#placed.transactions - this.#heap.start + layout.TRANSACTION_BYTES * index;
  }

  #indexAt(place: number): number {
    return this.#indices[place] ?? 0;
  }

  #nibbleAt(index: number, place: number): number {
    return this.#nibbles[MOST_NIBBLES * index + place] ?? 0;
  }

  #hash(to: number, from: number, length: number): void {
    this.#engine.exports.keccak256(this.#heap.start + to, this.#heap.start + from, length);
  }
}

/** How deep a node lies, and where its hash goes. */
interface NodePlace {
  readonly depth: number;
  readonly to: number;
}

function longestLogsBytes(heap: Heap, placed: Placed): number {
  let longest = 0;
  for (let index = 0; index < placed.count; index += 1) {
    longest = Math.max(longest, receiptAt(heap, placed, index).logsBytes);
  }
  return longest;
}

function cumulativeGasOf(heap: Heap, placed: Placed): Float64Array {
  const sums = new Float64Array(placed.count);
  let sum = 0;
  for (let index = 0; index < placed.count; index += 1) {
    sum += receiptAt(heap, placed, index).gasUsed;
    sums[index] = sum;
  }
  return sums;
}

function indicesByKey(count: number): Uint32Array {
  const last = Math.min(count, ONE_BYTE_KEYS) - 1;
  return Uint32Array.from({ length: count }, (_, place) => (place < last ? place + 1 : place === last ? 0 : place));
}

function keyNibbles(index: number): number {
  return index < ONE_BYTE_KEYS ? 2 : 2 + 2 * bytesOfNumber(index);
}

function nibblesOfKeys(count: number): Uint8Array {
  const nibbles = new Uint8Array(MOST_NIBBLES * count);
  const writer = new RlpWriter(new Uint8Array(MOST_NIBBLES / 2));
  for (let index = 0; index < count; index += 1) {
    writer.at = 0;
    writer.number(index);
    for (let place = 0; place < writer.at; place += 1) {
      nibbles[MOST_NIBBLES * index + 2 * place] = writer.byteAt(place) >> 4;
      nibbles[MOST_NIBBLES * index + 2 * place + 1] = writer.byteAt(place) & 15;
    }
  }
  return nibbles;
}

/** Its first byte holds a flag and, where the number of nibbles is odd, the first of them. */
function encodedPathBytes(nibbles: number): number {
  return nibbles > 1 ? 2 + (nibbles >> 1) : 1;
}

function logsContentBytes(heap: Heap, { logs, logCount }: PlacedReceipt): number {
  let sum = 0;
  let at = logs;
  for (let count = logCount; count > 0; count -= 1) {
    const log = logAt(heap, at);
    sum += encodedBytes(logContentBytes(heap, log));
    at = log.end;
  }
  return sum;
}

function logContentBytes(heap: Heap, log: PlacedLog): number {
  const dataBytes = isOwnEncoding(heap, log) ? 1 : encodedBytes(log.dataBytes);
  return encodedBytes(20) + encodedBytes((1 + 32) * log.topicCount) + dataBytes;
}

/** One byte below 0x80. */
function isOwnEncoding({ bytes }: Heap, { data, dataBytes }: PlacedLog): boolean {
  return dataBytes === 1 && (bytes[data] ?? 0) < 0x80;
}
