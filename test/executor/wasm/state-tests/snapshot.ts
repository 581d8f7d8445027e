import { bytesToHex, utf8ToBytes } from '@ethereumjs/util';
import { keccak256 } from '../../../../executor/reference/crypto.js';
import type {
  AccountState,
  Address,
  BlockHeader,
  BlockSnapshot,
  Fork,
  Hash,
  Hex,
  Transaction,
} from '../../../../types.js';
import { slotOf, ZERO_HASH } from '../../reference/snapshots.js';
import type { StateTest, StateTestAccount, StateTestCase, StateTestEnvironment } from './reader.js';

const FORKS_BY_NAME: Readonly<Record<string, Fork>> = {
  Berlin: 'berlin',
  London: 'london',
  Paris: 'paris',
  Shanghai: 'shanghai',
  Cancun: 'cancun',
};
const BLOCKHASH_DEPTH = 256;
/** A first byte from here on starts the list that a legacy transaction is; below, it is the type (EIP-2718). */
const FIRST_LIST_BYTE = 0xc0;

export interface StateTestSubject {
  readonly test: StateTest;
  readonly fork: string;
  readonly post: StateTestCase;
  readonly preState: BlockSnapshot['preState'];
}

/**
 * A block of the case's transaction alone. State tests know no system calls, rewards or withdrawals, so the block has no
 * parent beacon block root, which leaves EIP-4788 out.
 */
export function toSnapshot({ test, fork, post, preState }: StateTestSubject): BlockSnapshot {
  const rules = FORKS_BY_NAME[fork];
  if (rules === undefined) throw new Error(`${test.name}: expected a fork that the engine covers, got ${fork}`);
  return {
    kind: 'snapshot',
    origin: test.file,
    chainId: 1,
    fork: rules,
    header: headerOf(test.env),
    transactions: [transactionOf(test, post)],
    withdrawals: [],
    preState,
    blockHashes: blockHashesBefore(Number(test.env.currentNumber)),
  };
}

export function preStateOf({ pre }: StateTest): BlockSnapshot['preState'] {
  return new Map(Object.entries(pre).map(([address, account]) => [address as Address, accountOf(account)]));
}

function accountOf({ balance, nonce, code, storage }: StateTestAccount): AccountState {
  const slots = Object.entries(storage).map(([slot, value]) => [slotOf(BigInt(slot)), slotOf(BigInt(value))] as const);
  return { balanceWei: BigInt(balance), nonce: integerOf(nonce), code, storage: new Map(slots) };
}

function headerOf(env: StateTestEnvironment): BlockHeader {
  const number = Number(env.currentNumber);
  return {
    number,
    hash: ZERO_HASH,
    parentHash: blockHash(number - 1),
    feeRecipient: env.currentCoinbase,
    timestampSeconds: Number(env.currentTimestamp),
    gasLimit: integerOf(env.currentGasLimit),
    gasUsed: 0,
    baseFeePerGasWei: env.currentBaseFee === undefined ? null : BigInt(env.currentBaseFee),
    receiptsRoot: null,
    logsBloom: null,
    difficulty: env.currentRandom === undefined ? BigInt(env.currentDifficulty) : 0n,
    mixHash: env.currentRandom === undefined ? null : slotOf(BigInt(env.currentRandom)),
    extraData: '0x',
    excessBlobGas: env.currentExcessBlobGas === undefined ? null : Number(env.currentExcessBlobGas),
    blobGasUsed: env.currentExcessBlobGas === undefined ? null : 0,
    parentBeaconBlockRoot: null,
  };
}

/**
 * Some tests have nonces and gas limits of more than 53 bits, which no number holds. A bigint takes their place: the host
 * turns these fields into bigints before it does anything with them.
 */
function integerOf(quantity: Hex): number {
  const value = Number(quantity);
  return Number.isSafeInteger(value) ? value : (BigInt(quantity) as unknown as number);
}

/** The convention of the tests: a block's hash is the Keccak-256 of its number in decimal. */
function blockHash(number: number): Hash {
  return bytesToHex(keccak256(utf8ToBytes(String(number))));
}

function blockHashesBefore(number: number): BlockSnapshot['blockHashes'] {
  const depth = Math.min(number, BLOCKHASH_DEPTH);
  return new Map(Array.from({ length: depth }, (_, place) => [number - 1 - place, blockHash(number - 1 - place)]));
}

/** The type is the encoded transaction's: the fields alone don't tell a legacy one from one with an empty access list. */
function transactionOf({ name, transaction }: StateTest, { indexes, txbytes }: StateTestCase): Transaction {
  const [input, gasLimit, value] = [
    transaction.data[indexes.data],
    transaction.gasLimit[indexes.gas],
    transaction.value[indexes.value],
  ];
  if (input === undefined || gasLimit === undefined || value === undefined) throw new Error(`${name}: no such case`);
  const firstByte = Number(txbytes.slice(0, 4));
  const weiOrNull = (quantity: string | undefined): bigint | null => (quantity === undefined ? null : BigInt(quantity));
  return {
    index: 0,
    hash: ZERO_HASH,
    type: firstByte >= FIRST_LIST_BYTE ? 0 : firstByte,
    from: transaction.sender,
    to: transaction.to === '' ? null : transaction.to,
    nonce: integerOf(transaction.nonce),
    valueWei: BigInt(value),
    input,
    gasLimit: integerOf(gasLimit),
    gasPriceWei: weiOrNull(transaction.gasPrice),
    maxFeePerGasWei: weiOrNull(transaction.maxFeePerGas),
    maxPriorityFeePerGasWei: weiOrNull(transaction.maxPriorityFeePerGas),
    maxFeePerBlobGasWei: weiOrNull(transaction.maxFeePerBlobGas),
    accessList: transaction.accessLists?.[indexes.data] ?? [],
    blobVersionedHashes: transaction.blobVersionedHashes ?? [],
    authorizationList: [],
  };
}
