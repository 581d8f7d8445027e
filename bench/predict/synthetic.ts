import { Random } from '../../datasets/generate/random.js';
import type {
  Access,
  Address,
  BlockHeader,
  BlockRecord,
  Hash,
  Hex,
  KeccakPreimage,
  TransactionRecord,
} from '../../types.js';

const FIRST_BLOCK = 1_000_000;
const PER_BLOCK = 200;
/** A contract has a few functions; most share their code with others. */
const FUNCTIONS_PER_CONTRACT = 4;
const CONTRACTS_PER_CODE = 20;
const FUNCTIONS_PER_SENDER = 5;
const CONSTANT_SLOTS = 4;
const MAPPED_SLOTS = 4;
const CONTRACT_BASE = 2n ** 150n;
const SENDER_BASE = 2n ** 151n;

/**
 * Blocks in which each of so many functions is called once: 4 constant slots and 4 entries of mappings, keyed by the sender and
 * an argument, half of them written; hashes are told, as the executor tells them.
 */
export function* syntheticBlocks(
  functions: number,
  seed: number,
  keccak256: (data: Uint8Array) => Uint8Array,
): Generator<BlockRecord> {
  const random = new Random(seed);
  for (let first = 0; first < functions; first += PER_BLOCK) {
    const count = Math.min(PER_BLOCK, functions - first);
    const calls = Array.from({ length: count }, (_, index) => {
      const caller = random.below(Math.max(1, Math.floor(functions / FUNCTIONS_PER_SENDER)));
      return callOf(first + index, { index, caller, argument: random.below(functions) }, keccak256);
    });
    yield blockOf(FIRST_BLOCK + first / PER_BLOCK, calls);
  }
}

function callOf(
  id: number,
  { index, caller, argument }: { readonly index: number; readonly caller: number; readonly argument: number },
  keccak256: (data: Uint8Array) => Uint8Array,
): TransactionRecord {
  const to = contractOf(id);
  const from = addressOf(SENDER_BASE, caller);
  const other = addressOf(SENDER_BASE, argument);
  const selector = (0x10000000 + Math.imul(id % FUNCTIONS_PER_CONTRACT, 0x01030507) + Math.floor(id / 80)).toString(16);
  const accesses: Access[] = [];
  const keccakPreimages: KeccakPreimage[] = [];
  const use = (slot: Hash, isWritten: boolean): void => {
    const access = { address: to, field: 'slot', slot, atGas: null, value: null } as const;
    accesses.push({ ...access, kind: 'read' });
    if (isWritten) accesses.push({ ...access, kind: 'write' });
  };
  for (let slot = 0; slot < CONSTANT_SLOTS; slot += 1) use(wordOf(BigInt(slot + (id % 7))), slot === 0);
  for (let slot = 0; slot < MAPPED_SLOTS; slot += 1) {
    const preimage: Hex = `${wordOf(BigInt(slot < 2 ? from : other))}${wordOf(BigInt(10 + slot)).slice(2)}`;
    const hash: Hash = `0x${Buffer.from(keccak256(Buffer.from(preimage.slice(2), 'hex'))).toString('hex')}`;
    keccakPreimages.push({ hash, preimage });
    use(hash, slot % 2 === 0);
  }
  const input: Hex = `0x${selector}${wordOf(BigInt(other)).slice(2)}${wordOf(BigInt(1000 + index)).slice(2)}`;
  return { ...outcomeOf(index, { from, to, input }), accesses, keccakPreimages };
}

function outcomeOf(
  index: number,
  { from, to, input }: { readonly from: Address; readonly to: Address; readonly input: Hex },
): TransactionRecord {
  return {
    transaction: {
      ...{ index, hash: wordOf(BigInt(index)), type: 2, from, to, nonce: 0, valueWei: 0n, input, gasLimit: 200_000 },
      ...{ gasPriceWei: null, maxFeePerGasWei: 20_000_000_000n, maxPriorityFeePerGasWei: 1_000_000_000n },
      ...{ maxFeePerBlobGasWei: null, accessList: [], blobVersionedHashes: [], authorizationList: [] },
    },
    gasUsed: 60_000 + 100 * index,
    succeeded: true,
    logs: [],
    accesses: [],
    keccakPreimages: [],
    callFrames: [],
    executionNs: 20_000,
  };
}

function blockOf(number: number, transactions: readonly TransactionRecord[]): BlockRecord {
  const contracts = [...new Set(transactions.map(({ transaction }) => transaction.to))].filter((to) => to !== null);
  return {
    kind: 'record',
    origin: 'synthetic',
    chainId: 1,
    header: headerOf(number),
    transactions,
    codeHashes: new Map(contracts.map((contract) => [contract, codeOf(contract)])),
  };
}

function headerOf(number: number): BlockHeader {
  const zero = wordOf(0n);
  return {
    ...{ number, hash: wordOf(BigInt(number)), parentHash: wordOf(BigInt(number - 1)), timestampSeconds: number * 12 },
    ...{ feeRecipient: addressOf(SENDER_BASE, 0), gasLimit: 30_000_000, gasUsed: 15_000_000, stateRoot: zero },
    ...{ baseFeePerGasWei: 10_000_000_000n, receiptsRoot: null, logsBloom: null, difficulty: 0n, mixHash: null },
    ...{ extraData: '0x', excessBlobGas: null, blobGasUsed: null, parentBeaconBlockRoot: null },
  };
}

function contractOf(id: number): Address {
  return addressOf(CONTRACT_BASE, Math.floor(id / FUNCTIONS_PER_CONTRACT));
}

function codeOf(contract: Address): Hash {
  return wordOf((BigInt(contract) - CONTRACT_BASE) / 7919n / BigInt(CONTRACTS_PER_CODE) + 2n ** 200n);
}

/** Spread, as addresses are. */
function addressOf(base: bigint, index: number): Address {
  return `0x${(base + BigInt(index) * 7919n).toString(16).padStart(40, '0')}`;
}

function wordOf(value: bigint): Hash {
  return `0x${value.toString(16).padStart(64, '0')}`;
}
