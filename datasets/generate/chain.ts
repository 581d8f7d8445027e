import { LanecastError } from '../../errors.js';
import type { Address, BlockHeader, BlockResult, BlockSnapshot, Hash, Hex, Transaction } from '../../types.js';
import { joinHex, word } from './bytes.js';
import { encodeAbi, type Codec } from './codec.js';
import type { World } from './world.js';

/** A transaction before it has its place in a block. */
export interface Draft {
  readonly from: Address;
  /** Null creates a contract. */
  readonly to: Address | null;
  readonly valueWei: bigint;
  readonly input: Hex;
  readonly gasLimit: number;
  readonly tipWei: bigint;
  /** With a plain gas price, as before EIP-1559. */
  readonly legacy?: boolean;
  /** Fails on purpose: any other failure is a bug of the generator. */
  readonly fails?: boolean;
}

export interface ChainOptions {
  /** Names the chain: profile, seed and size. */
  readonly label: string;
  readonly origin: string;
  readonly gasLimit: number;
  readonly codec: Codec;
  readonly world: World;
  readonly execute: (snapshot: BlockSnapshot) => Promise<BlockResult>;
}

/** Number of the first block that is handed out; the blocks that set the chain up stand below it. */
const FIRST_BLOCK = 1_000;
const FIRST_TIMESTAMP_SECONDS = 1_767_225_600;
const SECONDS_PER_BLOCK = 12;
const INITIAL_BASE_FEE_WEI = 10n ** 10n;
/** EIP-1559. */
const ELASTICITY = 2;
const BASE_FEE_CHANGE_DENOMINATOR = 8n;

const ZERO_HASH = word(0);
const NO_BLOOM: Hex = `0x${'0'.repeat(512)}`;

/** Executes drafts as consecutive blocks, each on the state that the one before left. */
export class Chain {
  readonly chainId: number;
  readonly feeRecipient: Address;
  readonly #options: ChainOptions;
  #number: number;
  #parentHash: Hash;
  #baseFeePerGasWei = INITIAL_BASE_FEE_WEI;

  constructor(options: ChainOptions) {
    this.#options = options;
    this.chainId = 2 ** 30 + (options.codec.seedOf(`${options.label}/chain`) % 2 ** 30);
    this.feeRecipient = options.codec.addressOf(`${options.label}/fee recipient`);
    this.#number = 1;
    this.#parentHash = options.codec.hashOf(`${options.label}/genesis`);
  }

  /** A block of the chain's set-up: as large as it takes, and at a constant base fee. */
  async setUp(drafts: readonly Draft[]): Promise<void> {
    const gasLimit = drafts.reduce((sum, draft) => sum + draft.gasLimit, 0);
    await this.#produce(drafts, gasLimit);
    this.#baseFeePerGasWei = INITIAL_BASE_FEE_WEI;
  }

  /** From here on blocks are handed out, whatever number of blocks the set-up took. */
  open(): void {
    this.#number = FIRST_BLOCK;
    this.#options.world.closeSetUp();
  }

  next(drafts: readonly Draft[]): Promise<BlockSnapshot> {
    return this.#produce(drafts, this.#options.gasLimit);
  }

