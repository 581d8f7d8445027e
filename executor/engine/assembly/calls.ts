// Calls and creations: what happens between two frames.
import { analyse, analysisBytes, analysisOf, codeBytes, codeLength, delegationOf, internCode, runnableOf } from './code';
import { hasStorage } from './base';
import { fail, stopped } from './failure';
import {
  CALL_STIPEND,
  CALL_VALUE,
  CODE_DEPOSIT,
  INITCODE_WORD,
  KECCAK_WORD,
  LONDON,
  MAX_CODE,
  MAX_INITCODE,
  NEW_ACCOUNT,
  PRAGUE,
  SHANGHAI,
  WARM,
  wordsOf,
} from './gas';
import { keccak256 } from './keccak';
import { internAccount } from './keys';
import {
  B_FORK,
  CALL_DEPTH,
  CODE_PADDING,
  ENGINE_MEMORY_FULL,
  F_ACCOUNT,
  F_ADDRESS,
  F_ANALYSIS,
  F_CALLER,
  F_CODE,
  F_CODE_LENGTH,
  F_DEPTH,
  F_GAS,
  F_INPUT,
  F_INPUT_LENGTH,
  F_JOURNAL,
  F_KIND,
  F_LOG,
  F_LOGS,
  F_MEMORY,
  F_MEMORY_LENGTH,
  F_OUTPUT,
  F_OUTPUT_LENGTH,
  F_PC,
  F_REFUND,
  F_RESULT,
  F_SOURCE,
  F_SP,
  F_STACK,
  F_STATIC,
  F_VALUE,
  FRAME_BYTES,
  W_ADDRESS,
  W_PREIMAGE,
} from './layout';
import { expandRange, memoryBound, placed } from './frame-memory';
import { clearOutput, output, outputSize, precompileAt, runPrecompile } from './precompiles';
import {
  balanceOf,
  codeOf,
  credit,
  debit,
  isEmptyAccount,
  journalMark,
  logMark,
  logsSoFar,
  markCreated,
  nonceOf,
  refundSoFar,
  revertTo,
  setCode,
  setNonce,
  touchAccount,
} from './state';
import { lessThan } from './u256';
import { copyBytes, copyWord, isZero, maskAddress, reverseWord, saturated, setU64, setZero } from './words';

// How a frame ended, or that it waits for the child that it opened.
export const FAILURE: i32 = 0;
export const SUCCESS: i32 = 1;
export const REVERT: i32 = 2;
export const CHILD: i32 = 3;

/** In place of the gas left: the opcode failed, or it opened a child and left the gas in the frame. */
export const FAILED: i64 = -1;
export const OPENED: i64 = -2;

const CREATE: u32 = 0xf0;
const CREATE2: u32 = 0xf5;
const CALL: u32 = 0xf1;
const CALLCODE: u32 = 0xf2;
const DELEGATECALL: u32 = 0xf4;
const STATICCALL: u32 = 0xfa;

let worker: usize = 0;

export function attachCalls(base: usize): void {
  worker = base;
}

/** The code that runs in calls to an account: its own, or its delegate's. */
export function runningCode(account: u32): u32 {
  const code = codeOf(account);
  const delegate = delegateOf(code);
  return delegate == 0 ? code : codeOf(delegate);
}

/** The account that a code delegates to, or 0. */
export function delegateOf(code: u32): u32 {
  if (code == 0 || load<u32>(B_FORK) < PRAGUE) return 0;
  const address = worker + W_ADDRESS;
  return delegationOf(code, address) ? internAccount(address) : 0;
}

/** EIP-2929 cost of the account at an address; precompiles are warm. */
export function accessCost(address: usize, account: u32): i64 {
  return precompileAt(address) != 0 ? WARM : touchAccount(account);
}

/** Remembers in a frame what its failure must undo. */
export function markState(frame: usize): void {
  store<u32>(frame, <u32>journalMark(), F_JOURNAL);
  store<u32>(frame, <u32>logMark(), F_LOG);
  store<u32>(frame, logsSoFar(), F_LOGS);
  store<i64>(frame, refundSoFar(), F_REFUND);
}

export function revertState(frame: usize): void {
  revertTo(load<u32>(frame, F_JOURNAL), load<u32>(frame, F_LOG), load<u32>(frame, F_LOGS), load<i64>(frame, F_REFUND));
}

/**
 * CALL, CALLCODE, DELEGATECALL, STATICCALL: the gas left, FAILED or OPENED. Where no code runs, the call is over already.
 * Its result lies where its lowest argument lay.
 */
