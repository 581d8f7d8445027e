import { at } from '../numbers.js';
import { LONDON, nextBaseFeeWei, sameRule, type FeeBlock, type FeeRule, type FeeRuleChange } from './fee-rule.js';

/** A source may round gas limits: what is nearer than this share is what the rule says. */
const TOLERANCE = 1e-4;
/** Blocks that are looked back at. */
const WINDOW = 64;
/** A rule that explains less of the window than this share is given up, one that explains as much is taken. */
const MOST = 0.75;
/** Blocks between attempts to find a rule. */
const PATIENCE = 16;

/**
 * Knows the fee rule at each block: the one that was announced, else the one that recent blocks follow. A fork that nobody
 * announced is found when three quarters of the last 64 fees contradict the rule and another one explains them.
 */
export class FeeRuleTracker {
  readonly #announced: readonly FeeRuleChange[];
  readonly #fullness = new Float64Array(WINDOW);
  readonly #change = new Float64Array(WINDOW);
  readonly #parents: FeeBlock[] = [];
  readonly #fees = new Float64Array(WINDOW);
  readonly #explained = new Uint8Array(WINDOW);
  #count = 0;
  #found: FeeRule | null = LONDON;
  #parent: (FeeBlock & { readonly number: number }) | null = null;

  /** `announced`: in the order of their blocks; with any, none is searched for. */
  constructor(announced: readonly FeeRuleChange[] = []) {
    this.#announced = announced;
  }

  /** The rule by which the fee of a block follows from its parent; null where the fees of the chain follow none. */
  at(childNumber: number): FeeRule | null {
    if (this.#announced.length === 0) return this.#found;
    return this.#announced.findLast(({ fromBlock }) => fromBlock <= childNumber)?.rule ?? LONDON;
  }

  /** Takes the next block. Answers whether the rule said its fee, to one part in 10,000; null where it has no parent here. */
  observe(block: FeeBlock & { readonly number: number }): boolean | null {
    const parent = this.#parent;
    this.#parent = block;
    if (parent === null || parent.number + 1 !== block.number) return null;
    const explained = explains(this.at(block.number), parent, block.baseFeePerGasWei);
    if (this.#announced.length === 0) this.#learn(parent, block.baseFeePerGasWei, explained);
    return explained;
  }

  #learn(parent: FeeBlock, feeWei: number, explained: boolean): void {
    const place = this.#count % WINDOW;
    this.#fullness[place] = parent.gasUsed / parent.gasLimit;
    this.#change[place] = feeWei / parent.baseFeePerGasWei - 1;
    this.#parents[place] = parent;
    this.#fees[place] = feeWei;
    this.#explained[place] = explained ? 1 : 0;
    this.#count += 1;
    if (this.#count < WINDOW || this.#count % PATIENCE !== 0) return;
    if (this.#share((index) => this.#explained[index] === 1) > 1 - MOST) return;
    const candidate = this.#estimate();
    const fits = (index: number): boolean => {
      const past = this.#parents[index];
      return past !== undefined && explains(candidate, past, at(this.#fees, index));
    };
    const rule = candidate !== null && this.#share(fits) >= MOST ? candidate : null;
    if (sameRule(rule, this.#found)) return;
    this.#found = rule;
    for (let index = 0; index < WINDOW; index++) this.#explained[index] = fits(index) ? 1 : 0;
  }

  #share(holds: (index: number) => boolean): number {
    let count = 0;
    for (let index = 0; index < WINDOW; index++) if (holds(index)) count += 1;
    return count / WINDOW;
  }

  /**
   * The fee changes by (fullness × elasticity - 1) / denominator: a line, found by medians (Theil and Sen), which a few wrong
   * rows do not move.
   */
  #estimate(): FeeRule | null {
    const slopes: number[] = [];
    for (let index = 0; index < WINDOW; index++) {
      for (let step = 1; step <= WINDOW / 2; step += 5) {
        const other = (index + step) % WINDOW;
        const run = at(this.#fullness, other) - at(this.#fullness, index);
        if (Math.abs(run) > 0.01) slopes.push((at(this.#change, other) - at(this.#change, index)) / run);
      }
    }
    if (slopes.length < WINDOW) return null;
    const slope = median(slopes);
    const intercept = median([...this.#change].map((change, index) => change - slope * at(this.#fullness, index)));
    const denominator = Math.round(-1 / intercept);
    const elasticity = Math.round(-slope / intercept);
    const sensible = denominator >= 1 && denominator <= 1e6 && elasticity >= 1 && elasticity <= 1000;
    return sensible ? { elasticity, denominator } : null;
  }
}

function explains(rule: FeeRule | null, parent: FeeBlock, feeWei: number): boolean {
  return Math.abs(Number(nextBaseFeeWei(parent, rule)) - feeWei) <= TOLERANCE * feeWei;
}

function median(values: number[]): number {
  const ascending = values.sort((a, b) => a - b);
  return at(ascending, ascending.length >> 1);
}
