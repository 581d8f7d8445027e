import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { LanecastError } from '../../errors.js';
import type { Hex } from '../../types.js';

/** Published builds of contracts that run on mainnet, by the module path of their artifact. */
const PATHS = {
  v2Factory: '@uniswap/v2-core/build/UniswapV2Factory.json',
  v2Pair: '@uniswap/v2-core/build/UniswapV2Pair.json',
  v2Router: '@uniswap/v2-periphery/build/UniswapV2Router02.json',
  v3Factory: '@uniswap/v3-core/artifacts/contracts/UniswapV3Factory.sol/UniswapV3Factory.json',
  v3Pool: '@uniswap/v3-core/artifacts/contracts/UniswapV3Pool.sol/UniswapV3Pool.json',
  v3Router: '@uniswap/v3-periphery/artifacts/contracts/SwapRouter.sol/SwapRouter.json',
  v3Positions:
    '@uniswap/v3-periphery/artifacts/contracts/NonfungiblePositionManager.sol/NonfungiblePositionManager.json',
  weth: 'canonical-weth/build/contracts/WETH9.json',
  fixedSupplyToken: '@openzeppelin/contracts/build/contracts/ERC20PresetFixedSupply.json',
  mintableToken: '@openzeppelin/contracts/build/contracts/ERC20PresetMinterPauser.json',
  proxy: '@openzeppelin/contracts/build/contracts/TransparentUpgradeableProxy.json',
  splitter: '@openzeppelin/contracts/build/contracts/PaymentSplitter.json',
} as const;

export type ArtifactName = keyof typeof PATHS;

/** Reads creation code once per artifact. Throws UNSUPPORTED where a package is not installed. */
export function createArtifacts(): (name: ArtifactName) => Hex {
  const require = createRequire(import.meta.url);
  const known = new Map<ArtifactName, Hex>();
  return (name) => {
    const code = known.get(name) ?? readCreationCode(require, PATHS[name]);
    known.set(name, code);
    return code;
  };
}

function readCreationCode(require: NodeJS.Require, path: string): Hex {
  try {
    const artifact: unknown = JSON.parse(readFileSync(require.resolve(path), 'utf8'));
    if (isArtifact(artifact)) return `0x${artifact.bytecode.replace(/^0x/, '')}`;
  } catch (cause) {
    throw new LanecastError('UNSUPPORTED', `Contract build ${path} is needed for this profile and can't be read.`, {
      cause,
    });
  }
  throw new LanecastError('UNSUPPORTED', `Contract build ${path} has no bytecode.`);
}

function isArtifact(value: unknown): value is { readonly bytecode: string } {
  return typeof value === 'object' && value !== null && 'bytecode' in value && typeof value.bytecode === 'string';
}
