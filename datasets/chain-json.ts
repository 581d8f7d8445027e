import type { AccessListEntry, Authorization, BlockHeader, Hash, Hex, Transaction, Withdrawal } from '../types.js';
import type { Field } from './fields.js';

/** Blocks as `eth_getBlockByNumber(…, true)` answers: https://ethereum.github.io/execution-apis/. */

/** The transaction types that can be executed: 0 to 4. */
const LAST_EXECUTABLE_TYPE = 4;

const NO_CODE_HASHES: readonly Hash[] = [
  '0xc5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470',
  `0x${'0'.repeat(64)}`,
];

export type Json = Readonly<Record<string, unknown>>;

/** A number as JSON-RPC writes it: `0x`, no leading zeros. */
export function toQuantity(value: number | bigint): Hex {
  return `0x${value.toString(16)}`;
}

/** Whether a `codeHash` stands for no code: the hash of nothing, or zero for an account that does not exist. */
export function meansNoCode(codeHash: Hash): boolean {
  return NO_CODE_HASHES.includes(codeHash);
}

export function readHeader(block: Field): BlockHeader {
  return {
    number: block.at('number').count(),
    hash: block.at('hash').hash(),
    parentHash: block.at('parentHash').hash(),
    feeRecipient: block.at('miner').address(),
    timestampSeconds: block.at('timestamp').count(),
    gasLimit: block.at('gasLimit').count(),
    gasUsed: block.at('gasUsed').count(),
    baseFeePerGasWei: block.maybe('baseFeePerGas')?.quantity() ?? null,
    receiptsRoot: block.maybe('receiptsRoot')?.hash() ?? null,
    logsBloom: block.maybe('logsBloom')?.hex(256) ?? null,
    difficulty: block.maybe('difficulty')?.quantity() ?? 0n,
    mixHash: block.maybe('mixHash')?.hash() ?? null,
    extraData: block.maybe('extraData')?.hex() ?? '0x',
    excessBlobGas: block.maybe('excessBlobGas')?.count() ?? null,
    blobGasUsed: block.maybe('blobGasUsed')?.count() ?? null,
    parentBeaconBlockRoot: block.maybe('parentBeaconBlockRoot')?.hash() ?? null,
  };
}

/** A field that the header does not state is left out. */
export function headerToJson(header: BlockHeader): Json {
  return withoutNull({
    number: toQuantity(header.number),
    hash: header.hash,
    parentHash: header.parentHash,
    miner: header.feeRecipient,
    timestamp: toQuantity(header.timestampSeconds),
    gasLimit: toQuantity(header.gasLimit),
    gasUsed: toQuantity(header.gasUsed),
    baseFeePerGas: quantityOrNull(header.baseFeePerGasWei),
    receiptsRoot: header.receiptsRoot,
    logsBloom: header.logsBloom,
    difficulty: toQuantity(header.difficulty),
    mixHash: header.mixHash,
    extraData: header.extraData,
    excessBlobGas: quantityOrNull(header.excessBlobGas),
    blobGasUsed: quantityOrNull(header.blobGasUsed),
    parentBeaconBlockRoot: header.parentBeaconBlockRoot,
  });
}

/** Executable transactions must be of a known type and state its fee fields; those of a trace need not. */
export function readTransactions(block: Field, options: { readonly executable: boolean }): Transaction[] {
  const transactions = block.at('transactions').items();
  for (const transaction of transactions) if (transaction.isString()) refuseHash(transaction);
  checkIndices(transactions);
  return transactions.map((transaction, index) => readTransaction(transaction, index, options.executable));
}

function refuseHash(transaction: Field): never {
  transaction.refuse('a full transaction', 'only its hash; eth_getBlockByNumber(…, true) answers full transactions');
}

/** Where transactions or receipts state their `transactionIndex`, it must be their position. */
export function checkIndices(fields: readonly Field[]): void {
  for (const [position, field] of fields.entries()) {
    const stated = field.maybe('transactionIndex');
    const index = stated?.count() ?? position;
    if (index === position) continue;
    stated?.fail(
      `expected ${position} at this position, got ${index}${index < position ? ', which occurred before' : ''}`,
    );
  }
}

function readTransaction(transaction: Field, index: number, executable: boolean): Transaction {
  const type = readType(transaction, executable);
  return {
    index,
    hash: transaction.at('hash').hash(),
    type,
    from: transaction.at('from').address(),
    to: transaction.maybe('to')?.address() ?? null,
    nonce: transaction.at('nonce').count(),
    valueWei: transaction.at('value').quantity(),
    input: transaction.at('input').hex(),
    gasLimit: transaction.at('gas').count(),
    ...readFees(transaction, type, executable),
    accessList: transaction.maybe('accessList')?.items().map(readAccessListEntry) ?? [],
    blobVersionedHashes:
      transaction
        .maybe('blobVersionedHashes')
        ?.items()
        .map((hash) => hash.hash()) ?? [],
    authorizationList: transaction.maybe('authorizationList')?.items().map(readAuthorization) ?? [],
  };
}

