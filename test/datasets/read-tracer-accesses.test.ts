import { bytesToHex } from '@ethereumjs/util';
import { keccak_256 } from '@noble/hashes/sha3.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  extractAccesses,
  type TracedAccount,
  type TracedState,
  type TracedTransaction,
} from '../../datasets/tracer-accesses.js';
import { addCodeHashes } from '../../datasets/tracer-code.js';
import type { Access, Address, Hash, Hex, Transaction } from '../../types.js';
import { MINER, PAYEE, readSnapshotJson, SENDER, snapshotJson, TOKEN, word } from './read-fixtures.js';

type Accounts = Readonly<Record<Address, Partial<TracedAccount>>>;
type SlotValues = Readonly<Record<Hash, Hash>>;

function state(accounts: Accounts): TracedState {
  const unstated: TracedAccount = { balanceWei: null, nonce: null, code: null, codeHash: null, storage: new Map() };
  return new Map(
    Object.entries(accounts).map(([address, account]) => [address as Address, { ...unstated, ...account }]),
  );
}

function slots(values: SlotValues): Partial<TracedAccount> {
  return { storage: new Map(Object.entries(values) as [Hash, Hash][]) };
}

const [transfer, call] = readSnapshotJson(snapshotJson()).transactions as [Transaction, Transaction];
const payer = {
  prestate: { [SENDER]: { balanceWei: 100n, nonce: 7 } },
  before: { [SENDER]: { balanceWei: 100n, nonce: 7 } },
  after: { [SENDER]: { balanceWei: 50n, nonce: 8 } },
};

interface Case {
  readonly transaction?: Partial<Transaction>;
  readonly prestate?: Accounts;
  readonly before?: Accounts;
  readonly after?: Accounts;
}

function tracedOf({ transaction = {}, prestate = {}, before = {}, after = {} }: Case, base = call): TracedTransaction {
  return {
    transaction: { ...base, ...transaction },
    feeRecipient: MINER,
    prestate: state({ ...payer.prestate, ...prestate }),
    before: state({ ...payer.before, ...before }),
    after: state({ ...payer.after, ...after }),
  };
}

/** The values of the slots of a case, in short. */
function values(traced: Case): string[] {
  return extractAccesses(tracedOf(traced)).flatMap(({ slot, kind, value }) =>
    slot === null ? [] : [`${Number(slot)} ${kind} ${value === null ? 'unknown' : Number(value)}`],
  );
}

/** Accesses besides the sender's, in short. */
function accesses(traced: Case, base = call): string[] {
  const names: Readonly<Record<Address, string>> = { [MINER]: 'miner', [TOKEN]: 'token', [PAYEE]: 'payee' };
  return extractAccesses(tracedOf(traced, base))
    .filter(({ address }) => address !== SENDER)
    .map((access) => `${names[access.address] ?? access.address} ${shorten(access)}`);
}

function shorten({ field, kind, slot }: Access): string {
  return slot === null ? `${field} ${kind}` : `${Number(slot)} ${kind}`;
}

const CODE: Hex = '0x6001';
const contract = { balanceWei: 0n, nonce: 1, code: CODE };
const funded = { balanceWei: 9n, nonce: 1, code: '0x' as const };

describe('storage slots', () => {
  const storage = slots({ [word(1)]: word(10), [word(2)]: word(20), [word(3)]: word(0), [word(4)]: word(40) });
  const prestate = { [TOKEN]: { ...contract, ...storage } };
  const touched = [
    'token account read',
    'token code read',
    'token 1 read',
    'token 2 read',
    'token 3 read',
    'token 4 read',
  ];

  it('are read when touched, and written when changed, cleared or set from zero', () => {
    const before = { [TOKEN]: slots({ [word(1)]: word(10), [word(2)]: word(20) }) };
    const after = { [TOKEN]: slots({ [word(1)]: word(11), [word(3)]: word(30) }) };
    const writes = ['token 1 write', 'token 2 write', 'token 3 write'];
    expect(accesses({ prestate, before, after })).toEqual([...touched, ...writes]);
  });

  it('are not written where the diff states the old value again', () => {
    const same = { [TOKEN]: slots({ [word(1)]: word(10) }) };
    expect(accesses({ prestate, before: same, after: same })).toEqual(touched);
    expect(accesses({ prestate, after: same })).toEqual(touched);
  });

  it('are written when only cleared, whether the entry in post is empty or left out', () => {
    const before = { [TOKEN]: slots({ [word(1)]: word(10) }) };
    expect(accesses({ prestate, before, after: { [TOKEN]: {} } })).toEqual([...touched, 'token 1 write']);
    expect(accesses({ prestate, before })).toEqual([...touched, 'token 1 write']);
  });

  it('of a contract that the transaction creates are in the diff alone', () => {
    const after = { [TOKEN]: { nonce: 1, code: CODE, ...slots({ [word(1)]: word(1) }) } };
    expect(accesses({ transaction: { to: null }, after })).toEqual([
      'token account read',
      'token account write',
      'token code read',
      'token code write',
      'token 1 read',
      'token 1 write',
    ]);
  });
});

