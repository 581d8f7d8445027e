import { eoaCode7702SignAuthorization, hexToBytes, privateToAddress, bytesToHex } from '@ethereumjs/util';
import { describe, expect, it } from 'vitest';
import { createReferenceExecutor, keccak256 } from '../../../executor/reference/index.js';
import { ZERO_WORD } from '../../../types.js';
import type { Access, Address, BlockRecord, Hash, Hex, Transaction, TransactionRecord } from '../../../types.js';
import {
  CONTRACT,
  FEE_RECIPIENT,
  OTHER,
  SENDER,
  account,
  code,
  push,
  slotOf,
  snapshotOf,
  type SnapshotParts,
} from './snapshots.js';

const STOP = 0x00;
const ADD = 0x01;
const SHA3 = 0x20;
const BALANCE = 0x31;
const EXTCODESIZE = 0x3b;
const EXTCODEHASH = 0x3f;
const SELFBALANCE = 0x47;
const POP = 0x50;
const MSTORE = 0x52;
const SLOAD = 0x54;
const SSTORE = 0x55;
const CREATE2 = 0xf5;
const CALL = 0xf1;
const DELEGATECALL = 0xf4;
const STATICCALL = 0xfa;
const REVERT = 0xfd;
const SELFDESTRUCT = 0xff;

const executor = createReferenceExecutor();

async function recordBlock(parts: SnapshotParts): Promise<BlockRecord> {
  return (await executor.record(snapshotOf(parts), [])).record;
}

async function recordAll(parts: SnapshotParts): Promise<readonly TransactionRecord[]> {
  return (await recordBlock(parts)).transactions;
}

async function recordOne(parts: SnapshotParts): Promise<TransactionRecord> {
  const [record] = await recordAll(parts);
  if (record === undefined) throw new Error('no transaction');
  return record;
}

/** Runs code as a contract that the sender calls. */
function runCode(bytecode: Hex, parts: Partial<SnapshotParts> = {}): Promise<TransactionRecord> {
  const accounts = { [CONTRACT]: account(bytecode), ...parts.accounts };
  return recordOne({ transactions: [{}], ...parts, accounts });
}

function kindsOf(record: TransactionRecord, address: Address, slot: Hash | 'account' | 'code' = 'account'): string[] {
  const matches = (access: Access): boolean =>
    access.address === address && (slot.startsWith('0x') ? access.slot === slot : access.field === slot);
  return record.accesses.filter(matches).map(({ kind }) => kind);
}

function gasOf(record: TransactionRecord, slot: Hash, kind: Access['kind']): number | null | undefined {
  return record.accesses.find((access) => access.slot === slot && access.kind === kind)?.atGas;
}

/** The values of a contract's slots, in short. */
function valuesOf(record: TransactionRecord | undefined, contract: Address = CONTRACT): string[] {
  const slots = record?.accesses.filter(({ address, field }) => address === contract && field === 'slot') ?? [];
  return slots.map(({ slot, kind, value }) => `${Number(slot)} ${kind} ${value === null ? 'unknown' : Number(value)}`);
}

/** An account with a key, and a transaction that carries its authorization to delegate to `address`. */
function delegationTo(address: Address): { readonly authority: Address; readonly delegation: Partial<Transaction> } {
  const privateKey = hexToBytes(`0x${'45'.repeat(32)}`);
  const signed = eoaCode7702SignAuthorization({ chainId: '0x1', address, nonce: '0x0' }, privateKey);
  const [, , , yParity, r = '0x', s = '0x'] = signed.map((bytes) => bytesToHex(bytes));
  const authorization = { chainId: 1n, address, nonce: 0n, yParity: Number(BigInt(yParity ?? 0)), r, s };
  const fees = { gasPriceWei: null, maxFeePerGasWei: 10n, maxPriorityFeePerGasWei: 1n };
  return {
    authority: bytesToHex(privateToAddress(privateKey)),
    delegation: { type: 4, ...fees, authorizationList: [authorization] },
  };
}

