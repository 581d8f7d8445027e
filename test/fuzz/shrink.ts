import type { AccountState, Address, BlockSnapshot, Hex, Transaction } from '../../types.js';
import { withoutTransaction } from './compare.js';

type Edit = (block: BlockSnapshot) => BlockSnapshot | null;

const MAX_ATTEMPTS = 1_500;
const NO_OPERATION = '5b';

/** A smaller block of which `fails` is still true, by dropping and blanking parts as long as that goes. */
export async function shrink(
  block: BlockSnapshot,
  fails: (block: BlockSnapshot) => Promise<boolean>,
): Promise<BlockSnapshot> {
  let smallest = block;
  let attempts = 0;
  let progress = true;
  while (progress) {
    progress = false;
    for (const edit of editsOf(smallest)) {
      const candidate = edit(smallest);
      if (candidate === null) continue;
      attempts += 1;
      if (attempts > MAX_ATTEMPTS) return smallest;
      if (!(await fails(candidate))) continue;
      smallest = candidate;
      progress = true;
    }
  }
  return smallest;
}

/** Coarse ones first. Those that fit the block no more when their turn comes give null or change nothing that counts. */
function editsOf(block: BlockSnapshot): Edit[] {
  const places = block.transactions.map(({ index }) => index).reverse();
  const addresses = [...block.preState.keys()];
  return [
    ...places.map(
      (index): Edit =>
        (from) =>
          drop(from, index),
    ),
    (from) => (from.withdrawals.length === 0 ? null : { ...from, withdrawals: [] }),
    ...addresses.map(
      (address): Edit =>
        (from) =>
          dropAccount(from, address),
    ),
    ...addresses.flatMap((address) => codeEdits(block, address)),
    ...addresses.map(
      (address): Edit =>
        (from) =>
          change(from, address, (state) => (state.storage.size === 0 ? null : { ...state, storage: new Map() })),
    ),
    ...places.flatMap((index) => fieldEdits(index)),
  ];
}

function drop(block: BlockSnapshot, index: number): BlockSnapshot | null {
  return block.transactions[index] === undefined ? null : withoutTransaction(block, index);
}

function dropAccount(block: BlockSnapshot, address: Address): BlockSnapshot | null {
  const preState = new Map(block.preState);
  return preState.delete(address) ? { ...block, preState } : null;
}

function change(
  block: BlockSnapshot,
  address: Address,
  edit: (state: AccountState) => AccountState | null,
): BlockSnapshot | null {
  const state = block.preState.get(address);
  const edited = state === undefined ? null : edit(state);
  return edited === null ? null : { ...block, preState: new Map(block.preState).set(address, edited) };
}

/** Cuts the end off, or puts JUMPDESTs in the place of a part, so that offsets stay. */
function codeEdits(block: BlockSnapshot, address: Address): Edit[] {
  const length = (block.preState.get(address)?.code.length ?? 2) / 2 - 1;
  const edits: Edit[] = [];
  for (let part = length; part >= 1; part = Math.floor(part / 2)) {
    for (let start = 0; start < length && edits.length < 400; start += part) {
      edits.push((from) => change(from, address, (state) => withCode(state, cut(state.code, start))));
      edits.push((from) => change(from, address, (state) => withCode(state, blank(state.code, start, part))));
    }
  }
  return edits;
}

function withCode(state: AccountState, code: Hex): AccountState | null {
  return state.code === code ? null : { ...state, code };
}

function cut(code: Hex, start: number): Hex {
  return `0x${code.slice(2, 2 + 2 * start)}`;
}

function blank(code: Hex, start: number, count: number): Hex {
  const digits = code.slice(2);
  const part = digits.slice(2 * start, 2 * (start + count));
  return `0x${digits.slice(0, 2 * start)}${NO_OPERATION.repeat(part.length / 2)}${digits.slice(2 * (start + count))}`;
}

function fieldEdits(index: number): Edit[] {
  const simpler: readonly Partial<Transaction>[] = [
    { accessList: [] },
    { valueWei: 0n },
    { input: '0x' },
    { gasLimit: 1_000_000 },
    { type: 0, gasPriceWei: 10n ** 10n, accessList: [], blobVersionedHashes: [], authorizationList: [] },
  ];
  const lists: Edit = (block) => set(block, index, ({ authorizationList }) => halved(authorizationList));
  return [
    ...simpler.map(
      (fields): Edit =>
        (block) =>
          set(block, index, () => fields),
    ),
    lists,
  ];
}

function halved(authorizationList: Transaction['authorizationList']): Partial<Transaction> {
  return { authorizationList: authorizationList.slice(0, Math.max(1, authorizationList.length - 1)) };
}

function set(
  block: BlockSnapshot,
  index: number,
  fieldsOf: (transaction: Transaction) => Partial<Transaction>,
): BlockSnapshot | null {
  const before = block.transactions[index];
  if (before === undefined) return null;
  const after = { ...before, ...fieldsOf(before) };
  const same = Object.entries(after).every(([name, value]) => isSame(before[name as keyof Transaction], value));
  return same ? null : { ...block, transactions: block.transactions.with(index, after) };
}

function isSame(a: unknown, b: unknown): boolean {
  return a === b || (Array.isArray(a) && Array.isArray(b) && a.length === b.length);
}
