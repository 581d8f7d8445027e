/**
 * The headers of consecutive blocks as flat columns: element i of each is block `number[i]`. Numbers ascend by one, without
 * gaps. Whole numbers are exact: all are below 2^53. A column is null where the source does not have it at all.
 */
export interface BlockSeries {
  /** Where it was read, for messages: a path or a store. */
  readonly origin: string;
  readonly length: number;
  readonly number: Float64Array;
  readonly timestampSeconds: Float64Array;
  /** NaN for a block before London (EIP-1559), which has none: never in a file. */
  readonly baseFeePerGasWei: Float64Array;
  /** Above 0. As the source has it: some round it, so that a full block may have used more. */
  readonly gasLimit: Float64Array;
  readonly gasUsed: Float64Array;
  /** NaN: unknown. */
  readonly transactionCount: Float64Array;
  /** EIP-4844; NaN: unknown, or a block before Cancun. */
  readonly excessBlobGas: Float64Array | null;
  readonly blobGasUsed: Float64Array | null;
  /** Pairs (i < j) of transactions where j accesses a slot that i wrote, over all pairs: 0 to 1; NaN: unknown. */
  readonly conflictDensity: Float64Array | null;
  /** Gas of all transactions over the gas of the longest chain of dependent ones, from 1 up; NaN: unknown. */
  readonly parallelism: Float64Array | null;
  /** Columns of the file that mean nothing here, by their names: for a notice. */
  readonly unknownColumns: readonly string[];
}

export const SERIES_COLUMNS = [
  'number',
  'timestampSeconds',
  'baseFeePerGasWei',
  'gasLimit',
  'gasUsed',
  'transactionCount',
  'excessBlobGas',
  'blobGasUsed',
  'conflictDensity',
  'parallelism',
] as const;
export type SeriesColumn = (typeof SERIES_COLUMNS)[number];
