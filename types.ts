/**
 * The vocabulary of Lanecast. Every room imports it; it imports nothing and holds no logic.
 * Names follow the field: Block-STM (PPoPP 23) for execution, the Ethereum execution specification for blocks.
 */

/** `0x` and hexadecimal digits, lower case. */
export type Hex = `0x${string}`;
/** 20 bytes as lower-case hex. */
export type Address = Hex;
/** 32 bytes as lower-case hex. */
export type Hash = Hex;

/** What a storage slot holds that was never set, or was cleared. */
export const ZERO_WORD: Hash = `0x${'00'.repeat(32)}`;

/** The rule sets that a block can name, oldest first. */
export const FORKS = [
  'frontier',
  'homestead',
  'dao',
  'tangerineWhistle',
  'spuriousDragon',
  'byzantium',
  'constantinople',
  'petersburg',
  'istanbul',
  'muirGlacier',
  'berlin',
  'london',
  'arrowGlacier',
  'grayGlacier',
  'paris',
  'shanghai',
  'cancun',
  'prague',
  'osaka',
] as const;
export type Fork = (typeof FORKS)[number];

// ---------------------------------------------------------------------------------------------------------- blocks

/** A block header as far as execution and verification need it. A field that the source does not state is null. */
export interface BlockHeader {
  readonly number: number;
  readonly hash: Hash;
  readonly parentHash: Hash;
  readonly feeRecipient: Address;
  readonly timestampSeconds: number;
  /** 0 where the source does not state it. */
  readonly gasLimit: number;
  readonly gasUsed: number;
  /** Null before London (EIP-1559). */
  readonly baseFeePerGasWei: bigint | null;
  readonly receiptsRoot: Hash | null;
  /** 256 bytes. */
  readonly logsBloom: Hex | null;
  readonly difficulty: bigint;
  /** The PREVRANDAO value from Paris on. */
  readonly mixHash: Hash | null;
  readonly extraData: Hex;
  /** EIP-4844; null before Cancun. */
  readonly excessBlobGas: number | null;
  readonly blobGasUsed: number | null;
  /** EIP-4788; null before Cancun. */
  readonly parentBeaconBlockRoot: Hash | null;
}

/** An entry of a *declared* access list (EIP-2930). */
export interface AccessListEntry {
  readonly address: Address;
  readonly storageKeys: readonly Hash[];
}

/** A signed authorization to delegate (EIP-7702). */
export interface Authorization {
  readonly chainId: bigint;
  readonly address: Address;
  readonly nonce: bigint;
  readonly yParity: number;
  readonly r: Hex;
  readonly s: Hex;
}

/** A transaction with its sender known. Fee fields that its type does not have are null. */
export interface Transaction {
  /** Position in the block, from 0. */
  readonly index: number;
  readonly hash: Hash;
  /** EIP-2718 type: 0 to 4 can be executed; others occur in the traces of other chains. */
  readonly type: number;
  readonly from: Address;
  /** Null creates a contract. */
  readonly to: Address | null;
  readonly nonce: number;
  readonly valueWei: bigint;
  readonly input: Hex;
  readonly gasLimit: number;
  readonly gasPriceWei: bigint | null;
  readonly maxFeePerGasWei: bigint | null;
  readonly maxPriorityFeePerGasWei: bigint | null;
  readonly maxFeePerBlobGasWei: bigint | null;
  readonly accessList: readonly AccessListEntry[];
  readonly blobVersionedHashes: readonly Hash[];
  readonly authorizationList: readonly Authorization[];
}

/** EIP-4895. */
export interface Withdrawal {
  readonly index: number;
  readonly validatorIndex: number;
  readonly address: Address;
  readonly amountGwei: bigint;
}

/** An account before a block. Slots that are absent are zero. */
export interface AccountState {
  readonly balanceWei: bigint;
  readonly nonce: number;
  /** `0x` where there is no code. */
  readonly code: Hex;
  readonly storage: ReadonlyMap<Hash, Hash>;
}

/** A block with all the state that it touches: it can be executed offline. */
export interface BlockSnapshot {
  readonly kind: 'snapshot';
  /** Where it was read, for messages: a path or `generated:PROFILE`. */
  readonly origin: string;
  readonly chainId: number;
  readonly fork: Fork;
  readonly header: BlockHeader;
  readonly transactions: readonly Transaction[];
  readonly withdrawals: readonly Withdrawal[];
  readonly preState: ReadonlyMap<Address, AccountState>;
  /** Ancestors that BLOCKHASH reads, by block number. */
  readonly blockHashes: ReadonlyMap<number, Hash>;
}

// ---------------------------------------------------------------------------------------------------------- accesses

