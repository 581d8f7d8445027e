import { FORKS } from '../types.js';
import type { AccountState, Address, BlockHeader, BlockSnapshot, Fork, Hash, Hex, Transaction } from '../types.js';
import {
  headerToJson,
  meansNoCode,
  readHeader,
  readTransactions,
  readWithdrawals,
  toQuantity,
  transactionToJson,
  withdrawalToJson,
  type Json,
} from './chain-json.js';
import type { Field } from './fields.js';

/** Header fields that execution reads, by the fork that brings them. */
const FORK_FIELDS: readonly (readonly [since: Fork, name: string, field: keyof BlockHeader])[] = [
  ['london', 'baseFeePerGas', 'baseFeePerGasWei'],
  ['paris', 'mixHash', 'mixHash'],
  ['cancun', 'excessBlobGas', 'excessBlobGas'],
  ['cancun', 'parentBeaconBlockRoot', 'parentBeaconBlockRoot'],
];

/**
 * Reads `{ chainId, fork, block, preState, blockHashes }`: a block as a node answers it, and the merged output of
 * prestateTracer for it. Throws InputError.
 */
export function readSnapshot(document: Field, origin: string): BlockSnapshot {
  if (!document.has('preState')) {
    document.at('preState').refuse('the accounts that the block touches, as prestateTracer shows them');
  }
  const preState = document.at('preState').mapByHex(20, readAccount);
  const fork = readFork(document.at('fork'));
  const block = document.at('block');
  const header = readHeader(block);
  checkForkFields(block, header, fork);
  const transactions = readTransactions(block, { executable: true });
  checkSenders(block, transactions, preState);
  return {
    kind: 'snapshot',
    origin,
    chainId: document.at('chainId').count(),
    fork,
    header,
    transactions,
    withdrawals: readWithdrawals(block),
    preState,
    blockHashes: readBlockHashes(document.at('blockHashes')),
  };
}

function readFork(field: Field): Fork {
  const name = field.text(`one of ${FORKS.join(', ')}`);
  return FORKS.find((fork) => fork === name) ?? field.refuse(`one of ${FORKS.join(', ')}`, 'unknown fork');
}

function checkForkFields(block: Field, header: BlockHeader, fork: Fork): void {
  const reached = FORKS.indexOf(fork);
  for (const [since, name, field] of FORK_FIELDS) {
    if (FORKS.indexOf(since) <= reached && header[field] === null) {
      block.at(name).refuse(`the value that every block has from ${since} on (this one is ${fork})`);
    }
  }
}

/** Tracers leave empty accounts out, so a sender without an entry is right where it can have been empty. */
function checkSenders(
  block: Field,
  transactions: readonly Transaction[],
  preState: ReadonlyMap<Address, AccountState>,
): void {
  const known = new Set(preState.keys());
  for (const transaction of transactions) {
    if (!known.has(transaction.from) && !canComeFromEmpty(transaction)) {
      const sender = block.at('transactions').item(transaction.index).at('from');
      sender.fail(`expected a sender with an entry in preState, got ${transaction.from} without one`);
    }
    known.add(transaction.from);
  }
}

/** An account that was empty before the block has nonce 0, and pays nothing unless the block credited it earlier. */
function canComeFromEmpty({ index, nonce, gasLimit, valueWei, ...fees }: Transaction): boolean {
  const gasPriceWei = fees.gasPriceWei ?? fees.maxFeePerGasWei ?? 0n;
  return nonce === 0 && (index > 0 || BigInt(gasLimit) * gasPriceWei + valueWei === 0n);
}

function readAccount(account: Field): AccountState {
  return {
    balanceWei: account.at('balance').quantity(),
    // Tracers leave a nonce of zero out.
    nonce: account.maybe('nonce')?.count() ?? 0,
    code: readCode(account),
    storage: account.maybe('storage')?.mapByHex(32, (value) => value.hash()) ?? new Map<Hash, Hash>(),
  };
}

function readCode(account: Field): Hex {
  const code = account.maybe('code')?.hex();
  if (code !== undefined) return code;
  const codeHash = account.maybe('codeHash')?.hash();
  if (codeHash === undefined || meansNoCode(codeHash)) return '0x';
  return account.at('code').refuse('the code itself: a block cannot be executed with the codeHash alone');
}

/** Block numbers serve as names here, in decimal or as quantities. */
function readBlockHashes(field: Field): Map<number, Hash> {
  const hashes = new Map<number, Hash>();
  for (const [name, hash] of field.entries()) {
    const number = /^(?:\d+|0x[0-9a-f]+)$/i.test(name) ? Number(name) : Number.NaN;
    if (!Number.isSafeInteger(number)) hash.fail(`expected a block number as name, got "${name}"`);
    hashes.set(number, hash.hash());
  }
  return hashes;
}

/** The JSON document that reads back as this snapshot. */
export function snapshotToJson(snapshot: BlockSnapshot): Json {
  const { chainId, withdrawals } = snapshot;
  return {
    chainId,
    fork: snapshot.fork,
    block: {
      ...headerToJson(snapshot.header),
      transactions: snapshot.transactions.map((transaction) => transactionToJson(transaction, chainId)),
      ...(withdrawals.length === 0 ? {} : { withdrawals: withdrawals.map(withdrawalToJson) }),
    },
    preState: Object.fromEntries([...snapshot.preState].map(([address, account]) => [address, accountToJson(account)])),
    blockHashes: Object.fromEntries(snapshot.blockHashes),
  };
}

function accountToJson(account: AccountState): Json {
  return {
    balance: toQuantity(account.balanceWei),
    nonce: account.nonce,
    ...(account.code === '0x' ? {} : { code: account.code }),
    ...(account.storage.size === 0 ? {} : { storage: Object.fromEntries(account.storage) }),
  };
}
