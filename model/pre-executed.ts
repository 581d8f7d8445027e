import type { PredictedQuantiles } from '../scheduler/predictor.js';
import type { Access, Address } from '../types.js';
import { WRITES, type KeyUse } from './access-rows.js';
import type { BlockCall } from './conflicts/block-call.js';
import type { PairCase } from './conflicts/pair-statistics.js';
import { intrinsicGas } from './costs/intrinsic-gas.js';
import { at } from './numbers.js';
import { PreExecutionTrust, type Observed } from './pre-execution-trust.js';
import { ACCOUNT, type KeySpace } from './tables/key-space.js';

/** What pre-execution said of some transactions of a block. */
export interface PreExecutionHints {
  /** By index in the block. */
  readonly preExecuted?: ReadonlyMap<number, Observed>;
  /** How far it is believed; as far as nothing was learned of it where absent. */
  readonly trust?: PreExecutionTrust;
}

type CallPair = Pick<PairCase, 'earlier' | 'later' | 'earlierIndex' | 'laterIndex'>;

/** Puts what pre-execution saw of transactions in place of what history says of them. Numbers their keys in `space`. */
export class PreExecutedCalls {
  readonly #space: KeySpace;
  readonly #trust: PreExecutionTrust;
  /** By index: how likely the transaction changes each of its keys, once that was asked for. */
  readonly #writes = new Map<number, ReadonlyMap<number, number>>();
  readonly #observed: NonNullable<PreExecutionHints['preExecuted']>;

  constructor(space: KeySpace, { preExecuted = new Map(), trust = new PreExecutionTrust() }: PreExecutionHints) {
    this.#space = space;
    this.#trust = trust;
    this.#observed = preExecuted;
  }

  has(index: number): boolean {
    return this.#observed.has(index);
  }

