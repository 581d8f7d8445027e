// Where everything lies in the shared memory. Nothing else in this folder knows an offset or a table size.
// All numbers are little-endian; a "word" is a 256-bit number as four u64 limbs, lowest first.
// The compiler's own constants lie below HEADER and hold nothing mutable: every worker instantiates the module again.

// ------------------------------------------------------------------------------------------------------- header

export const HEADER: usize = 0x10000;

export const H_WORKERS: usize = HEADER + 0;
export const H_WORKER_BASE: usize = HEADER + 4;
export const H_WORKER_BYTES: usize = HEADER + 8;
export const H_KEY_CAPACITY: usize = HEADER + 12;
/** Next free key; key 0 is the dummy that an exhausted table answers. */
export const H_KEY_NEXT: usize = HEADER + 16;
export const H_KEY_TABLE: usize = HEADER + 20;
export const H_KEY_TABLE_MASK: usize = HEADER + 24;
export const H_KEY_RECORDS: usize = HEADER + 28;
export const H_CODE_NEXT: usize = HEADER + 32;
export const H_CODE_TABLE: usize = HEADER + 36;
export const H_CODE_RECORDS: usize = HEADER + 40;
export const H_CODE_HEAP: usize = HEADER + 44;
export const H_CODE_HEAP_END: usize = HEADER + 48;
export const H_DIRTY: usize = HEADER + 52;
export const H_DIRTY_COUNT: usize = HEADER + 56;
/** Start, next free byte and bound of the block heap, the growing tail of the memory. */
export const H_HEAP_START: usize = HEADER + 60;
export const H_HEAP: usize = HEADER + 64;
export const H_HEAP_END: usize = HEADER + 68;
/** Bytes of EVM memory that each worker may use over all its frames. */
export const H_MEMORY_BYTES: usize = HEADER + 72;
/** Records of another epoch hold nothing: the host has offered another base state since. */
export const H_STATE_EPOCH: usize = HEADER + 76;
export const H_CODE_HEAP_START: usize = HEADER + 84;
/** Where the block heap goes back to before a run: behind the block's own data. */
export const H_HEAP_MARK: usize = HEADER + 80;

// ------------------------------------------------------------------------------------------------------- parallel run
// Words that workers write while they run have a cache line of their own.

export const RUN: usize = HEADER + 0x800;
export const RUN_TRANSACTIONS: usize = RUN + 0;
export const RUN_RECEIPTS: usize = RUN + 4;
export const RUN_COUNT: usize = RUN + 8;
/** By transaction: STATE_BYTES each. */
export const RUN_STATES: usize = RUN + 12;
/** Transactions by priority, and the place of each therein. */
export const RUN_ORDER: usize = RUN + 16;
export const RUN_PLACES: usize = RUN + 20;
/** One bit a place: the transaction there can be executed. */
export const RUN_READY: usize = RUN + 24;
export const RUN_READY_WORDS: usize = RUN + 28;
/** Compressed rows: by transaction, those that the plan lets wait for it. 0 where the plan names none. */
export const RUN_WAITING_OFFSETS: usize = RUN + 32;
export const RUN_WAITING: usize = RUN + 36;
/** Which run it is, from 1: versions of other runs are stale. */
export const RUN_EPOCH: usize = RUN + 40;
/** Waste in percent of the committed transactions at which the rest runs on one thread; 0 for never. */
export const RUN_WASTE_LIMIT: usize = RUN + 48;
/** Waits without any progress after which a worker gives up, each of WAIT_NS. */
export const RUN_WAIT_LIMIT: usize = RUN + 52;
/** By transaction: the blockers that the plan names, as the host wrote them, and the keys it expects to be written. */
export const RUN_BLOCKER_OFFSETS: usize = RUN + 56;
export const RUN_BLOCKERS: usize = RUN + 60;
export const RUN_WRITE_OFFSETS: usize = RUN + 64;
export const RUN_WRITES: usize = RUN + 68;
export const RUN_PRIORITIES: usize = RUN + 72;
/**
 * Workers in the run, RUN_CLOSED once nobody may enter any more, and in the upper half which run it is: one word, so that whoever
 * was told of another run can't enter this one.
 */
