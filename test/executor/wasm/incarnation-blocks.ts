import { bytesToHex, createAddressFromString, generateAddress2, hexToBytes } from '@ethereumjs/util';
import fc from 'fast-check';
import type { AccountState, Address, BlockSnapshot, Fork, Transaction } from '../../../types.js';
import { account, FEE_RECIPIENT, slotOf, snapshotOf } from '../reference/snapshots.js';
import { authorize, setCode, signerOf } from './eips/authorizations.js';
import { joined } from './eips/compare.js';
import { childInitcode, contractAt, FACTORY_PLACE, INITCODES, MOCK_CODES } from './mock-contracts.js';

// Blocks of transactions whose reads and writes depend on what earlier ones have left.

const FORKS: readonly Fork[] = ['london', 'shanghai', 'cancun', 'prague', 'osaka'];
const SENDER_KEYS = [1, 2, 3, 4];
const SENDERS = SENDER_KEYS.map(signerOf);
/** Has nothing until an earlier transaction funds it. */
const POOR = signerOf(5);
/** Whoever signs delegations: two accounts that send nothing, and a sender. */
const AUTHORITY_KEYS = [11, 12, 4];
const GAS_LIMIT = 600_000;
const FUNDS_WEI = 10n ** 16n;

const KINDS = [
  'call',
  'call',
  'call',
  'call',
  'call',
  'fund',
  'poor',
  'pay',
  'delegate',
  'delegated',
  'create',
] as const;

interface Move {
  readonly kind: (typeof KINDS)[number];
  readonly sender: number;
  readonly contract: number;
  readonly words: readonly number[];
  readonly valueWei: number;
}

interface Setting {
  readonly fork: Fork;
  /** What the fee recipient is: nobody else, a sender, a contract, a child that the factory may create, or poor. */
  readonly feeRecipient: number;
  readonly slots: readonly number[];
  readonly richRecipients: number;
  readonly moves: readonly Move[];
}

const settings: fc.Arbitrary<Setting> = fc.record({
  fork: fc.constantFrom(...FORKS),
  feeRecipient: fc.nat(7),
  slots: fc.array(fc.nat(15), { minLength: 8, maxLength: 8 }),
  richRecipients: fc.nat(2 ** 16 - 1),
  moves: fc.array(
    fc.record({
      kind: fc.constantFrom(...KINDS),
      sender: fc.nat(SENDERS.length - 1),
      contract: fc.nat(MOCK_CODES.length - 1),
      words: fc.tuple(fc.nat(15), fc.nat(15), fc.nat(3), fc.nat(255)),
      valueWei: fc.nat(3),
    }),
    { minLength: 6, maxLength: 24, size: 'max' },
  ),
});

export interface IncarnationBlock {
  readonly block: BlockSnapshot;
  readonly planSeed: number;
}

/** A block, possibly with transactions that it cannot hold. */
export const incarnationBlocks: fc.Arbitrary<IncarnationBlock> = fc
  .tuple(settings, fc.nat(2 ** 31 - 1))
  .map(([setting, planSeed]) => ({ block: blockOf(setting), planSeed }));

function blockOf(setting: Setting): BlockSnapshot {
  const { fork, feeRecipient, moves } = setting;
  const nonces = new Map<Address, number>();
  const transactions = moves.flatMap((move) => transactionOf(move, setting, nonces));
  const snapshot = snapshotOf({ fork, transactions, accounts: accountsOf(setting) });
  const recipient = feeRecipients()[feeRecipient] ?? FEE_RECIPIENT;
  return { ...snapshot, origin: 'incarnations', header: { ...snapshot.header, feeRecipient: recipient } };
}

function feeRecipients(): Address[] {
  const factory = createAddressFromString(contractAt(FACTORY_PLACE)).bytes;
  const child = (brief: boolean): Address =>
    bytesToHex(generateAddress2(factory, hexToBytes(slotOf(0)), hexToBytes(childInitcode(brief))));
  return [FEE_RECIPIENT, signerOf(3), contractAt(3), contractAt(5), child(false), child(true), POOR, signerOf(11)];
}

function accountsOf({ slots, richRecipients }: Setting): Record<Address, AccountState> {
  const storage = new Map(slots.map((value, slot) => [slotOf(slot), slotOf(value)] as const));
  const contracts = MOCK_CODES.map((code, place) => [contractAt(place), { ...account(code), storage }] as const);
  const holders = Object.entries(INITCODES).map(([address, code]) => [address, account(code)] as const);
  const nobodies = Array.from({ length: 16 }, (_, place) => contractAt(place)).slice(MOCK_CODES.length);
  const rich = [...nobodies, feeRecipients()[4], feeRecipients()[5]].filter(
    (_, place) => ((richRecipients >> place) & 1) === 1,
  );
  return Object.fromEntries([
    ...[...SENDERS, ...rich].map((address) => [address, account()] as const),
    ...contracts,
    ...holders,
  ]) as Record<Address, AccountState>;
}

/** Nothing where the fork has no such transaction. */
function transactionOf(move: Move, { fork }: Setting, nonces: Map<Address, number>): Partial<Transaction>[] {
  const { kind, contract, words, valueWei } = move;
  const hasDelegation = fork === 'prague' || fork === 'osaka';
  if (kind === 'delegate' && !hasDelegation) return [];
  const from = kind === 'poor' ? POOR : (SENDERS[move.sender] ?? POOR);
  const fields = { from, nonce: next(nonces, from), gasLimit: GAS_LIMIT, input: joined(...words.map(slotOf)) };
  const authority = AUTHORITY_KEYS[(words[0] ?? 0) % AUTHORITY_KEYS.length] ?? 0;
  switch (kind) {
    case 'call':
      return [{ ...fields, to: contractAt(contract), valueWei: BigInt(valueWei) }];
    case 'fund':
      return [{ ...fields, to: POOR, valueWei: FUNDS_WEI, input: '0x' }];
    case 'poor':
      return [{ ...fields, to: contractAt(contract) }];
    case 'pay':
      return [{ ...fields, to: feeRecipients()[contract] ?? POOR, valueWei: BigInt(valueWei), input: '0x' }];
    case 'delegate': {
      const nonce = BigInt(next(nonces, signerOf(authority)));
      return [
        setCode([authorize(authority, { address: contractAt(contract), nonce })], { ...fields, to: POOR, input: '0x' }),
      ];
    }
    case 'delegated':
      return [{ ...fields, to: signerOf(authority) }];
    case 'create':
      return [{ ...fields, to: null, valueWei: BigInt(valueWei), input: childInitcode(contract % 2 === 0) }];
  }
}

function next(nonces: Map<Address, number>, address: Address): number {
  const nonce = nonces.get(address) ?? 0;
  nonces.set(address, nonce + 1);
  return nonce;
}
