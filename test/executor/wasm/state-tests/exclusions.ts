/**
 * `capacity`: the engine refuses the block with UNSUPPORTED, as a table of its own is full. These cases run, and must be
 * refused so.
 * `noTransaction`: the case is about decoding a transaction; what it encodes is none, so there is nothing to execute.
 */
export type ExclusionReason = 'capacity' | 'noTransaction';

/** Why a case is left out. */
export interface Exclusion {
  readonly reason: ExclusionReason;
  /** What of the engine is full. */
  readonly engineError?: string;
}

const RUN_UNTIL_OUT_OF_GAS =
  'Cancun Pyspecs/cancun/eip1153_tstore/run_until_out_of_gas.json' +
  '#src/GeneralStateTestsFiller/Pyspecs/cancun/eip1153_tstore/test_tstorage.py' +
  '::test_run_until_out_of_gas[fork_Cancun-state_test-tstore] 0/0/0';

/** All cases that are not held to the state root and logs that they expect. */
export const EXCLUSIONS: ReadonlyMap<string, Exclusion> = new Map([
  // Writes over 262,144 transient slots.
  [RUN_UNTIL_OUT_OF_GAS, { reason: 'capacity', engineError: 'ENGINE_CELLS_FULL' }],
  // 1,024 nested calls, each with 1 MB of memory.
  [
    'Cancun stStaticCall/static_Call1MB1024Calldepth.json#static_Call1MB1024Calldepth 1/0/0',
    { reason: 'capacity', engineError: 'ENGINE_MEMORY_FULL' },
  ],
  // A value of 257 bits.
  ['Cancun stTransactionTest/ValueOverflowParis.json#ValueOverflowParis 0/0/0', { reason: 'noTransaction' }],
]);

/** Cases that take more time than thousands of others: each hashes 2.5 GB by SHA-256. `npm run fuzz` runs them. */
export const SLOW_CASES: ReadonlySet<string> = new Set([
  'Cancun stTimeConsuming/static_Call50000_sha256.json#static_Call50000_sha256 0/0/0',
  'Cancun stTimeConsuming/static_Call50000_sha256.json#static_Call50000_sha256 1/0/0',
]);