function readType(transaction: Field, executable: boolean): number {
  const field = transaction.maybe('type');
  if (field === null) {
    const typed = ['maxFeePerGas', 'accessList'].find((name) => transaction.maybe(name) !== null);
    if (typed !== undefined)
      transaction.at('type').fail(`is missing, expected the type of a transaction with ${typed}`);
    return 0;
  }
  const type = field.count();
  if (executable && type > LAST_EXECUTABLE_TYPE)
    field.refuse(`a type that can be executed: 0 to ${LAST_EXECUTABLE_TYPE}`);
  return type;
}

type Fees = Pick<Transaction, 'gasPriceWei' | 'maxFeePerGasWei' | 'maxPriorityFeePerGasWei' | 'maxFeePerBlobGasWei'>;

/** Nodes state an effective `gasPrice` for every type, so fields that the type does not have are dropped. */
function readFees(transaction: Field, type: number, executable: boolean): Fees {
  const read = (name: string, applies: boolean): bigint | null => {
    if (!applies) return null;
    return executable ? transaction.at(name).quantity() : (transaction.maybe(name)?.quantity() ?? null);
  };
  const known = type <= LAST_EXECUTABLE_TYPE;
  return {
    gasPriceWei: read('gasPrice', type < 2 || !known),
    maxFeePerGasWei: read('maxFeePerGas', type >= 2),
    maxPriorityFeePerGasWei: read('maxPriorityFeePerGas', type >= 2),
    maxFeePerBlobGasWei: read('maxFeePerBlobGas', type === 3 || !known),
  };
}

function readAccessListEntry(entry: Field): AccessListEntry {
  const keys = entry.maybe('storageKeys')?.items() ?? [];
  return { address: entry.at('address').address(), storageKeys: keys.map((key) => key.hash()) };
}

function readAuthorization(entry: Field): Authorization {
  return {
    chainId: entry.at('chainId').quantity(),
    address: entry.at('address').address(),
    nonce: entry.at('nonce').quantity(),
    yParity: (entry.maybe('yParity') ?? entry.at('v')).count(),
    r: readWord(entry.at('r')),
    s: readWord(entry.at('s')),
  };
}

/** Signature values come as quantities, without leading zeros; we keep them as 32 bytes. */
function readWord(field: Field): Hash {
  return `0x${field.quantity().toString(16).padStart(64, '0')}`;
}

/** As in a node's block, less what execution does not need: the signature, the block's hash, the effective gas price. */
export function transactionToJson(transaction: Transaction, chainId: number): Json {
  const { type } = transaction;
  return withoutNull({
    transactionIndex: toQuantity(transaction.index),
    hash: transaction.hash,
    type: toQuantity(type),
    ...(type === 0 ? {} : { chainId: toQuantity(chainId), accessList: transaction.accessList }),
    from: transaction.from,
    to: transaction.to,
    nonce: toQuantity(transaction.nonce),
    value: toQuantity(transaction.valueWei),
    input: transaction.input,
    gas: toQuantity(transaction.gasLimit),
    gasPrice: quantityOrNull(transaction.gasPriceWei),
    maxFeePerGas: quantityOrNull(transaction.maxFeePerGasWei),
    maxPriorityFeePerGas: quantityOrNull(transaction.maxPriorityFeePerGasWei),
    maxFeePerBlobGas: quantityOrNull(transaction.maxFeePerBlobGasWei),
    ...(type === 3 ? { blobVersionedHashes: transaction.blobVersionedHashes } : {}),
    ...(type === 4 ? { authorizationList: transaction.authorizationList.map(authorizationToJson) } : {}),
  });
}

function authorizationToJson(entry: Authorization): Json {
  return {
    ...entry,
    chainId: toQuantity(entry.chainId),
    nonce: toQuantity(entry.nonce),
    yParity: toQuantity(entry.yParity),
  };
}

/** EIP-4895; the amount is in gwei. */
export function readWithdrawals(block: Field): Withdrawal[] {
  const withdrawals = block.maybe('withdrawals')?.items() ?? [];
  return withdrawals.map((withdrawal) => ({
    index: withdrawal.at('index').count(),
    validatorIndex: withdrawal.at('validatorIndex').count(),
    address: withdrawal.at('address').address(),
    amountGwei: withdrawal.at('amount').quantity(),
  }));
}

export function withdrawalToJson(withdrawal: Withdrawal): Json {
  return {
    index: toQuantity(withdrawal.index),
    validatorIndex: toQuantity(withdrawal.validatorIndex),
    address: withdrawal.address,
    amount: toQuantity(withdrawal.amountGwei),
  };
}

function quantityOrNull(value: number | bigint | null): Hex | null {
  return value === null ? null : toQuantity(value);
}

function withoutNull(json: Json): Json {
  return Object.fromEntries(Object.entries(json).filter(([, value]) => value !== null));
}
