import type { Common } from '@ethereumjs/common';
import { createTx, type TypedTransaction, type TypedTxData } from '@ethereumjs/tx';
import { createAddressFromString } from '@ethereumjs/util';
import type { Transaction } from '../../types.js';

/** Building a transaction object costs 118 µs where ethereumjs freezes it. */
const OPTIONS = { freeze: false };

/** A transaction as ethereumjs executes it, its sender taken from the trace: nothing is recovered or verified. */
export function toTypedTransaction(transaction: Transaction, common: Common): TypedTransaction {
  const sender = createAddressFromString(transaction.from);
  const typed = createTx(toData(transaction, common), { ...OPTIONS, common });
  return Object.assign(typed, { getSenderAddress: () => sender, isSigned: () => true });
}

function toData(transaction: Transaction, common: Common): TypedTxData {
  const data = {
    type: transaction.type,
    nonce: BigInt(transaction.nonce),
    gasLimit: BigInt(transaction.gasLimit),
    value: transaction.valueWei,
    data: transaction.input,
    ...(transaction.to === null ? {} : { to: transaction.to }),
  };
  if (transaction.type === 0) return { ...data, gasPrice: transaction.gasPriceWei ?? 0n };
  const typed = {
    ...data,
    chainId: common.chainId(),
    accessList: transaction.accessList.map(({ address, storageKeys }) => ({ address, storageKeys: [...storageKeys] })),
  };
  if (transaction.type === 1) return { ...typed, gasPrice: transaction.gasPriceWei ?? 0n };
  return { ...typed, ...feesOf(transaction), ...extrasOf(transaction) };
}

function feesOf(transaction: Transaction): { maxFeePerGas: bigint; maxPriorityFeePerGas: bigint } {
  return {
    maxFeePerGas: transaction.maxFeePerGasWei ?? 0n,
    maxPriorityFeePerGas: transaction.maxPriorityFeePerGasWei ?? 0n,
  };
}

function extrasOf(transaction: Transaction): object {
  if (transaction.type === 3) {
    return {
      maxFeePerBlobGas: transaction.maxFeePerBlobGasWei ?? 0n,
      blobVersionedHashes: [...transaction.blobVersionedHashes],
    };
  }
  if (transaction.type !== 4) return {};
  return {
    authorizationList: transaction.authorizationList.map((authorization) => ({
      chainId: quantity(authorization.chainId),
      address: authorization.address,
      nonce: quantity(authorization.nonce),
      yParity: quantity(BigInt(authorization.yParity)),
      r: authorization.r,
      s: authorization.s,
    })),
  };
}

function quantity(value: bigint): `0x${string}` {
  return `0x${value.toString(16)}`;
}
