import { FORKS, type BlockResult, type BlockSnapshot, type HeaderCheck } from '../../types.js';

const BYZANTIUM = FORKS.indexOf('byzantium');

/**
 * Compares a result with the header of its block. Before Byzantium receipts hold state roots, which a partial pre-state
 * can't give, so their root is not checked (null). State roots are never checked for the same reason.
 */
export function checkHeader({ fork, header }: BlockSnapshot, result: BlockResult): HeaderCheck {
  const receiptsHoldStatus = FORKS.indexOf(fork) >= BYZANTIUM;
  return {
    gasUsed: result.gasUsed === header.gasUsed,
    receiptsRoot:
      !receiptsHoldStatus || header.receiptsRoot === null ? null : result.receiptsRoot === header.receiptsRoot,
    logsBloom: header.logsBloom === null ? null : result.logsBloom === header.logsBloom,
  };
}
