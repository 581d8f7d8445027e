import { bytesToHex, equalsBytes, type Account } from '@ethereumjs/util';
import type {
  Access,
  AccessKey,
  Address,
  CallFrame,
  Hash,
  KeccakPreimage,
  Receipt,
  Transaction,
  TransactionRecord,
} from '../../types.js';
import { selectPreimages } from './preimages.js';
import { toHash, type SnapshotState } from './state.js';

/** A frame that is running. Gas counts from the start of the transaction, its intrinsic gas included. */
export interface OpenFrame {
  /** What the transaction had used when the frame began. */
  readonly startGas: number;
  readonly gasLimit: bigint;
  /** Its place among the frames of the transaction, in order of their beginning. */
  readonly place: number;
  readonly frame: Omit<CallFrame, 'gasUsed' | 'reverted'>;
  /** Of the CALL or CREATE that it makes: the opcode, and what the transaction had used by then. */
  lastCall: { readonly opcode: number; readonly usedGas: number } | null;
}

/** What one transaction has done so far. */
export class TransactionTrace {
  readonly transaction: Transaction;
  readonly openFrames: OpenFrame[] = [];
  readonly #frames: (CallFrame | null)[] = [];
  readonly #reads = new Map<string, Omit<Access, 'value'>>();
  /** Gas at the last change, by account and by slot key. */
  readonly #changedAtGas = new Map<string, number>();
  readonly #hashed = new Map<bigint, KeccakPreimage>();

  constructor(transaction: Transaction) {
    this.transaction = transaction;
  }

  /** Whether the first frame has begun. */
  get hasFrames(): boolean {
    return this.#frames.length > 0;
  }

  readAccount(address: Address, atGas: number): void {
    this.#read({ address, field: 'account', slot: null }, atGas);
  }

  readCode(address: Address, atGas: number): void {
    this.#read({ address, field: 'code', slot: null }, atGas);
  }

  readSlot(address: Address, slot: Hash, atGas: number): void {
    this.#read({ address, field: 'slot', slot }, atGas);
  }

  /** Notes when a key may have been changed; whether it was is seen at the end. */
  changeAccount(address: Address, atGas: number): void {
    this.#changedAtGas.set(nameOf({ address, field: 'account', slot: null }), atGas);
  }

  changeSlot(address: Address, slot: Hash, atGas: number): void {
    this.#changedAtGas.set(nameOf({ address, field: 'slot', slot }), atGas);
  }

  hash(preimage: Uint8Array, hash: bigint): void {
    if (!this.#hashed.has(hash)) this.#hashed.set(hash, { hash: toSlot(hash), preimage: bytesToHex(preimage) });
  }

  openFrame(frame: OpenFrame['frame'], start: { gasLimit: bigint; usedGas: number }): void {
    const { gasLimit, usedGas } = start;
    const place = this.#frames.push(null) - 1;
    this.openFrames.push({ startGas: usedGas, gasLimit, place, frame, lastCall: null });
  }

  closeFrame(end: { gasUsed: number; reverted: boolean; createdAddress: Address | null }): void {
    const open = this.openFrames.pop();
    if (open === undefined) throw new Error('a call frame ended that never began');
    const { gasUsed, reverted, createdAddress } = end;
    this.#frames[open.place] = { ...open.frame, to: createdAddress ?? open.frame.to, gasUsed, reverted };
    if (createdAddress === null) return;
    this.readAccount(createdAddress, open.startGas);
    this.readCode(createdAddress, open.startGas);
  }

  finish(state: SnapshotState, { gasUsed, succeeded, logs }: Receipt): TransactionRecord {
    const reads = [...this.#reads.values()].map((read): Access => {
      return { ...read, value: read.slot === null ? null : state.startSlotAt(read.address, read.slot) };
    });
    const accesses = [...reads, ...this.#changes(state, gasUsed)];
    const slots = accesses.flatMap(({ slot }) => (slot === null ? [] : [slot]));
    return {
      transaction: this.transaction,
      gasUsed,
      succeeded,
      logs,
      accesses,
      keccakPreimages: selectPreimages(this.#hashed, slots),
      callFrames: this.#frames.filter((frame) => frame !== null),
      executionNs: null,
    };
  }

  #read(key: AccessKey, atGas: number): void {
    const name = nameOf(key);
    if (!this.#reads.has(name)) this.#reads.set(name, { ...key, kind: 'read', atGas });
  }

  #changes(state: SnapshotState, gasUsed: number): Access[] {
    const { accounts, codes, slots } = state.transactionStart;
    const changes: Access[] = [];
    const change = (key: AccessKey, kind: 'write' | 'add', value: Hash | null = null): void => {
      changes.push({ ...key, kind, atGas: this.#changedAtGas.get(nameOf(key)) ?? gasUsed, value });
    };
    for (const [address, before] of accounts) {
      const key = { address, field: 'account', slot: null } as const;
      const after = state.accountAt(address);
      if (!sameAccount(before, after)) change(key, this.#isCredit(key, before, after) ? 'add' : 'write');
    }
    for (const [address, before] of codes) {
      if (!equalsBytes(before, state.codeAt(address))) change({ address, field: 'code', slot: null }, 'write');
    }
    for (const [address, values] of slots) {
      for (const [slot, before] of values) {
        const after = state.slotAt(address, slot);
        if (!equalsBytes(before, after)) change({ address, field: 'slot', slot }, 'write', toHash(after));
      }
    }
    return changes;
  }

  /** A balance that grew and that nothing looked at: it commutes with other credits. */
  #isCredit(key: AccessKey, before: Account | undefined, after: Account | undefined): boolean {
    if (after === undefined || this.#reads.has(nameOf(key))) return false;
    return after.nonce === (before?.nonce ?? 0n) && after.balance >= (before?.balance ?? 0n);
  }
}

/** 32 bytes. */
export function toSlot(value: bigint): Hash {
  return `0x${value.toString(16).padStart(64, '0')}`;
}

/** The lower 20 bytes of a word of the stack. */
export function toAddress(word: bigint): Address {
  return `0x${BigInt.asUintN(160, word).toString(16).padStart(40, '0')}`;
}

function nameOf({ address, field, slot }: AccessKey): string {
  return slot === null ? `${field}${address}` : `${address}${slot}`;
}

function sameAccount(a: Account | undefined, b: Account | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return a.nonce === b.nonce && a.balance === b.balance;
}