/**
 * What an access key names: an account's balance and nonce together are one key (`account`), its code another (`code`),
 * each storage slot its own (`slot`); so calling a contract does not conflict with paying it.
 */
export type AccessField = 'account' | 'code' | 'slot';

export interface AccessKey {
  readonly address: Address;
  readonly field: AccessField;
  /** Set exactly when field is `slot`. */
  readonly slot: Hash | null;
}

/**
 * `read`: the value was observed. `write`: the value at the end of the transaction differs from the one at its start.
 * `add`: a balance was credited and never observed, a delta that commutes with other deltas (fee recipient, recipient of
 * a plain transfer). A key that is read and written has both a `read` and a `write`; `add` stands alone.
 */
export type AccessKind = 'read' | 'write' | 'add';

export interface Access extends AccessKey {
  readonly kind: AccessKind;
  /** Gas that the transaction had used when it first read, or last wrote, the key. Null where the source can't tell. */
  readonly atGas: number | null;
  /**
   * Of a slot: the value before the transaction for a `read`, the one after it for a `write`. Null for accounts and code,
   * and where the source can't tell.
   */
  readonly value: Hash | null;
}

/** An input of KECCAK256 whose hash served as a storage key, directly or plus a small offset. */
export interface KeccakPreimage {
  readonly hash: Hash;
  readonly preimage: Hex;
}

export interface CallFrame {
  /** 0 for the transaction itself. */
  readonly depth: number;
  readonly kind: 'call' | 'callcode' | 'delegatecall' | 'staticcall' | 'create' | 'create2';
  readonly from: Address;
  /** The contract whose storage the frame uses; the new contract for a creation. */
  readonly to: Address;
  /** The contract whose code runs: differs from `to` in delegate calls and callcode; null for a creation. */
  readonly codeAddress: Address | null;
  /** First four bytes of the input, `0x` where it is shorter. */
  readonly selector: Hex;
  readonly valueWei: bigint;
  readonly gasUsed: number;
  readonly reverted: boolean;
}

export interface Log {
  readonly address: Address;
  readonly topics: readonly Hash[];
  readonly data: Hex;
}

/** What one executed transaction did. */
export interface TransactionRecord {
  readonly transaction: Transaction;
  readonly gasUsed: number;
  /** Null where the source does not say. */
  readonly succeeded: boolean | null;
  readonly logs: readonly Log[];
  /** Each (key, kind) at most once. */
  readonly accesses: readonly Access[];
  readonly keccakPreimages: readonly KeccakPreimage[];
  readonly callFrames: readonly CallFrame[];
  /** Wall time of its sequential execution; null where it was not executed here. */
  readonly executionNs: number | null;
}

/** What a transaction did alone on the state before its block: a guess at what it will do in its place, for a price. */
export interface PreExecution {
  /** Each (key, kind) at most once. */
  readonly accesses: readonly Access[];
  readonly gasUsed: number;
  readonly succeeded: boolean;
  /** Wall time, what recording costs included. */
  readonly executionNs: number;
}

/** A block with the exact accesses of each transaction: from executing a snapshot, or from a node's tracer. */
export interface BlockRecord {
  readonly kind: 'record';
  readonly origin: string;
  readonly chainId: number;
  readonly header: BlockHeader;
  readonly transactions: readonly TransactionRecord[];
  /**
   * Keccak-256 of the code of each account with code that a transaction touched: of its code before the block, else of the
   * first that it had after a transaction. The code of a delegated account is its designator (EIP-7702). An account that
   * is absent has no code, or got it in the block from a source that does not state it.
   */
  readonly codeHashes: ReadonlyMap<Address, Hash>;
}

/** What a reader yields: something to execute, or something whose execution is already recorded. */
export type SourceBlock = BlockSnapshot | BlockRecord;

// ---------------------------------------------------------------------------------------------------------- execution

/** Null where the fork does not allow the check or the header does not state the field. */
export interface HeaderCheck {
  readonly gasUsed: boolean | null;
  readonly receiptsRoot: boolean | null;
  readonly logsBloom: boolean | null;
}

/** An account after a block, as far as the block changed it; null means that the account does not exist any more. */
export type PostState = ReadonlyMap<Address, AccountState | null>;

/** The outcome of executing a whole block in order, without any recording. */
export interface BlockResult {
  readonly receipts: readonly Receipt[];
  readonly gasUsed: number;
  readonly receiptsRoot: Hash;
  readonly logsBloom: Hex;
  /** Wall time of the transactions alone, per transaction: no loading, no roots. */
  readonly transactionNs: readonly number[];
  readonly postState: PostState;
}

export interface Receipt {
  readonly type: number;
  readonly succeeded: boolean;
  readonly gasUsed: number;
  readonly cumulativeGasUsed: number;
  readonly logs: readonly Log[];
}
