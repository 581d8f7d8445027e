import {
  bytesToBigInt,
  bytesToHex,
  createAddressFromPrivateKey,
  eoaCode7702RecoverAuthority,
  eoaCode7702SignAuthorization,
  hexToBytes,
} from '@ethereumjs/util';
import type { AccountState, Address, Authorization, BlockResult, Hex, Transaction } from '../../../../types.js';
import { OTHER, account } from '../../reference/snapshots.js';
import { bytesOf, joined } from './compare.js';

/** The address of a small private key. */
export function signerOf(privateKey: number): Address {
  return createAddressFromPrivateKey(hexToBytes(bytesOf(privateKey, 32))).toString();
}

export interface Terms {
  readonly address: Address;
  readonly nonce?: bigint;
  readonly chainId?: bigint;
}

const quantity = (value: bigint): Hex => `0x${value.toString(16)}`;

/** Signed by a small private key. */
export function authorize(privateKey: number, { address, nonce = 0n, chainId = 1n }: Terms): Authorization {
  const terms = { chainId: quantity(chainId), address, nonce: quantity(nonce) };
  const signed = eoaCode7702SignAuthorization(terms, hexToBytes(bytesOf(privateKey, 32)));
  const [yParity, r, s] = [bytesToBigInt(signed[3]), bytesToHex(signed[4]), bytesToHex(signed[5])];
  return { chainId, address, nonce, yParity: Number(yParity), r, s };
}

/** Whoever a signature recovers to, be it valid or not. */
export function recover({ chainId, address, nonce, yParity, r, s }: Authorization): Address {
  const item = { chainId: quantity(chainId), address, nonce: quantity(nonce), yParity: bytesOf(yParity, 1), r, s };
  return eoaCode7702RecoverAuthority(item).toString();
}

/** The code of an account that delegates. */
export function delegationTo(address: Address): Hex {
  return joined('0xef0100', address);
}

/** A transaction of type 4. */
export function setCode(
  authorizationList: readonly Authorization[],
  fields: Partial<Transaction> = {},
): Partial<Transaction> {
  const fees = { gasPriceWei: null, maxFeePerGasWei: 10n, maxPriorityFeePerGasWei: 1n };
  return { type: 4, ...fees, to: OTHER, authorizationList, ...fields };
}

export function delegated(to: Address): AccountState {
  return { ...account(delegationTo(to)), nonce: 1 };
}

export function codeAfter({ postState }: BlockResult, address: Address): Hex | undefined {
  return postState.get(address)?.code;
}
