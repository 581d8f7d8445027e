import fc from 'fast-check';
import { FORKS, type AccountState, type BlockHeader, type BlockSnapshot, type Fork } from '../../types.js';
import type { Hex, Transaction } from '../../types.js';
import { ORIGIN } from './read-fixtures.js';

function bytes(length: number): fc.Arbitrary<Hex> {
  const array = fc.uint8Array({ minLength: length, maxLength: length });
  return array.map((content): Hex => `0x${Buffer.from(content).toString('hex')}`);
}

const count = fc.oneof(fc.nat(3), fc.maxSafeNat());
const wei = fc.oneof(fc.bigInt(0n, 2n), fc.bigInt(0n, 2n ** 256n - 1n));
const anyBytes = fc.nat(40).chain(bytes);
const address = bytes(20);
const hash = bytes(32);

function since<T>(first: Fork, fork: Fork, value: fc.Arbitrary<T>): fc.Arbitrary<T | null> {
  return FORKS.indexOf(fork) >= FORKS.indexOf(first) ? value : fc.constant(null);
}

function headers(fork: Fork): fc.Arbitrary<BlockHeader> {
  return fc.record({
    number: count,
    hash,
    parentHash: hash,
    feeRecipient: address,
    timestampSeconds: count,
    gasLimit: count,
    gasUsed: count,
    baseFeePerGasWei: since('london', fork, wei),
    receiptsRoot: fc.option(hash),
    logsBloom: fc.option(bytes(256)),
    difficulty: wei,
    mixHash: FORKS.indexOf(fork) < FORKS.indexOf('paris') ? fc.option(hash) : hash,
    extraData: anyBytes,
    excessBlobGas: since('cancun', fork, count),
    blobGasUsed: since('cancun', fork, fc.option(count)),
    parentBeaconBlockRoot: since('cancun', fork, hash),
  });
}

type Unplaced = Omit<Transaction, 'index'>;

/** A transaction of the type has just the fields of that type. */
function transactions(senders: readonly Hex[]): fc.Arbitrary<Unplaced> {
  const none = fc.constant(null);
  const empty = fc.constant([]);
  return fc.nat(4).chain((type) =>
    fc.record({
      hash,
      type: fc.constant(type),
      from: fc.constantFrom(...senders),
      to: fc.option(address),
      nonce: count,
      valueWei: wei,
      input: anyBytes,
      gasLimit: count,
      gasPriceWei: type < 2 ? wei : none,
      maxFeePerGasWei: type < 2 ? none : wei,
      maxPriorityFeePerGasWei: type < 2 ? none : wei,
      maxFeePerBlobGasWei: type === 3 ? wei : none,
      accessList:
        type === 0
          ? empty
          : fc.array(fc.record({ address, storageKeys: fc.array(hash, { maxLength: 2 }) }), { maxLength: 2 }),
      blobVersionedHashes: type === 3 ? fc.array(hash, { maxLength: 2 }) : empty,
      authorizationList:
        type === 4
          ? fc.array(fc.record({ chainId: wei, address, nonce: wei, yParity: fc.nat(1), r: hash, s: hash }), {
              maxLength: 2,
            })
          : empty,
    }),
  );
}

const account: fc.Arbitrary<AccountState> = fc.record({
  balanceWei: wei,
  nonce: count,
  code: anyBytes,
  storage: fc.array(fc.tuple(hash, hash), { maxLength: 3 }).map((entries) => new Map(entries)),
});

const withdrawal = fc.record({ index: count, validatorIndex: count, address, amountGwei: wei });

/** Snapshots of every fork with transactions of every type, and a pre-state for every sender. */
export function snapshots(): fc.Arbitrary<BlockSnapshot> {
  const accounts = fc
    .array(fc.tuple(address, account), { minLength: 1, maxLength: 4 })
    .map((entries) => new Map(entries));
  return fc.tuple(fc.constantFrom(...FORKS), accounts).chain(([fork, preState]) =>
    fc.record({
      kind: fc.constant('snapshot' as const),
      origin: fc.constant(ORIGIN),
      chainId: count,
      fork: fc.constant(fork),
      header: headers(fork),
      transactions: fc
        .array(transactions([...preState.keys()]), { maxLength: 4 })
        .map((list) => list.map((transaction, index) => ({ index, ...transaction }))),
      withdrawals: fc.array(withdrawal, { maxLength: 2 }),
      preState: fc.constant(preState),
      blockHashes: fc.array(fc.tuple(count, hash), { maxLength: 3 }).map((entries) => new Map(entries)),
    }),
  );
}
