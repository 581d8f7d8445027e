// One transaction from validation to fees. A transaction that is not valid leaves no trace but its error.
import {
  CHILD,
  closeCreation,
  createdAddress,
  delegateOf,
  FAILURE,
  markState,
  openCreation,
  revertState,
  runningCode,
  SUCCESS,
  useCode,
} from './calls';
import { delegationOf, internCode } from './code';
import { clearFailure, failure, fail } from './failure';
import {
  AUTHORIZATION_REFUND,
  BLOB_GAS,
  CANCUN,
  FLOOR_TOKEN,
  INITCODE_WORD,
  LONDON,
  MAX_INITCODE,
  OSAKA,
  PRAGUE,
  SHANGHAI,
  TX,
  TX_AUTHORIZATION,
  TX_CREATE,
  TX_GAS_CAP,
  TX_LIST_ADDRESS,
  TX_LIST_SLOT,
  TX_ZERO_BYTE,
  wordsOf,
} from './gas';
import { execute, setTransaction } from './interpreter';
import { internAccount, internSlot } from './keys';
import {
  A_ADDRESS,
  A_AUTHORITY,
  A_CHAIN_ID,
  A_NONCE,
  A_VALID,
  AUTHORIZATION_BYTES,
  B_BASE_FEE,
  B_BLOB_BASE_FEE,
  B_BLOB_LIMIT,
  B_CHAIN_ID,
  B_FEE_RECIPIENT_KEY,
  B_FORK,
  ENGINE_HEAP_FULL,
  F_ACCOUNT,
  F_ADDRESS,
  F_CALLER,
  F_DEPTH,
  F_GAS,
  F_INPUT,
  F_INPUT_LENGTH,
  F_MEMORY,
  F_MEMORY_LENGTH,
  F_STACK,
  F_STATIC,
  F_VALUE,
  INVALID_AUTHORIZATIONS,
  INVALID_BLOB_FEE,
  INVALID_BLOBS,
  INVALID_FEE_CAP,
  INVALID_FLOOR_GAS,
  INVALID_FUNDS,
  INVALID_GAS_CAP,
  INVALID_INITCODE,
  INVALID_INTRINSIC_GAS,
  INVALID_NONCE_HIGH,
  INVALID_NONCE_LIMIT,
  INVALID_NONCE_LOW,
  INVALID_SENDER_CODE,
  INVALID_TIP,
  INVALID_TYPE,
  P_ERROR,
  P_GAS_USED,
  P_LOG_COUNT,
  P_LOGS,
  P_LOGS_LENGTH,
  P_STATUS,
  RECEIPT_BYTES,
  RECORDED,
  T_ACCESS_COUNT,
  T_ACCESS_LIST,
  T_AUTHORIZATION_COUNT,
  T_AUTHORIZATIONS,
  T_BLOB_COUNT,
  T_BLOB_FEE_CAP,
  T_BLOBS,
  T_CREATES,
  T_FEE_CAP,
  T_GAS_LIMIT,
  T_INPUT,
  T_INPUT_LENGTH,
  T_NONCE,
  T_SENDER,
  T_TIP_CAP,
  T_TO,
  T_TYPE,
  T_VALUE,
  TRANSACTION_BYTES,
  W_AMOUNT,
  W_COST,
  W_FRAMES,
  W_GAS_PRICE,
  W_STACK,
  W_SYSTEM,
  W_TIP,
  W_VALUE,
} from './layout';
import { take } from './memory';
import { clearOutput, precompileAt, runPrecompile } from './precompiles';
import { performRecorded } from './recorded';
import {
  addRefund,
  balanceOf,
  codeOf,
  commitCells,
  credit,
  debit,
  deleteDestroyed,
  isEmptyAccount,
  logMark,
  logsSoFar,
  logsStart,
  nonceOf,
  refundSoFar,
  resetState,
  setCode,
  setNonce,
  warm,
} from './state';
import { add, lessThan, multiplyU64, subtract } from './u256';
import { clear, copyBytes, copyWord, isZero, setU64, setZero } from './words';

/** EIP-4788 and others: who calls system contracts. */
const SYSTEM_GAS: i64 = 30000000;

