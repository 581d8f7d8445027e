/** Offsets of the engine's memory that the host uses; executor/engine/assembly/layout.ts has them all, and a test compares. */
export const HEADER = 0x10000;
export const H_WORKER_BASE = HEADER + 4;
export const H_DIRTY = HEADER + 52;
export const H_DIRTY_COUNT = HEADER + 56;

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

export const R_KIND = 0;
export const R_FLAGS = 4;
export const R_OWNER = 8;
export const R_WORD = 16;
export const R_VALUE = 64;
export const R_NONCE = 96;
export const KIND_ACCOUNT = 1;
export const KIND_SLOT = 3;
export const RECORD_KNOWN = 1;
export const RECORD_CLEARED = 4;
export const RECORD_HAS_STORAGE = 8;

export const DIRTY_BYTES = 64;
export const D_KEY = 0;

export const W_OUTPUT_LENGTH = 4;

export const TRANSACTION_BYTES = 256;
export const T_TYPE = 0;
export const T_CREATES = 4;
export const T_GAS_LIMIT = 8;
export const T_NONCE = 16;
export const T_INPUT = 24;
export const T_INPUT_LENGTH = 28;
export const T_VALUE = 32;
export const T_FEE_CAP = 64;
export const T_TIP_CAP = 96;
export const T_BLOB_FEE_CAP = 128;
export const T_SENDER = 160;
export const T_TO = 192;
export const T_ACCESS_LIST = 224;
export const T_ACCESS_COUNT = 228;
export const T_BLOBS = 232;
export const T_BLOB_COUNT = 236;
export const T_AUTHORIZATIONS = 240;
export const T_AUTHORIZATION_COUNT = 244;

export const AUTHORIZATION_BYTES = 128;
export const A_CHAIN_ID = 0;
export const A_ADDRESS = 32;
export const A_AUTHORITY = 64;
export const A_NONCE = 96;
export const A_VALID = 104;

export const RECEIPT_BYTES = 64;
export const P_STATUS = 0;
export const P_ERROR = 4;
export const P_GAS_USED = 8;
export const P_LOGS = 16;
export const P_LOG_COUNT = 24;

export const LOG_HEAD = 48;
export const L_TOPICS = 0;
export const L_LENGTH = 4;
export const L_ADDRESS = 16;

export const ENGINE_KEYS_FULL = 1;
export const ENGINE_RETURN_FULL = 8;
