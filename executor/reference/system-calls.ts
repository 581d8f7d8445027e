import { bigIntToBytes, createAccount, createAddressFromString, hexToBytes, type Address } from '@ethereumjs/util';
import type { Address as AddressHex, BlockSnapshot } from '../../types.js';
import type { Machine } from './vm.js';

export const BEACON_ROOTS = '0x000f3df6d732807ef1319fb7b8bb8522d0beac02';
const BEACON_ROOTS_LENGTH = 8191n;
export const BLOCK_HASHES = '0x0000f90827f1c53a10cb7a02335b175320002935';
const BLOCK_HASHES_LENGTH = 8191n;
export const WITHDRAWAL_REQUESTS = '0x00000961ef480eb55e80d19ad83579a64c007002';
export const CONSOLIDATION_REQUESTS = '0x0000bbddc7ce488642fb579f8b00f3a590007251';
const SYSTEM = '0xfffffffffffffffffffffffffffffffffffffffe';
const SYSTEM_CALL_GAS = 30_000_000n;
export const GWEI_IN_WEI = 1_000_000_000n;

/** What a block does to the state before its first transaction: EIP-4788 and EIP-2935, as their contracts store it. */
export async function runBeforeTransactions(machine: Machine, { header }: BlockSnapshot): Promise<void> {
  const { common } = machine;
  if (common.isActivatedEIP(4788) && header.parentBeaconBlockRoot !== null) {
    const timestamp = BigInt(header.timestampSeconds);
    const index = timestamp % BEACON_ROOTS_LENGTH;
    await storeAt(machine, BEACON_ROOTS, { slot: index, value: bigIntToBytes(timestamp) });
    const root = hexToBytes(header.parentBeaconBlockRoot);
    await storeAt(machine, BEACON_ROOTS, { slot: index + BEACON_ROOTS_LENGTH, value: root });
  }
  if (common.isActivatedEIP(2935)) {
    const slot = BigInt(header.number - 1) % BLOCK_HASHES_LENGTH;
    await storeAt(machine, BLOCK_HASHES, { slot, value: hexToBytes(header.parentHash) });
  }
}

/** What a block does after its last transaction: withdrawals (EIP-4895), requests (EIP-7002, EIP-7251). No rewards. */
export async function runAfterTransactions(machine: Machine, { withdrawals }: BlockSnapshot): Promise<void> {
  for (const { address, amountGwei } of withdrawals) {
    await credit(machine, createAddressFromString(address), amountGwei * GWEI_IN_WEI);
  }
  if (machine.common.isActivatedEIP(7002)) await callAsSystem(machine, WITHDRAWAL_REQUESTS);
  if (machine.common.isActivatedEIP(7251)) await callAsSystem(machine, CONSOLIDATION_REQUESTS);
  await machine.evm.journal.cleanup();
}

async function storeAt(
  { state }: Machine,
  owner: AddressHex,
  entry: { slot: bigint; value: Uint8Array },
): Promise<void> {
  if (state.codeAt(owner).length === 0) return;
  const key = hexToBytes(`0x${entry.slot.toString(16).padStart(64, '0')}`);
  await state.putStorage(createAddressFromString(owner), key, entry.value);
}

async function credit({ evm, state }: Machine, address: Address, amountWei: bigint): Promise<void> {
  const account = (await state.getAccount(address)) ?? createAccount({});
  account.balance += amountWei;
  await evm.journal.putAccount(address, account);
}

async function callAsSystem({ evm, state, block }: Machine, target: AddressHex): Promise<void> {
  if (state.codeAt(target).length === 0) return;
  const caller = createAddressFromString(SYSTEM);
  const before = await state.getAccount(caller);
  await evm.runCall({ caller, to: createAddressFromString(target), gasLimit: SYSTEM_CALL_GAS, gasPrice: 0n, block });
  await state.putAccount(caller, before);
}
