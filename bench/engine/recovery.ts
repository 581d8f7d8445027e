import { createCustomCommon, Mainnet } from '@ethereumjs/common';
import { createTx, createTxFromRLP, TransactionType, type TypedTransaction } from '@ethereumjs/tx';
import { createAddressFromPrivateKey, hexToBytes } from '@ethereumjs/util';
import type { BlockSnapshot, Transaction } from '../../types.js';
import type { Bench } from './bench.js';
import type { RecoverySample } from './document.js';

const SIGNATURES = 100;
const METHOD = '@ethereumjs/tx getSenderAddress() on @noble/curves secp256k1, one thread, no cache';

interface SignedTransaction {
  readonly bytes: Uint8Array;
  readonly sender: string;
}

/** Times the recovery of senders: of the block's first transactions, signed with fixed keys. */
export function measureRecovery(bench: Bench, { chainId, transactions }: BlockSnapshot): RecoverySample {
  const options = { common: createCustomCommon({ chainId }, Mainnet, { hardfork: 'cancun' }), freeze: false };
  const signed = transactions.slice(0, SIGNATURES).map((transaction, index): SignedTransaction => {
    const key = Uint8Array.from({ length: 32 }, (_, place) => (place === 31 ? 1 + index : 1));
    const bytes = createTx({ type: TransactionType.FeeMarketEIP1559, ...contentOf(transaction) }, options)
      .sign(key)
      .serialize();
    return { bytes, sender: createAddressFromPrivateKey(key).toString() };
  });
  const nsPerSignature: number[] = [];
  const rounds = bench.settings.warmUpRounds + bench.settings.rounds;
  for (let round = 0; round < rounds; round += 1) {
    // Read anew each time: a transaction keeps the sender that it has once found.
    const unknown = signed.map(({ bytes }) => createTxFromRLP(bytes, options));
    const startMs = performance.now();
    const senders = unknown.map((transaction: TypedTransaction) => transaction.getSenderAddress().toString());
    const elapsedNs = (performance.now() - startMs) * 1e6;
    if (round >= bench.settings.warmUpRounds) nsPerSignature.push(elapsedNs / Math.max(1, signed.length));
    const wrong = senders.findIndex((sender, index) => sender !== signed[index]?.sender);
    if (wrong >= 0) bench.fail({ block: 'signature recovery', variant: 'recovery', problem: `sender ${wrong}` });
  }
  return { method: METHOD, signatures: signed.length, nsPerSignature };
}

function contentOf({ nonce, gasLimit, to, valueWei, input, ...fees }: Transaction): object {
  return {
    nonce: BigInt(nonce),
    gasLimit: BigInt(gasLimit),
    ...(to === null ? {} : { to }),
    value: valueWei,
    data: hexToBytes(input),
    maxFeePerGas: fees.maxFeePerGasWei ?? 0n,
    maxPriorityFeePerGas: fees.maxPriorityFeePerGasWei ?? 0n,
  };
}
