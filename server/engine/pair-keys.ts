import { nameOfKey } from '../../model/access-rows.js';
import type { ModelPrediction } from '../../model/predictor.js';
import { at } from '../../scheduler/rows.js';
import type { BlockRecord } from '../../types.js';
import type { ConflictEdge, HotKey } from '../live.js';
import { contendedKeysOf } from './hot-keys.js';

/** By transaction: bit i is set where it touches, or changes, hot key i, a storage slot. */
interface KeyBits {
  readonly touched: Int32Array;
  readonly changed: Int32Array;
}

/** Probabilities from which on an access, or a change, is predicted. */
export interface UseThresholds {
  readonly access: number;
  readonly write: number;
}

/**
 * Knows the hot key that joins two transactions of a block: the later one touches what the earlier one changes. Pairs are judged by
 * storage slots, so that accounts join none, however hot.
 */
export class PairKeys {
  readonly #places: ReadonlyMap<string, number>;
  readonly #observed: KeyBits;
  readonly #predicted: KeyBits;

  constructor(hotKeys: readonly HotKey[], record: BlockRecord, { prediction, thresholds }: PredictedUses) {
    this.#places = new Map(
      hotKeys.flatMap((key, place) => (key.slot === null ? [] : [[nameOfKey(key as NamedKey), place]])),
    );
    this.#observed = this.#trueBits(record);
    this.#predicted = this.#predictedBits(prediction, thresholds);
  }

  /** Its place among the hot keys, the hottest of several: by what happened, of pairs that did not by what was predicted. */
  of({ earlier, later, observed }: Pick<ConflictEdge, 'earlier' | 'later' | 'observed'>): number | null {
    const { touched, changed } = observed ? this.#observed : this.#predicted;
    const joining = at(touched, later) & at(changed, earlier);
    return joining === 0 ? null : 31 - Math.clz32(joining & -joining);
  }

  #trueBits({ transactions, header }: BlockRecord): KeyBits {
    const bits = noBits(transactions.length);
    for (const [index, transaction] of transactions.entries()) {
      for (const [name, { writes }] of contendedKeysOf(transaction, header.feeRecipient)) {
        this.#mark(bits.touched, index, name);
        if (writes) this.#mark(bits.changed, index, name);
      }
    }
    return bits;
  }

  #predictedBits({ accesses }: ModelPrediction, { access, write }: UseThresholds): KeyBits {
    const bits = noBits(accesses.offsets.length - 1);
    const names = accesses.keys.map(nameOfKey);
    for (let index = 0; index + 1 < accesses.offsets.length; index++) {
      for (let entry = at(accesses.offsets, index); entry < at(accesses.offsets, index + 1); entry++) {
        const name = names[at(accesses.keyIndices, entry)] ?? '';
        // Probabilities are single precision, as thresholds have to be.
        if (at(accesses.readProbability, entry) >= Math.fround(access)) this.#mark(bits.touched, index, name);
        if (at(accesses.writeProbability, entry) >= Math.fround(write)) this.#mark(bits.changed, index, name);
      }
    }
    return bits;
  }

  #mark(bits: Int32Array, index: number, name: string): void {
    const place = this.#places.get(name);
    if (place !== undefined) bits[index] = at(bits, index) | (1 << place);
  }
}

interface PredictedUses {
  readonly prediction: ModelPrediction;
  readonly thresholds: UseThresholds;
}

type NamedKey = Parameters<typeof nameOfKey>[0];

function noBits(transactions: number): KeyBits {
  return { touched: new Int32Array(transactions), changed: new Int32Array(transactions) };
}