function hashOf(bytes: Hex): Hash {
  return bytesToHex(keccak256(hexToBytes(bytes)));
}

/** Makes a contract whose code is one zero byte. */
const CREATION = ((): Hex => {
  const initCode = code(push(1), push(0), 0xf3);
  const word: Hex = `0x${initCode.slice(2).padEnd(64, '0')}`;
  const size = (initCode.length - 2) / 2;
  return code(push(word), push(0), MSTORE, push(0), push(size), push(0), push(0), CREATE2, STOP);
})();

function call(opcode: number, target: Address, valueWei?: number): Hex {
  const value = valueWei === undefined ? '0x' : push(valueWei);
  return code(push(0), push(0), push(0), push(0), value, push(target), push(100_000), opcode, POP);
}

describe('a plain transfer', () => {
  it('reads and writes its sender, and adds to recipient and fee recipient', async () => {
    const record = await recordOne({ transactions: [{ to: OTHER, valueWei: 5n }] });
    expect(kindsOf(record, SENDER)).toEqual(['read', 'write']);
    expect(kindsOf(record, OTHER)).toEqual(['add']);
    expect(kindsOf(record, FEE_RECIPIENT)).toEqual(['add']);
    expect(record.gasUsed).toBe(21_000);
  });

  it('of nothing does not touch the account of its recipient', async () => {
    const record = await recordOne({ transactions: [{ to: OTHER }] });
    expect(kindsOf(record, OTHER)).toEqual([]);
  });

  it('to the sender itself or by the fee recipient is no addition', async () => {
    const self = await recordOne({ transactions: [{ to: SENDER, valueWei: 5n }] });
    expect(kindsOf(self, SENDER)).toEqual(['read', 'write']);
    const accounts = { [FEE_RECIPIENT]: account() };
    const own = await recordOne({ accounts, transactions: [{ from: FEE_RECIPIENT, to: OTHER, valueWei: 5n }] });
    expect(kindsOf(own, FEE_RECIPIENT)).toEqual(['read', 'write']);
  });
});

describe('storage', () => {
  it('that is loaded is read, at the gas used before the load', async () => {
    const record = await runCode(code(push(7), SLOAD, STOP));
    expect(kindsOf(record, CONTRACT, slotOf(7))).toEqual(['read']);
    expect(gasOf(record, slotOf(7), 'read')).toBe(21_000 + 3);
  });

  it('that is stored is read, and written where the value differs at the end', async () => {
    const record = await runCode(code(push(1), push(7), SSTORE, STOP));
    expect(kindsOf(record, CONTRACT, slotOf(7))).toEqual(['read', 'write']);
  });

  it('that has its old value again at the end is not written', async () => {
    const record = await runCode(code(push(1), push(7), SSTORE, push(0), push(7), SSTORE, STOP));
    expect(kindsOf(record, CONTRACT, slotOf(7))).toEqual(['read']);
  });

  it('is written at the gas of the last store', async () => {
    const record = await runCode(code(push(1), push(7), SSTORE, push(2), push(7), SSTORE, STOP));
    const firstStore = 21_000 + 6;
    expect(gasOf(record, slotOf(7), 'read')).toBe(firstStore);
    expect(gasOf(record, slotOf(7), 'write')).toBe(firstStore + 22_100 + 6);
  });

  it('of a frame that is reverted is read, not written', async () => {
    const record = await runCode(code(push(1), push(7), SSTORE, push(0), push(0), REVERT));
    expect(kindsOf(record, CONTRACT, slotOf(7))).toEqual(['read']);
    expect(record.succeeded).toBe(false);
  });

  it('written by one transaction is compared with what the next one found', async () => {
    const accounts = { [CONTRACT]: account(code(push(1), push(7), SSTORE, STOP)) };
    const [first, second] = await recordAll({ accounts, transactions: [{}, {}] });
    expect(first && kindsOf(first, CONTRACT, slotOf(7))).toEqual(['read', 'write']);
    expect(second && kindsOf(second, CONTRACT, slotOf(7))).toEqual(['read']);
  });
});

