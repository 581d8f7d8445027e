import type { StubBlock } from './stub-node.js';

export const CHAIN_ID = 31_337;
const MINER = `0x${'11'.repeat(20)}`;
const SENDER = `0x${'22'.repeat(20)}`;
const TOKEN = `0x${'33'.repeat(20)}`;
const PAYEE = `0x${'44'.repeat(20)}`;

export interface SyntheticOptions {
  readonly from: number;
  readonly to: number;
  /** Another fork has other hashes and another slot; it begins above the last block of the one that it leaves. */
  readonly fork?: number;
  readonly parentHash?: string;
}

/** Linked blocks of one payment and one call that counts in a slot, as a node's tracer shows them. */
export function syntheticChain({ from, to, fork = 0, parentHash }: SyntheticOptions): StubBlock[] {
  return Array.from({ length: to - from + 1 }, (_, index) => {
    const number = from + index;
    const parent = index === 0 ? (parentHash ?? hashOf(number - 1, fork)) : hashOf(number - 1, fork);
    return syntheticBlock(number, fork, parent);
  });
}

/** The hash of a block of `syntheticChain`. */
export function hashOf(number: number, fork = 0): string {
  return word(fork * 1_000_000_000 + number + 1);
}

function syntheticBlock(number: number, fork: number, parentHash: string): StubBlock {
  const nonce = 2 * number;
  const hashes = [0, 1].map((index) => word(2 ** 40 + fork * 2 ** 32 + nonce + index));
  const slot = word(fork);
  const plain = { from: SENDER, value: '0x5', gas: '0xea60', gasPrice: '0xa', input: '0x', type: '0x0' };
  const transactions = [
    { ...plain, hash: hashes[0], transactionIndex: '0x0', to: PAYEE, nonce: quantity(nonce) },
    { ...plain, hash: hashes[1], transactionIndex: '0x1', to: TOKEN, nonce: quantity(nonce + 1), input: '0xa9059cbb' },
  ];
  const header = {
    timestamp: quantity(1_700_000_000 + 12 * number),
    gasLimit: '0x1c9c380',
    gasUsed: '0xa410',
    miner: MINER,
  };
  const token = (value: number): object => ({ storage: value === 0 ? {} : { [slot]: word(value) } });
  const diff = (index: number): object => ({
    [SENDER]: { balance: quantity(10_000_000 - nonce - index), nonce: nonce + index },
  });
  return {
    chainId: CHAIN_ID,
    block: { ...header, number: quantity(number), hash: hashOf(number, fork), parentHash, transactions },
    receipts: hashes.map((transactionHash, index) => ({
      ...{ transactionHash, transactionIndex: quantity(index), gasUsed: '0x5208', status: '0x1', logs: [] },
    })),
    prestateTracer: hashes.map((txHash, index) => ({
      txHash,
      result: {
        ...diff(index),
        [MINER]: { balance: quantity(nonce + index) },
        ...(index === 0
          ? { [PAYEE]: { balance: quantity(5 * number) } }
          : { [TOKEN]: { balance: '0x0', nonce: 1, code: '0x6001', ...token(number) } }),
      },
    })),
    prestateTracerDiff: hashes.map((txHash, index) => ({
      txHash,
      result: {
        pre: {
          ...diff(index),
          [MINER]: { balance: quantity(nonce + index) },
          ...(index === 1 ? { [TOKEN]: token(number) } : { [PAYEE]: { balance: quantity(5 * number) } }),
        },
        post: {
          ...diff(index + 1),
          [MINER]: { balance: quantity(nonce + index + 1) },
          ...(index === 1 ? { [TOKEN]: token(number + 1) } : { [PAYEE]: { balance: quantity(5 * number + 5) } }),
        },
      },
    })),
  };
}

function word(value: number): string {
  return `0x${value.toString(16).padStart(64, '0')}`;
}

function quantity(value: number): string {
  return `0x${value.toString(16)}`;
}
