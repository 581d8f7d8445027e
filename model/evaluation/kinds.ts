import type { Transaction } from '../../types.js';
import { selectorOf } from '../functions.js';

/** What a transaction is, as far as it shows before execution. */
export const TRANSACTION_KINDS = ['creation', 'transfer', 'erc20', 'swap', 'nft', 'other-call'] as const;
export type TransactionKind = (typeof TRANSACTION_KINDS)[number];

type Functions = readonly (readonly [selector: string, signature: string])[];

/** ERC-20. `transferFrom` and `approve` of ERC-721 have the same selectors. */
export const ERC20_FUNCTIONS: Functions = [
  ['0xa9059cbb', 'transfer(address,uint256)'],
  ['0x23b872dd', 'transferFrom(address,address,uint256)'],
  ['0x095ea7b3', 'approve(address,uint256)'],
];

/** Uniswap V2 (and its forks) and V3 routers, SwapRouter02, Universal Router, 1inch 4 and 5, 0x, MetaMask swaps. */
export const SWAP_FUNCTIONS: Functions = [
  ['0x38ed1739', 'swapExactTokensForTokens(uint256,uint256,address[],address,uint256)'],
  ['0x8803dbee', 'swapTokensForExactTokens(uint256,uint256,address[],address,uint256)'],
  ['0x7ff36ab5', 'swapExactETHForTokens(uint256,address[],address,uint256)'],
  ['0x4a25d94a', 'swapTokensForExactETH(uint256,uint256,address[],address,uint256)'],
  ['0x18cbafe5', 'swapExactTokensForETH(uint256,uint256,address[],address,uint256)'],
  ['0xfb3bdb41', 'swapETHForExactTokens(uint256,address[],address,uint256)'],
  ['0x5c11d795', 'swapExactTokensForTokensSupportingFeeOnTransferTokens(uint256,uint256,address[],address,uint256)'],
  ['0xb6f9de95', 'swapExactETHForTokensSupportingFeeOnTransferTokens(uint256,address[],address,uint256)'],
  ['0x791ac947', 'swapExactTokensForETHSupportingFeeOnTransferTokens(uint256,uint256,address[],address,uint256)'],
  ['0x414bf389', 'exactInputSingle((address,address,uint24,address,uint256,uint256,uint256,uint160))'],
  ['0xc04b8d59', 'exactInput((bytes,address,uint256,uint256,uint256))'],
  ['0xdb3e2198', 'exactOutputSingle((address,address,uint24,address,uint256,uint256,uint256,uint160))'],
  ['0xf28c0498', 'exactOutput((bytes,address,uint256,uint256,uint256))'],
  ['0x04e45aaf', 'exactInputSingle((address,address,uint24,address,uint256,uint256,uint160))'],
  ['0xb858183f', 'exactInput((bytes,address,uint256,uint256))'],
  ['0x5023b4df', 'exactOutputSingle((address,address,uint24,address,uint256,uint256,uint160))'],
  ['0x09b81346', 'exactOutput((bytes,address,uint256,uint256))'],
  ['0x472b43f3', 'swapExactTokensForTokens(uint256,uint256,address[],address)'],
  ['0x42712a67', 'swapTokensForExactTokens(uint256,uint256,address[],address)'],
  ['0x5ae401dc', 'multicall(uint256,bytes[])'],
  ['0x24856bc3', 'execute(bytes,bytes[])'],
  ['0x3593564c', 'execute(bytes,bytes[],uint256)'],
  ['0x7c025200', 'swap(address,(address,address,address,address,uint256,uint256,uint256,bytes),bytes)'],
  ['0x12aa3caf', 'swap(address,(address,address,address,address,uint256,uint256,uint256),bytes,bytes)'],
  ['0x2e95b6c8', 'unoswap(address,uint256,uint256,bytes32[])'],
  ['0x0502b1c5', 'unoswap(address,uint256,uint256,uint256[])'],
  ['0xe449022e', 'uniswapV3Swap(uint256,uint256,uint256[])'],
  ['0x415565b0', 'transformERC20(address,address,uint256,uint256,(uint32,bytes)[])'],
  ['0xd9627aa4', 'sellToUniswap(address[],uint256,uint256,bool)'],
  ['0x3598d8ab', 'sellEthForTokenToUniswapV3(bytes,uint256,address)'],
  ['0x803ba26d', 'sellTokenForEthToUniswapV3(bytes,uint256,uint256,address)'],
  ['0x6af479b2', 'sellTokenForTokenToUniswapV3(bytes,uint256,uint256,address)'],
  ['0x5f575529', 'swap(string,address,uint256,bytes)'],
];

/** ERC-721 and ERC-1155 transfers, common names of mints, Seaport 1.1's plain order. */
export const NFT_FUNCTIONS: Functions = [
  ['0x42842e0e', 'safeTransferFrom(address,address,uint256)'],
  ['0xb88d4fde', 'safeTransferFrom(address,address,uint256,bytes)'],
  ['0xf242432a', 'safeTransferFrom(address,address,uint256,uint256,bytes)'],
  ['0x2eb2c2d6', 'safeBatchTransferFrom(address,address,uint256[],uint256[],bytes)'],
  ['0xa22cb465', 'setApprovalForAll(address,bool)'],
  ['0x1249c58b', 'mint()'],
  ['0xa0712d68', 'mint(uint256)'],
  ['0x6a627842', 'mint(address)'],
  ['0x40c10f19', 'mint(address,uint256)'],
  ['0xba41b0c6', 'mint(uint256,bytes32[])'],
  ['0xa1448194', 'safeMint(address,uint256)'],
  ['0x31c864e8', 'safeMint(uint256)'],
  ['0x2db11544', 'publicMint(uint256)'],
  ['0xefd0cbf9', 'mintPublic(uint256)'],
  ['0xd2cab056', 'whitelistMint(uint256,bytes32[])'],
  [
    '0xfb0f3ee1',
    'fulfillBasicOrder((address,uint256,uint256,address,address,address,uint256,uint256,uint8,uint256,uint256,bytes32,uint256,bytes32,bytes32,uint256,(uint256,address)[],bytes))',
  ],
];

const KIND_BY_SELECTOR: ReadonlyMap<string, TransactionKind> = new Map([
  ...ERC20_FUNCTIONS.map(([selector]) => [selector, 'erc20'] as const),
  ...SWAP_FUNCTIONS.map(([selector]) => [selector, 'swap'] as const),
  ...NFT_FUNCTIONS.map(([selector]) => [selector, 'nft'] as const),
]);

/** By selector alone: any contract may give a known name to something else. */
export function kindOf(transaction: Transaction): TransactionKind {
  if (transaction.to === null) return 'creation';
  if (transaction.input === '0x') return 'transfer';
  return KIND_BY_SELECTOR.get(selectorOf(transaction)) ?? 'other-call';
}
