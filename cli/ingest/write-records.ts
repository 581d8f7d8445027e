import type { IngestSummary, Store } from '../../datasets/store/index.js';
import type { BlockRecord } from '../../types.js';

/**
 * Writes records; where the source fails, what came before is written first, and then the failure is thrown. `onRecord` is
 * called for each record that was handed on, `onWritten` after each batch with the counts so far.
 */
export async function writeRecords(
  store: Store,
  records: AsyncIterable<BlockRecord>,
  on: {
    readonly record: (record: BlockRecord) => void;
    readonly written?: (soFar: IngestSummary) => void;
  },
): Promise<IngestSummary> {
  const failure: { error?: unknown } = {};
  async function* untilFailure(): AsyncGenerator<BlockRecord> {
    try {
      for await (const record of records) {
        yield record;
        on.record(record);
      }
    } catch (error) {
      failure.error = error;
    }
  }
  const summary = await store.ingest(untilFailure(), { onProgress: on.written });
  if ('error' in failure) throw failure.error;
  return summary;
}
