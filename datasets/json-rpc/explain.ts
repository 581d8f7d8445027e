import { LanecastError } from '../../errors.js';
import type { RpcError } from './rpc-error.js';

/** The node has no `debug_` methods: what a node needs, and what this one can still give. */
export function withoutDebug(name: string, error: RpcError): LanecastError {
  const message = `The node at ${name} has no ${error.method} ("${error.message}"), so it can't say what transactions access.
What a node needs: the debug methods, and the state of the blocks that are asked for.
  geth         --http.api eth,debug; the last 128 blocks, older ones with --gcmode archive (or --state.scheme path and --history.state)
  reth         --http.api eth,debug; all blocks unless it is pruned (--full, --minimal)
  erigon       --http.api eth,debug; all blocks with --prune.mode archive
  nethermind   --JsonRpc.EnabledModules Eth,Debug; recent blocks, all with --Pruning.Mode None
Hosted nodes often sell the debug methods apart.
What this one can give are headers: gas used, base fee and transaction counts, a block series for lanecast forecast. To collect them:
  lanecast ingest URL --headers-only
Accesses and conflicts it can't give.`;
  return new LanecastError('UNSUPPORTED', message, { cause: error });
}

/** The node has thrown away what tracing this block takes. */
export function withoutState(name: string, blockNumber: number, error: RpcError): LanecastError {
  const message = `The node at ${name} can't trace block ${blockNumber}: it does not hold the state before it any more ("${error.message}").
Ask for later blocks (--blocks N: the last N; nodes that are no archive hold 128 or less), or ask an archive node:
geth --gcmode archive, erigon --prune.mode archive, reth without --full, nethermind --Pruning.Mode None.`;
  return new LanecastError('UNSUPPORTED', message, { cause: error });
}

/** The node has no receipts in any form. */
export function withoutReceipts(name: string, error: RpcError): LanecastError {
  const message = `The node at ${name} has neither eth_getBlockReceipts nor eth_getTransactionReceipt ("${error.message}").`;
  return new LanecastError('UNSUPPORTED', message, { cause: error });
}