export const RUN_ACTIVE: usize = RUN + 128;
export const RUN_CLOSED: u32 = 0x80000000;
/** Workers that have entered the run, whether they have left or not. */
export const RUN_JOINED: usize = RUN + 136;
/** Lowest word of RUN_READY that may have a bit; its upper half counts additions. */
export const RUN_HINT: usize = RUN + 192;
/** Transactions below it are committed. Held back by whoever holds the lock. */
export const RUN_FRONTIER: usize = RUN + 256;
/** Gas of the committed transactions. B_GAS_USED has its line together with what every transaction reads. */
export const RUN_GAS_USED: usize = RUN + 264;
export const RUN_COMMIT_LOCK: usize = RUN + 320;
/** Next transaction to validate early, and behind it in the upper half the end of the range. */
export const RUN_VALIDATION: usize = RUN + 384;
/** Counts what sleepers wait for; how many sleep. */
export const RUN_SIGNAL: usize = RUN + 448;
export const RUN_SLEEPERS: usize = RUN + 512;
/** 0 while the run goes on, else how it ended. */
export const RUN_OUTCOME: usize = RUN + 576;
export const RUN_WASTE: usize = RUN + 640;
/** Next transaction whose bloom is to be computed. */
export const RUN_BLOOMS: usize = RUN + 704;
/** 1 while one worker adds up the fee recipient's account. */
export const RUN_FEES: usize = RUN + 768;

export const OUTCOME_DONE: u32 = 1;
/** The rest runs on one thread: too much was executed in vain, one worker alone went on, or the block needs it. */
export const OUTCOME_SERIAL: u32 = 2;
/** The transaction at the frontier can't be in the block, or stops the engine: its receipt says why. */
export const OUTCOME_INVALID: u32 = 3;
/** The host gave up. */
export const OUTCOME_ABORTED: u32 = 4;
/** A worker waited too long. */
export const OUTCOME_STALLED: u32 = 5;
/** The block heap is full. */
export const OUTCOME_FULL: u32 = 6;

export const WAIT_NS: i64 = 1000000;

/** What the scheduler knows of a transaction. */
export const STATE_SHIFT: usize = 6;
export const CACHE_LINE: usize = 64;
export const STATE_BYTES: usize = 64;
/** At 0: incarnation and, in the lowest three bits, state. */
/** First of those that wait for its execution (number + 1), DEPENDENTS_CLOSED while it is executed. */
export const S_DEPENDENTS: usize = 4;
/** Next of those that wait for the same transaction. */
export const S_NEXT: usize = 8;
/** Predicted blockers that were not executed yet. */
export const S_BLOCKERS: usize = 12;
/** The list of what it read, and in the upper half its length: one word, since validation may meet re-execution. */
export const S_READS: usize = 16;
/** Version nodes. */
export const S_WRITES: usize = 24;
export const S_WRITE_COUNT: usize = 28;
/** Credited to the fee recipient, where its account was not read. */
export const S_FEE: usize = 32;

export const READ_BYTES: usize = 16;
export const Q_KEY: usize = 0;
export const Q_KIND: usize = 4;
/** Where the value lay that was seen; of a probe: whether the account was empty. */
export const Q_SOURCE: usize = 8;
export const QUERY_VALUE: u32 = 0;
export const QUERY_EMPTY: u32 = 1;

/** A version of a key: node and, behind it, the value of its first incarnation. */
export const V_TX: usize = 0;
export const V_NEXT: usize = 4;
/** Where the value lies, with VERSION_* in the low bits; 0 where the last incarnation did not write. */
export const V_DATA: usize = 8;
export const V_KEY: usize = 12;
export const VERSION_BYTES: usize = 16;
/** Value and nonce, as in a record from R_VALUE on. */
export const DATA_BYTES: usize = 48;
export const DATA_NONCE: usize = 32;
export const VERSION_ESTIMATE: u32 = 1;
/** An amount to add to the balance below. */
export const VERSION_DELTA: u32 = 2;

