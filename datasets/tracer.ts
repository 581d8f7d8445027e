import { ZERO_WORD } from '../types.js';
import type { Address, BlockRecord, Hash, Hex, Log, Transaction, TransactionRecord } from '../types.js';
import { checkIndices, meansNoCode, readHeader, readTransactions } from './chain-json.js';
import type { Field } from './fields.js';
import { extractAccesses, type TracedAccount, type TracedState, type TracedTransaction } from './tracer-accesses.js';
import { addCodeHashes } from './tracer-code.js';

/**
 * Reads `{ chainId, block, receipts, prestateTracer, prestateTracerDiff }`, the last two as `debug_traceBlockByNumber`
 * answers with prestateTracer, without and with `diffMode`. Throws InputError.
 */
export function readTracerOutput(document: Field, origin: string): BlockRecord {
  const block = document.at('block');
  const header = readHeader(block);
  const transactions = readTransactions(block, { executable: false });
  for (const name of ['receipts', 'prestateTracer', 'prestateTracerDiff']) {
    checkLength(document.at(name), transactions.length);
  }
  checkIndices(document.at('receipts').items());
  const codeHashes = new Map<Address, Hash>();
  const records = transactions.map((transaction) => {
    const traced = readTraced(document, transaction, header.feeRecipient);
    addCodeHashes(codeHashes, traced);
    return readRecord(document, traced);
  });
  const chainId = document.at('chainId').count();
  return { kind: 'record', origin, chainId, header, transactions: records, codeHashes };
}

function checkLength(list: Field, transactions: number): void {
  const length = list.length();
  if (length !== transactions) list.fail(`expected ${transactions} entries, one per transaction, got ${length}`);
}

function readTraced(document: Field, transaction: Transaction, feeRecipient: Address): TracedTransaction {
  const prestate = readState(readResult(document.at('prestateTracer'), transaction));
  const diff = readResult(document.at('prestateTracerDiff'), transaction);
  return {
    transaction,
    feeRecipient,
    prestate,
    before: readState(diff.at('pre')),
    after: readState(diff.at('post')),
  };
}

function readRecord(document: Field, traced: TracedTransaction): TransactionRecord {
  const { transaction } = traced;
  return {
    transaction,
    ...readReceipt(document.at('receipts').item(transaction.index), transaction),
    accesses: extractAccesses(traced),
    keccakPreimages: [],
    callFrames: [],
    executionNs: null,
  };
}

function readReceipt(
  receipt: Field,
  transaction: Transaction,
): Pick<TransactionRecord, 'gasUsed' | 'succeeded' | 'logs'> {
  checkHash(receipt.maybe('transactionHash'), transaction);
  const status = receipt.maybe('status')?.count();
  return {
    gasUsed: receipt.at('gasUsed').count(),
    // Before Byzantium a receipt holds a state root instead.
    succeeded: status === undefined ? null : status === 1,
    logs: receipt.maybe('logs')?.items().map(readLog) ?? [],
  };
}

function readLog(log: Field): Log {
  const topics = log.at('topics').items();
  return {
    address: log.at('address').address(),
    topics: topics.map((topic) => topic.hash()),
    data: log.at('data').hex(),
  };
}

function readResult(results: Field, transaction: Transaction): Field {
  const entry = results.item(transaction.index);
  checkHash(entry.maybe('txHash'), transaction);
  const error = entry.maybe('error');
  if (error !== null) error.refuse("the tracer's result", 'the tracer failed on this transaction');
  // Some nodes answer each transaction's result as it is, without { txHash, result } around it.
  return entry.has('result') || entry.has('txHash') || entry.isEmpty() ? entry.at('result') : entry;
}

/** Older nodes state no hash. */
function checkHash(stated: Field | null, transaction: Transaction): void {
  if (stated === null || stated.hash() === transaction.hash) return;
  stated.refuse(`${transaction.hash}, the hash of transaction ${transaction.index} of the block`);
}

function readState(state: Field): TracedState {
  return state.mapByHex(20, readAccount);
}

function readAccount(account: Field): TracedAccount {
  return {
    balanceWei: account.maybe('balance')?.quantity() ?? null,
    nonce: account.maybe('nonce')?.count() ?? null,
    ...readCode(account),
    storage: account.maybe('storage')?.mapByHex(32, readSlotValue) ?? new Map<Hash, Hash>(),
  };
}

/** A third of all values are zero: they share one string. */
function readSlotValue(field: Field): Hash {
  const value = field.hash();
  return value === ZERO_WORD ? ZERO_WORD : value;
}

function readCode(account: Field): Pick<TracedAccount, 'code' | 'codeHash'> {
  const code = account.maybe('code')?.hex() ?? null;
  const codeHash = account.maybe('codeHash')?.hash() ?? null;
  const standIn: Hex | null = codeHash !== null && meansNoCode(codeHash) ? '0x' : codeHash;
  return { code: code ?? standIn, codeHash };
}