describe('the values of storage slots', () => {
  const storage = slots({ [word(1)]: word(10), [word(2)]: word(20), [word(3)]: word(0), [word(4)]: word(40) });
  const prestate = { [TOKEN]: { ...contract, ...storage } };
  const reads = ['1 read 10', '2 read 20', '3 read 0', '4 read 40'];

  it('are those before the transaction in reads, and those after it in writes', () => {
    const before = { [TOKEN]: slots({ [word(1)]: word(10), [word(2)]: word(20) }) };
    const after = { [TOKEN]: slots({ [word(1)]: word(11), [word(3)]: word(30) }) };
    expect(values({ prestate, before, after })).toEqual([...reads, '1 write 11', '2 write 0', '3 write 30']);
  });

  it('are in reads alone where the diff states the old value again', () => {
    const same = { [TOKEN]: slots({ [word(1)]: word(10) }) };
    expect(values({ prestate, before: same, after: same })).toEqual(reads);
  });

  it('are zero where prestate and pre leave them out, and after their contract was destroyed', () => {
    const after = { [TOKEN]: { nonce: 1, code: CODE, ...slots({ [word(1)]: word(7) }) } };
    expect(values({ transaction: { to: null }, after })).toEqual(['1 read 0', '1 write 7']);
    const doomed = { [TOKEN]: { ...contract, ...slots({ [word(1)]: word(10), [word(2)]: word(0) }) } };
    expect(values({ prestate: doomed, before: doomed })).toEqual(['1 read 10', '2 read 0', '1 write 0']);
  });

  it('are those of the diff where there is no prestate of the slot', () => {
    const before = { [TOKEN]: slots({ [word(5)]: word(50) }) };
    expect(values({ prestate: { [TOKEN]: contract }, before })).toEqual(['5 read 50', '5 write 0']);
  });

  it('are not stated of accounts and code', () => {
    const found = extractAccesses(tracedOf({ prestate, after: { [TOKEN]: { code: '0x60', balanceWei: 1n } } }));
    expect(found.filter(({ slot, value }) => slot === null && value !== null)).toEqual([]);
    expect(new Set(found.map(({ field }) => field))).toEqual(new Set(['account', 'code', 'slot']));
  });
});

describe('code hashes', () => {
  // keccak256 of 0x6001, as computed by an independent implementation.
  const CODE_KECCAK = bytesToHex(keccak_256(Uint8Array.of(0x60, 0x01)));

  function codeHashes(...cases: readonly Case[]): Record<Address, Hash> {
    const found = new Map<Address, Hash>();
    for (const traced of cases) addCodeHashes(found, tracedOf(traced));
    return Object.fromEntries(found);
  }

  it('are computed from code, and taken as stated where they are', () => {
    const stated = { ...contract, code: word(0xc0de), codeHash: word(0xc0de) };
    const prestate = { [TOKEN]: contract, [PAYEE]: stated, [MINER]: funded };
    expect(codeHashes({ prestate })).toEqual({ [TOKEN]: CODE_KECCAK, [PAYEE]: word(0xc0de) });
    expect(codeHashes({ prestate: { [TOKEN]: { ...contract, codeHash: word(1) } } })).toEqual({ [TOKEN]: word(1) });
  });

  it('are of the code before the block, whatever becomes of it', () => {
    const changed = { prestate: { [TOKEN]: contract }, after: { [TOKEN]: { code: '0x60' as const } } };
    const later = { prestate: { [TOKEN]: { ...contract, code: '0x60' as const } } };
    expect(codeHashes(changed, later)).toEqual({ [TOKEN]: CODE_KECCAK });
    const destroyed = { prestate: { [TOKEN]: contract }, before: { [TOKEN]: contract } };
    expect(codeHashes(destroyed, {})).toEqual({ [TOKEN]: CODE_KECCAK });
  });

  it('are of the first code of an account that had none', () => {
    const empty = { prestate: { [TOKEN]: funded } };
    const created = { ...empty, after: { [TOKEN]: { nonce: 2, code: CODE } } };
    expect(codeHashes(empty)).toEqual({});
    expect(codeHashes(empty, created)).toEqual({ [TOKEN]: CODE_KECCAK });
    expect(codeHashes({ ...empty, after: { [TOKEN]: { nonce: 2 } } }, { prestate: { [TOKEN]: contract } })).toEqual({
      [TOKEN]: CODE_KECCAK,
    });
  });
});

