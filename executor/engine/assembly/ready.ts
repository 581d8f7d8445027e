// Which transactions can be executed: one bit each, in the order of the plan's priorities, and the lowest goes first.
// Whoever clears a bit has claimed its transaction. A hint says below which word no bit is set.
import { RUN_HINT, RUN_ORDER, RUN_PLACES, RUN_READY, RUN_READY_WORDS, RUN_SIGNAL, RUN_SLEEPERS } from './layout';

let bits: usize = 0;
let words: u32 = 0;
let order: usize = 0;
let places: usize = 0;

export function enterReady(): void {
  bits = load<u32>(RUN_READY);
  words = load<u32>(RUN_READY_WORDS);
  order = load<u32>(RUN_ORDER);
  places = load<u32>(RUN_PLACES);
}

/** The claimed transaction's number + 1, or 0 where none is ready. */
export function claimReady(): u32 {
  const hint = atomic.load<u64>(RUN_HINT);
  const first = <u32>hint;
  for (let word = first; word < words; word++) {
    const at = bits + ((<usize>word) << 3);
    let value = atomic.load<u64>(at);
    while (value != 0) {
      const bit: u64 = value & (0 - value);
      if (atomic.and<u64>(at, ~bit) & bit) {
        if (word != first) raiseHint(hint, word);
        return load<u32>(order + ((<usize>((word << 6) + <u32>ctz<u64>(bit))) << 2)) + 1;
      }
      value = atomic.load<u64>(at);
    }
  }
  if (first < words) raiseHint(hint, words);
  return 0;
}

/** Only where nothing was added since the hint was read: additions change its upper half. */
function raiseHint(hint: u64, word: u32): void {
  atomic.cmpxchg<u64>(RUN_HINT, hint, (hint & 0xffffffff00000000) | <u64>word);
}

export function addReady(tx: u32): void {
  const place = load<u32>(places + ((<usize>tx) << 2));
  const word = place >> 6;
  atomic.or<u64>(bits + ((<usize>word) << 3), <u64>1 << <u64>(place & 63));
  while (true) {
    const hint = atomic.load<u64>(RUN_HINT);
    const lower = min<u32>(<u32>hint, word);
    const next = ((hint >> 32) + 1) << 32;
    if (atomic.cmpxchg<u64>(RUN_HINT, hint, next | <u64>lower) == hint) break;
  }
}

/** Tells `sleepers` workers that there may be something to do. Who adds one transaction and then takes one need wake nobody. */
export function wake(sleepers: u32): void {
  atomic.add<u32>(RUN_SIGNAL, 1);
  if (atomic.load<u32>(RUN_SLEEPERS) != 0) atomic.notify(RUN_SIGNAL, <i32>sleepers);
}
