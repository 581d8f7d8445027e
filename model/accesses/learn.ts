import type { Contracts } from '../calls/contracts.js';
import type { DecodedCall } from '../calls/decode.js';
import { at } from '../numbers.js';
import type { KeySpace } from '../tables/key-space.js';
import type { SlotUse } from './explain.js';
import { ExpressionUses } from './expression-counts.js';
import type { Expressions } from './expressions.js';
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
  /** Numbers of expressions. */
  readonly byTarget: readonly number[];
  readonly bySelf: number;
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
    /** Null where accounts are learned: then it counts nothing there, and only what is asked of accounts. */
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
  learn(learned: LearnedCall, used: readonly SlotUse[], slots: readonly string[]): ToldCall {
    const { call, block } = learned;
    const told = used.map((use, index) => this.#tell(call, use, slots[index] ?? ''));
    const addresses = new Set(told.map(({ address }) => address));
    this.#listSubjects(learned, addresses);
    const ageing = { block, halfLifeBlocks: this.#halfLifeBlocks };
    const uses = new UsesBySelf(told);
    for (let index = 0; index < this.#subjects.length; index++) {
      const { kinds, firsts, seconds, selves } = this.#subjects;
      const name = { kind: at(kinds, index), first: at(firsts, index), second: at(seconds, index) };
      this.#statistics.count(name, uses.of(selves[index] ?? -1), ageing);
    }
    this.#popularity?.count(
      used.map(({ key }) => key),
      addresses,
    );
    return { call, subjects: this.#subjects, uses: told };
  }

  #listSubjects(learned: LearnedCall, addresses: ReadonlySet<number>): void {
    const { call, functionId } = learned;
    if (this.#popularity === null) {
      this.#subjects.listCall(call, functionId, this.#contracts);
      return;
    }
    this.#subjects.list(call, functionId, this.#contracts);
    for (const address of addresses) if (!call.addresses.includes(address)) this.#addTouched(address, learned);
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
      byTarget: targets.map((target) => this.#expressions.add(target, slot)),
      bySelf: this.#expressions.add('self', slot),
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

/** What a call did as its subjects see it: those about a contract see what concerns that alone. */
class UsesBySelf {
  readonly #told: readonly ToldUse[];
  readonly #known = new Map<number, ExpressionUses>();

  constructor(told: readonly ToldUse[]) {
    this.#told = told;
  }

  /** `self`: the contract, -1 for none. */
  of(self: number): ExpressionUses {
    const known = this.#known.get(self);
    if (known !== undefined) return known;
    const uses = new ExpressionUses(self < 0 ? this.#all() : this.#ofContract(self));
    this.#known.set(self, uses);
    return uses;
  }

  #all(): Map<number, boolean> {
    return new Map(this.#told.flatMap(({ byTarget, written }) => byTarget.map((expression) => [expression, written])));
  }

  #ofContract(contract: number): Map<number, boolean> {
    const uses = new Map<number, boolean>();
    for (const { address, bySelf, written } of this.#told) if (address === contract) uses.set(bySelf, written);
    return uses;
  }
}
