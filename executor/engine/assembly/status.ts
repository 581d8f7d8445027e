// The life of a transaction in a parallel run. Its status word is (incarnation << 3) | state; each arrow is one function
// of schedule.ts, and only who moved it to EXECUTING or ABORTING may touch the rest of its state.
//
//              claim                finishExecution              commit
//    READY ───────────▶ EXECUTING ──────────────────▶ EXECUTED ─────────▶ COMMITTED
//      ▲                    │                            │
//      │ release            │ suspend                    │ abort
//      ├──────────────── BLOCKED                         ▼
//      └──────────────────────────────────────────── ABORTING
//                      incarnation + 1
//
// suspend goes straight back from BLOCKED to EXECUTING where the blocker has just finished.
// BLOCKED waits for one earlier transaction; its release is part of that one's finishExecution. A transaction commits when
// all before it have, and what it read is what it would read now: that check, in block order, is all that the result
// rests on. Plans, priorities and early validation only decide how soon it comes.

export const READY: u32 = 0;
export const EXECUTING: u32 = 1;
export const EXECUTED: u32 = 2;
export const COMMITTED: u32 = 3;
export const BLOCKED: u32 = 4;
export const ABORTING: u32 = 5;

const STATE_MASK: u32 = 7;
export const NEXT_INCARNATION: u32 = 8;

// @ts-ignore: decorator
@inline
export function stateIn(status: u32): u32 {
  return status & STATE_MASK;
}

// @ts-ignore: decorator
@inline
export function withState(status: u32, state: u32): u32 {
  return (status & ~STATE_MASK) | state;
}

/** Whether its versions say what its last incarnation wrote. */
// @ts-ignore: decorator
@inline
export function isExecuted(status: u32): bool {
  const state = status & STATE_MASK;
  return state == EXECUTED || state == COMMITTED;
}
