import { z } from 'zod';
import { LanecastError } from '../../errors.js';
import { decodeCalibration, type Calibration } from '../network/calibration.js';
import { decodeNetwork, encodeNetwork, type NetworkWeights } from '../network/network.js';
import { describeIssues, parseJson } from './manifest.js';

/** What is learned besides the evidence, by names that its user chooses. */
export interface LearnedParts {
  readonly networks: Readonly<Record<string, NetworkWeights>>;
  readonly calibrations: Readonly<Record<string, Calibration>>;
  readonly thresholds: Readonly<Record<string, number>>;
}

const Stored = z.strictObject({
  networks: z.record(z.string(), z.unknown()),
  calibrations: z.record(z.string(), z.unknown()),
  thresholds: z.record(z.string(), z.number()),
});

export function encodeNetworks({ networks, calibrations, thresholds }: LearnedParts): string {
  const encoded = mapValues(networks, (network) => encodeNetwork(network));
  return `${JSON.stringify({ networks: encoded, calibrations, thresholds }, null, 1)}\n`;
}

/** Throws INVALID_INPUT naming the file and the network, calibration or threshold that is wrong. */
export function decodeNetworks(text: string, path: string): LearnedParts {
  const parsed = Stored.safeParse(parseJson(text, path));
  if (!parsed.success) throw new LanecastError('INVALID_INPUT', `${path}: ${describeIssues(parsed.error)}`);
  const { networks, calibrations, thresholds } = parsed.data;
  return {
    networks: mapValues(networks, (value, name) => locate(`${path}: networks.${name}`, () => decodeNetwork(value))),
    calibrations: mapValues(calibrations, (value, name) =>
      locate(`${path}: calibrations.${name}`, () => decodeCalibration(value)),
    ),
    thresholds,
  };
}

function mapValues<From, To>(
  record: Readonly<Record<string, From>>,
  convert: (value: From, name: string) => To,
): Record<string, To> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, convert(value, name)]));
}

function locate<T>(where: string, decode: () => T): T {
  try {
    return decode();
  } catch (error) {
    if (!(error instanceof LanecastError)) throw error;
    throw new LanecastError(error.code, `${where}: ${error.message}`, { cause: error });
  }
}
