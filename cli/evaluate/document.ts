import type { EvaluateDocument } from '../../model/evaluation/document.js';
import type { PreExecutionReport } from '../../model/evaluation/pre-execution.js';
import type { Model, ModelThresholds } from '../../model/training/trainer.js';
import type { Environment } from '../environment.js';

/**
 * What `lanecast evaluate --json` prints. Holds no times of this run but the price of pre-execution, so the same records and
 * seed give the same document.
 */
export interface EvaluateReport extends EvaluateDocument {
  readonly environment: Environment;
  readonly model: ModelSummary;
  /** What looking ahead came to, and its price; null where nothing was to be executed ahead. */
  readonly preExecution: PreExecutionReport | null;
}

/** The parts of the model that are networks. */
export const NETWORK_PARTS = ['conflicts', 'accesses', 'gasUsed', 'executionNs'] as const;
export type NetworkPart = (typeof NETWORK_PARTS)[number];

export interface ModelSummary {
  /** The folder that it was read from; null where it was trained here. */
  readonly artifact: string | null;
  readonly seed: number;
  readonly halfLifeBlocks: number;
  readonly thresholds: ModelThresholds;
  /** Networks that speak together about each part; 0 where the statistics speak alone. */
  readonly networks: Readonly<Record<NetworkPart, number>>;
  /** Parts of which there was a history, but too little to train a network on. */
  readonly tooLittleFor: readonly NetworkPart[];
}

/** What a model does not say of itself. */
export interface TrainingFacts {
  readonly artifact: string | null;
  readonly seed: number;
  readonly halfLifeBlocks: number;
  /** Whether the history held execution times; without them none are expected of the model. */
  readonly hasTimes: boolean;
}

export function summariseModel(model: Model, { hasTimes, ...facts }: TrainingFacts): ModelSummary {
  const networks = {
    conflicts: model.conflicts?.members.length ?? 0,
    accesses: model.accesses?.members.length ?? 0,
    gasUsed: model.gasUsed.length,
    executionNs: model.executionNs.length,
  };
  const tooLittleFor = NETWORK_PARTS.filter((part) => networks[part] === 0 && (part !== 'executionNs' || hasTimes));
  return { ...facts, thresholds: model.thresholds, networks, tooLittleFor };
}
