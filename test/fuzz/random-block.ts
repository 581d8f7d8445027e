import {
  createAddressFromString,
  generateAddress,
  hexToBytes,
  privateToAddress,
  toBytes,
  bytesToHex,
} from '@ethereumjs/util';
import { Random } from '../../datasets/generate/random.js';
import {
  FORKS,
  type AccountState,
  type Address,
  type BlockHeader,
  type BlockSnapshot,
  type Fork,
} from '../../types.js';
import { Assembler } from './assembler.js';
import { addressOf, between, hash, pick, toHex, wordOf } from './draw.js';
import type { Surroundings } from './operands.js';
import { writeProgram } from './program.js';
import { drawTransactions, type Sender } from './random-transactions.js';

const FUZZED_FORKS: readonly Fork[] = ['berlin', 'london', 'paris', 'shanghai', 'cancun', 'prague', 'osaka'];
const PRECOMPILES = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 17, 18, 0x100].map(addressOf);
const FEE_RECIPIENT: Address = `0x${'fe'.repeat(20)}`;
const NOBODY: readonly Address[] = [addressOf(0), `0x${'ee'.repeat(20)}`, `0x${'ff'.repeat(20)}`];
const ETHER_WEI = 10n ** 18n;
const DELEGATION = '0xef0100';
const ANCESTORS = 256;

const SENDERS: readonly Sender[] = [1, 2, 3, 4].map((number) => {
  const privateKey = hexToBytes(wordOf(number));
  return { privateKey, address: bytesToHex(privateToAddress(privateKey)) };
});

/** A block of a few transactions between a few accounts, so that they meet. The same seed gives the same block. */
export function randomBlock(seed: number): BlockSnapshot {
  const random = new Random(seed);
  const fork = pick(random, FUZZED_FORKS);
  const contracts = Array.from({ length: between(random, 1, 5) }, (_, place) => addressOf(0xc0n + BigInt(place)));
  const header = drawHeader(random, fork, contracts);
  const addresses = [
    ...[...contracts, ...contracts, ...contracts],
    ...SENDERS.map(({ address }) => address),
    ...contracts.flatMap((contract) => [createdBy(contract, 1), createdBy(contract, 2)]),
    ...[...PRECOMPILES, ...NOBODY, header.feeRecipient],
  ];
  const around = { fork, addresses, blockNumber: header.number };
  const deep = random.chance(0.01) && fork !== 'osaka';
  const preState = deep ? deepState(random, around) : drawState(random, around, contracts);
  const snapshot: BlockSnapshot = {
    kind: 'snapshot',
    origin: `fuzz:${seed}`,
    chainId: random.chance(0.8) ? 1 : 1_337,
    fork,
    header: deep ? { ...header, gasLimit: 10 ** 13 } : header,
    transactions: [],
    withdrawals: drawWithdrawals(random, around),
    preState,
    blockHashes: ancestorsOf(header.number),
  };
  const transactions = drawTransactions(random, { snapshot, contracts, addresses, senders: SENDERS, deep });
  return { ...snapshot, transactions };
}

function createdBy(creator: Address, nonce: number): Address {
  return bytesToHex(generateAddress(createAddressFromString(creator).bytes, toBytes(nonce)));
}

function isSince(fork: Fork, first: Fork): boolean {
  return FORKS.indexOf(fork) >= FORKS.indexOf(first);
}

function drawHeader(random: Random, fork: Fork, contracts: readonly Address[]): BlockHeader {
  const number = between(random, 1, 600);
  const feeRecipient = random.chance(0.7)
    ? FEE_RECIPIENT
    : pick(random, [...contracts, ...SENDERS.map(({ address }) => address)]);
  const cancun = isSince(fork, 'cancun');
  return {
    number,
    hash: wordOf(number),
    parentHash: wordOf(number - 1),
    feeRecipient,
    timestampSeconds: 1_700_000_000 + random.below(80_000_000),
    gasLimit: random.chance(0.96) ? 30_000_000 : between(random, 1_000_000, 5_000_000),
    gasUsed: 0,
    baseFeePerGasWei: isSince(fork, 'london') ? BigInt(pick(random, [7, 7, 100, 1_000_000_007])) : null,
    receiptsRoot: null,
    logsBloom: null,
    difficulty: isSince(fork, 'paris') ? 0n : BigInt(random.below(1_000_000)),
    mixHash: hash(random),
    extraData: '0x',
    excessBlobGas: cancun ? pick(random, [0, 0, 131_072 * 100, 131_072 * 600]) : null,
    blobGasUsed: cancun ? 0 : null,
    parentBeaconBlockRoot: cancun ? hash(random) : null,
  };
}