describe('the values of storage', () => {
  it('are those before the transaction in reads, and those after it in writes', async () => {
    const store = (value: number, slot: number): Hex => code(push(value), push(slot), SSTORE);
    const program = code(push(1), SLOAD, store(20, 2), store(0, 3), store(4, 4), store(44, 4), store(5, 5), STOP);
    const storage = { [slotOf(1)]: 11, [slotOf(2)]: 22, [slotOf(3)]: 33, [slotOf(5)]: 5 };
    const record = await runCode(program, { accounts: { [CONTRACT]: account(program, storage) } });
    const reads = ['1 read 11', '2 read 22', '3 read 33', '4 read 0', '5 read 5'];
    expect(valuesOf(record)).toEqual([...reads, '2 write 20', '3 write 0', '4 write 44']);
  });

  it('have 32 bytes, and are not stated of accounts and code', async () => {
    const record = await runCode(code(push(`0x${'f0'.repeat(32)}`), push(7), SSTORE, STOP));
    expect(record.accesses.flatMap(({ value }) => value ?? [])).toEqual([ZERO_WORD, `0x${'f0'.repeat(32)}`]);
    expect(record.accesses.filter(({ slot }) => slot === null).every(({ value }) => value === null)).toBe(true);
  });

  it('are those before the transaction though a frame that is reverted changed them', async () => {
    const program = code(push(1), push(7), SSTORE, push(0), push(0), REVERT);
    const record = await runCode(program, { accounts: { [CONTRACT]: account(program, { [slotOf(7)]: 70 }) } });
    expect(valuesOf(record)).toEqual(['7 read 70']);
  });

  it('follow the transactions of the block', async () => {
    const increment = code(push(7), SLOAD, push(1), ADD, push(7), SSTORE, STOP);
    const accounts = { [CONTRACT]: account(increment, { [slotOf(7)]: 5 }) };
    const records = await recordAll({ accounts, transactions: [{}, {}, {}] });
    expect(records.map((record) => valuesOf(record))).toEqual([
      ['7 read 5', '7 write 6'],
      ['7 read 6', '7 write 7'],
      ['7 read 7', '7 write 8'],
    ]);
  });

  it('are zero after their contract was destroyed', async () => {
    const program = code(push(7), SLOAD, push(OTHER), SELFDESTRUCT);
    const accounts = { [CONTRACT]: account(program, { [slotOf(7)]: 70 }) };
    expect(valuesOf(await runCode(program, { fork: 'london', accounts }))).toEqual(['7 read 70', '7 write 0']);
  });
});

