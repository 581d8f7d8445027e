import type { ExpressionSummary } from '../../datasets/store/index.js';
import type { ModelManifest } from '../../model/artifact/manifest.js';
import type { EvaluateReport, ModelSummary } from '../evaluate/document.js';
import type { Environment } from '../environment.js';

/** What `lanecast train --json` prints. */
export interface TrainDocument {
  readonly schema: 'lanecast.train/1';
  readonly environment: Environment;
  /** Where the model was written. */
  readonly folder: string;
  /** Of the model: SHA-256 over what it is and holds. */
  readonly id: string;
  readonly model: ModelSummary;
  /** What was learned one by one. */
  readonly createdFrom: ModelManifest['createdFrom'];
  readonly files: ModelManifest['files'];
  /** Null where the blocks do not come from the store. */
  readonly store: StoreUse | null;
  /** Null where there are too few blocks, or none are wanted. */
  readonly rollingOrigin: RollingOrigin | null;
}

export interface StoreUse {
  /** Blocks before the first one that was learned by itself, whose access statistics came from SQL. */
  readonly blocksBySql: number;
  /** Subjects of those statistics. */
  readonly subjectsBySql: number;
  /** Access expressions that were written; those of other blocks were there. */
  readonly expressions: ExpressionSummary;
}

/** How a model of the first three quarters of the blocks did on the last quarter, learning as it went. */
export type RollingOrigin = Pick<EvaluateReport, 'trainUntil' | 'blocks' | 'transactions' | 'conflictPairs'> & {
  readonly conflicts: EvaluateReport['conflicts']['model'];
  readonly conflictsWithAccounts: EvaluateReport['conflictsWithAccounts']['model'];
  readonly accesses: EvaluateReport['accesses']['model'];
  readonly writes: EvaluateReport['writes']['model'];
  readonly gas: EvaluateReport['gas']['model'];
  readonly dependent: EvaluateReport['perTransaction']['dependent'];
  readonly latestBlockerAccuracy: number | null;
};

export function rollingOriginOf(report: EvaluateReport): RollingOrigin {
  const { trainUntil, blocks, transactions, conflictPairs, perTransaction } = report;
  return {
    ...{ trainUntil, blocks, transactions, conflictPairs },
    conflicts: report.conflicts.model,
    conflictsWithAccounts: report.conflictsWithAccounts.model,
    accesses: report.accesses.model,
    writes: report.writes.model,
    gas: report.gas.model,
    dependent: perTransaction.dependent,
    latestBlockerAccuracy: perTransaction.latestBlockerAccuracy,
  };
}