// ------------------------------------------------------------------------------------- block environment (by the host)

export const BLOCK: usize = HEADER + 0x400;
export const B_FORK: usize = BLOCK + 0;
/** Interned by beginBlock. */
export const B_FEE_RECIPIENT_KEY: usize = BLOCK + 4;
export const B_NUMBER: usize = BLOCK + 8;
export const B_TIMESTAMP: usize = BLOCK + 16;
export const B_GAS_LIMIT: usize = BLOCK + 24;
export const B_CHAIN_ID: usize = BLOCK + 32;
/** Gas of the transactions run so far (sequential runs). */
export const B_GAS_USED: usize = BLOCK + 40;
export const B_FEE_RECIPIENT: usize = BLOCK + 64;
export const B_BASE_FEE: usize = BLOCK + 96;
/** PREVRANDAO from Paris on, the difficulty before. */
export const B_RANDOM: usize = BLOCK + 128;
export const B_BLOB_BASE_FEE: usize = BLOCK + 160;
/** Blobs that one transaction may carry: 6, in Prague 9. */
export const B_BLOB_LIMIT: usize = BLOCK + 192;
/** Hashes of the last 256 blocks as words, block n at index n & 255; the host zeroes what it does not know. */
export const B_HASHES: usize = HEADER + 0x1000;
export const B_HASH_COUNT: u64 = 256;

/** Logs bloom of the block, 256 bytes. */
export const B_BLOOM: usize = HEADER + 0x3000;
export const BLOOM_BYTES: usize = 256;

export const HEADER_END: usize = HEADER + 0x4000;

// ------------------------------------------------------------------------------------------------------- keys

/** An entry of the intern table: the hash's upper half, then the key; 0 is free. */
export const TABLE_ENTRY_SHIFT: usize = 3;
export const RECORD_SHIFT: usize = 7;
export const RECORD_BYTES: usize = 128;
export const R_KIND: usize = 0;
/** Flags: RECORD_*. */
export const R_FLAGS: usize = 4;
/** Of a slot: the key of its account. Of an account: its most recently interned slot. */
export const R_OWNER: usize = 8;
export const R_LAST_SLOT: usize = 8;
/** Of a slot: the one interned before it in the same account, 0 at the end. */
export const R_NEXT_SLOT: usize = 12;
/** The address or the slot, as a word. */
export const R_WORD: usize = 16;
/** Newest version, and in the upper half the run that it belongs to. */
export const R_HEAD: usize = 48;
/** The last transaction in block order that read the key, and in the upper half the run: a hint. */
export const R_READER: usize = 56;
/** The committed value: balance, slot value, or code (u32) as a word. */
export const R_VALUE: usize = 64;
export const R_NONCE: usize = 96;
/** The state epoch that the value belongs to. */
export const R_EPOCH: usize = 104;
/** Next of the keys that the same worker was the first to write in this run. */
export const R_NEXT_WRITTEN: usize = 108;

export const KIND_NONE: u32 = 0;
export const KIND_ACCOUNT: u32 = 1;
/** The key after its account's. */
export const KIND_CODE: u32 = 2;
export const KIND_SLOT: u32 = 3;

/** Changed in this block: an entry of the dirty list holds the value before. */
export const RECORD_DIRTY: u32 = 2;
/** Account: its storage was deleted, so unknown slots are zero. */
export const RECORD_CLEARED: u32 = 4;
/** Account: the host says that it has storage (creating over it is a collision, EIP-7610). */
export const RECORD_HAS_STORAGE: u32 = 8;

/** An entry of the dirty list: what a key's record held before the block. */
export const DIRTY_BYTES: usize = 64;
export const D_KEY: usize = 0;
export const D_FLAGS: usize = 4;
export const D_NONCE: usize = 8;
export const D_VALUE: usize = 16;

// ------------------------------------------------------------------------------------------------------- code