function ancestorsOf(number: number): BlockSnapshot['blockHashes'] {
  const first = Math.max(0, number - ANCESTORS);
  return new Map(
    Array.from({ length: number - first }, (_, place) => [first + place, wordOf(0xa0000 + first + place)]),
  );
}

function drawWithdrawals(random: Random, { fork, addresses }: Surroundings): BlockSnapshot['withdrawals'] {
  if (!isSince(fork, 'shanghai') || random.chance(0.8)) return [];
  const count = between(random, 1, 3);
  return Array.from({ length: count }, (_, index) => ({
    index,
    validatorIndex: index,
    address: pick(random, addresses),
    amountGwei: BigInt(between(random, 1, 1_000)),
  }));
}

type State = Map<Address, AccountState>;

function drawState(random: Random, around: Surroundings, contracts: readonly Address[]): State {
  const state: State = new Map();
  for (const sender of SENDERS) state.set(sender.address, drawSender(random, around));
  for (const contract of contracts) {
    state.set(contract, {
      balanceWei: random.chance(0.8) ? BigInt(random.below(1_000)) : ETHER_WEI,
      nonce: random.chance(0.95) ? 1 : between(random, 2, 300),
      code: toHex(writeProgram(random, around)),
      storage: drawStorage(random),
    });
  }
  if (random.chance(0.15)) state.set(createdBy(pick(random, contracts), between(random, 1, 2)), drawOccupant(random));
  for (const address of [...PRECOMPILES.slice(0, 6), FEE_RECIPIENT]) {
    if (random.chance(0.1)) state.set(address, plain(BigInt(between(random, 1, 100))));
  }
  return state;
}

function plain(balanceWei: bigint, nonce = 0): AccountState {
  return { balanceWei, nonce, code: '0x', storage: new Map() };
}

/** Rich, mostly; some delegate from Prague on (EIP-7702), and before it their code bars them from sending. */
function drawSender(random: Random, { fork, addresses }: Surroundings): AccountState {
  const balanceWei = random.chance(0.9) ? ETHER_WEI : BigInt(random.below(10 ** 9));
  const nonce = random.chance(0.8) ? random.below(3) : random.below(70_000);
  const delegates = random.chance(isSince(fork, 'prague') ? 0.2 : 0.02);
  if (!delegates) return plain(balanceWei + 1n, nonce);
  return {
    balanceWei,
    nonce: nonce + 1,
    code: `${DELEGATION}${pick(random, addresses).slice(2)}`,
    storage: drawStorage(random),
  };
}

function drawStorage(random: Random): AccountState['storage'] {
  const slots = [0n, 1n, 2n, 3n, 5n, 2n ** 64n].filter(() => random.chance(0.4));
  return new Map(
    slots.map((slot) => [wordOf(slot), random.chance(0.8) ? wordOf(between(random, 1, 9)) : hash(random)]),
  );
}

/** At an address that a creation will want: only balance leaves it free (EIP-7610). */
function drawOccupant(random: Random): AccountState {
  const kind = random.below(4);
  if (kind === 0) return plain(5n);
  if (kind === 1) return plain(0n, 1);
  if (kind === 2) return { ...plain(1n), storage: new Map([[wordOf(1), wordOf(1)]]) };
  return { ...plain(0n, 1), code: '0x00' };
}

/** A contract that calls itself with all its gas, to the greatest depth that there is, and counts on the way back. */
function deepState(random: Random, { fork }: Surroundings): State {
  const out = new Assembler();
  const kind = pick(random, [0xf1, 0xf2, 0xf4]);
  for (const size of [0, 0, 0, 0]) out.push(size);
  if (kind !== 0xf4) out.push(random.below(2));
  out.op(0x30, 0, 1);
  out.op(0x5a, 0, 1);
  out.op(kind, kind === 0xf4 ? 6 : 7, 1);
  if (random.chance(0.5)) {
    for (const value of [0, 0, 0]) out.push(value);
    out.op(0xf0, 3, 1);
    out.op(0x01, 2, 1);
  }
  for (const [slot, opcode] of [0x5a, isSince(fork, 'cancun') ? 0x5c : 0x54].entries()) {
    if (slot === 1) out.push(0);
    out.op(opcode, slot, 1);
    out.op(0x01, 2, 1);
  }
  out.push(0);
  out.op(0x54, 1, 1);
  out.op(0x01, 2, 1);
  out.push(0);
  out.op(0x55, 2);
  const state: State = new Map(SENDERS.map(({ address }) => [address, plain(ETHER_WEI)]));
  return state.set(addressOf(0xc0), { balanceWei: 500n, nonce: 1, code: out.hex(), storage: new Map() });
}