let worker: usize = 0;
let memoryStart: usize = 0;
/** Gas to pay before execution, and the least to pay at all (EIP-7623), of the transaction at hand. */
let intrinsicGas: i64 = 0;
let floorGas: i64 = 0;

export function attachTransactions(base: usize, memory: usize): void {
  worker = base;
  memoryStart = memory;
}

// ------------------------------------------------------------------------------------------------------- validation

/** 0 or INVALID_*; leaves the gas price, the tip, and the intrinsic and floor gas. */
function validate(tx: usize, sender: u32): u32 {
  const fork = load<u32>(B_FORK);
  let error = checkType(tx, fork);
  if (error == 0) error = checkFees(tx);
  if (error == 0) error = checkGas(tx, fork);
  if (error == 0) error = checkSender(tx, sender);
  return error;
}

function checkType(tx: usize, fork: u32): u32 {
  const type = load<u32>(tx, T_TYPE);
  if (type > 4 || (type == 4 && fork < PRAGUE) || (type == 3 && fork < CANCUN) || (type == 2 && fork < LONDON)) {
    return INVALID_TYPE;
  }
  const creates = load<u32>(tx, T_CREATES) != 0;
  if (type == 3) {
    const blobs = load<u32>(tx, T_BLOB_COUNT);
    if (creates || blobs == 0 || blobs > load<u32>(B_BLOB_LIMIT)) return INVALID_BLOBS;
    for (let i: u32 = 0; i < blobs; i++) {
      // The version is the first byte of the hash, the highest of the word.
      if (load<u8>(<usize>load<u32>(tx, T_BLOBS) + (<usize>i << 5) + 31) != 1) return INVALID_BLOBS;
    }
    if (lessThan(tx + T_BLOB_FEE_CAP, B_BLOB_BASE_FEE)) return INVALID_BLOB_FEE;
  }
  return type == 4 && (creates || load<u32>(tx, T_AUTHORIZATION_COUNT) == 0) ? INVALID_AUTHORIZATIONS : 0;
}

function checkFees(tx: usize): u32 {
  const price = worker + W_GAS_PRICE;
  if (lessThan(tx + T_FEE_CAP, B_BASE_FEE)) return INVALID_FEE_CAP;
  copyWord(price, tx + T_FEE_CAP);
  if (load<u32>(tx, T_TYPE) >= 2) {
    if (lessThan(tx + T_FEE_CAP, tx + T_TIP_CAP)) return INVALID_TIP;
    const sum = worker + W_AMOUNT;
    if (add(sum, tx + T_TIP_CAP, B_BASE_FEE) == 0 && lessThan(sum, price)) copyWord(price, sum);
  }
  subtract(worker + W_TIP, price, B_BASE_FEE);
  return 0;
}

function checkGas(tx: usize, fork: u32): u32 {
  const limit = load<u64>(tx, T_GAS_LIMIT);
  const length = load<u32>(tx, T_INPUT_LENGTH);
  const zeros = countZeros(load<u32>(tx, T_INPUT), length);
  const tokens = <i64>(<u64>length * 4 - <u64>zeros * 3);
  intrinsicGas = TX + tokens * TX_ZERO_BYTE + listGas(tx) + TX_AUTHORIZATION * <i64>load<u32>(tx, T_AUTHORIZATION_COUNT);
  if (load<u32>(tx, T_CREATES) != 0) {
    intrinsicGas += TX_CREATE;
    if (fork >= SHANGHAI) {
      if (length > <u32>MAX_INITCODE) return INVALID_INITCODE;
      intrinsicGas += INITCODE_WORD * wordsOf(length);
    }
  }
  floorGas = fork >= PRAGUE ? TX + FLOOR_TOKEN * tokens : 0;
  if (fork >= OSAKA && limit > TX_GAS_CAP) return INVALID_GAS_CAP;
  if (limit < <u64>intrinsicGas) return INVALID_INTRINSIC_GAS;
  if (limit < <u64>floorGas) return INVALID_FLOOR_GAS;
  return 0;
}

