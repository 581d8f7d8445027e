import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { createGunzip } from 'node:zlib';
import type { AccessListEntry, Address, Hash, Hex } from '../../../../types.js';

/** One of the public Ethereum state tests, as its file has it: quantities are hex, not padded to a width. */
export interface StateTest {
  readonly file: string;
  readonly name: string;
  readonly env: StateTestEnvironment;
  readonly pre: Readonly<Record<Address, StateTestAccount>>;
  readonly transaction: StateTestTransaction;
  /** By the fork's name as the tests have it. */
  readonly post: Readonly<Record<string, readonly StateTestCase[]>>;
}

export interface StateTestEnvironment {
  readonly currentCoinbase: Address;
  readonly currentDifficulty: Hex;
  readonly currentGasLimit: Hex;
  readonly currentNumber: Hex;
  readonly currentTimestamp: Hex;
  readonly currentBaseFee?: Hex;
  readonly currentRandom?: Hash;
  readonly currentExcessBlobGas?: Hex;
}

export interface StateTestAccount {
  readonly balance: Hex;
  readonly nonce: Hex;
  readonly code: Hex;
  readonly storage: Readonly<Record<Hex, Hex>>;
}

/** A family of transactions: a case chooses data, gas limit and value. */
export interface StateTestTransaction {
  readonly sender: Address;
  /** Empty for a creation. */
  readonly to: Address | '';
  readonly nonce: Hex;
  readonly data: readonly Hex[];
  readonly gasLimit: readonly Hex[];
  readonly value: readonly Hex[];
  /** Beside `data`; null for a transaction without a list. */
  readonly accessLists?: readonly (readonly AccessListEntry[] | null)[];
  readonly gasPrice?: Hex;
  readonly maxFeePerGas?: Hex;
  readonly maxPriorityFeePerGas?: Hex;
  readonly maxFeePerBlobGas?: Hex;
  readonly blobVersionedHashes?: readonly Hash[];
}

export interface StateTestCase {
  readonly indexes: { readonly data: number; readonly gas: number; readonly value: number };
  /** The signed transaction. */
  readonly txbytes: Hex;
  /** State root after the transaction. */
  readonly hash: Hash;
  /** Keccak-256 of the RLP of the logs. */
  readonly logs: Hash;
  /** Names of what may be wrong with the transaction, separated by `|`. */
  readonly expectException?: string;
}

/** Reads a gzip file of one test a line. */
export async function* readStateTests(path: string): AsyncGenerator<StateTest> {
  const lines = createInterface({ input: createReadStream(path).pipe(createGunzip()), crlfDelay: Infinity });
  for await (const line of lines) if (line !== '') yield JSON.parse(line) as StateTest;
}

/** Names a case: no two have the same name. */
export function nameOf({ file, name }: StateTest, fork: string, { indexes }: StateTestCase): string {
  return `${fork} ${file}#${name} ${indexes.data}/${indexes.gas}/${indexes.value}`;
}
