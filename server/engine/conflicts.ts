import type { ModelPrediction } from '../../model/predictor.js';
import { uncertaintySlots } from '../../model/uncertainty.js';
import type { PredictedQuantiles } from '../../scheduler/predictor.js';
import { at } from '../../scheduler/rows.js';
import { ZERO_WORD, type Transaction } from '../../types.js';
import type { ConflictsAnswer } from '../schemas.js';
import type { EngineParts } from './engine.js';
import type { PhaseClock } from './phases.js';
import type { AskedConflicts } from './requests.js';

type Parts = Pick<EngineParts, 'hints'>;
type Answer = Omit<ConflictsAnswer, 'model' | 'cost'>;

/** Slots expected to be misjudged from which on a transaction is called uncertain. */
const UNCERTAIN_SLOTS = 0.5;

export function answerConflicts(
  { pending, minProbability }: AskedConflicts,
  { hints }: Parts,
  clock: PhaseClock,
): Answer {
  const { predictor } = hints;
  predictor.prepare(pending);
  clock.end('prepareMs');
  const prediction = predictor.predict(pending);
  const keys = new KeyList(prediction);
  const answer = {
    quantileLevels: [...prediction.gasUsed.levels],
    transactions: pending.transactions.map((transaction, index) => ({
      index,
      hash: transaction.hash === ZERO_WORD ? null : transaction.hash,
      accesses: accessesOf(prediction, index, { keys, minProbability }),
      dependentProbability: probability(at(prediction.dependentProbability, index)),
      gas: quantilesOf(prediction.gasUsed, index),
      timeNs: prediction.executionNs === null ? null : quantilesOf(prediction.executionNs, index),
    })),
    keys: keys.named(),
    conflicts: conflictsOf(prediction, minProbability),
    uncertain: pending.transactions.flatMap((transaction, index) => describeUncertainty(transaction, index, predictor)),
  };
  clock.end('predictMs');
  return answer;
}

/** The keys that an answer mentions, each once. */
class KeyList {
  readonly #keys: ModelPrediction['accesses']['keys'];
  readonly #numbers = new Map<number, number>();

  constructor({ accesses }: ModelPrediction) {
    this.#keys = accesses.keys;
  }

  numberOf(key: number): number {
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    this.#numbers.set(key, this.#numbers.size);
    return this.#numbers.size - 1;
  }

  named(): Answer['keys'] {
    return Array.from(this.#numbers.keys(), (key) => this.#keys[key]).flatMap((key) => key ?? []);
  }
}

interface AccessOptions {
  readonly keys: KeyList;
  readonly minProbability: number;
}

function accessesOf(
  { accesses }: ModelPrediction,
  index: number,
  { keys, minProbability }: AccessOptions,
): Answer['transactions'][number]['accesses'] {
  const listed = [];
  for (let entry = at(accesses.offsets, index); entry < at(accesses.offsets, index + 1); entry++) {
    const touch = at(accesses.readProbability, entry);
    if (touch < minProbability) continue;
    const write = at(accesses.writeProbability, entry);
    listed.push({
      key: keys.numberOf(at(accesses.keyIndices, entry)),
      touch: probability(touch),
      write: probability(write),
    });
  }
  return listed;
}

function conflictsOf({ conflicts }: ModelPrediction, minProbability: number): Answer['conflicts'] {
  const pairs = [];
  for (let later = 0; later + 1 < conflicts.offsets.length; later++) {
    for (let pair = at(conflicts.offsets, later); pair < at(conflicts.offsets, later + 1); pair++) {
      const likely = at(conflicts.probability, pair);
      if (likely < minProbability) continue;
      pairs.push({ earlier: at(conflicts.earlier, pair), later, probability: probability(likely) });
    }
  }
  return pairs;
}

function quantilesOf({ levels, values }: PredictedQuantiles, index: number): number[] {
  const from = index * levels.length;
  return Array.from(values.subarray(from, from + levels.length), (value) => Math.round(value));
}

function describeUncertainty(
  transaction: Transaction,
  index: number,
  predictor: Parts['hints']['predictor'],
): Answer['uncertain'] {
  const slots = uncertaintySlots(predictor.prepared(transaction).call);
  if (slots < UNCERTAIN_SLOTS) return [];
  if (transaction.to === null) {
    const explanation = 'It creates a contract: what its constructor touches is not known from history.';
    return [{ index, reason: 'contract-creation', expectedMisjudgedSlots: null, explanation }];
  }
  if (slots === Infinity) {
    const explanation = 'This function of this contract was called too rarely in the blocks that were learned.';
    return [{ index, reason: 'unknown-function', expectedMisjudgedSlots: null, explanation }];
  }
  const explanation = `Calls of this function differ: about ${slots.toFixed(1)} slots are expected to be misjudged.`;
  return [{ index, reason: 'varies', expectedMisjudgedSlots: Math.round(slots * 100) / 100, explanation }];
}

/** To four digits. */
function probability(value: number): number {
  return Math.min(1, Math.max(0, Math.round(value * 10_000) / 10_000));
}
