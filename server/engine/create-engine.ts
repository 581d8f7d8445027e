import { createRawDecoder, keccak256, type DecodeRawTransaction } from '../../executor/reference/index.js';
import { createEcrecover } from '../../executor/wasm/precompiles/ecrecover.js';
import { readArtifact } from '../../model/artifact/artifact.js';
import type { ModelManifest } from '../../model/artifact/manifest.js';
import { modelOf } from '../../model/artifact/model-parts.js';
import { decodeHints } from '../../model/hints/hints-file.js';
import { ModelHints } from '../../model/hints/model-hints.js';
import { ModelPredictor, type ModelPredictorOptions } from '../../model/predictor.js';
import type { Model } from '../../model/training/trainer.js';
import { untrainedModel } from '../../model/untrained.js';
import { PredictionEngine } from './engine.js';
import type { ArtifactFacts, LearnedSoFar, ModelFacts, ModelStart } from './messages.js';

/** A model at work, and what it says of itself. */
export interface StartedEngine {
  readonly engine: PredictionEngine;
  readonly facts: () => ModelFacts;
}

/** Of each thread; what is beyond goes by weight. */
const MAX_EVIDENCE_BYTES = 512 * 2 ** 20;
const OPTIONS: ModelPredictorOptions = { accounts: true, maxEvidenceBytes: MAX_EVIDENCE_BYTES };
/** More than the price of the precompile. */
const ENOUGH_GAS = 1_000_000;
const NOTHING_LEARNED: LearnedSoFar = { chainId: null, blocks: 0, lastBlock: null, version: 0 };

/**
 * The engine of a trained model, of what was saved of one at work, or of one that has learned nothing. What was saved beside other
 * networks is left out. Throws what `readArtifact` and `decodeHints` throw. `now`: in ms.
 */
export async function createEngine(start: ModelStart, now: () => number): Promise<StartedEngine> {
  const stored = start.artifact === null ? null : await readArtifact(start.artifact, { keccak256 });
  const trained = stored === null || start.artifact === null ? null : modelOf(start.artifact, stored);
  const facts = stored === null || start.artifact === null ? null : factsOf(start.artifact, stored.manifest);
  const saved = start.saved !== null && start.saved.artifactId === (facts?.id ?? null) ? start.saved : null;
  const hints =
    saved === null
      ? new ModelHints(new ModelPredictor(trained ?? untrainedModel(keccak256), OPTIONS))
      : restore(saved.hints, trained);
  const engine = new PredictionEngine({
    ...{ hints, isTrained: trained !== null, artifactId: facts?.id ?? null, maxWorkers: start.maxWorkers, now },
    learned: saved?.learned ?? learnedIn(facts),
    decodeRaw: await createDecoder(),
  });
  return { engine, facts: () => describe(engine, facts) };
}

function restore(bytes: Uint8Array, base: Model | null): ModelHints {
  return decodeHints(bytes, { keccak256, file: 'what was saved', base: base ?? undefined, options: OPTIONS });
}

/** Decodes raw transactions by the quick library for signatures. */
export async function createDecoder(): Promise<DecodeRawTransaction> {
  const ecrecover = await createEcrecover(keccak256);
  return createRawDecoder((input) => ecrecover(input, ENOUGH_GAS, { hasOsakaModexp: false })?.output ?? null);
}

function factsOf(folder: string, { id, seed, createdFrom }: ModelManifest): ArtifactFacts {
  const { chainId, firstBlock, lastBlock, blocks } = createdFrom;
  return { ...{ id, seed, chainId, firstBlock, lastBlock, blocks }, name: folder };
}

function learnedIn(facts: ArtifactFacts | null): LearnedSoFar {
  if (facts === null) return NOTHING_LEARNED;
  return { chainId: facts.chainId, blocks: facts.blocks, lastBlock: facts.lastBlock, version: 0 };
}

function describe(engine: PredictionEngine, artifact: ArtifactFacts | null): ModelFacts {
  const { hints } = engine.parts;
  return {
    ...{ model: engine.model, learned: engine.learned, artifact },
    predictsTimes: hints.costUnit === 'ns',
    thresholds: { ...hints.predictor.thresholds },
  };
}