export function call(frame: usize, kind: u32, sp: usize, gas: i64): i64 {
  const valued = kind == CALL || kind == CALLCODE;
  const address = sp - 64;
  const value = sp - 96;
  const input = valued ? sp - 128 : sp - 96;
  gas = expandRange(frame, input, input - 32, gas);
  if (gas < 0) return FAILED;
  gas = expandRange(frame, input - 64, input - 96, gas);
  if (gas < 0) return FAILED;
  maskAddress(address);
  const account = internAccount(address);
  const special = precompileAt(address);
  gas -= special != 0 ? WARM : touchAccount(account);
  const transfers = valued && !isZero(value);
  if (transfers) {
    if (kind == CALL && load<u32>(frame, F_STATIC) != 0) return FAILED;
    gas -= CALL_VALUE;
    if (kind == CALL && isEmptyAccount(account)) gas -= NEW_ACCOUNT;
  }
  if (gas < 0) return FAILED;
  let code: u32 = special != 0 ? 0 : codeOf(account);
  const delegate = delegateOf(code);
  if (delegate != 0) {
    gas -= accessCost(worker + W_ADDRESS, delegate);
    if (gas < 0) return FAILED;
    code = codeOf(delegate);
  }
  const available = gas - (gas >> 6);
  const requested = saturated(sp - 32);
  let childGas = requested < <u64>available ? <i64>requested : available;
  gas -= childGas;
  if (transfers) childGas += CALL_STIPEND;
  clearOutput();
  const child = frame + FRAME_BYTES;
  const inputLength = load<u32>(input - 32);
  store<u32>(child, <u32>placed(frame, input, inputLength), F_INPUT);
  store<u32>(child, inputLength, F_INPUT_LENGTH);
  store<u32>(child, load<u32>(input - 96), F_OUTPUT_LENGTH);
  store<u32>(child, <u32>placed(frame, input - 64, load<u32>(input - 96)), F_OUTPUT);
  store<u32>(child, <u32>(input - 96), F_RESULT);
  store<u32>(child, kind, F_KIND);
  const self = load<u32>(frame, F_ACCOUNT);
  if (load<i32>(frame, F_DEPTH) >= CALL_DEPTH || (transfers && lessThan(balanceOf(self), value))) {
    setZero(input - 96);
    return stopped == 0 ? gas + childGas : FAILED;
  }
  if (stopped != 0) return FAILED;
  markState(child);
  if (transfers && kind == CALL) {
    debit(self, value);
    credit(account, value);
  }
  if (special == 0 && code != 0) {
    openCall(frame, child, account, sp);
    nest(frame, child, sp, childGas);
    if (kind == STATICCALL) store<u32>(child, 1, F_STATIC);
    useCode(child, code);
    store<i64>(frame, gas, F_GAS);
    return OPENED;
  }
  let status = SUCCESS;
  if (special != 0) {
    childGas = runPrecompile(special, load<u32>(child, F_INPUT), inputLength, childGas);
    if (childGas < 0) status = FAILURE;
  }
  return gas + closeCall(child, status, childGas);
}

/** Whose account, caller and value the child has. */
function openCall(frame: usize, child: usize, account: u32, sp: usize): void {
  const kind = load<u32>(child, F_KIND);
  if (kind == CALL || kind == STATICCALL) {
    store<u32>(child, account, F_ACCOUNT);
    copyWord(child + F_ADDRESS, sp - 64);
    copyWord(child + F_CALLER, frame + F_ADDRESS);
  } else {
    store<u32>(child, load<u32>(frame, F_ACCOUNT), F_ACCOUNT);
    copyWord(child + F_ADDRESS, frame + F_ADDRESS);
    copyWord(child + F_CALLER, kind == DELEGATECALL ? frame + F_CALLER : frame + F_ADDRESS);
  }
  if (kind == CALL || kind == CALLCODE) copyWord(child + F_VALUE, sp - 96);
  else if (kind == DELEGATECALL) copyWord(child + F_VALUE, frame + F_VALUE);
  else setZero(child + F_VALUE);
}

/** Gives the caller its result and the output; answers the gas that comes back. */
function closeCall(child: usize, status: i32, gas: i64): i64 {
  if (status != SUCCESS) revertState(child);
  if (status == FAILURE) {
    clearOutput();
    gas = 0;
  }
  copyBytes(load<u32>(child, F_OUTPUT), output(), min(load<u32>(child, F_OUTPUT_LENGTH), outputSize()));
  setU64(load<u32>(child, F_RESULT), u64(status == SUCCESS));
  return gas;
}