export const CODE_CAPACITY: u32 = 1 << 16;
export const CODE_TABLE_MASK: u32 = (1 << 17) - 1;
export const CODE_RECORD_SHIFT: usize = 6;
/** The hash as a word, so that EXTCODEHASH copies it. */
export const C_HASH: usize = 0;
export const C_BYTES: usize = 32;
export const C_LENGTH: usize = 36;
/** Result of the analysis, 0 until the code is first run. */
export const C_ANALYSIS: usize = 40;
/** 1 where the code is an EIP-7702 delegation. */
export const C_DELEGATES: usize = 44;
/** Zero bytes around every code: PUSH reads back 32 bytes from its end and runs past the end, which reads as STOP. */
export const CODE_PADDING: usize = 64;

// ------------------------------------------------------------------------------------------------------- worker

export const W_ERROR: usize = 0;
/** The host writes the length of a precompile's output here. */
export const W_OUTPUT_LENGTH: usize = 4;
/** Survives the instance, so that a new one on the same memory finds all cells stale. */
export const W_EPOCH: usize = 8;
/** First of the keys that this worker was the first to write in this run. */
export const W_WRITTEN: usize = 12;
/** Of the last run. Executions that ran to their end, failed validations, stops at an ESTIMATE, validations. */
export const W_EXECUTIONS: usize = 16;
export const W_ABORTS: usize = 20;
export const W_SUSPENSIONS: usize = 24;
export const W_VALIDATIONS: usize = 28;
/** The run that this worker is in, or enters just now: who dies in it leaves it undone. 0 outside. */
export const W_INSIDE: usize = 32;
/** Bloom of what this worker has hashed, 256 bytes. */
export const W_BLOOM: usize = 0x400;
/** Words: hashing of code, addresses, the fees and the origin of the running transaction. */
export const W_SCRATCH: usize = 64;
export const W_ADDRESS: usize = W_SCRATCH + 64;
export const W_PREIMAGE: usize = W_SCRATCH + 128;
export const W_GAS_PRICE: usize = W_SCRATCH + 256;
export const W_TIP: usize = W_SCRATCH + 288;
export const W_COST: usize = W_SCRATCH + 320;
export const W_AMOUNT: usize = W_SCRATCH + 352;
export const W_VALUE: usize = W_SCRATCH + 384;
/** A balance with its credits, and the nonce. */
export const W_SUM: usize = W_SCRATCH + 416;
/** A transaction record for system calls. */
export const W_SYSTEM: usize = W_SCRATCH + 512;

/** Keccak state (200 bytes), then one block. */
export const W_KECCAK: usize = 0x1000;
export const W_KECCAK_BLOCK: usize = W_KECCAK + 256;
/** Digits of long division: numerator, divisor, quotient. */
export const W_DIVISION: usize = 0x2000;
export const W_SHA256: usize = 0x3000;
/** Words that were hashed for blooms: 32 bytes, then the three bits that they set. */
export const W_BLOOM_CACHE: usize = 0x4000;
export const BLOOM_CACHE_MASK: usize = 255;
export const W_FRAMES: usize = 0x8000;
export const FRAME_BYTES: usize = 256;
export const CALL_DEPTH: i32 = 1024;
export const W_STACK: usize = W_FRAMES + FRAME_BYTES * 1032;
/** A child's stack starts where its parent's ends. */
export const STACK_BYTES: usize = 32 * 1024 * 1026;
export const W_RETURN: usize = W_STACK + STACK_BYTES;
export const RETURN_BYTES: usize = 16 << 20;
export const W_LOGS: usize = W_RETURN + RETURN_BYTES + 64;
export const LOG_BYTES: usize = 16 << 20;
export const W_JOURNAL: usize = W_LOGS + LOG_BYTES;
export const JOURNAL_ENTRIES: usize = 1 << 20;
export const JOURNAL_BYTES: usize = 48;
export const W_CELLS: usize = W_JOURNAL + JOURNAL_ENTRIES * JOURNAL_BYTES;
export const CELL_CAPACITY: usize = 1 << 18;
export const CELL_BYTES: usize = 128;
/** Per key: the epoch in which it has a cell, and the cell. EVM memory follows. */
export const W_INDEX: usize = W_CELLS + CELL_CAPACITY * CELL_BYTES;

