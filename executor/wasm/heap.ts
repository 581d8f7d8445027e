import type { EngineInstance } from './instance.js';
import * as layout from './layout.js';
import type { Placed } from './run.js';

/**
 * The block heap, seen from its start: offsets from there are small numbers, which are fast indices, while addresses of the
 * engine's memory are not. It goes stale when the engine allocates.
 */
export interface Heap {
  readonly start: number;
  readonly bytes: Uint8Array;
  readonly numbers: Uint32Array;
}

export function viewHeap(engine: EngineInstance): Heap {
  const start = engine.u32(layout.H_HEAP_START);
  const { buffer } = engine.bytes;
  const sizeBytes = Math.min(engine.u32(layout.H_HEAP), buffer.byteLength) - start;
  return {
    start,
    bytes: new Uint8Array(buffer, start, sizeBytes),
    numbers: new Uint32Array(buffer, start, sizeBytes >>> 2),
  };
}

/** The 32-bit number at an offset of the heap. */
export function numberAt({ numbers }: Heap, at: number): number {
  return numbers[at >>> 2] ?? 0;
}

/** What one transaction came to, all of it by offsets of the heap. */
export interface PlacedReceipt {
  readonly succeeded: boolean;
  readonly gasUsed: number;
  readonly logs: number;
  readonly logsBytes: number;
  readonly logCount: number;
  /** Null where there are no logs. */
  readonly bloom: number | null;
}

export function receiptAt(heap: Heap, { receipts }: Placed, index: number): PlacedReceipt {
  const at = receipts - heap.start + layout.RECEIPT_BYTES * index;
  const bloom = numberAt(heap, at + layout.P_BLOOM);
  return {
    succeeded: numberAt(heap, at + layout.P_STATUS) === 1,
    gasUsed: numberAt(heap, at + layout.P_GAS_USED) + 2 ** 32 * numberAt(heap, at + layout.P_GAS_USED + 4),
    logs: numberAt(heap, at + layout.P_LOGS) - heap.start,
    logsBytes: numberAt(heap, at + layout.P_LOGS_LENGTH),
    logCount: numberAt(heap, at + layout.P_LOG_COUNT),
    bloom: bloom === 0 ? null : bloom - heap.start,
  };
}

/** A log: where its address, its topics and its data begin, and how much there is of them. */
export interface PlacedLog {
  readonly address: number;
  readonly topics: number;
  readonly topicCount: number;
  readonly data: number;
  readonly dataBytes: number;
  /** Where the next log begins. */
  readonly end: number;
}

const ADDRESS_PADDING = 12;

export function logAt(heap: Heap, at: number): PlacedLog {
  const topicCount = numberAt(heap, at + layout.L_TOPICS);
  const dataBytes = numberAt(heap, at + layout.L_LENGTH);
  const topics = at + layout.LOG_HEAD;
  const data = topics + 32 * topicCount;
  return {
    address: at + layout.L_ADDRESS + ADDRESS_PADDING,
    topics,
    topicCount,
    data,
    dataBytes,
    end: data + ((dataBytes + 15) & ~15),
  };
}
