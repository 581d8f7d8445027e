/** Offsets of the engine's memory that the host uses; executor/engine/assembly/layout.ts has them all, and a test compares. */
export const HEADER = 0x10000;
export const H_WORKER_BASE = HEADER + 4;
export const H_WORKER_BYTES = HEADER + 8;
export const H_KEY_CAPACITY = HEADER + 12;
export const H_KEY_NEXT = HEADER + 16;
export const H_CODE_NEXT = HEADER + 32;
export const CODE_CAPACITY = 1 << 16;
export const H_CODE_HEAP = HEADER + 44;
export const H_CODE_HEAP_END = HEADER + 48;
export const H_DIRTY = HEADER + 52;
export const H_DIRTY_COUNT = HEADER + 56;
export const H_STATE_EPOCH = HEADER + 76;
export const H_HEAP_START = HEADER + 60;
export const H_HEAP = HEADER + 64;
export const H_HEAP_END = HEADER + 68;

export const RUN = HEADER + 0x800;
export const RUN_TRANSACTIONS = RUN + 0;
export const RUN_RECEIPTS = RUN + 4;
export const RUN_COUNT = RUN + 8;
export const RUN_STATES = RUN + 12;
export const RUN_EPOCH = RUN + 40;
export const RUN_WASTE_LIMIT = RUN + 48;
export const RUN_WAIT_LIMIT = RUN + 52;
export const RUN_BLOCKER_OFFSETS = RUN + 56;
export const RUN_BLOCKERS = RUN + 60;
export const RUN_WRITE_OFFSETS = RUN + 64;
export const RUN_WRITES = RUN + 68;
export const RUN_PRIORITIES = RUN + 72;
export const RUN_ACTIVE = RUN + 128;
export const RUN_JOINED = RUN + 136;
export const RUN_FRONTIER = RUN + 256;
export const RUN_SLEEPERS = RUN + 512;
export const RUN_OUTCOME = RUN + 576;
export const OUTCOME_SERIAL = 2;
export const OUTCOME_INVALID = 3;
export const OUTCOME_ABORTED = 4;
export const OUTCOME_STALLED = 5;
export const OUTCOME_FULL = 6;

export const STATE_BYTES = 64;

export const BLOCK = HEADER + 0x400;
export const B_FORK = BLOCK + 0;
export const B_NUMBER = BLOCK + 8;
export const B_TIMESTAMP = BLOCK + 16;
export const B_GAS_LIMIT = BLOCK + 24;
export const B_CHAIN_ID = BLOCK + 32;
export const B_FEE_RECIPIENT = BLOCK + 64;
export const B_BASE_FEE = BLOCK + 96;
export const B_RANDOM = BLOCK + 128;
export const B_BLOB_BASE_FEE = BLOCK + 160;
export const B_BLOB_LIMIT = BLOCK + 192;
export const B_HASHES = HEADER + 0x1000;
export const B_HASH_COUNT = 256;
export const B_BLOOM = HEADER + 0x3000;
export const BLOOM_BYTES = 256;

export const RECORD_BYTES = 128;
export const R_KIND = 0;
export const R_OWNER = 8;
export const R_WORD = 16;
export const R_VALUE = 64;
export const R_NONCE = 96;
export const R_EPOCH = 104;
export const KIND_ACCOUNT = 1;
export const KIND_CODE = 2;
export const KIND_SLOT = 3;

export const DIRTY_BYTES = 64;
export const D_KEY = 0;
export const D_NONCE = 8;
export const D_VALUE = 16;

export const C_HASH = 0;

export const W_EXECUTIONS = 16;
export const W_ABORTS = 20;
export const W_SUSPENSIONS = 24;
export const W_VALIDATIONS = 28;
export const W_INSIDE = 32;

export const TRANSACTION_BYTES = 256;
export const T_TYPE = 0;
export const T_NONCE = 16;
export const T_INPUT = 24;
export const T_INPUT_LENGTH = 28;
export const T_PREVIOUS = 248;

export const RECORDED = 0xff;
export const ACCESS_BYTES = 32;
export const O_KIND = 0;
export const O_KEY = 4;
export const O_WORK = 8;
export const O_SEEN_WRITER = 16;
export const O_SEEN_ADDS = 20;
export const O_READ = 0;
export const O_WRITE = 1;
export const O_ADD = 2;
export const O_WORK_ONLY = 3;

export const AUTHORIZATION_BYTES = 128;

export const RECEIPT_BYTES = 64;
export const P_STATUS = 0;
export const P_ERROR = 4;
export const P_GAS_USED = 8;
export const P_LOGS = 16;
export const P_LOGS_LENGTH = 20;
export const P_LOG_COUNT = 24;
export const P_BLOOM = 28;
export const P_DIGEST = 40;

export const LOG_HEAD = 48;
export const L_TOPICS = 0;
export const L_LENGTH = 4;
export const L_ADDRESS = 16;
