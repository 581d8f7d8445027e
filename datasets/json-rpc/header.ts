import type { Field } from '../fields.js';
import type { ChainLink } from './node.js';

/** A block without its transactions: what a block series has of it, and where it stands in its chain. */
export interface NodeHeader {
  readonly header: ChainLink;
  readonly timestampSeconds: number;
  /** Null before London (EIP-1559). */
  readonly baseFeePerGasWei: number | null;
  /** Above 0. */
  readonly gasLimit: number;
  readonly gasUsed: number;
  readonly transactionCount: number;
  /** Null before Cancun (EIP-4844). */
  readonly excessBlobGas: number | null;
  readonly blobGasUsed: number | null;
}

/** Reads the answer to `eth_getBlockByNumber` without transactions. Throws InputError for what no header says. */
export function readHeader(block: Field, header: ChainLink): NodeHeader {
  const [gasLimit, gasUsed] = [block.at('gasLimit').count(), block.at('gasUsed').count()];
  if (gasLimit === 0) block.at('gasLimit').fail('expected a number above 0, got 0');
  if (gasUsed > gasLimit) block.at('gasUsed').fail(`expected at most the gas limit, ${gasLimit}, got ${gasUsed}`);
  return {
    header,
    timestampSeconds: block.at('timestamp').count(),
    baseFeePerGasWei: block.maybe('baseFeePerGas')?.count() ?? null,
    ...{ gasLimit, gasUsed },
    transactionCount: block.at('transactions').length(),
    excessBlobGas: block.maybe('excessBlobGas')?.count() ?? null,
    blobGasUsed: block.maybe('blobGasUsed')?.count() ?? null,
  };
}
