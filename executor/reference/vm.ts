import { createBlock, type Block } from '@ethereumjs/block';
import { Hardfork, Mainnet, createCustomCommon, type Common } from '@ethereumjs/common';
import { createEVM, type EVM, type EVMMockBlockchainInterface } from '@ethereumjs/evm';
import { createAddressFromString, hexToBytes } from '@ethereumjs/util';
import { createVM, type VM } from '@ethereumjs/vm';
import { InputError } from '../../errors.js';
import type { BlockSnapshot, Fork } from '../../types.js';
import { SnapshotState } from './state.js';

/** One block ready to be executed. */
export interface Machine {
  readonly vm: VM;
  readonly evm: EVM;
  readonly common: Common;
  readonly block: Block;
  readonly state: SnapshotState;
}

const MAINNET = 1;

/** Only names differ. `Chainstart` is Frontier. */
const HARDFORKS: Readonly<Record<Fork, Hardfork>> = {
  frontier: Hardfork.Chainstart,
  homestead: Hardfork.Homestead,
  dao: Hardfork.Dao,
  tangerineWhistle: Hardfork.TangerineWhistle,
  spuriousDragon: Hardfork.SpuriousDragon,
  byzantium: Hardfork.Byzantium,
  constantinople: Hardfork.Constantinople,
  petersburg: Hardfork.Petersburg,
  istanbul: Hardfork.Istanbul,
  muirGlacier: Hardfork.MuirGlacier,
  berlin: Hardfork.Berlin,
  london: Hardfork.London,
  arrowGlacier: Hardfork.ArrowGlacier,
  grayGlacier: Hardfork.GrayGlacier,
  paris: Hardfork.Paris,
  shanghai: Hardfork.Shanghai,
  cancun: Hardfork.Cancun,
  prague: Hardfork.Prague,
  osaka: Hardfork.Osaka,
};

export async function createMachine(snapshot: BlockSnapshot, customCrypto: Common['customCrypto']): Promise<Machine> {
  const hardfork = hardforkOf(snapshot);
  const common = createCustomCommon({ chainId: snapshot.chainId }, Mainnet, { hardfork, customCrypto });
  const state = new SnapshotState(snapshot.preState);
  const evm = await createEVM({ common, stateManager: state, blockchain: ancestorsOf(snapshot) });
  const vm = await createVM({ common, stateManager: state, evm });
  return { vm, evm, common, block: createHeaderBlock(snapshot, common), state };
}

/** After Osaka, mainnet changes the price of blobs by forks that change nothing else (EIP-7892). */
export function hardforkOf({ chainId, fork, header }: BlockSnapshot): string {
  if (fork !== 'osaka' || chainId !== MAINNET) return HARDFORKS[fork];
  const active = Mainnet.hardforks.filter(
    ({ name, timestamp }) =>
      name.startsWith('bpo') && timestamp !== undefined && Number(timestamp) <= header.timestampSeconds,
  );
  return active.at(-1)?.name ?? HARDFORKS[fork];
}

/** BLOCKHASH asks for ancestors by number; a snapshot holds the hashes that its block reads. */
function ancestorsOf(snapshot: BlockSnapshot): EVMMockBlockchainInterface {
  const chain: EVMMockBlockchainInterface = {
    getBlock: (id) => {
      const hash = snapshot.blockHashes.get(id);
      if (hash === undefined) {
        const location = { origin: snapshot.origin, blockNumber: snapshot.header.number, field: `blockHashes.${id}` };
        throw new InputError(location, 'expected the hash of this ancestor, which the block reads');
      }
      const bytes = hexToBytes(hash);
      return Promise.resolve({ hash: () => bytes });
    },
    putBlock: () => Promise.resolve(),
    shallowCopy: () => chain,
  };
  return chain;
}

/** A block of its header alone: transactions are built and run one by one. Fields that the fork lacks are left out. */
function createHeaderBlock({ header }: BlockSnapshot, common: Common): Block {
  const { mixHash, baseFeePerGasWei, excessBlobGas, blobGasUsed, parentBeaconBlockRoot } = header;
  const since = <Value>(eip: number, name: string, value: Value | null): Record<string, Value> =>
    value === null || !common.isActivatedEIP(eip) ? {} : { [name]: value };
  const fields = {
    number: BigInt(header.number),
    parentHash: header.parentHash,
    coinbase: createAddressFromString(header.feeRecipient),
    timestamp: BigInt(header.timestampSeconds),
    gasLimit: BigInt(header.gasLimit),
    gasUsed: BigInt(header.gasUsed),
    difficulty: header.difficulty,
    extraData: header.extraData,
    ...since(4399, 'mixHash', mixHash),
    ...since(1559, 'baseFeePerGas', baseFeePerGasWei),
    ...since(4844, 'excessBlobGas', excessBlobGas === null ? null : BigInt(excessBlobGas)),
    ...since(4844, 'blobGasUsed', blobGasUsed === null ? null : BigInt(blobGasUsed)),
    ...since(4788, 'parentBeaconBlockRoot', parentBeaconBlockRoot),
  };
  return createBlock({ header: fields }, { common, skipConsensusFormatValidation: true, freeze: false });
}