// Frame
/** The code as it is run: see fusion.ts. */
export const F_CODE: usize = 0;
export const F_CODE_LENGTH: usize = 4;
export const F_ANALYSIS: usize = 8;
export const F_ACCOUNT: usize = 12;
export const F_INPUT: usize = 16;
export const F_INPUT_LENGTH: usize = 20;
export const F_STATIC: usize = 24;
export const F_DEPTH: usize = 28;
/** In: the gas given. Out: the gas left. */
export const F_GAS: usize = 32;
export const F_MEMORY: usize = 40;
export const F_MEMORY_LENGTH: usize = 44;
export const F_STACK: usize = 48;
/** Where to go on, once a child has ended. */
export const F_PC: usize = 52;
export const F_SP: usize = 56;
export const F_ADDRESS: usize = 64;
export const F_CALLER: usize = 96;
export const F_VALUE: usize = 128;
// How the frame came to be: the opcode, where its caller expects success and output, and what to undo where it fails.
export const F_KIND: usize = 160;
export const F_RESULT: usize = 164;
export const F_OUTPUT: usize = 168;
export const F_OUTPUT_LENGTH: usize = 172;
export const F_JOURNAL: usize = 176;
export const F_LOG: usize = 180;
export const F_LOGS: usize = 184;
export const F_REFUND: usize = 192;
/** The code as it is. */
export const F_SOURCE: usize = 200;

// Cell: what the running transaction knows of a key
export const X_KEY: usize = 0;
export const X_FLAGS: usize = 4;
export const X_NONCE: usize = 8;
export const X_VALUE: usize = 16;
export const X_ORIGINAL: usize = 48;
export const X_ORIGINAL_NONCE: usize = 80;
/** Parallel runs: where the value was read. */
export const X_SOURCE: usize = 88;
/** Of a slot: the transient value. Of an account: what was credited before its balance was read. */
export const X_EXTRA: usize = 96;

/** The value was read, from the base or from a version. */
export const CELL_LOADED: u32 = 1;
export const CELL_WARM: u32 = 2;
export const CELL_CREATED: u32 = 4;
export const CELL_DESTROYED: u32 = 8;
/** X_EXTRA of an account counts. */
export const CELL_CREDITED: u32 = 16;
/** Parallel runs: X_SOURCE is a sum of credits that no other transaction shares. */
export const CELL_SUMMED: u32 = 32;
/** Parallel runs: it was asked whether the account is empty, and CELL_WAS_EMPTY is the answer. */
export const CELL_PROBED: u32 = 64;
export const CELL_WAS_EMPTY: u32 = 128;

// Journal entry
export const J_CELL: usize = 0;
export const J_KIND: usize = 4;
export const J_NONCE: usize = 8;
export const J_VALUE: usize = 16;

// ------------------------------------------------------------------------------------- transactions (by the host)

export const TRANSACTION_BYTES: usize = 256;
export const T_TYPE: usize = 0;
export const T_CREATES: usize = 4;
export const T_GAS_LIMIT: usize = 8;
export const T_NONCE: usize = 16;
export const T_INPUT: usize = 24;
export const T_INPUT_LENGTH: usize = 28;
export const T_VALUE: usize = 32;
/** The gas price where the type has no fee cap. */
export const T_FEE_CAP: usize = 64;
export const T_TIP_CAP: usize = 96;
export const T_BLOB_FEE_CAP: usize = 128;
export const T_SENDER: usize = 160;
export const T_TO: usize = 192;
/** Entries: address word, u32 number of slots, 28 bytes of padding, then the slots as words. */
export const T_ACCESS_LIST: usize = 224;
export const T_ACCESS_COUNT: usize = 228;
/** Words. */
export const T_BLOBS: usize = 232;
export const T_BLOB_COUNT: usize = 236;
export const T_AUTHORIZATIONS: usize = 240;
export const T_AUTHORIZATION_COUNT: usize = 244;
/** The transaction before this one by the same sender (number + 1), or 0. */
export const T_PREVIOUS: usize = 248;

