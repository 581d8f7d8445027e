import fc from 'fast-check';
import { ZERO_WORD } from '../../types.js';
import type {
  Access,
  Address,
  AccessKind,
  BlockHeader,
  BlockRecord,
  CallFrame,
  Hash,
  Hex,
  KeccakPreimage,
  Transaction,
  TransactionRecord,
} from '../../types.js';

export function address(seed: number): Address {
  return `0x${seed.toString(16).padStart(40, '0')}`;
}

export function hash(seed: number): Hash {
  return `0x${seed.toString(16).padStart(64, '0')}`;
}

export const FEE_RECIPIENT = address(0xfee);

export function slotAccess(kind: AccessKind, contract: number, slot: number): Access {
  return { address: address(contract), field: 'slot', slot: hash(slot), kind, atGas: null, value: null };
}

export function accountAccess(kind: AccessKind, seed: number): Access {
  return { address: address(seed), field: 'account', slot: null, kind, atGas: null, value: null };
}

export function codeAccess(kind: AccessKind, seed: number): Access {
  return { ...accountAccess(kind, seed), field: 'code' };
}

/** A plain block: each entry of `transactions` is the gas and the accesses of one. */
export function recordOf(
  number: number,
  transactions: readonly { readonly gasUsed?: number; readonly accesses?: readonly Access[] }[] = [],
  block: { readonly chainId?: number; readonly hash?: Hash } = {},
): BlockRecord {
  const outcomes = transactions.map(({ gasUsed = 21_000, accesses = [] }, index) => ({
    ...PLAIN_OUTCOME,
    transaction: { ...PLAIN_TRANSACTION, index, hash: hash(1_000_000 * number + index) },
    gasUsed,
    accesses,
  }));
  const gasUsed = outcomes.reduce((sum, outcome) => sum + outcome.gasUsed, 0);
  return {
    kind: 'record',
    origin: 'by hand',
    chainId: block.chainId ?? 1,
    header: {
      ...PLAIN_HEADER,
      number,
      hash: block.hash ?? hash(number),
      parentHash: hash(Math.max(0, number - 1)),
      gasUsed,
    },
    transactions: outcomes,
    codeHashes: new Map(),
  };
}

/** Two blocks with a row in every table. */
export function crashRecords(): BlockRecord[] {
  return [7, 8].map((number) => {
    const record = recordOf(number, [{ accesses: [slotAccess('write', 1, number)] }, {}]);
    const transactions = record.transactions.map((outcome) => ({
      ...outcome,
      keccakPreimages: [{ hash: hash(1), preimage: '0x01' as const }],
      callFrames: [CALL],
    }));
    return { ...record, transactions, codeHashes: new Map([[address(2), hash(0xc0de)]]) };
  });
}

const CALL: CallFrame = {
  depth: 0,
  kind: 'call',
  from: address(1),
  to: address(2),
  codeAddress: address(2),
  selector: '0x',
  valueWei: 0n,
  gasUsed: 21_000,
  reverted: false,
};

const PLAIN_HEADER: BlockHeader = {
  number: 0,
  hash: hash(0),
  parentHash: hash(0),
  feeRecipient: FEE_RECIPIENT,
  timestampSeconds: 1_700_000_000,
  gasLimit: 30_000_000,
  gasUsed: 0,
  baseFeePerGasWei: 7n,
  receiptsRoot: null,
  logsBloom: null,
  difficulty: 0n,
  mixHash: null,
  extraData: '0x',
  excessBlobGas: null,
  blobGasUsed: null,
  parentBeaconBlockRoot: null,
};

const PLAIN_TRANSACTION: Transaction = {
  index: 0,
  hash: hash(0),
  type: 0,
  from: address(1),
  to: address(2),
  nonce: 0,
  valueWei: 0n,
  input: '0x',
  gasLimit: 100_000,
  gasPriceWei: 10n,
  maxFeePerGasWei: null,
  maxPriorityFeePerGasWei: null,
  maxFeePerBlobGasWei: null,
  accessList: [],
  blobVersionedHashes: [],
  authorizationList: [],
};

const PLAIN_OUTCOME: Omit<TransactionRecord, 'transaction' | 'gasUsed' | 'accesses'> = {
  succeeded: true,
  logs: [],
  keccakPreimages: [],
  callFrames: [],
  executionNs: null,
};

// ---------------------------------------------------------------------------------------------------------- any record

function bytes(length: number): fc.Arbitrary<Hex> {
  const content = fc.uint8Array({ minLength: length, maxLength: length });
  return content.map((raw): Hex => `0x${Buffer.from(raw).toString('hex')}`);
}

