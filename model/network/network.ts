import { z } from 'zod';
import { LanecastError } from '../../errors.js';

/** `relu` is max(0, x). */
export type Activation = 'relu' | 'linear';

/**
 * What the last layer's outputs o mean. `linear`: o itself, for instance logits. `ascending`: quantiles q that cannot
 * cross, q[0] = o[0] and q[i] = q[i - 1] + softplus(o[i]); each group of outputs begins anew.
 */
export type Head = 'linear' | 'ascending';

export interface DenseLayer {
  readonly units: number;
  readonly activation: Activation;
  /** Inputs of the layer × units, row-major. */
  readonly kernel: Float32Array;
  /** One for each unit. */
  readonly bias: Float32Array;
}

/** A feature x enters the network as (x - mean) / scale. */
export interface Normaliser {
  /** One for each input. */
  readonly mean: Float32Array;
  /** One for each input, positive. */
  readonly scale: Float32Array;
}

/** A trained multi-layer perceptron; plain data. */
export interface NetworkWeights {
  readonly inputs: number;
  readonly normaliser: Normaliser;
  /** From the input to the output; at least one. */
  readonly layers: readonly DenseLayer[];
  readonly head: Head;
  /** Equal parts of the outputs that ascend by themselves, one a target; by default 1. */
  readonly groups?: number | undefined;
}

/** `NetworkWeights` for JSON; arrays are base64 of little-endian float32. */
export interface EncodedNetwork {
  readonly inputs: number;
  readonly normaliser: { readonly mean: string; readonly scale: string };
  readonly layers: readonly EncodedLayer[];
  readonly head: Head;
  readonly groups?: number | undefined;
}

export interface EncodedLayer {
  readonly units: number;
  readonly activation: Activation;
  readonly kernel: string;
  readonly bias: string;
}

const Size = z.int().min(1).max(65536);

const Encoded = z.object({
  inputs: Size,
  normaliser: z.object({ mean: z.base64(), scale: z.base64() }),
  layers: z
    .array(z.object({ units: Size, activation: z.enum(['relu', 'linear']), kernel: z.base64(), bias: z.base64() }))
    .min(1),
  head: z.enum(['linear', 'ascending']),
  groups: Size.optional(),
});

/** Number of outputs of a network. */
export function outputCount(weights: NetworkWeights): number {
  return weights.layers.at(-1)?.units ?? 0;
}

export function encodeNetwork(weights: NetworkWeights): EncodedNetwork {
  return {
    inputs: weights.inputs,
    normaliser: { mean: encodeFloats(weights.normaliser.mean), scale: encodeFloats(weights.normaliser.scale) },
    layers: weights.layers.map(({ units, activation, kernel, bias }) => ({
      units,
      activation,
      kernel: encodeFloats(kernel),
      bias: encodeFloats(bias),
    })),
    head: weights.head,
    ...(weights.groups === undefined ? {} : { groups: weights.groups }),
  };
}

/** Throws `INVALID_INPUT` where a field is missing, has another length than the sizes ask for, or is not finite. */
export function decodeNetwork(value: unknown): NetworkWeights {
  const parsed = Encoded.safeParse(value);
  if (!parsed.success) throw invalid(describeIssues(parsed.error));
  const { inputs, normaliser, layers, head, groups } = parsed.data;
  const outputs = layers.at(-1)?.units ?? 0;
  if (groups !== undefined && outputs % groups !== 0)
    throw invalid(`${outputs} outputs are not ${groups} equal groups`);
  const scale = decodeFloats(normaliser.scale, inputs, 'normaliser.scale');
  if (scale.some((each) => each <= 0)) throw invalid('normaliser.scale has a value that is not positive');
  return {
    inputs,
    normaliser: { mean: decodeFloats(normaliser.mean, inputs, 'normaliser.mean'), scale },
    layers: layers.map(({ units, activation, kernel, bias }, index) => {
      const fanIn = layers[index - 1]?.units ?? inputs;
      return {
        units,
        activation,
        kernel: decodeFloats(kernel, fanIn * units, `layers.${index}.kernel`),
        bias: decodeFloats(bias, units, `layers.${index}.bias`),
      };
    }),
    head,
    ...(groups === undefined ? {} : { groups }),
  };
}

function encodeFloats(values: Float32Array): string {
  const bytes = Buffer.alloc(values.length * 4);
  values.forEach((value, index) => bytes.writeFloatLE(value, index * 4));
  return bytes.toString('base64');
}

function decodeFloats(text: string, count: number, field: string): Float32Array {
  const bytes = Buffer.from(text, 'base64');
  if (bytes.length !== count * 4) {
    throw invalid(`${field} has ${bytes.length} bytes where ${count} float32 values need ${count * 4}`);
  }
  const values = Float32Array.from({ length: count }, (_, index) => bytes.readFloatLE(index * 4));
  if (!values.every(Number.isFinite)) throw invalid(`${field} has a value that is not finite`);
  return values;
}

function describeIssues(error: z.ZodError): string {
  return error.issues.map(({ path, message }) => (path.length > 0 ? `${path.join('.')}: ` : '') + message).join('; ');
}

function invalid(problem: string): LanecastError {
  return new LanecastError('INVALID_INPUT', `Network weights: ${problem}`);
}
