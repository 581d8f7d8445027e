import type { AccountState, Address, BlockSnapshot, Fork, Hash, Hex, Transaction } from '../../../types.js';

export const SENDER: Address = `0x${'11'.repeat(20)}`;
export const OTHER: Address = `0x${'22'.repeat(20)}`;
export const CONTRACT: Address = `0x${'cc'.repeat(20)}`;
export const FEE_RECIPIENT: Address = `0x${'fe'.repeat(20)}`;
export const ZERO_HASH: Hash = `0x${'00'.repeat(32)}`;
const ETHER_WEI = 10n ** 18n;
const BASE_FEE_WEI = 7n;

export function account(code: Hex = '0x', storage: Readonly<Record<Hex, number>> = {}): AccountState {
  const slots = Object.entries(storage).map(([slot, value]) => [slot as Hash, slotOf(value)] as const);
  return { balanceWei: ETHER_WEI, nonce: code === '0x' ? 0 : 1, code, storage: new Map(slots) };
}

/** 32 bytes. */
export function slotOf(value: number | bigint): Hash {
  return `0x${value.toString(16).padStart(64, '0')}`;
}

export function transaction(fields: Partial<Transaction> = {}): Transaction {
  return {
    index: 0,
    hash: ZERO_HASH,
    type: 0,
    from: SENDER,
    to: CONTRACT,
    nonce: 0,
    valueWei: 0n,
    input: '0x',
    gasLimit: 500_000,
    gasPriceWei: 10n,
    maxFeePerGasWei: null,
    maxPriorityFeePerGasWei: null,
    maxFeePerBlobGasWei: null,
    accessList: [],
    blobVersionedHashes: [],
    authorizationList: [],
    ...fields,
  };
}

export interface SnapshotParts {
  readonly accounts?: Readonly<Record<Address, AccountState>>;
  readonly transactions: readonly Partial<Transaction>[];
  readonly fork?: Fork;
  readonly blockHashes?: ReadonlyMap<number, Hash>;
}

/** A block of Prague unless told otherwise; the sender has one ether. */
export function snapshotOf({
  accounts = {},
  transactions,
  fork = 'prague',
  blockHashes,
}: SnapshotParts): BlockSnapshot {
  return {
    kind: 'snapshot',
    origin: 'made by hand',
    chainId: 1,
    fork,
    header: {
      number: 1_000,
      hash: slotOf(1_000),
      parentHash: slotOf(999),
      feeRecipient: FEE_RECIPIENT,
      timestampSeconds: 1_750_000_000,
      gasLimit: 30_000_000,
      gasUsed: 0,
      baseFeePerGasWei: BASE_FEE_WEI,
      receiptsRoot: null,
      logsBloom: null,
      difficulty: 0n,
      mixHash: ZERO_HASH,
      extraData: '0x',
      excessBlobGas: 0,
      blobGasUsed: 0,
      parentBeaconBlockRoot: ZERO_HASH,
    },
    transactions: transactions.map((fields, index) => transaction({ index, nonce: index, ...fields })),
    withdrawals: [],
    preState: new Map(Object.entries({ [SENDER]: account(), ...accounts })) as BlockSnapshot['preState'],
    blockHashes: blockHashes ?? new Map(),
  };
}

/** Bytecode: numbers are opcodes; `push` gives the words between. */
export function code(...parts: readonly (number | Hex)[]): Hex {
  return `0x${parts.map((part) => (typeof part === 'number' ? part.toString(16).padStart(2, '0') : part.slice(2))).join('')}`;
}

/** The shortest PUSH of a value. */
export function push(value: number | bigint | Hex): Hex {
  const digits = typeof value === 'string' ? value.slice(2) : value.toString(16);
  const even = digits.length % 2 === 0 ? digits : `0${digits}`;
  return `0x${(0x5f + even.length / 2).toString(16)}${even}`;
}
