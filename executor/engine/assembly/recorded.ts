// A recorded transaction has no code: it does the reads, writes and credits that a trace says, with work in between, on
// the same cells and versions as executed ones. What it writes depends on all that it has read, so that one wrong read
// shows in the digest of whoever reads from it.
// A written word: number of the writer + 1, digest so far, credits since, 0. The base state is all zeros.
import {
  ACCESS_BYTES,
  O_ADD,
  O_KEY,
  O_KIND,
  O_READ,
  O_SEEN_ADDS,
  O_SEEN_WRITER,
  O_WORK,
  O_WRITE,
  P_DIGEST,
  P_STATUS,
  T_INPUT,
  T_INPUT_LENGTH,
  T_NONCE,
  W_AMOUNT,
  X_VALUE,
} from './layout';
import { stopped } from './failure';
import { credit, loadedCell, setSlot } from './state';
import { clear } from './words';

let worker: usize = 0;

export function attachRecorded(base: usize): void {
  worker = base;
}

/** Its number in the block lies in T_NONCE. */
export function performRecorded(tx: usize, receipt: usize): void {
  const writer = load<u64>(tx, T_NONCE) + 1;
  let digest: u64 = writer;
  let at: usize = load<u32>(tx, T_INPUT);
  const end = at + <usize>load<u32>(tx, T_INPUT_LENGTH) * ACCESS_BYTES;
  for (; at < end; at += ACCESS_BYTES) {
    digest = work(digest, load<u64>(at, O_WORK));
    const kind = load<u32>(at, O_KIND);
    if (kind == O_READ) digest = read(at, digest);
    else if (kind == O_WRITE) write(at, writer, digest);
    else if (kind == O_ADD) add(at);
    if (stopped != 0) return;
  }
  store<u32>(receipt, 1, P_STATUS);
  store<u64>(receipt, digest, P_DIGEST);
}

// @ts-ignore: decorator
@inline
function mix(digest: u64, value: u64): u64 {
  digest = (digest ^ value) * 0x9e3779b97f4a7c15;
  return digest ^ (digest >> 29);
}

/** One unit is one multiplication that waits for the last. */
function work(digest: u64, units: u64): u64 {
  for (let i: u64 = 0; i < units; i++) digest = mix(digest, i);
  return digest;
}

function read(at: usize, digest: u64): u64 {
  const value = loadedCell(load<u32>(at, O_KEY)) + X_VALUE;
  store<u32>(at, load<u32>(value), O_SEEN_WRITER);
  store<u32>(at, load<u32>(value, 16), O_SEEN_ADDS);
  return mix(mix(mix(digest, load<u64>(value)), load<u64>(value, 8)), load<u64>(value, 16));
}

function write(at: usize, writer: u64, digest: u64): void {
  const word = worker + W_AMOUNT;
  clear(word, 32);
  store<u64>(word, writer);
  store<u64>(word, digest, 8);
  setSlot(loadedCell(load<u32>(at, O_KEY)), word);
}

function add(at: usize): void {
  const word = worker + W_AMOUNT;
  clear(word, 32);
  store<u64>(word, 1, 16);
  credit(load<u32>(at, O_KEY), word);
}
