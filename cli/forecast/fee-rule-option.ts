import { InvalidArgumentError } from 'commander';
import type { FeeRuleChange } from '../../model/forecast/fee-rule.js';

/** A parser for commander: ELASTICITY/DENOMINATOR[@BLOCK], separated by commas, blocks ascending. */
export function feeRules(text: string): FeeRuleChange[] {
  const rules = text.split(',').map((part) => parseRule(part.trim()));
  const ascends = rules.every(({ fromBlock }, index) => index === 0 || fromBlock > (rules[index - 1]?.fromBlock ?? -1));
  if (!ascends) throw new InvalidArgumentError('Expected fee rules in the order of their blocks.');
  return rules;
}

function parseRule(text: string): FeeRuleChange {
  const [, elasticity, denominator, fromBlock = '0'] = /^(\d{1,4})\/(\d{1,7})(?:@(\d{1,15}))?$/.exec(text) ?? [];
  const rule = { elasticity: Number(elasticity), denominator: Number(denominator) };
  if (!(rule.elasticity >= 1 && rule.denominator >= 1)) {
    throw new InvalidArgumentError(`Expected ELASTICITY/DENOMINATOR[@BLOCK], for instance 2/8 or 2/8,6/250@105235063.`);
  }
  return { fromBlock: Number(fromBlock), rule };
}
