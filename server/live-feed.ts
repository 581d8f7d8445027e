import type { LiveBlock } from './live.js';

/** One server-sent event; a block has its sequence as id. */
export interface FeedEvent {
  readonly name: 'block' | 'model' | 'forecast';
  readonly id: number | null;
  /** JSON without line breaks. */
  readonly data: string;
}

export interface FeedListener {
  send(event: FeedEvent): void;
  end(): void;
}

const MOST_BLOCKS = 64;
const MOST_LISTENERS = 64;

/** The latest observed blocks, and who wants to hear of the next. */
export class LiveFeed {
  readonly #blocks: LiveBlock[] = [];
  readonly #listeners = new Set<FeedListener>();

  get held(): number {
    return this.#blocks.length;
  }

  get listeners(): number {
    return this.#listeners.size;
  }

  /** Oldest first. */
  latest(limit: number): LiveBlock[] {
    return limit === 0 ? [] : this.#blocks.slice(-limit);
  }

  addBlock(block: LiveBlock): void {
    this.#blocks.push(block);
    if (this.#blocks.length > MOST_BLOCKS) this.#blocks.shift();
    this.#tell(eventOf(block));
  }

  publish(name: FeedEvent['name'], value: object): void {
    if (this.#listeners.size > 0) this.#tell({ name, id: null, data: JSON.stringify(value) });
  }

  /** Whether one more may listen. */
  get hasRoom(): boolean {
    return this.#listeners.size < MOST_LISTENERS;
  }

  /** `after`: the sequence of the last block that the listener has; it is sent the later ones that are held. */
  listen(listener: FeedListener, after: number | null): void {
    this.#listeners.add(listener);
    if (after === null) return;
    for (const block of this.#blocks) if (block.sequence > after) listener.send(eventOf(block));
  }

  leave(listener: FeedListener): void {
    this.#listeners.delete(listener);
  }

  close(): void {
    for (const listener of this.#listeners) listener.end();
    this.#listeners.clear();
  }

  #tell(event: FeedEvent): void {
    for (const listener of this.#listeners) listener.send(event);
  }
}

function eventOf(block: LiveBlock): FeedEvent {
  return { name: 'block', id: block.sequence, data: JSON.stringify(block) };
}