describe('accounts', () => {
  it('are read when touched', () => {
    expect(accesses({ prestate: { [TOKEN]: contract, [PAYEE]: funded } })).toEqual([
      'token account read',
      'token code read',
      'payee account read',
    ]);
  });

  it('are written when balance or nonce changed', () => {
    const prestate = { [TOKEN]: contract, [PAYEE]: { ...contract, balanceWei: 9n } };
    const before = { [TOKEN]: contract, [PAYEE]: { ...contract, balanceWei: 9n } };
    const after = { [TOKEN]: { nonce: 2 }, [PAYEE]: { balanceWei: 0n } };
    expect(accesses({ prestate, before, after })).toEqual([
      'token account read',
      'token account write',
      'token code read',
      'payee account read',
      'payee account write',
      'payee code read',
    ]);
  });

  it('are written with their code and slots when destroyed: in pre with a balance, and not in post', () => {
    const doomed = { ...contract, ...slots({ [word(1)]: word(10), [word(2)]: word(0) }) };
    expect(accesses({ prestate: { [TOKEN]: doomed }, before: { [TOKEN]: doomed } })).toEqual([
      'token account read',
      'token account write',
      'token code read',
      'token code write',
      'token 1 read',
      'token 2 read',
      'token 1 write',
    ]);
  });

  it('are written when destroyed and still in post, without code', () => {
    const emptied = {
      prestate: { [TOKEN]: contract },
      before: { [TOKEN]: contract },
      after: { [TOKEN]: { code: '0x' as const } },
    };
    expect(accesses(emptied)).toEqual([
      'token account read',
      'token account write',
      'token code read',
      'token code write',
    ]);
  });

  it('have their code written when it changed', () => {
    const changed = {
      prestate: { [TOKEN]: contract },
      before: { [TOKEN]: contract },
      after: { [TOKEN]: { code: '0x60' as const } },
    };
    expect(accesses(changed)).toEqual(['token account read', 'token code read', 'token code write']);
  });

  it('have their code written when their nonce starts, though the diff says nothing of code', () => {
    const prestate = { [PAYEE]: { balanceWei: 0n, nonce: 0, code: '0x' as const } };
    expect(accesses({ prestate, after: { [PAYEE]: { nonce: 1 } } })).toEqual([
      'payee account read',
      'payee account write',
      'payee code read',
      'payee code write',
    ]);
  });
});

describe('the fee recipient', () => {
  const prestate = { [MINER]: funded };
  const before = { [MINER]: { balanceWei: 9n, nonce: 1 } };
  const credited = { [MINER]: { balanceWei: 10n } };

  it('is credited, not read', () => {
    expect(accesses({ prestate, before, after: credited })).toEqual(['miner account add']);
  });

  it('has no access where its balance stays the same, even if it is a contract', () => {
    expect(accesses({ prestate })).toEqual([]);
    expect(accesses({ prestate: { [MINER]: contract } })).toEqual([]);
  });

  it('is an account like others where it takes part', () => {
    const readAndWrite = ['miner account read', 'miner account write'];
    expect(accesses({ prestate, before, after: { [MINER]: { balanceWei: 8n } } })).toEqual(readAndWrite);
    expect(accesses({ prestate, before, after: { [MINER]: { balanceWei: 10n, nonce: 2 } } })).toEqual(readAndWrite);
    expect(accesses({ transaction: { to: MINER }, prestate, before, after: credited })).toEqual(readAndWrite);
    const storing = { [MINER]: { ...contract, ...slots({ [word(1)]: word(1) }) } };
    expect(accesses({ prestate: storing })).toEqual(['miner account read', 'miner code read', 'miner 1 read']);
  });

  it('is read and written as the sender', () => {
    const kinds = extractAccesses({
      transaction: { ...call, from: MINER },
      feeRecipient: MINER,
      prestate: state(prestate),
      before: state(before),
      after: state({ [MINER]: { balanceWei: 10n, nonce: 2 } }),
    }).map(({ field, kind }) => `${field} ${kind}`);
    expect(kinds).toEqual(['account read', 'account write']);
  });
});