function countZeros(from: usize, length: u32): u32 {
  let count: u32 = 0;
  let at = from;
  const end = from + length;
  const zero = i8x16.splat(0);
  while (at + 16 <= end) {
    count += popcnt<u32>(i8x16.bitmask(i8x16.eq(v128.load(at), zero)));
    at += 16;
  }
  for (; at < end; at++) count += u32(load<u8>(at) == 0);
  return count;
}

function listGas(tx: usize): i64 {
  let at: usize = load<u32>(tx, T_ACCESS_LIST);
  let gas: i64 = 0;
  for (let i: u32 = 0; i < load<u32>(tx, T_ACCESS_COUNT); i++) {
    const slots = load<u32>(at, 32);
    gas += TX_LIST_ADDRESS + TX_LIST_SLOT * <i64>slots;
    at += 64 + (<usize>slots << 5);
  }
  return gas;
}

function checkSender(tx: usize, sender: u32): u32 {
  const nonce = load<u64>(tx, T_NONCE);
  const expected = nonceOf(sender);
  if (nonce < expected) return INVALID_NONCE_LOW;
  if (nonce > expected) return INVALID_NONCE_HIGH;
  if (nonce == u64.MAX_VALUE) return INVALID_NONCE_LIMIT;
  const code = codeOf(sender);
  if (code != 0 && delegateOf(code) == 0) return INVALID_SENDER_CODE;
  const cost = worker + W_COST;
  const part = worker + W_AMOUNT;
  let carry = multiplyU64(cost, tx + T_FEE_CAP, load<u64>(tx, T_GAS_LIMIT));
  carry |= multiplyU64(part, tx + T_BLOB_FEE_CAP, blobGasOf(tx));
  carry |= add(cost, cost, part);
  carry |= add(cost, cost, tx + T_VALUE);
  return carry != 0 || lessThan(balanceOf(sender), cost) ? INVALID_FUNDS : 0;
}

function blobGasOf(tx: usize): u64 {
  return load<u32>(tx, T_TYPE) == 3 ? BLOB_GAS * <u64>load<u32>(tx, T_BLOB_COUNT) : 0;
}

// ------------------------------------------------------------------------------------------------------- execution

/** Runs a transaction and commits it. The receipt tells what happened; nothing is committed where it has an error. */
export function runTransaction(tx: usize, receipt: usize): u32 {
  const error = performTransaction(tx, receipt);
  if (error == 0) commitCells(load<u32>(B_FORK));
  return error;
}

/** Runs a transaction; its effects are in the cells. Answers 0, or why it can't be run. */
export function performTransaction(tx: usize, receipt: usize): u32 {
  clear(receipt, RECEIPT_BYTES);
  clearFailure();
  resetState();
  clearOutput();
  if (load<u32>(tx, T_TYPE) == RECORDED) {
    performRecorded(tx, receipt);
    return 0;
  }
  setTransaction(tx);
  const sender = internAccount(tx + T_SENDER);
  let error = validate(tx, sender);
  if (error == 0) {
    apply(tx, sender, receipt);
  }
  // Where the engine failed, all else is made of dummies.
  if (failure() != 0) error = failure();
  store<u32>(receipt, error, P_ERROR);
  return error;
}

function apply(tx: usize, sender: u32, receipt: usize): void {
  buyGas(tx, sender);
  setNonce(sender, load<u64>(tx, T_NONCE) + 1);
  warmUp(tx, sender);
  if (load<u32>(tx, T_TYPE) == 4) applyAuthorizations(tx);
  const frame = worker + W_FRAMES;
  openFrame(frame, <i64>load<u64>(tx, T_GAS_LIMIT) - intrinsicGas);
  copyWord(frame + F_CALLER, tx + T_SENDER);
  copyWord(frame + F_VALUE, tx + T_VALUE);
  const status = load<u32>(tx, T_CREATES) != 0 ? runCreation(tx, frame, sender) : runCall(tx, frame, sender);
  const used = settle(tx, sender, load<i64>(frame, F_GAS));
  deleteDestroyed();
  writeReceipt(receipt, status, used);
}