/** Ends a child: its caller's frame has the gas with which it goes on. */
export function close(frame: usize, child: usize, status: i32): void {
  const kind = load<u32>(child, F_KIND);
  let gas = load<i64>(frame, F_GAS);
  if (kind == CREATE || kind == CREATE2) {
    status = closeCreation(child, status);
    giveAddress(child, status);
    gas += load<i64>(child, F_GAS);
  } else {
    gas += closeCall(child, status, load<i64>(child, F_GAS));
  }
  store<i64>(frame, gas, F_GAS);
}

/** Puts a child's stack and memory after its parent's. */
function nest(frame: usize, child: usize, sp: usize, gas: i64): void {
  store<u32>(child, load<u32>(frame, F_STATIC), F_STATIC);
  store<u32>(child, load<u32>(frame, F_DEPTH) + 1, F_DEPTH);
  store<u32>(child, <u32>sp, F_STACK);
  store<u32>(child, load<u32>(frame, F_MEMORY) + load<u32>(frame, F_MEMORY_LENGTH), F_MEMORY);
  store<u32>(child, 0, F_MEMORY_LENGTH);
  store<i64>(child, gas, F_GAS);
}

/** Lets a frame start at the beginning of a code, with an empty stack. */
export function useCode(frame: usize, code: u32): void {
  openCode(frame, codeBytes(code), codeLength(code), analysisOf(code));
}

function openCode(frame: usize, source: usize, length: u32, analysis: usize): void {
  const runnable = <u32>runnableOf(analysis, length);
  store<u32>(frame, <u32>source, F_SOURCE);
  store<u32>(frame, runnable, F_CODE);
  store<u32>(frame, runnable, F_PC);
  store<u32>(frame, load<u32>(frame, F_STACK), F_SP);
  store<u32>(frame, length, F_CODE_LENGTH);
  store<u32>(frame, <u32>analysis, F_ANALYSIS);
}

/** CREATE and CREATE2: the gas left, FAILED or OPENED. The result lies where the lowest argument lay. */
export function create(frame: usize, kind: u32, sp: usize, gas: i64): i64 {
  if (load<u32>(frame, F_STATIC) != 0) return FAILED;
  const value = sp - 32;
  gas = expandRange(frame, sp - 64, sp - 96, gas);
  if (gas < 0) return FAILED;
  const length = load<u32>(sp - 96);
  if (load<u32>(B_FORK) >= SHANGHAI) {
    if (length > <u32>MAX_INITCODE) return FAILED;
    gas -= INITCODE_WORD * wordsOf(length);
  }
  if (kind == CREATE2) gas -= KECCAK_WORD * wordsOf(length);
  if (gas < 0) return FAILED;
  const child = frame + FRAME_BYTES;
  const result = kind == CREATE2 ? sp - 128 : sp - 96;
  clearOutput();
  const self = load<u32>(frame, F_ACCOUNT);
  const nonce = nonceOf(self);
  const deep = load<i32>(frame, F_DEPTH) >= CALL_DEPTH;
  if (deep || nonce == u64.MAX_VALUE || lessThan(balanceOf(self), value)) {
    setZero(result);
    return stopped == 0 ? gas : FAILED;
  }
  const childGas = gas - (gas >> 6);
  gas -= childGas;
  setNonce(self, nonce + 1);
  const initcode = placed(frame, sp - 64, length);
  const address = child + F_ADDRESS;
  if (kind == CREATE2) hashedAddress(address, frame + F_ADDRESS, sp - 128, initcode, length);
  else createdAddress(address, frame + F_ADDRESS, nonce);
  const account = internAccount(address);
  touchAccount(account);
  copyWord(child + F_CALLER, frame + F_ADDRESS);
  copyWord(child + F_VALUE, value);
  nest(frame, child, sp, childGas);
  store<u32>(child, kind, F_KIND);
  store<u32>(child, <u32>result, F_RESULT);
  const status = openCreation(child, account, self, initcode, length);
  if (stopped != 0) return FAILED;
  if (status == CHILD) {
    store<i64>(frame, gas, F_GAS);
    return OPENED;
  }
  giveAddress(child, status);
  return gas + load<i64>(child, F_GAS);
}

function giveAddress(child: usize, status: i32): void {
  const result: usize = load<u32>(child, F_RESULT);
  if (status == SUCCESS) copyWord(result, child + F_ADDRESS);
  else setZero(result);
}

