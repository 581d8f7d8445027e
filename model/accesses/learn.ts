import type { Contracts } from '../calls/contracts.js';
import type { DecodedCall } from '../calls/decode.js';
import type { KeySpace } from '../tables/key-space.js';
import type { SlotUse } from './explain.js';
import type { Expression, Expressions } from './expression.js';
import type { Popularity } from './popularity.js';
import type { AccessStatistics } from './statistics.js';
import { ARGUMENT_CODE, OWN, SubjectList } from './subjects.js';

/** A call that was executed. */
export interface LearnedCall {
  readonly call: DecodedCall;
  readonly functionId: number;
  readonly block: number;
  /** Code hashes of the block's contracts, both as words. */
  readonly codes: ReadonlyMap<number, number>;
}

/** One slot that a call used, in all the ways in which it can be told. */
export interface ToldUse {
  /** A word. */
  readonly address: number;
  /** What the call itself calls the address; null where it does not name it. */
  readonly named: string | null;
  /** The SLOT part of its expressions. */
  readonly slot: string;
  readonly written: boolean;
  readonly byTarget: readonly Expression[];
  readonly bySelf: Expression;
}

/** What one call taught. */
export interface ToldCall {
  readonly call: DecodedCall;
  /** Overwritten by the next call. */
  readonly subjects: SubjectList;
  readonly uses: readonly ToldUse[];
}

/** Turns what calls did into counts of expressions. */
export class AccessLearner {
  readonly #space: KeySpace;
  readonly #contracts: Contracts;
  readonly #expressions: Expressions;
  readonly #statistics: AccessStatistics;
  readonly #popularity: Popularity | null;
  readonly #halfLifeBlocks: number;
  readonly #subjects = new SubjectList();

  constructor(parts: {
    readonly space: KeySpace;
    readonly contracts: Contracts;
    readonly expressions: Expressions;
    readonly accesses: AccessStatistics;
    /** Null counts nothing there. */
    readonly popularity: Popularity | null;
    readonly halfLifeBlocks: number;
  }) {
    this.#space = parts.space;
    this.#contracts = parts.contracts;
    this.#expressions = parts.expressions;
    this.#statistics = parts.accesses;
    this.#popularity = parts.popularity;
    this.#halfLifeBlocks = parts.halfLifeBlocks;
  }

  /** `slots`: the SLOT part of the expression of each use. Answers what was counted. */
  learn(learned: LearnedCall, uses: readonly SlotUse[], slots: readonly string[]): ToldCall {
    const { call, functionId, block } = learned;
    const told = uses.map((use, index) => this.#tell(call, use, slots[index] ?? ''));
    const addresses = new Set(told.map(({ address }) => address));
    this.#subjects.list(call, functionId, this.#contracts);
    for (const address of addresses) if (!call.addresses.includes(address)) this.#addTouched(address, learned);
    const all = new Map(told.flatMap(({ byTarget, written }) => byTarget.map((expression) => [expression, written])));
    for (let index = 0; index < this.#subjects.length; index++) {
      const { kinds, firsts, seconds, selves } = this.#subjects;
      const subject = this.#statistics.get(kinds[index] ?? 0, firsts[index] ?? 0, seconds[index] ?? 0);
      subject.age(block, this.#halfLifeBlocks);
      const self = selves[index] ?? -1;
      subject.count(self < 0 ? all : ofContract(told, self));
    }
    this.#popularity?.count(
      uses.map(({ key }) => key),
      addresses,
    );
    return { call, subjects: this.#subjects, uses: told };
  }

  /** A contract that was reached without being named. */
  #addTouched(address: number, { call, codes }: LearnedCall): void {
    this.#subjects.add(OWN, address, 0, address);
    const code = codes.get(address) ?? -1;
    const running = this.#contracts.runningCode(address);
    if (running >= 0 || code >= 0) {
      this.#subjects.add(ARGUMENT_CODE, running >= 0 ? running : code, call.selector, address);
    }
  }

  #tell(call: DecodedCall, { key, written }: SlotUse, slot: string): ToldUse {
    const address = this.#space.keyAddressWord(key);
    const targets = [
      `=${this.#space.words
        .address(address)
        .slice(2)
        .replace(/^0+(?=.)/, '')}`,
    ];
    const named = nameOfTarget(call, address);
    if (named !== null) targets.push(named);
    return {
      address,
      named,
      slot,
      written,
      byTarget: targets.map((target) => this.#expressions.of(`${target}|${slot}`)),
      bySelf: this.#expressions.of(`self|${slot}`),
    };
  }
}

function nameOfTarget(call: DecodedCall, address: number): string | null {
  if (address === call.to) return 'to';
  if (address === call.from) return 'from';
  const word = call.words.indexOf(address);
  if (word >= 0) return `w${word}`;
  const index = call.addresses.indexOf(address);
  return index < 0 ? null : `x${index}`;
}

function ofContract(told: readonly ToldUse[], contract: number): Map<Expression, boolean> {
  const uses = new Map<Expression, boolean>();
  for (const { address, bySelf, written } of told) if (address === contract) uses.set(bySelf, written);
  return uses;
}