/** Takes the whole gas limit's price and the blobs' from the sender. */
function buyGas(tx: usize, sender: u32): void {
  const cost = worker + W_COST;
  const part = worker + W_AMOUNT;
  multiplyU64(cost, worker + W_GAS_PRICE, load<u64>(tx, T_GAS_LIMIT));
  multiplyU64(part, B_BLOB_BASE_FEE, blobGasOf(tx));
  add(cost, cost, part);
  debit(sender, cost);
}

function openFrame(frame: usize, gas: i64): void {
  store<u32>(frame, 0, F_STATIC);
  store<u32>(frame, 0, F_DEPTH);
  store<u32>(frame, <u32>(worker + W_STACK), F_STACK);
  store<u32>(frame, <u32>memoryStart, F_MEMORY);
  store<u32>(frame, 0, F_MEMORY_LENGTH);
  store<i64>(frame, gas, F_GAS);
}

function warmUp(tx: usize, sender: u32): void {
  warm(sender);
  if (load<u32>(B_FORK) >= SHANGHAI) warm(load<u32>(B_FEE_RECIPIENT_KEY));
  let at: usize = load<u32>(tx, T_ACCESS_LIST);
  for (let i: u32 = 0; i < load<u32>(tx, T_ACCESS_COUNT); i++) {
    const account = internAccount(at);
    warm(account);
    const slots = load<u32>(at, 32);
    at += 64;
    for (let j: u32 = 0; j < slots; j++) {
      warm(internSlot(account, at));
      at += 32;
    }
  }
}

/** EIP-7702. What is done here stays even where execution fails. */
function applyAuthorizations(tx: usize): void {
  let at: usize = load<u32>(tx, T_AUTHORIZATIONS);
  for (let i: u32 = 0; i < load<u32>(tx, T_AUTHORIZATION_COUNT); i++) {
    applyAuthorization(at);
    at += AUTHORIZATION_BYTES;
  }
}

function applyAuthorization(at: usize): void {
  const expected = worker + W_VALUE;
  setU64(expected, load<u64>(B_CHAIN_ID));
  subtract(expected, at + A_CHAIN_ID, expected);
  if (!isZero(at + A_CHAIN_ID) && !isZero(expected)) return;
  const nonce = load<u64>(at, A_NONCE);
  if (load<u32>(at, A_VALID) == 0 || nonce == u64.MAX_VALUE) return;
  const authority = internAccount(at + A_AUTHORITY);
  warm(authority);
  const code = codeOf(authority);
  if (code != 0 && !delegationOf(code, expected)) return;
  if (nonceOf(authority) != nonce) return;
  if (!isEmptyAccount(authority)) addRefund(AUTHORIZATION_REFUND);
  setCode(authority, isZero(at + A_ADDRESS) ? 0 : delegationTo(at + A_ADDRESS));
  setNonce(authority, nonce + 1);
}

/** The code 0xef0100 ‖ address. */
function delegationTo(address: usize): u32 {
  const bytes = worker + W_VALUE;
  store<u8>(bytes, 0xef);
  store<u8>(bytes, 0x01, 1);
  store<u8>(bytes, 0x00, 2);
  for (let i: usize = 0; i < 20; i++) store<u8>(bytes + 3 + i, load<u8>(address + 19 - i));
  return internCode(bytes, 23);
}

function runCreation(tx: usize, frame: usize, sender: u32): i32 {
  createdAddress(frame + F_ADDRESS, tx + T_SENDER, load<u64>(tx, T_NONCE));
  const account = internAccount(frame + F_ADDRESS);
  warm(account);
  const status = openCreation(frame, account, sender, load<u32>(tx, T_INPUT), load<u32>(tx, T_INPUT_LENGTH));
  return status == CHILD ? closeCreation(frame, execute(frame)) : status;
}

