import type { EVMResult, Message } from '@ethereumjs/evm';
import { bytesToHex } from '@ethereumjs/util';
import type {
  Address,
  BlockRecord,
  BlockSnapshot,
  CallFrame,
  Hash,
  Receipt,
  Transaction,
  TransactionRecord,
} from '../../types.js';
import { keccak256 } from './crypto.js';
import { OPCODES, observeBefore, observeHashes, type RunState } from './opcodes.js';
import type { TransactionObserver } from './run-block.js';
import { toHash } from './state.js';
import { TransactionTrace, toAddress, toSlot, type OpenFrame } from './trace.js';
import type { Machine } from './vm.js';

const MAX_PREIMAGE_BYTES = 1024;
const SELECTOR_BYTES = 4;

/** The kind of frame that an opcode opens. */
const FRAME_KINDS: Readonly<Record<number, CallFrame['kind']>> = {
  [OPCODES.call]: 'call',
  [OPCODES.callcode]: 'callcode',
  [OPCODES.delegatecall]: 'delegatecall',
  [OPCODES.staticcall]: 'staticcall',
  [OPCODES.create]: 'create',
  [OPCODES.create2]: 'create2',
};

/**
 * Records what every transaction of a block observes and changes. An observation counts where the outcome of the
 * transaction could depend on it, whether or not the frame that made it is reverted later.
 */
export class BlockRecorder implements TransactionObserver {
  readonly #machine: Machine;
  readonly #snapshot: BlockSnapshot;
  readonly #transactions: TransactionRecord[] = [];
  readonly #codeHashes = new Map<Address, Hash>();
  #trace: TransactionTrace | null = null;

  constructor(machine: Machine, snapshot: BlockSnapshot) {
    this.#machine = machine;
    this.#snapshot = snapshot;
    this.#watchState();
    this.#watchStorage();
    this.#watchAccounts();
    this.#watchFrames();
  }

  begin(transaction: Transaction): void {
    this.#trace = new TransactionTrace(transaction);
    this.#trace.readAccount(transaction.from, 0);
  }

