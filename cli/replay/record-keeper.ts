import type { Store } from '../../datasets/store/index.js';
import type { BlockRecord } from '../../types.js';

/** One insert for several blocks; what is waiting is bounded by this. */
const BATCH_BLOCKS = 16;

/** Keeps records in a store, a batch at a time. */
export class RecordKeeper {
  readonly #store: Store;
  #waiting: BlockRecord[] = [];
  #added = 0;

  constructor(store: Store) {
    this.#store = store;
  }

  /** Blocks that the store did not hold before. */
  get added(): number {
    return this.#added;
  }

  async add(record: BlockRecord): Promise<void> {
    this.#waiting.push(record);
    if (this.#waiting.length >= BATCH_BLOCKS) await this.flush();
  }

  /** Writes what is waiting: to be called at the end, also where the work fails. */
  async flush(): Promise<void> {
    if (this.#waiting.length === 0) return;
    const batch = this.#waiting;
    this.#waiting = [];
    this.#added += (await this.#store.ingest(batch)).added;
  }
}
