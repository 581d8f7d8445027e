import type { BlockRecord, SourceBlock } from '../types.js';
import type { SavedModel } from './engine/messages.js';
import type { Forecast } from './live.js';

/** Whoever forecasts the load of the next blocks. */
export interface ForecastSource {
  /** A block was observed; blocks come as they are observed. */
  observe(record: BlockRecord): void;
  /** Null until it has seen enough. */
  latest(): Omit<Forecast, 'model'> | null;
}

/** Turns what was posted, or a block of a source, into a record; snapshots are executed. Rejects with Problem. */
export interface RecorderPort {
  record(from: RecorderInput): Promise<BlockRecord>;
  close(): Promise<void>;
}

export type RecorderInput = { readonly body: Uint8Array } | { readonly block: SourceBlock };

/** A block that was observed, by number. */
export interface KnownBlock {
  readonly number: number;
  readonly hash: string;
}

/** Where what was learned outlives the process. */
export interface Keeper {
  /** Keeps the record of an observed block. */
  add(record: BlockRecord): Promise<void>;
  /** Keeps the state of the model, and which blocks it knows. */
  save(saved: SavedModel, known: readonly KnownBlock[], lastHash: string): Promise<void>;
}