const anyBytes = fc.nat(70).chain(bytes);
const anyAddress = bytes(20);
const anyHash = bytes(32);
const count = fc.oneof(fc.nat(3), fc.maxSafeNat(), fc.constant(Number.MAX_SAFE_INTEGER));
const wei = fc.oneof(fc.bigInt(0n, 2n), fc.bigInt(2n ** 53n, 2n ** 64n), fc.bigInt(0n, 2n ** 256n - 1n));
const orNull = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(value, { nil: null });

const header: fc.Arbitrary<BlockHeader> = fc.record({
  number: fc.nat(1_000),
  hash: anyHash,
  parentHash: anyHash,
  feeRecipient: anyAddress,
  timestampSeconds: count,
  gasLimit: count,
  gasUsed: count,
  baseFeePerGasWei: orNull(wei),
  receiptsRoot: orNull(anyHash),
  logsBloom: orNull(bytes(256)),
  difficulty: wei,
  mixHash: orNull(anyHash),
  extraData: anyBytes,
  excessBlobGas: orNull(count),
  blobGasUsed: orNull(count),
  parentBeaconBlockRoot: orNull(anyHash),
});

/** Quantities as a node states them: any number of digits. */
const quantity = fc.bigInt(0n, 2n ** 256n - 1n).map((value): Hex => `0x${value.toString(16)}`);

const transaction: fc.Arbitrary<Transaction> = fc.record({
  index: fc.constant(0),
  hash: anyHash,
  type: fc.oneof(fc.nat(4), fc.constantFrom(0x64, 0x7e, 0xff)),
  from: anyAddress,
  to: orNull(anyAddress),
  nonce: count,
  valueWei: wei,
  input: anyBytes,
  gasLimit: count,
  gasPriceWei: orNull(wei),
  maxFeePerGasWei: orNull(wei),
  maxPriorityFeePerGasWei: orNull(wei),
  maxFeePerBlobGasWei: orNull(wei),
  accessList: fc.array(fc.record({ address: anyAddress, storageKeys: fc.array(anyHash, { maxLength: 3 }) }), {
    maxLength: 3,
  }),
  blobVersionedHashes: fc.array(anyHash, { maxLength: 3 }),
  authorizationList: fc.array(
    fc.record({ chainId: wei, address: anyAddress, nonce: wei, yParity: fc.nat(255), r: quantity, s: quantity }),
    { maxLength: 2 },
  ),
});

const kind = fc.constantFrom('read', 'write', 'add');
const access: fc.Arbitrary<Access> = fc.oneof(
  fc.record({
    address: anyAddress,
    field: fc.constantFrom('account', 'code'),
    slot: fc.constant(null),
    kind,
    atGas: orNull(count),
    value: fc.constant(null),
  }),
  fc.record({
    address: anyAddress,
    field: fc.constant('slot'),
    slot: fc.oneof(anyHash, fc.constant(hash(0))),
    kind,
    atGas: orNull(count),
    value: orNull(fc.oneof(anyHash, fc.constant(ZERO_WORD))),
  }),
);

const keccakPreimage: fc.Arbitrary<KeccakPreimage> = fc.record({ hash: anyHash, preimage: anyBytes });

const callFrame: fc.Arbitrary<CallFrame> = fc.record({
  depth: fc.nat(1_024),
  kind: fc.constantFrom('call', 'callcode', 'delegatecall', 'staticcall', 'create', 'create2'),
  from: anyAddress,
  to: anyAddress,
  codeAddress: orNull(anyAddress),
  selector: fc.oneof(bytes(4), fc.constant<Hex>('0x')),
  valueWei: wei,
  gasUsed: count,
  reverted: fc.boolean(),
});

const outcome: fc.Arbitrary<TransactionRecord> = fc.record({
  transaction,
  gasUsed: count,
  succeeded: orNull(fc.boolean()),
  logs: fc.constant([]),
  accesses: fc.array(access, { maxLength: 6 }),
  keccakPreimages: fc.array(keccakPreimage, { maxLength: 3 }),
  callFrames: fc.array(callFrame, { maxLength: 3 }),
  executionNs: orNull(fc.oneof(count, fc.double({ min: 0, noNaN: true, noDefaultInfinity: true }))),
});

/** Any record that the vocabulary allows but for its logs, which are empty. */
export const anyRecord: fc.Arbitrary<BlockRecord> = fc.record({
  kind: fc.constant('record'),
  origin: fc.string({ unit: 'binary', maxLength: 12 }),
  chainId: count,
  header,
  transactions: fc
    .array(outcome, { maxLength: 4 })
    .map((outcomes) => outcomes.map((item, index) => ({ ...item, transaction: { ...item.transaction, index } }))),
  codeHashes: fc.array(fc.tuple(anyAddress, anyHash), { maxLength: 4 }).map((entries) => new Map(entries)),
});