  async #produce(drafts: readonly Draft[], gasLimit: number): Promise<BlockSnapshot> {
    const { world, execute } = this.#options;
    const transactions = this.#place(drafts);
    world.touch(this.feeRecipient);
    const provisional = this.#snapshot(transactions, gasLimit);
    const result = await execute(provisional);
    this.#checkOutcomes(drafts, result);
    const block = this.#seal(provisional, result);
    world.apply(block.preState, result.postState);
    world.beginBlock();
    this.#advance(block.header);
    return block;
  }

  /** Gives each draft its index, its sender's next nonce, its fees and its hash. */
  #place(drafts: readonly Draft[]): Transaction[] {
    const nonces = new Map<Address, number>();
    return drafts.map((draft, index) => {
      const nonce = nonces.get(draft.from) ?? this.#options.world.nonceOf(draft.from);
      nonces.set(draft.from, nonce + 1);
      this.#options.world.touch(draft.from);
      if (draft.to !== null) this.#options.world.touch(draft.to);
      return this.#transaction(draft, index, nonce);
    });
  }

  #transaction(draft: Draft, index: number, nonce: number): Transaction {
    const { from, to, valueWei, input, gasLimit, tipWei } = draft;
    const feeCapWei = 2n * this.#baseFeePerGasWei + tipWei;
    const legacy = draft.legacy === true;
    const content = [this.chainId, from, nonce, to ?? from, valueWei, gasLimit, feeCapWei, tipWei, { bytes: input }];
    return {
      index,
      hash: this.#options.codec.keccak(encodeAbi(content)),
      type: legacy ? 0 : 2,
      from,
      to,
      nonce,
      valueWei,
      input,
      gasLimit,
      gasPriceWei: legacy ? this.#baseFeePerGasWei + tipWei : null,
      maxFeePerGasWei: legacy ? null : feeCapWei,
      maxPriorityFeePerGasWei: legacy ? null : tipWei,
      maxFeePerBlobGasWei: null,
      accessList: [],
      blobVersionedHashes: [],
      authorizationList: [],
    };
  }

  #snapshot(transactions: readonly Transaction[], gasLimit: number): BlockSnapshot {
    const { label, codec, world, origin } = this.#options;
    const seeded = (name: string): Hash => codec.hashOf(`${label}/${name}/${this.#number}`);
    const header: BlockHeader = {
      number: this.#number,
      hash: ZERO_HASH,
      parentHash: this.#parentHash,
      feeRecipient: this.feeRecipient,
      timestampSeconds: FIRST_TIMESTAMP_SECONDS + (this.#number - FIRST_BLOCK) * SECONDS_PER_BLOCK,
      gasLimit,
      gasUsed: gasLimit,
      baseFeePerGasWei: this.#baseFeePerGasWei,
      receiptsRoot: ZERO_HASH,
      logsBloom: NO_BLOOM,
      difficulty: 0n,
      mixHash: seeded('randao'),
      extraData: '0x',
      excessBlobGas: 0,
      blobGasUsed: 0,
      parentBeaconBlockRoot: seeded('beacon root'),
    };
    const { chainId } = this;
    const blockHashes = new Map([[this.#number - 1, this.#parentHash]]);
    const rest = { transactions, withdrawals: [], preState: world.snapshot(), blockHashes };
    return { kind: 'snapshot', origin, chainId, fork: 'osaka', header, ...rest };
  }

  #seal(block: BlockSnapshot, { gasUsed, receiptsRoot, logsBloom }: BlockResult): BlockSnapshot {
    const header = { ...block.header, gasUsed, receiptsRoot, logsBloom };
    return { ...block, header: { ...header, hash: this.#hashOf(header, block.transactions) } };
  }

  #hashOf(header: BlockHeader, transactions: readonly Transaction[]): Hash {
    const { codec } = this.#options;
    const body = codec.keccak(joinHex(...transactions.map(({ hash }) => hash)));
    const { number, parentHash, receiptsRoot, gasUsed, gasLimit, timestampSeconds, baseFeePerGasWei, mixHash } = header;
    const numbers = [this.chainId, number, gasUsed, gasLimit, timestampSeconds, baseFeePerGasWei ?? 0n];
    const hashes = [parentHash, receiptsRoot ?? ZERO_HASH, mixHash ?? ZERO_HASH, body];
    return codec.keccak(encodeAbi([...numbers, ...hashes]));
  }

  #advance(header: BlockHeader): void {
    this.#number = header.number + 1;
    this.#parentHash = header.hash;
    this.#baseFeePerGasWei = nextBaseFeeWei(header);
  }

  #checkOutcomes(drafts: readonly Draft[], result: BlockResult): void {
    const index = drafts.findIndex(({ fails }, at) => result.receipts[at]?.succeeded !== (fails !== true));
    const draft = drafts[index];
    if (draft === undefined) return;
    const wanted = draft.fails === true ? 'fail' : 'succeed';
    const call = `${draft.from} to ${draft.to ?? 'a new contract'}, input ${draft.input.slice(0, 10)}`;
    const where = `${this.#options.origin}, block ${this.#number}, transaction ${index}`;
    const receipt = result.receipts[index];
    throw new LanecastError(
      'EXECUTION_FAILED',
      `${where} (${call}) was to ${wanted} and did not (gas ${receipt?.gasUsed ?? 0} of ${draft.gasLimit}).`,
    );
  }
}

/** EIP-1559. */
export function nextBaseFeeWei({ baseFeePerGasWei, gasUsed, gasLimit }: BlockHeader): bigint {
  const baseFeeWei = baseFeePerGasWei ?? 0n;
  const targetGas = BigInt(Math.floor(gasLimit / ELASTICITY));
  const deltaGas = BigInt(gasUsed) - targetGas;
  if (deltaGas === 0n) return baseFeeWei;
  const changeWei = (baseFeeWei * (deltaGas < 0n ? -deltaGas : deltaGas)) / targetGas / BASE_FEE_CHANGE_DENOMINATOR;
  if (deltaGas < 0n) return baseFeeWei - changeWei;
  return baseFeeWei + (changeWei > 1n ? changeWei : 1n);
}