  end(_transaction: Transaction, receipt: Receipt): TransactionRecord {
    if (this.#trace === null) throw new Error('a transaction ended that never began');
    const record = this.#trace.finish(this.#machine.state, receipt);
    this.#transactions.push(record);
    for (const address of new Set(record.accesses.map((access) => access.address))) this.#addCodeHash(address);
    this.#trace = null;
    return record;
  }

  /** `transactionNs`: the times of the transactions where nothing was recorded. */
  finish(transactionNs: readonly number[]): BlockRecord {
    const { origin, chainId, header } = this.#snapshot;
    const transactions = this.#transactions.map((transaction, index) => ({
      ...transaction,
      executionNs: transactionNs[index] ?? null,
    }));
    return { kind: 'record', origin, chainId, header, transactions, codeHashes: this.#codeHashes };
  }

  /** Of the code before the transaction, which is that before the block, or of the code that it got. */
  #addCodeHash(address: Address): void {
    if (this.#codeHashes.has(address)) return;
    const { state } = this.#machine;
    const [before, after] = [state.transactionStart.codes.get(address), state.codeAt(address)];
    const code = before === undefined || before.length === 0 ? after : before;
    if (code.length > 0) this.#codeHashes.set(address, toHash(keccak256(code)));
  }

  // -------------------------------------------------------------------------------------------------------- watching

  #watchState(): void {
    const { state, evm } = this.#machine;
    state.onCodeRead = (address) => {
      const trace = this.#trace;
      if (trace !== null && evm.getPrecompile(address) === undefined) trace.readCode(address, usedGasNow(trace));
    };
    // Before its first frame a transaction looks at its sender and at the authorities of EIP-7702.
    state.onAccountRead = (address) => {
      if (this.#trace?.hasFrames === false) this.#trace.readAccount(address, 0);
    };
    observeHashes(evm, MAX_PREIMAGE_BYTES, (preimage, hash) => this.#trace?.hash(preimage, hash));
  }

  #watchStorage(): void {
    this.#watch(OPCODES.sload, 1, ({ trace, self, usedGas, words }) => {
      trace.readSlot(self, toSlot(words[0] ?? 0n), usedGas);
    });
    // Its gas depends on the current value, so a store also reads.
    this.#watch(OPCODES.sstore, 2, ({ trace, self, usedGas, words }) => {
      const slot = toSlot(words[0] ?? 0n);
      trace.readSlot(self, slot, usedGas);
      trace.changeSlot(self, slot, usedGas);
    });
  }

  #watchAccounts(): void {
    for (const opcode of [OPCODES.balance, OPCODES.extcodehash]) {
      this.#watch(opcode, 1, ({ trace, usedGas, words }) => trace.readAccount(toAddress(words[0] ?? 0n), usedGas));
    }
    this.#watch(OPCODES.selfbalance, 0, ({ trace, self, usedGas }) => trace.readAccount(self, usedGas));
    this.#watch(OPCODES.selfdestruct, 1, ({ trace, self, usedGas, words }) => {
      for (const address of [self, toAddress(words[0] ?? 0n)]) {
        trace.readAccount(address, usedGas);
        trace.changeAccount(address, usedGas);
      }
    });
  }

  #watchFrames(): void {
    const { evm, common } = this.#machine;
    const priceAsksExistence = !common.gteHardfork('spuriousDragon');
    this.#watchOpening(OPCODES.call, 3, ({ trace, self, usedGas, words: [, to = 0n, valueWei = 0n] }) => {
      const recipient = toAddress(to);
      if (valueWei > 0n || priceAsksExistence) trace.readAccount(recipient, usedGas);
      if (valueWei === 0n) return;
      trace.readAccount(self, usedGas);
      trace.changeAccount(self, usedGas);
      trace.changeAccount(recipient, usedGas);
    });
    this.#watchOpening(OPCODES.callcode, 3, ({ trace, self, usedGas, words }) => {
      if (words[2] !== 0n) trace.readAccount(self, usedGas);
    });
    for (const opcode of [OPCODES.create, OPCODES.create2]) {
      this.#watchOpening(opcode, 3, ({ trace, self, usedGas }) => {
        trace.readAccount(self, usedGas);
        trace.changeAccount(self, usedGas);
      });
    }
    this.#watchOpening(OPCODES.delegatecall, 2, () => undefined);
    this.#watchOpening(OPCODES.staticcall, 2, () => undefined);
    evm.events.on('beforeMessage', (message) => this.#openFrame(message));
    evm.events.on('afterMessage', (result) => this.#closeFrame(result));
  }

  #watchOpening(opcode: number, words: number, observe: (moment: Moment) => void): void {
    this.#watch(opcode, words, (moment) => {
      moment.frame.lastCall = { opcode, usedGas: moment.usedGas };
      observe(moment);
    });
  }

  /** `words`: how many words of the stack the opcode is looked at with; with fewer it fails, and nothing is observed. */
  #watch(opcode: number, words: number, observe: (moment: Moment) => void): void {
    observeBefore(this.#machine.evm, opcode, (runState) => {
      const frame = this.#trace?.openFrames.at(-1);
      if (this.#trace === null || frame === undefined || runState.stack.length < words) return;
      observe(momentOf({ trace: this.#trace, frame }, runState, words));
    });
  }

  // -------------------------------------------------------------------------------------------------------- frames

  #openFrame(message: Message): void {
    const trace = this.#trace;
    if (trace === null) return;
    const opener = trace.openFrames.at(-1)?.lastCall ?? null;
    const topKind = message.to === undefined ? 'create' : 'call';
    const usedGas = opener?.usedGas ?? trace.transaction.gasLimit - Number(message.gasLimit);
    const frame = describeFrame(message, opener === null ? topKind : (FRAME_KINDS[opener.opcode] ?? topKind));
    trace.openFrame(frame, { gasLimit: message.gasLimit, usedGas });
  }

  #closeFrame({ createdAddress, execResult }: EVMResult): void {
    this.#trace?.closeFrame({
      gasUsed: Number(execResult.executionGasUsed),
      reverted: execResult.exceptionError !== undefined,
      createdAddress: createdAddress?.toString() ?? null,
    });
  }
}

/** An opcode about to run. */
interface Moment {
  readonly trace: TransactionTrace;
  readonly frame: OpenFrame;
  /** The contract whose storage is in use. */
  readonly self: Address;
  /** What the transaction has used so far. */
  readonly usedGas: number;
  /** The top of the stack first. */
  readonly words: readonly bigint[];
}

function momentOf(open: Pick<Moment, 'trace' | 'frame'>, runState: RunState, words: number): Moment {
  return {
    ...open,
    self: runState.env.address.toString(),
    usedGas: open.frame.startGas + Number(open.frame.gasLimit - runState.gasLeft),
    words: words === 0 ? [] : runState.stack.peek(words),
  };
}

/** Code is read while a frame opens: by then the innermost frame is the one that runs it. */
function usedGasNow(trace: TransactionTrace): number {
  const frame = trace.openFrames.at(-1);
  return frame === undefined ? 0 : Math.max(frame.startGas, frame.lastCall?.usedGas ?? 0);
}

function describeFrame(message: Message, kind: CallFrame['kind']): OpenFrame['frame'] {
  const created = message.to === undefined;
  const from = message.caller.toString();
  return {
    depth: message.depth,
    kind,
    from,
    to: message.to?.toString() ?? from,
    codeAddress: created ? null : message.codeAddress.toString(),
    selector:
      created || message.data.length < SELECTOR_BYTES ? '0x' : bytesToHex(message.data.subarray(0, SELECTOR_BYTES)),
    valueWei: message.value,
  };
}
