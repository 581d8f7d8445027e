import type { DecodedCall } from '../calls/decode.js';
import { int32At, uint8At } from '../numbers.js';
import type { KeySpace } from '../tables/key-space.js';
import { evidenceLevel, RATE_LEVELS } from '../tables/levels.js';
import { StampedIndex } from '../tables/stamped-index.js';
import { EXPRESSION_KINDS, type Evaluator } from './expression.js';
import type { Popularity } from './popularity.js';
import type { AccessStatistics } from './statistics.js';
import { readLevelOf, writeLevelOf } from './subject-table.js';
import { ARGUMENT, CODE, CONTRACT, FUNCTION, NEIGHBOUR, OWN, SELECTOR, SENDER, ARGUMENT_CODE } from './subjects.js';
import { SUBJECT_KIND_COUNT, type SubjectList } from './subjects.js';

/** Features of one candidate key, each a small integer: by kind of subject three, then what concerns the key. */
export const ACCESS_FEATURES = 3 * SUBJECT_KIND_COUNT + 9;

const KIND_OFFSET = 3 * SUBJECT_KIND_COUNT;
const AFTER_KINDS = KIND_OFFSET + EXPRESSION_KINDS.length;
const [PROPOSALS, KEY_POPULARITY, DECLARED, TARGET, ADDRESS_POPULARITY] = [0, 1, 2, 3, 4].map(
  (index) => AFTER_KINDS + index,
) as [number, number, number, number, number];
const LANES = ACCESS_FEATURES / 4;
const MAX_PROPOSALS = 31;
/** What is asked first when the weight of the evidence is estimated: from the particular to the general. */
const BY_PARTICULARITY = [SENDER, ARGUMENT, FUNCTION, OWN, CODE, ARGUMENT_CODE, CONTRACT, NEIGHBOUR, SELECTOR];
const MIN_CALLS = 1;
/** What a key that general statistics alone propose is discounted by. */
const GENERAL_DISCOUNT = 0.7;
/** By level of evidence: the weight of a subject's own rate. */
const WEIGHTS = Float64Array.from({ length: 64 }, (_, level) => {
  const calls = 2 ** (level / 2) - 1;
  return calls / (calls + 1);
});
const UNKNOWN = -2;

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
  readonly #positions = new StampedIndex();
  /** What a key begins with: the evidence of each kind of subject, whether it proposes the key or not. */
  readonly #template = new Uint8Array(ACCESS_FEATURES);
  readonly #templateLanes = new Int32Array(this.#template.buffer);
  /** By subject: its proposals. */
  readonly #found: (Int32Array | undefined)[] = [];
  /** By expression: the key that it names for all calls; `UNKNOWN` where not evaluated. */
  #constants = new Int32Array(1024).fill(UNKNOWN);
  /** By expression: where the call at hand has its key, -1 for none, where the stamp is that of the call and its `self`. */
  #places = new Int32Array(1024);
  #stamps = new Int32Array(1024);
  #callStamp = 0;
  #stamp = 0;
  #lastSelf = -1;
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
    this.readEvidence.length = 0;
    this.writeEvidence.length = 0;
    this.#positions.clear();
    this.#callStamp = this.#nextStamp();
    this.#lastSelf = -1;
    this.#nextStamp();
    this.#findSubjects(subjects);
    for (let index = 0; index < subjects.length; index++) {
      const proposals = this.#found[index];
      if (proposals === undefined) continue;
      this.#propose(call, proposals, subjects.kinds[index] ?? 0, subjects.selves[index] ?? -1);
    }
    if (call.transaction.accessList.length > 0) this.#declare(call);
    this.#finish(call);
  }

  #findSubjects({ kinds, firsts, seconds, length }: SubjectList): void {
    this.#template.fill(0);
    this.#found.length = 0;
    for (let index = 0; index < length; index++) {
      const kind = kinds[index] ?? 0;
      const table = this.#statistics.table(kind);
      const row = table.names.find(firsts[index] ?? 0, seconds[index] ?? 0);
      const proposals = row < 0 ? undefined : table.proposals(row);
      this.#found.push(proposals);
      if (proposals === undefined) continue;
      const evidence = int32At(proposals, 0);
      if (evidence > uint8At(this.#template, 3 * kind + 2)) this.#template[3 * kind + 2] = evidence;
    }
  }

  #propose(call: DecodedCall, proposals: Int32Array, kind: number, self: number): void {
    if (self !== this.#lastSelf) {
      this.#lastSelf = self;
      this.#stamp = this.#nextStamp();
    }
    const evidence = int32At(proposals, 0);
    for (let index = 1; index < proposals.length; index += 2) {
      const id = int32At(proposals, index);
      const position = this.#placeOf(id, call, self);
      if (position < 0) continue;
      const { features } = this;
      const levels = int32At(proposals, index + 1);
      const base = position * ACCESS_FEATURES;
      if (readLevelOf(levels) > uint8At(features, base + 3 * kind)) {
        features[base + 3 * kind] = readLevelOf(levels);
        features[base + 3 * kind + 1] = writeLevelOf(levels);
        features[base + 3 * kind + 2] = evidence;
      }
      const shape = this.#evaluator.shapeOf(id);
      if (shape >= 0) features[base + KIND_OFFSET + shape] = 1;
      const count = uint8At(features, base + PROPOSALS);
      if (count < MAX_PROPOSALS) features[base + PROPOSALS] = count + 1;
    }
  }

  /** Where the key of an expression stands; -1 where it names none. Many subjects propose the same expressions. */
  #placeOf(id: number, call: DecodedCall, self: number): number {
    if (id >= this.#stamps.length) this.#grow(id);
    const found = int32At(this.#stamps, id);
    if (found === this.#callStamp || found === this.#stamp) return int32At(this.#places, id);
    const key = this.#keyOf(id, call, self);
    const position = key < 0 ? -1 : this.#position(key);
    this.#places[id] = position;
    this.#stamps[id] = this.#evaluator.namesSelf(id) ? this.#stamp : this.#callStamp;
    return position;
  }

  #keyOf(id: number, call: DecodedCall, self: number): number {
    const known = int32At(this.#constants, id);
    if (known !== UNKNOWN) return known;
    const key = this.#evaluator.evaluate(id, call, self);
    if (this.#evaluator.isConstant(id)) this.#constants[id] = key;
    return key;
  }

  #grow(id: number): void {
    let length = this.#stamps.length;
    while (length <= id) length *= 2;
    const grown = (values: Int32Array, rest: number): Int32Array<ArrayBuffer> => {
      const larger = new Int32Array(length).fill(rest);
      larger.set(values);
      return larger;
    };
    this.#stamps = grown(this.#stamps, 0);
    this.#places = grown(this.#places, 0);
    this.#constants = grown(this.#constants, UNKNOWN);
  }

  #nextStamp(): number {
    this.#stamp = (Math.max(this.#stamp, this.#callStamp) + 1) | 0;
    return this.#stamp;
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
    const position = this.#positions.add(key);
    if (position < this.keys.length) return position;
    this.keys.push(key);
    if ((position + 1) * ACCESS_FEATURES > this.features.length) {
      const grown = new Uint8Array(this.features.length * 2);
      grown.set(this.features);
      this.features = grown;
      this.lanes = new Int32Array(grown.buffer);
    }
    const { lanes } = this;
    for (let lane = 0; lane < LANES; lane++) lanes[position * LANES + lane] = int32At(this.#templateLanes, lane);
    return position;
  }

  /** What concerns a key whoever proposed it. */
  #finish({ to, addresses }: DecodedCall): void {
    const { features, keys } = this;
    const [space, popularity] = [this.#space, this.#popularity];
    const known = this.#firstKnownKind();
    for (let position = 0; position < keys.length; position++) {
      const base = position * ACCESS_FEATURES;
      const key = keys[position] ?? 0;
      const address = space.keyAddressWord(key);
      features[base + KEY_POPULARITY] = evidenceLevel(popularity.ofKey(key));
      features[base + ADDRESS_POPULARITY] = evidenceLevel(popularity.ofAddress(address));
      features[base + TARGET] = address === to ? 1 : addresses.includes(address) ? 2 : 0;
      this.#weigh(position, known);
    }
  }

  /** The first of `BY_PARTICULARITY` that has history, whether or not it knows a key. */
  #firstKnownKind(): number {
    return BY_PARTICULARITY.findIndex((kind) => uint8At(this.#template, 3 * kind + 2) > MIN_CALLS);
  }

  /** The rate of the most particular subject that knows the key, drawn towards the others while it has seen little. */
  #weigh(position: number, known: number): void {
    const { features } = this;
    const base = position * ACCESS_FEATURES;
    let [read, write] = [0, 0];
    for (let kind = 0; kind < SUBJECT_KIND_COUNT; kind++) {
      const level = uint8At(features, base + 3 * kind);
      if (level <= read) continue;
      read = level;
      write = uint8At(features, base + 3 * kind + 1);
    }
    let order = 0;
    const end = known < 0 ? SUBJECT_KIND_COUNT : known;
    while (order < end && uint8At(features, base + 3 * (BY_PARTICULARITY[order] ?? 0)) === 0) order += 1;
    if (order === SUBJECT_KIND_COUNT) {
      this.readEvidence[position] = features[base + DECLARED] === 1 ? GENERAL_DISCOUNT : 0;
      this.writeEvidence[position] = 0;
      return;
    }
    const subject = base + 3 * (BY_PARTICULARITY[order] ?? 0);
    const weight = WEIGHTS[uint8At(features, subject + 2)] ?? 0;
    this.readEvidence[position] = blend(weight, uint8At(features, subject), read);
    this.writeEvidence[position] = blend(weight, uint8At(features, subject + 1), write);
  }
}

function blend(weight: number, own: number, best: number): number {
  return (weight * own + (1 - weight) * best * GENERAL_DISCOUNT) / RATE_LEVELS;
}
