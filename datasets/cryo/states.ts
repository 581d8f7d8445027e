import type { Address, Hash, Hex, Transaction } from '../../types.js';
import type { StoredRow } from '../store/client.js';
import { decodeHex, decodeInteger, decodeText } from '../store/decode.js';
import type { TracedAccount, TracedTransaction } from '../tracer-accesses.js';
import type { CryoDataset } from './folder.js';

/** Rows of one block; a dataset that is not had is absent. */
export type StateRows = Readonly<Partial<Record<CryoDataset, readonly StoredRow[]>>>;

type States = Pick<TracedTransaction, 'prestate' | 'before' | 'after'>;

/** Stands for code of which it is known only that it is there. */
const SOME_CODE: Hex = '0x01';

/** What a call of an account without code costs, where there is no calldata. */
const PLAIN_TRANSFER_GAS = 21_000;

interface Account {
  balanceWei: bigint | null;
  nonce: number | null;
  code: Hex | null;
  codeHash: Hash | null;
  storage: Map<Hash, Hash>;
}

type MutableState = Map<Address, Account>;

/**
 * The rows of cryo's datasets in the form of prestateTracer's two modes, one for each transaction of the block: what is
 * read of both is then the same. A changed field has both its values, where the tracer leaves out what is zero.
 */
export function tracedStates(
  rows: StateRows,
  transactions: readonly Transaction[],
  gasUsed: readonly number[],
): readonly States[] {
  const states = transactions.map(() => ({
    prestate: new Map() as MutableState,
    before: new Map() as MutableState,
    after: new Map() as MutableState,
  }));
  const each = (dataset: CryoDataset, take: (state: (typeof states)[number], row: StoredRow) => void): void => {
    for (const row of rows[dataset] ?? []) {
      const state = states[decodeInteger(row, 'transaction_index')];
      if (state !== undefined) take(state, row);
    }
  };
  each('storage_reads', ({ prestate }, row) => setSlot(prestate, row, 'value'));
  each('storage_diffs', ({ before, after }, row) => {
    setSlot(before, row, 'from_value');
    setSlot(after, row, 'to_value');
  });
  each('balance_reads', ({ prestate }, row) => (account(prestate, row).balanceWei = wide(row, 'value')));
  each('balance_diffs', ({ before, after }, row) => {
    account(before, row).balanceWei = wide(row, 'from_value');
    account(after, row).balanceWei = wide(row, 'to_value');
  });
  each('nonce_reads', ({ prestate }, row) => (account(prestate, row).nonce = decodeInteger(row, 'value')));
  each('nonce_diffs', ({ before, after }, row) => {
    account(before, row).nonce = Number(wide(row, 'from_value'));
    account(after, row).nonce = Number(wide(row, 'to_value'));
  });
  each('code_reads', ({ prestate }, row) => setCode(account(prestate, row), decodeText(row, 'value')));
  each('code_diffs', ({ before, after }, row) => {
    setCode(account(before, row), decodeText(row, 'from_value'));
    setCode(account(after, row), decodeText(row, 'to_value'));
  });
  if (rows.code_reads === undefined) {
    for (const [index, state] of states.entries()) guessCode(state, transactions[index], gasUsed[index] ?? 0);
  }
  return states satisfies readonly { readonly prestate: ReadonlyMap<Address, TracedAccount> }[];
}

/** Accounts with storage have code, and so has the recipient where a transfer without calldata took more than its 21,000 gas. */
function guessCode(
  { prestate, before }: { readonly prestate: MutableState; readonly before: MutableState },
  transaction: Transaction | undefined,
  gasUsed: number,
): void {
  for (const state of [prestate, before]) {
    for (const found of state.values()) if (found.storage.size > 0) found.code ??= SOME_CODE;
  }
  const to = transaction?.to ?? null;
  if (to === null || transaction?.input !== '0x' || gasUsed <= PLAIN_TRANSFER_GAS) return;
  const state = prestate.has(to) ? prestate : before.has(to) ? before : prestate;
  accountAt(state, to).code ??= SOME_CODE;
}

/** A number of 256 bits: `x` and hexadecimal digits, or decimal ones. */
export function wide(row: StoredRow, column: string): bigint {
  const value = row[column];
  if (typeof value === 'number') return BigInt(value);
  const text = decodeText(row, column);
  return BigInt(text.startsWith('x') ? `0${text}` : text);
}

function setSlot(state: MutableState, row: StoredRow, column: string): void {
  account(state, row).storage.set(bytesOf(row, 'slot', 32), bytesOf(row, column, 32));
}

function bytesOf(row: StoredRow, column: string, bytes: number): Hex {
  const hex = decodeHex(row, column);
  if (hex.length === 2 + 2 * bytes) return hex;
  throw new Error(`Column ${column}: expected ${bytes} bytes, got ${hex.slice(0, 80)}`);
}

/** `hash`: digits, none where there is no code. */
function setCode(found: Account, hash: string): void {
  found.code = `0x${hash}`;
  found.codeHash = hash === '' ? null : `0x${hash}`;
}

function account(state: MutableState, row: StoredRow): Account {
  return accountAt(state, bytesOf(row, 'address', 20));
}

function accountAt(state: MutableState, address: Address): Account {
  const found = state.get(address);
  if (found !== undefined) return found;
  const fresh: Account = { balanceWei: null, nonce: null, code: null, codeHash: null, storage: new Map() };
  state.set(address, fresh);
  return fresh;
}
