import type { BlockSeries } from '../series/series.js';
import type { NodeHeader } from './header.js';

/** Headers of consecutive blocks, ascending, as a series. */
export function seriesOfHeaders(headers: readonly NodeHeader[]): BlockSeries {
  const column = (valueOf: (header: NodeHeader) => number | null): Float64Array =>
    Float64Array.from(headers, (header) => valueOf(header) ?? NaN);
  return {
    origin: 'headers of a node',
    length: headers.length,
    number: column(({ header }) => header.number),
    timestampSeconds: column(({ timestampSeconds }) => timestampSeconds),
    baseFeePerGasWei: column(({ baseFeePerGasWei }) => baseFeePerGasWei),
    gasLimit: column(({ gasLimit }) => gasLimit),
    gasUsed: column(({ gasUsed }) => gasUsed),
    transactionCount: column(({ transactionCount }) => transactionCount),
    excessBlobGas: column(({ excessBlobGas }) => excessBlobGas),
    blobGasUsed: column(({ blobGasUsed }) => blobGasUsed),
    conflictDensity: null,
    parallelism: null,
    unknownColumns: [],
  };
}
