import type { ModelIdentity } from '../live.js';
import type { BlockRecord } from '../../types.js';
import type { Question } from './engine.js';
import type { ObservedBlock } from './observe.js';

/** What a model has learned, its training included. */
export interface LearnedSoFar {
  /** Null before the first block. */
  readonly chainId: number | null;
  readonly blocks: number;
  readonly lastBlock: number | null;
  /** Counts what was learned since the networks were trained. */
  readonly version: number;
}

/** What was saved of a model at work, as `PredictionEngine.save` gave it. */
export interface SavedModel {
  readonly hints: Uint8Array;
  readonly learned: LearnedSoFar;
  /** Of the networks that it was saved beside; null for none. */
  readonly artifactId: string | null;
}

/** What a model thread starts with. */
export interface ModelStart {
  /** The folder of a trained model; null for none. */
  readonly artifact: string | null;
  readonly saved: SavedModel | null;
  readonly maxWorkers: number;
}

/** What a trained model says of itself. */
export interface ArtifactFacts {
  readonly id: string;
  readonly name: string;
  readonly seed: number;
  readonly chainId: number;
  readonly firstBlock: number;
  readonly lastBlock: number;
  readonly blocks: number;
}

/** What is to be known of a model that is up. */
export interface ModelFacts {
  readonly model: ModelIdentity;
  readonly learned: LearnedSoFar;
  readonly artifact: ArtifactFacts | null;
  readonly predictsTimes: boolean;
  readonly thresholds: Readonly<Record<string, number>>;
}

export type ModelRequest =
  | { readonly kind: 'answer'; readonly question: Question; readonly body: Uint8Array; readonly askedMs: number }
  | { readonly kind: 'observe'; readonly record: BlockRecord }
  | { readonly kind: 'save' };

/** An answer is JSON as UTF-8, so that it need not be copied on the way. */
export interface ModelReplies {
  readonly answer: Uint8Array;
  readonly observe: { readonly observed: ObservedBlock; readonly facts: ModelFacts };
  readonly save: SavedModel;
}