function runCall(tx: usize, frame: usize, sender: u32): i32 {
  const account = internAccount(tx + T_TO);
  warm(account);
  copyWord(frame + F_ADDRESS, tx + T_TO);
  store<u32>(frame, account, F_ACCOUNT);
  store<u32>(frame, load<u32>(tx, T_INPUT), F_INPUT);
  store<u32>(frame, load<u32>(tx, T_INPUT_LENGTH), F_INPUT_LENGTH);
  const special = precompileAt(tx + T_TO);
  let code: u32 = special != 0 ? 0 : codeOf(account);
  const delegate = delegateOf(code);
  if (delegate != 0) {
    warm(delegate);
    code = codeOf(delegate);
  }
  markState(frame);
  debit(sender, tx + T_VALUE);
  credit(account, tx + T_VALUE);
  let status = SUCCESS;
  if (special != 0) {
    const left = runPrecompile(special, load<u32>(tx, T_INPUT), load<u32>(tx, T_INPUT_LENGTH), load<i64>(frame, F_GAS));
    store<i64>(frame, left, F_GAS);
    if (left < 0) status = FAILURE;
  } else if (code != 0) {
    useCode(frame, code);
    status = execute(frame);
  }
  if (status != SUCCESS) revertState(frame);
  if (status == FAILURE) {
    store<i64>(frame, 0, F_GAS);
    clearOutput();
  }
  return status;
}

/** Refunds, floor and fees; the base fee is burnt. Answers the gas used. */
function settle(tx: usize, sender: u32, left: i64): i64 {
  const limit = <i64>load<u64>(tx, T_GAS_LIMIT);
  const fork = load<u32>(B_FORK);
  let used = limit - left;
  used -= min<i64>(refundSoFar(), used / (fork >= LONDON ? 5 : 2));
  if (used < floorGas) used = floorGas;
  const amount = worker + W_AMOUNT;
  multiplyU64(amount, worker + W_GAS_PRICE, <u64>(limit - used));
  credit(sender, amount);
  multiplyU64(amount, worker + W_TIP, <u64>used);
  credit(load<u32>(B_FEE_RECIPIENT_KEY), amount);
  return used;
}

function writeReceipt(receipt: usize, status: i32, used: i64): void {
  store<u32>(receipt, u32(status == SUCCESS), P_STATUS);
  store<i64>(receipt, used, P_GAS_USED);
  const logsLength = logMark() - logsStart();
  store<u32>(receipt, <u32>logsLength, P_LOGS_LENGTH);
  store<u32>(receipt, logsSoFar(), P_LOG_COUNT);
  store<u32>(receipt, <u32>kept(logsStart(), logsLength), P_LOGS);
}

/** A copy that lives as long as the block, padded by zeros. */
function kept(from: usize, length: usize): usize {
  if (length == 0) return 0;
  const copy = take(length);
  if (copy == 0) return fail(ENGINE_HEAP_FULL);
  v128.store(copy + ((length - 1) & ~15), i64x2.splat(0));
  copyBytes(copy, from, length);
  return copy;
}

/**
 * Calls a contract as 0xff…fe with 30,000,000 gas and commits (EIP-4788, EIP-2935, EIP-7002, EIP-7251). 0 for success or
 * where there is no code, 1 where it failed, else ENGINE_*.
 */
export function runSystemCall(address: usize, input: usize, length: u32): u32 {
  clearFailure();
  resetState();
  clearOutput();
  const system = worker + W_SYSTEM;
  memory.fill(system, 0, TRANSACTION_BYTES);
  memory.fill(system + T_SENDER, 0xff, 20);
  store<u8>(system, 0xfe, T_SENDER);
  setTransaction(system);
  setZero(worker + W_GAS_PRICE);
  const frame = worker + W_FRAMES;
  openFrame(frame, SYSTEM_GAS);
  const account = internAccount(address);
  copyWord(frame + F_ADDRESS, address);
  copyWord(frame + F_CALLER, system + T_SENDER);
  setZero(frame + F_VALUE);
  store<u32>(frame, account, F_ACCOUNT);
  store<u32>(frame, <u32>input, F_INPUT);
  store<u32>(frame, length, F_INPUT_LENGTH);
  const code = runningCode(account);
  if (code == 0) return failure();
  useCode(frame, code);
  if (execute(frame) != SUCCESS) return failure() == 0 ? 1 : failure();
  if (failure() == 0) commitCells(load<u32>(B_FORK));
  return failure();
}
