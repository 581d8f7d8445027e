// What stops the engine itself, or this execution, as opposed to the transaction: an exhausted table or arena. The first failure sticks
// in the worker's error word; execution goes on with dummies and the transaction's outcome is discarded at its end.
import { W_ERROR } from './layout';

let worker: usize = 0;
/** Parallel runs: the transaction that must be executed first (number + 1), met by a read of this execution. */
export let stopped: u32 = 0;

export function attachFailure(base: usize): void {
  worker = base;
}

/** Answers 0, the dummy key, code and address. */
export function fail(error: u32): u32 {
  if (load<u32>(worker, W_ERROR) == 0) store<u32>(worker, error, W_ERROR);
  return 0;
}

export function failure(): u32 {
  return load<u32>(worker, W_ERROR);
}

export function clearFailure(): void {
  store<u32>(worker, 0, W_ERROR);
  stopped = 0;
}

/** Ends the execution as soon as the interpreter looks; what it has done is discarded. */
export function stopFor(blocker: u32): void {
  if (stopped == 0) stopped = blocker;
}
