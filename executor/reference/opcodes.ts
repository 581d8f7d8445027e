import type { EVM } from '@ethereumjs/evm';
import type { Address } from '@ethereumjs/util';

/** The opcodes that observe or change state, call, or hash. */
export const OPCODES = {
  keccak256: 0x20,
  balance: 0x31,
  extcodehash: 0x3f,
  selfbalance: 0x47,
  sload: 0x54,
  sstore: 0x55,
  create: 0xf0,
  call: 0xf1,
  callcode: 0xf2,
  delegatecall: 0xf4,
  create2: 0xf5,
  staticcall: 0xfa,
  selfdestruct: 0xff,
} as const;

/** What an observer may look at. */
export interface RunState {
  readonly stack: { readonly length: number; peek(count?: number): bigint[] };
  readonly memory: { read(offset: number, sizeBytes: number): Uint8Array };
  readonly env: { readonly address: Address };
  readonly gasLeft: bigint;
}

type OpHandler = (runState: RunState, common: unknown) => unknown;
type GasHandler = (runState: RunState, gas: bigint, common: unknown) => unknown;

interface OpcodeEntry {
  readonly opcodeInfo: { readonly dynamicGas: boolean };
  readonly opHandler: OpHandler;
  readonly gasHandler: GasHandler;
}

/** ethereumjs has no hook for single opcodes short of a `step` event for all of them, which costs ten times as much. */
function tableOf(evm: EVM): OpcodeEntry[] {
  return (evm as unknown as { readonly _opcodeMap: OpcodeEntry[] })._opcodeMap;
}

/** Calls `observe` before the opcode is priced, because its price may depend on what it observes. */
export function observeBefore(evm: EVM, opcode: number, observe: (runState: RunState) => void): void {
  const table = tableOf(evm);
  const entry = table[opcode];
  if (entry === undefined) throw new Error(`ethereumjs has no entry for opcode 0x${opcode.toString(16)}`);
  table[opcode] = entry.opcodeInfo.dynamicGas
    ? {
        ...entry,
        gasHandler: (runState, gas, common) => {
          observe(runState);
          return entry.gasHandler(runState, gas, common);
        },
      }
    : {
        ...entry,
        opHandler: (runState, common) => {
          observe(runState);
          return entry.opHandler(runState, common);
        },
      };
}

/** Shows `observe` the input and the hash of every KECCAK256. */
export function observeHashes(
  evm: EVM,
  maxInputBytes: number,
  observe: (preimage: Uint8Array, hash: bigint) => void,
): void {
  const table = tableOf(evm);
  const entry = table[OPCODES.keccak256];
  if (entry === undefined) throw new Error('ethereumjs has no entry for KECCAK256');
  table[OPCODES.keccak256] = {
    ...entry,
    opHandler: (runState, common) => {
      const [offset = 0n, sizeBytes = 0n] = runState.stack.length < 2 ? [] : runState.stack.peek(2);
      const wanted = sizeBytes > 0n && sizeBytes <= maxInputBytes;
      const preimage = wanted ? runState.memory.read(Number(offset), Number(sizeBytes)) : null;
      const outcome = entry.opHandler(runState, common);
      if (preimage !== null) observe(preimage, runState.stack.peek()[0] ?? 0n);
      return outcome;
    },
  };
}