describe('code hashes', () => {
  it('are of touched accounts with code', async () => {
    const program = code(call(CALL, OTHER, 0), push(FEE_RECIPIENT), BALANCE, STOP);
    const untouched: Address = `0x${'dd'.repeat(20)}`;
    const accounts = { [CONTRACT]: account(program), [OTHER]: account(code(STOP)), [untouched]: account(code(POP)) };
    const { codeHashes } = await recordBlock({ accounts, transactions: [{}, {}] });
    expect(Object.fromEntries(codeHashes)).toEqual({ [CONTRACT]: hashOf(program), [OTHER]: hashOf(code(STOP)) });
  });

  it('are of the code before the block where a transaction removes it', async () => {
    const program = code(push(OTHER), SELFDESTRUCT);
    const accounts = { [CONTRACT]: account(program) };
    const { codeHashes } = await recordBlock({ accounts, fork: 'london', transactions: [{}, {}] });
    expect(Object.fromEntries(codeHashes)).toEqual({ [CONTRACT]: hashOf(program) });
  });

  it('are of the code that a contract is created with', async () => {
    const { codeHashes, transactions } = await recordBlock({
      accounts: { [CONTRACT]: account(CREATION) },
      transactions: [{}],
    });
    const created = transactions[0]?.callFrames[1]?.to ?? '0x';
    expect(Object.fromEntries(codeHashes)).toEqual({ [CONTRACT]: hashOf(CREATION), [created]: hashOf('0x00') });
  });

  it('are of the designator of a delegated account: the one before the block, else the first', async () => {
    const { authority, delegation } = delegationTo(CONTRACT);
    const accounts = { [CONTRACT]: account(code(STOP)), [authority]: account() };
    const transactions = [
      { to: authority, valueWei: 1n },
      { ...delegation, to: OTHER },
    ];
    const designator = (target: Address): Hex => code('0xef0100', target);
    const first = await recordBlock({ accounts, transactions });
    expect(first.codeHashes.get(authority)).toBe(hashOf(designator(CONTRACT)));
    const delegated = { ...account(), code: designator(OTHER) };
    const changed = await recordBlock({ accounts: { ...accounts, [authority]: delegated }, transactions });
    expect(changed.codeHashes.get(authority)).toBe(hashOf(designator(OTHER)));
    const [, delegating] = changed.transactions;
    expect(delegating && kindsOf(delegating, authority, 'code')).toContain('write');
  });
});

describe('accounts', () => {
  it.each([
    ['BALANCE', code(push(OTHER), BALANCE, STOP), OTHER],
    ['EXTCODEHASH', code(push(OTHER), EXTCODEHASH, STOP), OTHER],
    ['SELFBALANCE', code(SELFBALANCE, STOP), CONTRACT],
  ])('are read by %s', async (_name, bytecode, target) => {
    expect(kindsOf(await runCode(bytecode), target)).toEqual(['read']);
  });

  it('are not read by EXTCODESIZE, code is', async () => {
    const record = await runCode(code(push(OTHER), EXTCODESIZE, STOP), { accounts: { [OTHER]: account(code(STOP)) } });
    expect(kindsOf(record, OTHER)).toEqual([]);
    expect(kindsOf(record, OTHER, 'code')).toEqual(['read']);
  });

  it('of a fee recipient whose balance is read are read and written', async () => {
    const record = await runCode(code(push(FEE_RECIPIENT), BALANCE, STOP));
    expect(kindsOf(record, FEE_RECIPIENT)).toEqual(['read', 'write']);
  });

  it('are read and written on both sides of a call with value', async () => {
    const record = await runCode(code(call(CALL, OTHER, 5), STOP));
    expect(kindsOf(record, OTHER)).toEqual(['read', 'write']);
    expect(kindsOf(record, CONTRACT)).toEqual(['read', 'write']);
  });

  it('are not touched by a call without value, nor by the opcodes of a delegate call', async () => {
    const record = await runCode(code(call(CALL, OTHER, 0), call(DELEGATECALL, OTHER), STOP));
    expect(kindsOf(record, OTHER)).toEqual([]);
    expect(kindsOf(record, CONTRACT)).toEqual([]);
  });

  it('are read by any call before EIP-161, whose price asks whether they exist', async () => {
    const record = await runCode(code(call(CALL, OTHER, 0), STOP), { fork: 'homestead' });
    expect(kindsOf(record, OTHER)).toContain('read');
  });

  it('are read and written on both sides of SELFDESTRUCT', async () => {
    const record = await runCode(code(push(OTHER), SELFDESTRUCT));
    expect(kindsOf(record, CONTRACT)).toEqual(['read', 'write']);
    expect(kindsOf(record, OTHER)).toEqual(['read', 'write']);
  });

  it('that sign an authorization are read, and written with their code', async () => {
    const { authority, delegation } = delegationTo(CONTRACT);
    const record = await recordOne({
      accounts: { [CONTRACT]: account(code(push(3), SLOAD, STOP)), [authority]: account() },
      transactions: [{ ...delegation, to: authority }],
    });
    expect(kindsOf(record, authority)).toEqual(['read', 'write']);
    expect(kindsOf(record, authority, 'code')).toEqual(['read', 'write']);
    expect(kindsOf(record, CONTRACT, 'code')).toEqual(['read']);
    expect(kindsOf(record, authority, slotOf(3))).toEqual(['read']);
  });
});

