import type { DecodedCall } from '../calls/decode.js';
import { at } from '../numbers.js';
import type { KeySpace } from '../tables/key-space.js';
import { evidenceLevel, RATE_LEVELS, rateLevel } from '../tables/levels.js';
import type { Evaluator } from './expression.js';
import type { Popularity } from './popularity.js';
import type { AccessStatistics, Subject } from './statistics.js';
import { ARGUMENT, CODE, CONTRACT, FUNCTION, NEIGHBOUR, OWN, SELECTOR, SENDER, ARGUMENT_CODE } from './subjects.js';
import { SUBJECT_KIND_COUNT, type SubjectList } from './subjects.js';

/** Features of one candidate key, each a small integer: see `writeFeatures`. */
export const ACCESS_FEATURES = 3 * SUBJECT_KIND_COUNT + 9;

const KIND_OFFSET = 3 * SUBJECT_KIND_COUNT;
const EXPRESSION_KINDS: readonly string[] = ['c', 'm', 'v', 'a'];
const [PROPOSALS, KEY_POPULARITY, DECLARED, TARGET, ADDRESS_POPULARITY] = [4, 5, 6, 7, 8].map(
  (index) => KIND_OFFSET + index,
) as [number, number, number, number, number];
const MAX_PROPOSALS = 31;
/** What is asked first when the weight of the evidence is estimated: from the particular to the general. */
const BY_PARTICULARITY = [SENDER, ARGUMENT, FUNCTION, OWN, CODE, ARGUMENT_CODE, CONTRACT, NEIGHBOUR, SELECTOR];
const MIN_CALLS = 1;
/** What a key that general statistics alone propose is discounted by. */
const GENERAL_DISCOUNT = 0.7;

/** The keys that one call may touch, with the evidence for each: flat arrays that the next call overwrites. */
export class AccessCandidates {
  readonly keys: number[] = [];
  /** `ACCESS_FEATURES` a key. */
  features = new Uint8Array(64 * ACCESS_FEATURES);
  /** The features four at a time. */
  lanes = new Int32Array(this.features.buffer);
  /** Estimates without a network, 0 to 1. */
  readonly readEvidence: number[] = [];
  readonly writeEvidence: number[] = [];
  readonly #positions = new Map<number, number>();
  readonly #kindEvidence = new Uint8Array(SUBJECT_KIND_COUNT);
  readonly #space: KeySpace;
  readonly #evaluator: Evaluator;
  readonly #statistics: AccessStatistics;
  readonly #popularity: Popularity;

  constructor(parts: {
    readonly space: KeySpace;
    readonly evaluator: Evaluator;
    readonly statistics: AccessStatistics;
    readonly popularity: Popularity;
  }) {
    this.#space = parts.space;
    this.#evaluator = parts.evaluator;
    this.#statistics = parts.statistics;
    this.#popularity = parts.popularity;
  }

  /** Fills the arrays for a call whose subjects are listed. */
  collect(call: DecodedCall, subjects: SubjectList): void {
    this.keys.length = 0;
    this.#positions.clear();
    this.#kindEvidence.fill(0);
    for (let index = 0; index < subjects.length; index++) {
      const kind = at(subjects.kinds, index);
      const subject = this.#statistics.find(kind, at(subjects.firsts, index), at(subjects.seconds, index));
      if (subject !== undefined) this.#propose(call, subject, { kind, self: at(subjects.selves, index) });
    }
    this.#declare(call);
    this.#finish(call);
  }

