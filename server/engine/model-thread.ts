import { ownMemory, Thread } from '../threads/thread.js';
import type { ModelPort } from './local-model.js';
import type { ModelFacts, ModelReplies, ModelRequest, ModelStart } from './messages.js';

/** What a question leaves behind is garbage soon: with room for that of many questions, hardly any of it is copied. */
const LIMITS = { maxYoungGenerationSizeMb: 128 };

/** A model on a thread of its own. `onDeath` is called once if the thread ends without having been told to. */
export async function startModelThread(start: ModelStart, onDeath: (reason: string) => void): Promise<ModelPort> {
  const thread = new Thread('engine/worker', { workerData: start, resourceLimits: LIMITS }, onDeath);
  return new ModelThread(thread, (await thread.isUp) as ModelFacts);
}

class ModelThread implements ModelPort {
  readonly #thread: Thread;
  #facts: ModelFacts;

  constructor(thread: Thread, facts: ModelFacts) {
    this.#thread = thread;
    this.#facts = facts;
  }

  get facts(): ModelFacts {
    return this.#facts;
  }

  async request<Kind extends ModelRequest['kind']>(
    request: Extract<ModelRequest, { readonly kind: Kind }>,
  ): Promise<ModelReplies[Kind]> {
    const reply = await this.#thread.request(request, 'body' in request ? ownMemory(request.body) : []);
    if (request.kind === 'observe') this.#facts = (reply as ModelReplies['observe']).facts;
    return reply as ModelReplies[Kind];
  }

  close(): Promise<void> {
    return this.#thread.close();
  }
}