/**
 * Makes the account of a frame that has address, caller, value, gas, stack and memory. CHILD where its initcode is to be
 * run, else the creation is over: SUCCESS without initcode, FAILURE at an address in use.
 */
export function openCreation(frame: usize, account: u32, payer: u32, initcode: usize, length: u32): i32 {
  markState(frame);
  if (nonceOf(account) != 0 || codeOf(account) != 0 || hasStorage(account)) return closeCreation(frame, FAILURE);
  store<u32>(frame, account, F_ACCOUNT);
  store<u32>(frame, 0, F_INPUT_LENGTH);
  setNonce(account, 1);
  markCreated(account);
  debit(payer, frame + F_VALUE);
  credit(account, frame + F_VALUE);
  if (length == 0) return SUCCESS;
  return useInitcode(frame, initcode, length) ? CHILD : closeCreation(frame, FAILURE);
}

/** Stores the code that the initcode returned, or undoes all. The output is empty but for a revert. */
export function closeCreation(frame: usize, status: i32): i32 {
  if (status == SUCCESS) status = storeCode(frame, load<u32>(frame, F_ACCOUNT));
  if (status != REVERT) clearOutput();
  if (status == FAILURE) store<i64>(frame, 0, F_GAS);
  if (status != SUCCESS) revertState(frame);
  return status;
}

/** Copies initcode, with zeros around it, and its analysis to the start of the frame's memory. */
function useInitcode(frame: usize, initcode: usize, length: u32): bool {
  const padded = (<usize>length + 2 * CODE_PADDING + 15) & ~15;
  const start: usize = load<u32>(frame, F_MEMORY);
  const end = (start + padded + analysisBytes(length) + 31) & ~31;
  if (end > memoryBound()) {
    fail(ENGINE_MEMORY_FULL);
    return false;
  }
  memory.fill(start, 0, CODE_PADDING);
  memory.copy(start + CODE_PADDING, initcode, length);
  memory.fill(start + CODE_PADDING + length, 0, padded - CODE_PADDING - length);
  analyse(start + padded, start + CODE_PADDING, length);
  openCode(frame, start + CODE_PADDING, length, start + padded);
  store<u32>(frame, <u32>end, F_MEMORY);
  return true;
}

function storeCode(frame: usize, account: u32): i32 {
  const length = outputSize();
  if (length == 0) return SUCCESS;
  if (<u64>length > MAX_CODE) return FAILURE;
  if (load<u32>(B_FORK) >= LONDON && load<u8>(output()) == 0xef) return FAILURE;
  const gas = load<i64>(frame, F_GAS) - CODE_DEPOSIT * <i64>length;
  if (gas < 0) return FAILURE;
  store<i64>(frame, gas, F_GAS);
  setCode(account, internCode(output(), length));
  return SUCCESS;
}

/** The lowest 160 bits of a hash as a word. */
function addressFromHash(to: usize, from: usize, length: usize): void {
  keccak256(to, from, length);
  reverseWord(to, to);
  maskAddress(to);
}

/** keccak(rlp([creator, nonce])). */
export function createdAddress(to: usize, creator: usize, nonce: u64): void {
  const at = worker + W_PREIMAGE;
  // 32 bytes of which the last 20 are the address, so that these begin at byte 12.
  reverseWord(at, creator);
  store<u8>(at, 0x94, 11);
  let size: usize = 1;
  if (nonce < 0x80) {
    store<u8>(at, nonce == 0 ? 0x80 : <u8>nonce, 32);
  } else {
    const bytes: usize = 8 - (<usize>clz<u64>(nonce) >> 3);
    store<u8>(at, 0x80 + <u8>bytes, 32);
    store<u64>(at, bswap<u64>(nonce << (<u64>(8 - bytes) << 3)), 33);
    size += bytes;
  }
  store<u8>(at, 0xc0 + 21 + <u8>size, 10);
  addressFromHash(to, at + 10, 22 + size);
}

/** keccak(0xff ‖ creator ‖ salt ‖ keccak(initcode)) (EIP-1014). */
function hashedAddress(to: usize, creator: usize, salt: usize, initcode: usize, length: usize): void {
  const at = worker + W_PREIMAGE;
  reverseWord(at, creator);
  store<u8>(at, 0xff, 11);
  reverseWord(at + 32, salt);
  keccak256(at + 64, initcode, length);
  addressFromHash(to, at + 11, 85);
}