  #propose(call: DecodedCall, subject: Subject, about: { kind: number; self: number }): void {
    const { kind, self } = about;
    const evidence = evidenceLevel(subject.calls);
    if (evidence > at(this.#kindEvidence, kind)) this.#kindEvidence[kind] = evidence;
    for (const { expression, read, write } of subject.rates(kind)) {
      const key = this.#evaluator.evaluate(expression, call, self);
      if (key < 0) continue;
      const base = this.#position(key) * ACCESS_FEATURES;
      const level = Math.max(1, rateLevel(read));
      if (level > at(this.features, base + 3 * kind)) {
        this.features[base + 3 * kind] = level;
        this.features[base + 3 * kind + 1] = rateLevel(write);
        this.features[base + 3 * kind + 2] = evidence;
      }
      const shape = EXPRESSION_KINDS.indexOf(expression.kind);
      if (shape >= 0) this.features[base + KIND_OFFSET + shape] = 1;
      const proposals = at(this.features, base + PROPOSALS);
      if (proposals < MAX_PROPOSALS) this.features[base + PROPOSALS] = proposals + 1;
    }
  }

  /** EIP-2930. */
  #declare({ transaction }: DecodedCall): void {
    for (const { address, storageKeys } of transaction.accessList) {
      const word = this.#space.words.addAddress(address);
      for (const slot of storageKeys) {
        const key = this.#space.key(word, this.#space.words.addHex(slot));
        const position = this.#position(key);
        this.features[position * ACCESS_FEATURES + DECLARED] = 1;
      }
    }
  }

  #position(key: number): number {
    const known = this.#positions.get(key);
    if (known !== undefined) return known;
    const position = this.keys.length;
    this.#positions.set(key, position);
    this.keys.push(key);
    if ((position + 1) * ACCESS_FEATURES > this.features.length) {
      const grown = new Uint8Array(this.features.length * 2);
      grown.set(this.features);
      this.features = grown;
      this.lanes = new Int32Array(grown.buffer);
    }
    this.features.fill(0, position * ACCESS_FEATURES, (position + 1) * ACCESS_FEATURES);
    return position;
  }

  /** What concerns a key whoever proposed it. */
  #finish(call: DecodedCall): void {
    this.readEvidence.length = this.keys.length;
    this.writeEvidence.length = this.keys.length;
    for (let position = 0; position < this.keys.length; position++) {
      const base = position * ACCESS_FEATURES;
      const key = at(this.keys, position);
      for (let kind = 0; kind < SUBJECT_KIND_COUNT; kind++) {
        if (this.features[base + 3 * kind] === 0) this.features[base + 3 * kind + 2] = at(this.#kindEvidence, kind);
      }
      const address = this.#space.keyAddressWord(key);
      this.features[base + KEY_POPULARITY] = evidenceLevel(this.#popularity.ofKey(key));
      this.features[base + ADDRESS_POPULARITY] = evidenceLevel(this.#popularity.ofAddress(address));
      this.features[base + TARGET] = address === call.to ? 1 : call.addresses.includes(address) ? 2 : 0;
      this.#weigh(position);
    }
  }

  /** The rate of the most particular subject that knows the key, drawn towards the others while it has seen little. */
  #weigh(position: number): void {
    const base = position * ACCESS_FEATURES;
    let [read, write] = [0, 0];
    for (let kind = 0; kind < SUBJECT_KIND_COUNT; kind++) {
      const level = at(this.features, base + 3 * kind);
      if (level <= read) continue;
      read = level;
      write = at(this.features, base + 3 * kind + 1);
    }
    const kind = BY_PARTICULARITY.find(
      (candidate) =>
        at(this.features, base + 3 * candidate) > 0 || at(this.features, base + 3 * candidate + 2) > MIN_CALLS,
    );
    if (kind === undefined) {
      this.readEvidence[position] = this.features[base + DECLARED] === 1 ? GENERAL_DISCOUNT : 0;
      this.writeEvidence[position] = 0;
      return;
    }
    const calls = 2 ** (at(this.features, base + 3 * kind + 2) / 2) - 1;
    const weight = calls / (calls + 1);
    const blend = (own: number, best: number): number =>
      (weight * own + (1 - weight) * best * GENERAL_DISCOUNT) / RATE_LEVELS;
    this.readEvidence[position] = blend(at(this.features, base + 3 * kind), read);
    this.writeEvidence[position] = blend(at(this.features, base + 3 * kind + 1), write);
  }
}
