import type { Address, Hex } from '../../types.js';
import type { Draft } from './chain.js';
import type { Codec } from './codec.js';
import type { Site } from './site.js';
import { HOLDING } from './tokens.js';
import type { Token, World } from './world.js';

export const TIP_WEI = 10n ** 9n;
export const TRANSFER_GAS = 21_000;
const TOKEN_CALL_GAS = 120_000;

/** Ether from one account to another; to null, the start of a creation. */
export function pay(from: Address, to: Address | null, valueWei: bigint): Draft {
  return { from, to, valueWei, input: '0x', gasLimit: TRANSFER_GAS, tipWei: TIP_WEI };
}

export function callContract(from: Address, to: Address, call: { input: Hex; gasLimit: number }): Draft {
  return { from, to, valueWei: 0n, tipWei: TIP_WEI, ...call };
}

/** What the drafts of token calls need. */
export interface TokenDesk {
  readonly world: World;
  readonly codec: Codec;
}

/** Tokens from one holder to another; `newcomer` has none of them before. */
export function transferToken(
  { world, codec }: TokenDesk,
  token: Token,
  { from, to, amount, newcomer = false }: { from: Address; to: Address; amount: bigint; newcomer?: boolean },
): Draft {
  world.hold(token, from, HOLDING);
  world.hold(token, to, newcomer ? 0n : HOLDING);
  const input = codec.call('transfer(address,uint256)', [to, amount]);
  return callContract(from, token.address, { input, gasLimit: TOKEN_CALL_GAS });
}

export function approveToken(
  { world, codec }: TokenDesk,
  token: Token,
  { from, spender, amount }: { from: Address; spender: Address; amount: bigint },
): Draft {
  world.nameAllowance(token, from, spender);
  const input = codec.call('approve(address,uint256)', [spender, amount]);
  return callContract(from, token.address, { input, gasLimit: TOKEN_CALL_GAS });
}

export function depositWeth({ world, codec }: TokenDesk, weth: Token, from: Address, valueWei: bigint): Draft {
  world.hold(weth, from, HOLDING);
  const call = { input: codec.call('deposit()', []), gasLimit: TOKEN_CALL_GAS };
  return { ...callContract(from, weth.address, call), valueWei };
}

export function withdrawWeth({ world, codec }: TokenDesk, weth: Token, from: Address, amount: bigint): Draft {
  world.hold(weth, from, HOLDING);
  const input = codec.call('withdraw(uint256)', [amount]);
  return callContract(from, weth.address, { input, gasLimit: TOKEN_CALL_GAS });
}

export function deskOf({ world, codec }: Site): TokenDesk {
  return { world, codec };
}