describe('preimages', () => {
  const mappingSlot = (key: Hash | number, place: Hash | number): { readonly program: Hex; readonly preimage: Hex } => {
    const [first, second] = [key, place].map((word) => (typeof word === 'number' ? slotOf(word) : word));
    const store = (word: Hex, at: number): Hex => code(push(word), push(at), MSTORE);
    const program = code(store(first ?? '0x', 0), store(second ?? '0x', 32), push(64), push(0), SHA3);
    return { program, preimage: `0x${first?.slice(2)}${second?.slice(2)}` };
  };

  it('of storage keys are kept, those of other hashes are not', async () => {
    const [used, unused] = [mappingSlot(0xabc, 3), mappingSlot(0xabc, 4)];
    const record = await runCode(code(unused.program, POP, used.program, SLOAD, STOP));
    expect(record.keccakPreimages).toEqual([{ hash: hashOf(used.preimage), preimage: used.preimage }]);
    expect(kindsOf(record, CONTRACT, hashOf(used.preimage))).toEqual(['read']);
  });

  it('of nested mappings are kept along the chain, and fields of structs lead to theirs', async () => {
    const inner = mappingSlot(1, 3);
    const outer = mappingSlot(2, hashOf(inner.preimage));
    const record = await runCode(code(inner.program, POP, outer.program, push(2), 0x01, SLOAD, STOP));
    expect(record.keccakPreimages.map(({ preimage }) => preimage)).toEqual([inner.preimage, outer.preimage]);
  });
});

describe('call frames', () => {
  it('are listed in order of their beginning, with kind, addresses, value and outcome', async () => {
    const failing: Address = `0x${'dd'.repeat(20)}`;
    const record = await runCode(
      code(call(CALL, OTHER, 9), call(DELEGATECALL, OTHER), call(STATICCALL, failing), STOP),
      { accounts: { [OTHER]: account(code(STOP)), [failing]: account(code(push(0), push(0), REVERT)) } },
    );
    const fields = record.callFrames.map(({ depth, kind, to, codeAddress, valueWei, reverted }) => ({
      ...{ depth, kind, to, codeAddress, valueWei, reverted },
    }));
    expect(fields).toEqual([
      { depth: 0, kind: 'call', to: CONTRACT, codeAddress: CONTRACT, valueWei: 0n, reverted: false },
      { depth: 1, kind: 'call', to: OTHER, codeAddress: OTHER, valueWei: 9n, reverted: false },
      { depth: 1, kind: 'delegatecall', to: CONTRACT, codeAddress: OTHER, valueWei: 0n, reverted: false },
      { depth: 1, kind: 'staticcall', to: failing, codeAddress: failing, valueWei: 0n, reverted: true },
    ]);
  });

  it('name the selector of their input', async () => {
    const record = await recordOne({
      accounts: { [CONTRACT]: account(code(STOP)) },
      transactions: [{ input: '0xa9059cbb00' }, { input: '0xa9' }],
    });
    expect(record.callFrames[0]?.selector).toBe('0xa9059cbb');
  });

  it('name the contract that they create, which is read and written with its code', async () => {
    const record = await runCode(CREATION);
    const created = record.callFrames[1];
    expect(created).toMatchObject({ kind: 'create2', codeAddress: null, depth: 1, reverted: false });
    const address = created?.to ?? '0x';
    expect(kindsOf(record, address)).toEqual(['read', 'write']);
    expect(kindsOf(record, address, 'code')).toEqual(['read', 'write']);
    expect(kindsOf(record, CONTRACT)).toEqual(['read', 'write']);
  });
});