/** T_TYPE of a recorded transaction: T_INPUT points to its accesses, T_INPUT_LENGTH is their number. */
export const RECORDED: u32 = 0xff;
export const ACCESS_BYTES: usize = 32;
export const O_KIND: usize = 0;
export const O_KEY: usize = 4;
/** Units of work to do before the access. */
export const O_WORK: usize = 8;
/** What a read saw: the last transaction that wrote the key (number + 1, 0 for none), and how many have added since. */
export const O_SEEN_WRITER: usize = 16;
export const O_SEEN_ADDS: usize = 20;
export const O_READ: u32 = 0;
export const O_WRITE: u32 = 1;
export const O_ADD: u32 = 2;
export const O_WORK_ONLY: u32 = 3;

export const AUTHORIZATION_BYTES: usize = 128;
export const A_CHAIN_ID: usize = 0;
export const A_ADDRESS: usize = 32;
/** The account that signed, as the host recovered it. */
export const A_AUTHORITY: usize = 64;
export const A_NONCE: usize = 96;
/** 0 where the signature is not valid. */
export const A_VALID: usize = 104;

// ------------------------------------------------------------------------------------------ receipts (for the host)

export const RECEIPT_BYTES: usize = 64;
/** 1 success, 0 failure. */
export const P_STATUS: usize = 0;
/** 0, or why the transaction could not be run at all: INVALID_* or ENGINE_*. */
export const P_ERROR: usize = 4;
export const P_GAS_USED: usize = 8;
/** Logs, one after another; see LOG_*. */
export const P_LOGS: usize = 16;
export const P_LOGS_LENGTH: usize = 20;
export const P_LOG_COUNT: usize = 24;
/** 256 bytes, or 0 where there are no logs. */
export const P_BLOOM: usize = 28;
/** The run must go on sequentially from this transaction: it destroys an account with its storage. */
export const P_NEEDS_ORDER: usize = 32;
/** Of a recorded transaction: what it read, hashed. */
export const P_DIGEST: usize = 40;

/** Log: u32 topics, u32 data bytes, 8 zero bytes, then big-endian: address in 32 bytes, topics, data padded to 16. */
export const LOG_HEAD: usize = 48;
export const L_TOPICS: usize = 0;
export const L_LENGTH: usize = 4;
export const L_ADDRESS: usize = 16;

// ------------------------------------------------------------------------------------------------------- errors

export const ENGINE_KEYS_FULL: u32 = 1;
export const ENGINE_CODE_FULL: u32 = 2;
export const ENGINE_HEAP_FULL: u32 = 3;
export const ENGINE_CELLS_FULL: u32 = 4;
export const ENGINE_JOURNAL_FULL: u32 = 5;
export const ENGINE_LOGS_FULL: u32 = 6;
export const ENGINE_MEMORY_FULL: u32 = 7;
export const ENGINE_RETURN_FULL: u32 = 8;

export const INVALID_TYPE: u32 = 101;
export const INVALID_NONCE_LOW: u32 = 102;
export const INVALID_NONCE_HIGH: u32 = 103;
export const INVALID_NONCE_LIMIT: u32 = 104;
export const INVALID_FUNDS: u32 = 105;
export const INVALID_FEE_CAP: u32 = 106;
export const INVALID_TIP: u32 = 107;
export const INVALID_INTRINSIC_GAS: u32 = 108;
export const INVALID_FLOOR_GAS: u32 = 109;
export const INVALID_BLOCK_GAS: u32 = 110;
export const INVALID_GAS_CAP: u32 = 111;
export const INVALID_INITCODE: u32 = 112;
export const INVALID_SENDER_CODE: u32 = 113;
export const INVALID_BLOBS: u32 = 114;
export const INVALID_BLOB_FEE: u32 = 115;
export const INVALID_AUTHORIZATIONS: u32 = 116;
