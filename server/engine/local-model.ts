import { createEngine, type StartedEngine } from './create-engine.js';
import type { ModelFacts, ModelReplies, ModelRequest, ModelStart } from './messages.js';

/** A model that can be asked, wherever it is at work. Rejects with Problem. */
export interface ModelPort {
  /** As of the last answer that changed it. */
  readonly facts: ModelFacts;
  request<Kind extends ModelRequest['kind']>(
    request: Extract<ModelRequest, { readonly kind: Kind }>,
  ): Promise<ModelReplies[Kind]>;
  close(): Promise<void>;
}

export type StartModel = (start: ModelStart) => Promise<ModelPort>;

/** What a model at work does with a request: the same on a thread of its own and, in tests, on this one. */
export function perform({ engine, facts }: StartedEngine, request: ModelRequest): ModelReplies[ModelRequest['kind']] {
  switch (request.kind) {
    case 'answer':
      return new TextEncoder().encode(engine.answer(request.question, request.body, request.askedMs));
    case 'observe': {
      const observed = engine.observe(request.record);
      return { observed, facts: facts() };
    }
    case 'save':
      return { hints: engine.save(), learned: engine.learned, artifactId: facts().artifact?.id ?? null };
  }
}

/** A model on the calling thread. `now`: in ms. */
export async function startLocalModel(start: ModelStart, now: () => number): Promise<ModelPort> {
  const started = await createEngine(start, now);
  return {
    get facts() {
      return started.facts();
    },
    request: async <Kind extends ModelRequest['kind']>(request: Extract<ModelRequest, { readonly kind: Kind }>) => {
      await Promise.resolve();
      return perform(started, request) as ModelReplies[Kind];
    },
    close: async () => Promise.resolve(),
  };
}