  /**
   * The calls with the keys of pre-executed ones replaced: what was seen has the rates of the trust, what only history
   * proposes remains as far as pre-execution uses to overlook things. The others stay as they are.
   */
  replace(calls: readonly BlockCall[]): readonly BlockCall[] {
    if (this.#observed.size === 0) return calls;
    return calls.map((call, index) => {
      const observed = this.#observed.get(index);
      return observed === undefined ? call : this.#replaceOne(call, observed);
    });
  }

  /** Visits what is expected of the slots of pre-executed transactions, which `replace` gave back. */
  forEachKey(calls: readonly BlockCall[], visit: (index: number, key: number, use: KeyUse) => void): void {
    for (const index of this.#observed.keys()) {
      const call = calls[index];
      if (call === undefined) continue;
      for (const [position, key] of call.keys.entries()) {
        visit(index, key, { touch: at(call.readEvidence, position), write: at(call.writeEvidence, position) });
      }
    }
  }

  /** The same for accounts; the one of the fee recipient, whom all pay, is left out. */
  forEachAccount(
    calls: readonly BlockCall[],
    feeRecipient: Address,
    visit: (index: number, key: number, use: KeyUse) => void,
  ): void {
    for (const [index, observed] of this.#observed) {
      const call = calls[index];
      if (call === undefined) continue;
      const { touched, written } = this.#trust.rates(observed);
      const sender = this.#space.key(call.call.from, ACCOUNT);
      const accounts = observed.accesses.filter(
        ({ field, address }) => field === 'account' && address !== feeRecipient,
      );
      for (const [key, isWritten] of this.#usesOf(accounts)) {
        visit(index, key, key === sender ? WRITES : { touch: touched, write: isWritten ? written : 0 });
      }
    }
  }

  /**
   * P(the later of a pair conflicts with the earlier), where history says `proposed`. Of a pair that was pre-executed as a whole
   * the slots that both use decide, and history counts for what may have been overlooked. Of one that was so by half they
   * can only add to it: history knows the other half.
   */
  pairProbability(
    calls: readonly BlockCall[],
    [earlierIndex, laterIndex]: readonly [number, number],
    proposed: number,
  ): number {
    const [earlierCall, laterCall] = [calls[earlierIndex], calls[laterIndex]];
    if (earlierCall === undefined || laterCall === undefined) return proposed;
    const pair = { earlier: earlierCall, later: laterCall, earlierIndex, laterIndex };
    const [earlier, later] = [this.#observed.get(pair.earlierIndex), this.#observed.get(pair.laterIndex)];
    if (earlier === undefined && later === undefined) return proposed;
    const shared = this.#overlap(pair);
    if (earlier === undefined || later === undefined) return Math.max(proposed, shared);
    const seen = this.#trust.rates(earlier).writesSeen * this.#trust.rates(later).touchesSeen;
    return 1 - (1 - shared) * (1 - proposed * (1 - seen));
  }

  /** Writes the gas of pre-executed transactions into the quantiles, spread as it was off so far. */
  adjustGas(calls: readonly BlockCall[], { levels, values }: PredictedQuantiles): void {
    for (const [index, observed] of this.#observed) {
      const call = calls[index];
      if (call === undefined) continue;
      const [lowest, highest] = [intrinsicGas(call.call), call.call.transaction.gasLimit];
      for (const [position, level] of levels.entries()) {
        const expected = observed.gasUsed * this.#trust.gasFactor(observed, level);
        values[index * levels.length + position] = Math.max(lowest, Math.min(highest, expected));
      }
    }
  }

  /** P(the later one touches a slot that the earlier one changes), slots taken as independent. */
  #overlap({ earlier, earlierIndex, later }: CallPair): number {
    const writes = this.#writesOf(earlier, earlierIndex);
    let missed = 1;
    for (const [position, key] of later.keys.entries()) {
      missed *= 1 - at(later.readEvidence, position) * (writes.get(key) ?? 0);
    }
    return 1 - missed;
  }

  #writesOf({ keys, writeEvidence }: BlockCall, index: number): ReadonlyMap<number, number> {
    const known = this.#writes.get(index);
    if (known !== undefined) return known;
    const writes = new Map(Array.from(keys, (key, position) => [key, at(writeEvidence, position)]));
    this.#writes.set(index, writes);
    return writes;
  }

  #replaceOne(call: BlockCall, observed: Observed): BlockCall {
    const { touched, written, touchesSeen, writesSeen } = this.#trust.rates(observed);
    const unseen = this.#usesOf(observed.accesses.filter(({ field }) => field === 'slot'));
    const [keys, reads, writes] = [
      Array.from(call.keys),
      Array.from(call.readEvidence),
      Array.from(call.writeEvidence),
    ];
    for (const [position, key] of keys.entries()) {
      const isWritten = unseen.get(key);
      unseen.delete(key);
      reads[position] = isWritten === undefined ? at(reads, position) * (1 - touchesSeen) : touched;
      const overlooked = Math.min(at(reads, position), at(writes, position) * (1 - writesSeen));
      writes[position] = isWritten === true ? Math.min(touched, written) : overlooked;
    }
    for (const [key, isWritten] of unseen) {
      keys.push(key);
      reads.push(touched);
      writes.push(isWritten ? Math.min(touched, written) : 0);
    }
    return {
      ...call,
      runsCode: call.runsCode || keys.length > 0,
      keys,
      readEvidence: reads.map(Math.fround),
      writeEvidence: writes.map(Math.fround),
    };
  }

  /** By key: whether it was changed. */
  #usesOf(accesses: readonly Access[]): Map<number, boolean> {
    const { words } = this.#space;
    const uses = new Map<number, boolean>();
    for (const { address, slot, kind } of accesses) {
      const key = this.#space.key(words.addAddress(address), slot === null ? ACCOUNT : words.addHex(slot));
      uses.set(key, uses.get(key) === true || kind !== 'read');
    }
    return uses;
  }
}
