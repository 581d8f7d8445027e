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
  readonly words: Int32Array;
  /** Addresses among the arguments in their order, each once; sender and recipient left out. */
  readonly addresses: Int32Array;
  readonly zeroBytes: number;
  readonly nonzeroBytes: number;
}

/** Also what the selector 0xffffffff reads as; nobody uses it. */
export const NO_SELECTOR = -1;
const SELECTOR_BYTES = 4;
const WORD_BYTES = 32;
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

  constructor(space: KeySpace, contracts: Contracts) {
    this.#space = space;
    this.#contracts = contracts;
  }

  decode(transaction: Transaction): DecodedCall {
    const { words } = this.#space;
    const from = words.addAddress(transaction.from);
    const to = transaction.to === null ? -1 : words.addAddress(transaction.to);
    const inputBytes = (transaction.input.length - 2) / 2;
    const nothing = { transaction, from, to, selector: NO_SELECTOR, words: NO_WORDS, addresses: NO_WORDS };
    if (inputBytes === 0) return { ...nothing, zeroBytes: 0, nonzeroBytes: 0 };
    const scanned = Math.min(inputBytes, MAX_SCANNED_BYTES);
    const start = WORD_BYTES - SELECTOR_BYTES;
    this.#bytes.write(transaction.input.slice(2, 2 + 2 * scanned), start, 'hex');
    const zeroBytes = countZeroBytes(transaction.input);
    const counts = { zeroBytes, nonzeroBytes: inputBytes - zeroBytes };
    if (to < 0 || inputBytes < SELECTOR_BYTES) return { ...nothing, ...counts };
    const end = start + scanned;
    return {
      ...nothing,
      ...counts,
      selector: this.#bytes.readInt32BE(start),
      words: this.#readWords(end),
      addresses: this.#findAddresses(end, from, to),
    };
  }

  #readWords(end: number): Int32Array {
    const count = Math.min(MAX_WORDS, Math.floor((end - WORD_BYTES) / WORD_BYTES));
    if (count <= 0) return NO_WORDS;
    const words = new Int32Array(count);
    for (let index = 0; index < count; index++) {
      words[index] = this.#space.words.add(this.#lanes, ((index + 1) * WORD_BYTES) / 4);
    }
    return words;
  }

  /** Words that look like an address, and known contracts wherever they stand. */
  #findAddresses(end: number, from: number, to: number): Int32Array {
    const found = this.#found;
    found.length = 0;
    const bytes = this.#bytes;
    const space = this.#space;
    for (let position = WORD_BYTES; position + 20 <= end && found.length < MAX_ADDRESSES; position++) {
      let address = this.#contracts.findAt(bytes, position);
      const isWordStart = (position & (WORD_BYTES - 1)) === 12;
      if (address < 0 && isWordStart && isAddressLike(this.#lanes, (position - 12) / 4)) {
        address = space.words.add(this.#lanes, (position - 12) / 4);
      }
      if (address < 0) continue;
      if (address !== from && address !== to && !found.includes(address)) found.push(address);
      position += 19;
    }
    return found.length === 0 ? NO_WORDS : Int32Array.from(found);
  }
}

const NO_WORDS = new Int32Array(0);

/** Whether a word may be an address: 12 zero bytes, and no small number after them. */
function isAddressLike(lanes: Int32Array, position: number): boolean {
  const isPadded = lanes[position] === 0 && lanes[position + 1] === 0 && lanes[position + 2] === 0;
  return isPadded && (lanes[position + 3] !== 0 || lanes[position + 4] !== 0);
}

function countZeroBytes(input: string): number {
  let count = 0;
  for (let position = 2; position < input.length; position += 2) {
    if (input.charCodeAt(position) === 48 && input.charCodeAt(position + 1) === 48) count += 1;
  }
  return count;
}
