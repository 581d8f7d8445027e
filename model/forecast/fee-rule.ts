/**
 * How a chain's base fee follows from the block before: EIP-1559, with the parameters of a fork. Elasticity 2 and denominator 8
 * on Ethereum since London; the OP Stack has 6 and 50, 250 since Canyon; others have their own.
 */
export interface FeeRule {
  /** Gas limit over gas target. */
  readonly elasticity: number;
  /** A block that used twice its target raises the fee by one part in this many. */
  readonly denominator: number;
}

/** What the rule needs of a block; whole numbers. */
export interface FeeBlock {
  readonly baseFeePerGasWei: number;
  readonly gasLimit: number;
  readonly gasUsed: number;
}

export const LONDON: FeeRule = { elasticity: 2, denominator: 8 };

/**
 * The base fee of the next block in wei, exact: EIP-1559's integer arithmetic. A chain without a rule (null) keeps its fee.
 * The numbers of the parent have to be whole and below 2^53.
 */
export function nextBaseFeeWei(parent: FeeBlock, rule: FeeRule | null): bigint {
  const baseFee = BigInt(parent.baseFeePerGasWei);
  if (rule === null) return baseFee;
  const target = BigInt(Math.floor(parent.gasLimit / rule.elasticity));
  const used = BigInt(parent.gasUsed);
  if (target === 0n || used === target) return baseFee;
  const denominator = BigInt(rule.denominator);
  if (used > target) {
    const rise = (baseFee * (used - target)) / target / denominator;
    return baseFee + (rise > 1n ? rise : 1n);
  }
  return baseFee - (baseFee * (target - used)) / target / denominator;
}

/** Gas used over the target, less 1: how far, times 1 / denominator, the rule moves the fee. */
export function excessOf({ gasLimit, gasUsed }: Pick<FeeBlock, 'gasLimit' | 'gasUsed'>, rule: FeeRule | null): number {
  return (gasUsed / gasLimit) * (rule ?? LONDON).elasticity - 1;
}

/** What the logarithm of a base fee can be. */
export interface LogFeeBounds {
  readonly least: number;
  readonly most: number;
}

/**
 * What empty, or full, blocks make of a fee in so many blocks; logarithms of wei. A full block raises the fee by one wei at least.
 * Without a rule nothing bounds it but one wei.
 */
export function logFeeBounds(logFee: number, blocks: number, rule: FeeRule | null): LogFeeBounds {
  if (rule === null) return { least: 0, most: Infinity };
  const { elasticity, denominator } = rule;
  const rise = (elasticity - 1) / denominator;
  const grown = blocks * Math.log1p(rise);
  const weiAdded = rise > 0 ? (1 - Math.exp(-grown)) / rise : blocks;
  // A denominator of 1 lets the fee fall to nothing at once.
  const fallen = denominator > 1 ? blocks * Math.log1p(-1 / denominator) : -Infinity;
  return {
    least: blocks === 0 ? logFee : Math.max(0, logFee + fallen),
    most: logFee + grown + Math.log1p(weiAdded * Math.exp(-logFee)),
  };
}

/** A rule from a block on: the first one whose base fee follows from its parent by it. */
export interface FeeRuleChange {
  readonly fromBlock: number;
  readonly rule: FeeRule;
}

export function sameRule(a: FeeRule | null, b: FeeRule | null): boolean {
  return a?.elasticity === b?.elasticity && a?.denominator === b?.denominator;
}

export function describeRule(rule: FeeRule | null): string {
  return rule === null ? 'none' : `${rule.elasticity}/${rule.denominator}`;
}
