import { NO_SELECTOR } from '../calls/decode.js';
import { grownFloat64, grownInt32 } from '../numbers.js';
import { evidenceLevel } from '../tables/levels.js';
import { StampedIndex } from '../tables/stamped-index.js';
import type { BlockCall } from './block-call.js';

const UNKNOWN = -1;

/** What the features of a block's pairs say of one transaction, column by column; one serves many blocks. */
export class BlockColumns {
  calls: readonly BlockCall[] = [];
  from = new Int32Array(256);
  to = new Int32Array(256);
  selector = new Int32Array(256);
  functionId = new Int32Array(256);
  codeFunctionId = new Int32Array(256);
  /** Equal for equal inputs. */
  inputHash = new Int32Array(256);
  /** In wei, rounded; -1 where there is none. */
  price = new Float64Array(256);
  hasValue = new Int32Array(256);
  hasSelector = new Int32Array(256);
  /** `evidenceLevel` of the gas limit, calls of the function in history, candidate keys. */
  gasLimitLevel = new Int32Array(256);
  callsLevel = new Int32Array(256);
  keysLevel = new Int32Array(256);
  /** The same of calls of the same function in the block, and before it in the block. */
  groupLevel = new Int32Array(256);
  rankLevel = new Int32Array(256);
  /** A bit for each party by its number modulo 32: where two have none in common, they share no party. */
  partyBits = new Int32Array(256);
  /** Where the parties of a transaction begin in the columns below; one more than there are transactions. */
  partyStart = new Int32Array(256);
  party = new Int32Array(1024);
  /** Of the party among the calls of the function; NaN while it is not known. */
  rarity = new Float64Array(1024);
  /** Level and evidence of pairs that share the party, as `PairDescriber` packs them; -1 while they are not known. */
  partyLevels = new Int32Array(1024);
  readonly #functions = new StampedIndex();
  #group = new Int32Array(256);
  #groupSize = new Int32Array(256);

  start(calls: readonly BlockCall[]): void {
    this.calls = calls;
    while (this.from.length <= calls.length) this.#grow();
    this.#functions.clear();
    let parties = 0;
    for (let index = 0; index < calls.length; index++) {
      const call = calls[index];
      if (call === undefined) continue;
      this.#describe(call, index);
      this.partyStart[index] = parties;
      parties = this.#addParties(call.parties, index, parties);
    }
    this.partyStart[calls.length] = parties;
    for (let index = 0; index < calls.length; index++) {
      this.groupLevel[index] = evidenceLevel(this.#groupSize[this.#group[index] ?? 0] ?? 0);
    }
  }

  #describe({ call, functionId, codeFunctionId, functionCalls, keys }: BlockCall, index: number): void {
    const { transaction, words } = call;
    this.from[index] = call.from;
    this.to[index] = call.to;
    this.selector[index] = call.selector;
    this.functionId[index] = functionId;
    this.codeFunctionId[index] = codeFunctionId;
    const price = priceWei(call);
    this.price[index] = price === null ? -1 : Number(price);
    this.hasValue[index] = transaction.valueWei > 0n ? 1 : 0;
    this.hasSelector[index] = call.selector !== NO_SELECTOR ? 1 : 0;
    this.gasLimitLevel[index] = evidenceLevel(transaction.gasLimit);
    this.callsLevel[index] = evidenceLevel(functionCalls);
    this.keysLevel[index] = evidenceLevel(keys.length);
    let hash = Math.imul(transaction.input.length ^ call.selector, 0x9e3779b1);
    for (let word = 0; word < words.length; word++) hash = Math.imul(hash ^ (words[word] ?? 0), 0x85ebca6b);
    this.inputHash[index] = hash;
    const group = this.#functions.size;
    const found = this.#functions.add(functionId);
    const rank = found === group ? 0 : (this.#groupSize[found] ?? 0);
    this.#group[index] = found;
    this.#groupSize[found] = rank + 1;
    this.rankLevel[index] = evidenceLevel(rank);
  }

  #addParties(parties: readonly number[], index: number, start: number): number {
    while (start + parties.length > this.party.length) this.#growParties();
    let bits = 0;
    for (let position = 0; position < parties.length; position++) {
      const party = parties[position] ?? 0;
      bits |= 1 << (party & 31);
      this.party[start + position] = party;
      this.rarity[start + position] = Number.NaN;
      this.partyLevels[start + position] = UNKNOWN;
    }
    this.partyBits[index] = bits;
    return start + parties.length;
  }

  #grow(): void {
    this.from = grownInt32(this.from);
    this.to = grownInt32(this.to);
    this.selector = grownInt32(this.selector);
    this.functionId = grownInt32(this.functionId);
    this.codeFunctionId = grownInt32(this.codeFunctionId);
    this.inputHash = grownInt32(this.inputHash);
    this.price = grownFloat64(this.price);
    this.hasValue = grownInt32(this.hasValue);
    this.hasSelector = grownInt32(this.hasSelector);
    this.gasLimitLevel = grownInt32(this.gasLimitLevel);
    this.callsLevel = grownInt32(this.callsLevel);
    this.keysLevel = grownInt32(this.keysLevel);
    this.groupLevel = grownInt32(this.groupLevel);
    this.rankLevel = grownInt32(this.rankLevel);
    this.partyBits = grownInt32(this.partyBits);
    this.partyStart = grownInt32(this.partyStart);
    this.#group = grownInt32(this.#group);
    this.#groupSize = grownInt32(this.#groupSize);
  }

  #growParties(): void {
    this.party = grownInt32(this.party);
    this.rarity = grownFloat64(this.rarity);
    this.partyLevels = grownInt32(this.partyLevels);
  }
}

/** What the transaction offers for a unit of gas; null where it does not say. */
export function priceWei({ transaction }: BlockCall['call']): bigint | null {
  return transaction.gasPriceWei ?? transaction.maxFeePerGasWei;
}
