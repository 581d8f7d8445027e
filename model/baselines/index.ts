import type { Contender } from '../evaluation/contender.js';
import { Bep456 } from './bep-456.js';
import { GasLimitStatistics, LastValue, MeanSeries, MedianSeries, TieredStatistics } from './cost-statistics.js';
import { CostBaseline } from './costs.js';
import { DeclaredAccessLists } from './declared-access-lists.js';
import { LastSeenKeys } from './last-seen-keys.js';
import { PairRule, sameContract, sameContractSelector, sameContractSender, senderOnly } from './pair-rules.js';

/** What a model has to beat, by name, nothing learned yet. Each judges what it can predict and no more. */
export function createBaselines(): Map<string, Contender> {
  return new Map([...Object.entries(conflictBaselines()), ...Object.entries(costBaselines())]);
}

function conflictBaselines(): Record<string, Contender> {
  return {
    'same-contract-selector': { predictor: new PairRule(sameContractSelector) },
    'same-contract': { predictor: new PairRule(sameContract) },
    'same-contract-sender': { predictor: new PairRule(sameContractSender) },
    'sender-only': { predictor: new PairRule(senderOnly) },
    'last-seen-keys': { predictor: new LastSeenKeys({ unseenFunction: 'nothing' }) },
    'last-seen-keys-or-contract': { predictor: new LastSeenKeys({ unseenFunction: 'same-contract' }) },
    'declared-access-lists': { predictor: new DeclaredAccessLists() },
    'bep-456': { predictor: new Bep456() },
  };
}

function costBaselines(): Record<string, Contender> {
  const tiered = (create: () => MeanSeries | MedianSeries | LastValue): Contender => ({
    predictor: new CostBaseline(new TieredStatistics(create), new TieredStatistics(create)),
  });
  return {
    'gas-limit': { predictor: new CostBaseline(new GasLimitStatistics(1), new GasLimitStatistics(null)) },
    'per-function-mean': tiered(() => new MeanSeries()),
    'per-function-median': tiered(() => new MedianSeries()),
    'last-seen': tiered(() => new LastValue()),
  };
}