describe('the recipient of a plain transfer', () => {
  const before = { [PAYEE]: { balanceWei: 9n, nonce: 1 } };
  const after = { [PAYEE]: { balanceWei: 14n } };

  it('is credited, not read', () => {
    expect(accesses({ prestate: { [PAYEE]: funded }, before, after }, transfer)).toEqual(['payee account add']);
    expect(accesses({ after: { [PAYEE]: { balanceWei: 5n } } }, transfer)).toEqual(['payee account add']);
  });

  it('is not accessed by a transfer of nothing', () => {
    expect(accesses({ transaction: { valueWei: 0n }, prestate: { [PAYEE]: funded } }, transfer)).toEqual([]);
  });

  it('is credited once where it is the fee recipient', () => {
    const miner = {
      prestate: { [MINER]: funded },
      before: { [MINER]: funded },
      after: { [MINER]: { balanceWei: 20n } },
    };
    expect(accesses({ transaction: { to: MINER }, ...miner }, transfer)).toEqual(['miner account add']);
  });

  it('is read where it has code, or where there is input', () => {
    const readAndWrite = ['payee account read', 'payee account write'];
    const called = accesses({ prestate: { [PAYEE]: { ...funded, code: CODE } }, before, after }, transfer);
    expect(called).toEqual([...readAndWrite, 'payee code read']);
    const noted = { transaction: { input: '0x01' as const }, prestate: { [PAYEE]: funded }, before, after };
    expect(accesses(noted, transfer)).toEqual(readAndWrite);
  });

  it('is read and written where it is the sender itself', () => {
    const kinds = extractAccesses({
      transaction: { ...transfer, to: SENDER },
      feeRecipient: MINER,
      prestate: state(payer.prestate),
      before: state(payer.before),
      after: state(payer.after),
    }).map(({ kind }) => kind);
    expect(kinds).toEqual(['read', 'write']);
  });
});

describe('for any tracer output', () => {
  const slotMap = fc
    .array(fc.tuple(fc.nat(3).map(word), fc.nat(1).map(word)), { maxLength: 3 })
    .map((entries) => new Map(entries));
  const account = fc.record({
    balanceWei: fc.option(fc.bigInt(0n, 2n)),
    nonce: fc.option(fc.nat(2)),
    code: fc.option(fc.constantFrom<Hex>('0x', '0x60', '0x61')),
    codeHash: fc.constant(null),
    storage: slotMap,
  });
  const accounts = fc
    .array(fc.tuple(fc.constantFrom(MINER, SENDER, TOKEN, PAYEE), account), { maxLength: 4 })
    .map((entries) => new Map<Address, TracedAccount>(entries));
  const traced = fc.record({
    transaction: fc.constantFrom(transfer, call),
    feeRecipient: fc.constantFrom(MINER, SENDER, PAYEE),
    prestate: accounts,
    before: accounts,
    after: accounts,
  });
  const keyOf = ({ address, field, slot }: Access): string => `${address} ${field} ${slot ?? ''}`;

  it('each key and kind occurs once, a written key is read, an added key is neither and never the sender', () => {
    fc.assert(
      fc.property(traced, (input) => {
        const found = extractAccesses(input);
        const keys = { read: new Set<string>(), write: new Set<string>(), add: new Set<string>() };
        for (const access of found) keys[access.kind].add(keyOf(access));
        expect(keys.read.size + keys.write.size + keys.add.size).toBe(found.length);
        expect([...keys.write].filter((key) => !keys.read.has(key))).toEqual([]);
        expect([...keys.add].filter((key) => keys.read.has(key))).toEqual([]);
        expect(found.some(({ kind, address }) => kind === 'add' && address === input.transaction.from)).toBe(false);
        expect(found.every(({ field, slot }) => (field === 'slot') === (slot !== null))).toBe(true);
        expect(found.every(({ slot, value }) => (value === null) === (slot === null))).toBe(true);
        const readValues = new Map(found.map((access) => [`${access.kind} ${keyOf(access)}`, access.value]));
        for (const access of found.filter(({ kind, field }) => kind === 'write' && field === 'slot')) {
          expect(readValues.get(`read ${keyOf(access)}`)).not.toBe(access.value);
        }
      }),
      { seed: 15_000_001, numRuns: 500 },
    );
  });
});
