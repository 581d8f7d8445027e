import type { Transaction } from '../../types.js';
import type { KeySpace } from '../tables/key-space.js';
import type { Contracts } from './contracts.js';

/** What a transaction says before it is executed, in numbers of words. */
export interface DecodedCall {
  readonly transaction: Transaction;
  readonly from: number;
  /** -1 creates a contract. */
  readonly to: number;
  /** First four bytes of the input as a signed integer; `NO_SELECTOR` where it has fewer. */
  readonly selector: number;
  /** The first words after the selector. */
  readonly words: readonly number[];
  /** Addresses among the arguments in their order, each once; sender and recipient left out. */
  readonly addresses: readonly number[];
  /** The addresses, and the sender after them. */
  readonly parties: readonly number[];
  readonly zeroBytes: number;
  readonly nonzeroBytes: number;
}

/** Also what the selector 0xffffffff reads as; nobody uses it. */
export const NO_SELECTOR = -1;
const SELECTOR_BYTES = 4;
const WORD_BYTES = 32;
const ADDRESS_BYTES = 20;
const PADDING_BYTES = WORD_BYTES - ADDRESS_BYTES;
const MAX_WORDS = 16;
const MAX_ADDRESSES = 24;
/** Arguments beyond are data. */
const MAX_SCANNED_BYTES = 4096;

/** Reads transactions into words; one buffer serves all of them. */
export class CallDecoder {
  readonly #space: KeySpace;
  readonly #contracts: Contracts;
  /** Calldata is laid so that the words after the selector are aligned. */
  readonly #lanes = new Int32Array((MAX_SCANNED_BYTES + 2 * WORD_BYTES) / 4);
  readonly #bytes = Buffer.from(this.#lanes.buffer);
  readonly #found: number[] = [];
  #decoded = new WeakMap<Transaction, DecodedCall>();
  #version = -1;

  constructor(space: KeySpace, contracts: Contracts) {
    this.#space = space;
    this.#contracts = contracts;
  }

  /** Remembers what it decoded until a contract becomes known, whose address may stand in any calldata. */
  decode(transaction: Transaction): DecodedCall {
    const { version } = this.#contracts;
    if (version !== this.#version) {
      this.#version = version;
      this.#decoded = new WeakMap();
    }
    let call = this.#decoded.get(transaction);
    if (call === undefined) {
      call = this.#decode(transaction);
      this.#decoded.set(transaction, call);
    }
    return call;
  }

  #decode(transaction: Transaction): DecodedCall {
    const { words } = this.#space;
    const from = words.addAddress(transaction.from);
    const to = transaction.to === null ? -1 : words.addAddress(transaction.to);
    const inputBytes = (transaction.input.length - 2) / 2;
    const nothing = { transaction, from, to, selector: NO_SELECTOR, words: NO_WORDS, addresses: NO_WORDS };
    const parties = [from];
    if (inputBytes === 0) return { ...nothing, parties, zeroBytes: 0, nonzeroBytes: 0 };
    const scanned = Math.min(inputBytes, MAX_SCANNED_BYTES);
    const start = WORD_BYTES - SELECTOR_BYTES;
    this.#writeBytes(transaction.input, start, scanned);
    const zeroBytes = this.#countZeroBytes(transaction.input, start, start + scanned);
    const counts = { zeroBytes, nonzeroBytes: inputBytes - zeroBytes };
    if (to < 0 || inputBytes < SELECTOR_BYTES) return { ...nothing, parties, ...counts };
    const end = start + scanned;
    const callWords = this.#readWords(end);
    const addresses = this.#findAddresses(end, from, to);
    return {
      transaction,
      from,
      to,
      selector: this.#bytes.readInt32BE(start),
      words: callWords,
      addresses,
      parties: addresses.length === 0 ? parties : [...addresses, from],
      ...counts,
    };
  }

  #writeBytes(input: string, start: number, count: number): void {
    this.#bytes.write(input.slice(2, 2 + 2 * count), start, 'hex');
  }

  /** What was scanned stands in bytes; the rest is still text. */
  #countZeroBytes(input: string, start: number, end: number): number {
    let count = countZeroBytes(input, end - start);
    for (let position = start; position < end; position++) if (this.#bytes[position] === 0) count += 1;
    return count;
  }

  #readWords(end: number): readonly number[] {
    const count = Math.min(MAX_WORDS, Math.floor((end - WORD_BYTES) / WORD_BYTES));
    if (count <= 0) return NO_WORDS;
    const words: number[] = [];
    for (let index = 0; index < count; index++) {
      words.push(this.#space.words.add(this.#lanes, ((index + 1) * WORD_BYTES) / 4));
    }
    return words;
  }

  /** Words that look like an address, and known contracts wherever they stand. */
  #findAddresses(end: number, from: number, to: number): readonly number[] {
    const found = this.#found;
    found.length = 0;
    const bytes = this.#bytes;
    const space = this.#space;
    const last = end - ADDRESS_BYTES;
    for (let position = WORD_BYTES; position <= last && found.length < MAX_ADDRESSES;) {
      const padded = position + ((PADDING_BYTES - position) & (WORD_BYTES - 1));
      const place = this.#contracts.nextPossible(bytes, position, Math.min(padded, last));
      let address = place < 0 ? -1 : this.#contracts.findAt(bytes, place);
      position = place < 0 ? padded : place;
      if (
        address < 0 &&
        position === padded &&
        padded <= last &&
        isAddressLike(this.#lanes, (padded - PADDING_BYTES) / 4)
      ) {
        address = space.words.add(this.#lanes, (padded - PADDING_BYTES) / 4);
      }
      if (address >= 0 && address !== from && address !== to && !found.includes(address)) found.push(address);
      position += address < 0 ? 1 : ADDRESS_BYTES;
    }
    return found.length === 0 ? NO_WORDS : found.slice();
  }
}

const NO_WORDS: readonly number[] = [];

/** Whether a word may be an address: 12 zero bytes, and no small number after them. */
function isAddressLike(lanes: Int32Array, position: number): boolean {
  const isPadded = lanes[position] === 0 && lanes[position + 1] === 0 && lanes[position + 2] === 0;
  return isPadded && (lanes[position + 3] !== 0 || lanes[position + 4] !== 0);
}

/** Of the digits of an input from a byte on. */
function countZeroBytes(input: string, firstByte: number): number {
  let count = 0;
  for (let position = 2 + 2 * firstByte; position < input.length; position += 2) {
    if (input.charCodeAt(position) === 48 && input.charCodeAt(position + 1) === 48) count += 1;
  }
  return count;
}
