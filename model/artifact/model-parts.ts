import { LanecastError } from '../../errors.js';
import type { Calibration } from '../network/calibration.js';
import type { NetworkWeights } from '../network/network.js';
import type { Ensemble } from '../network/quantised.js';
import type { Model, ModelThresholds } from '../training/trainer.js';
import type { StoredModel } from './artifact.js';
import type { LearnedParts } from './networks-file.js';

/** The parts of a model by name, as an artifact takes them: `conflicts-0`, `conflicts-1`, … */
export function partsOf(model: Model): LearnedParts {
  const { conflicts, accesses, gasUsed, executionNs, thresholds } = model;
  return {
    networks: {
      ...numbered('conflicts', conflicts?.members ?? []),
      ...numbered('accesses', accesses?.members ?? []),
      ...numbered('gasUsed', gasUsed),
      ...numbered('executionNs', executionNs),
    },
    calibrations: {
      ...numbered('conflicts', conflicts?.calibrations ?? []),
      ...numbered('accesses', accesses?.calibrations ?? []),
    },
    thresholds: { ...thresholds },
  };
}

/** The model that an artifact holds. `folder`: for messages. Throws INVALID_INPUT where a threshold is missing. */
export function modelOf(folder: string, { evidence, networks, calibrations, thresholds }: StoredModel): Model {
  const threshold = (name: keyof ModelThresholds): number => {
    const value = thresholds[name];
    if (value !== undefined) return value;
    throw new LanecastError('INVALID_INPUT', `${folder}: expected a threshold ${name}, found none`);
  };
  return {
    evidence,
    conflicts: ensembleOf('conflicts', networks, calibrations),
    accesses: ensembleOf('accesses', networks, calibrations),
    gasUsed: listed('gasUsed', networks),
    executionNs: listed('executionNs', networks),
    thresholds: {
      conflict: threshold('conflict'),
      dependent: threshold('dependent'),
      latestBlocker: threshold('latestBlocker'),
      access: threshold('access'),
      write: threshold('write'),
    },
  };
}

function ensembleOf(
  name: string,
  networks: Readonly<Record<string, NetworkWeights>>,
  calibrations: Readonly<Record<string, Calibration>>,
): Ensemble | null {
  const members = listed(name, networks);
  return members.length === 0 ? null : { members, calibrations: listed(name, calibrations) };
}

function numbered<Part>(name: string, parts: readonly Part[]): Record<string, Part> {
  return Object.fromEntries(parts.map((part, index) => [`${name}-${index}`, part]));
}

function listed<Part>(name: string, parts: Readonly<Record<string, Part>>): Part[] {
  const found: Part[] = [];
  for (;;) {
    const part = parts[`${name}-${found.length}`];
    if (part === undefined) return found;
    found.push(part);
  }
}
