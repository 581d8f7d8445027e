import { z } from 'zod';
import { EXPECTED, isAddress, isBytes, isCount, isHash, isQuantity } from './fields.js';
import { IGNORED_FIELDS, TYPE_NAMES } from './read-transaction.js';

/** The transactions that requests hold, for the description of the interface. What reads them on the way is `read-transaction.ts`. */

const Address = z.string().refine(isAddress, `expected ${EXPECTED.address}`).meta({ pattern: '^0x[0-9a-fA-F]{40}$' });
const Hash = z.string().refine(isHash, `expected ${EXPECTED.hash}`).meta({ pattern: '^0x[0-9a-fA-F]{64}$' });
const Bytes = z.string().refine(isBytes, `expected ${EXPECTED.bytes}`).meta({ pattern: '^0x([0-9a-fA-F]{2})*$' });
const QuantityText = z.string().meta({ pattern: '^(0x[0-9a-fA-F]{1,64}|[0-9]{1,78})$' });
const QuantityNumber = z.number().meta({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });
const Quantity = z
  .union([QuantityText, QuantityNumber])
  .refine(isQuantity, `expected ${EXPECTED.quantity}`)
  .meta({ id: 'Quantity', description: `As JSON-RPC, viem or ethers write it: ${EXPECTED.quantity}.` });
const Count = z
  .union([QuantityText, QuantityNumber])
  .refine(isCount, `expected ${EXPECTED.count}`)
  .meta({ id: 'Count', description: `The same, ${EXPECTED.count}.` });

const Type = z
  .union([z.enum([...TYPE_NAMES.keys()] as [string, ...string[]]), Count])
  .refine((type) => TYPE_NAMES.has(String(type)) || (isCount(type) && Number(type) <= 127), 'expected a type to 127')
  .meta({ id: 'TransactionType', description: 'EIP-2718; told by the other fields where it is absent.' });

const AccessListEntry = z.strictObject({ address: Address, storageKeys: z.array(Hash).nullish() });
const Authorization = z
  .strictObject({
    ...{ chainId: Quantity, address: Address.nullish(), contractAddress: Address.nullish(), nonce: Quantity },
    ...{ yParity: z.unknown(), v: z.unknown(), r: z.unknown(), s: z.unknown(), signature: z.unknown() },
  })
  .partial({ yParity: true, v: true, r: true, s: true, signature: true })
  .refine(({ address, contractAddress }) => isThere(address) || isThere(contractAddress), 'expected an address')
  .refine(({ address, contractAddress }) => agree(address, contractAddress), 'expected one address');

const Ignored = Object.fromEntries(IGNORED_FIELDS.map((name) => [name, z.unknown().optional()]));

export const TransactionObject = z
  .strictObject({
    from: Address.describe('The sender.'),
    to: Address.nullish().describe('Absent or null creates a contract.'),
    nonce: Count.nullish(),
    value: Quantity.nullish().describe('wei'),
    input: Bytes.nullish().describe(
      'Calldata, also `data`. Prediction reads the first 4,096 bytes, above all the first 4 + 32 × 16; cut off it is ' +
        'understood, and only the least gas that the transaction pays is underestimated.',
    ),
    data: Bytes.nullish(),
    gas: Count.nullish().describe('Gas limit, also `gasLimit`: one of them is required.'),
    gasLimit: Count.nullish(),
    hash: Hash.nullish(),
    type: Type.nullish(),
    chainId: z.unknown().optional(),
    gasPrice: Quantity.nullish().describe('wei'),
    maxFeePerGas: Quantity.nullish().describe('wei'),
    maxPriorityFeePerGas: Quantity.nullish().describe('wei'),
    maxFeePerBlobGas: Quantity.nullish().describe('wei'),
    accessList: z.array(AccessListEntry).nullish().describe('EIP-2930'),
    blobVersionedHashes: z.array(Hash).nullish().describe('EIP-4844'),
    authorizationList: z.array(Authorization).nullish().describe('EIP-7702'),
    ...Ignored,
  })
  .refine(({ gas, gasLimit }) => isThere(gas) || isThere(gasLimit), 'expected a gas limit')
  .refine(
    ({ gas, gasLimit }) => !isThere(gas) || !isThere(gasLimit) || Number(gas) === Number(gasLimit),
    'expected one gas limit',
  )
  .refine(({ input, data }) => agree(input, data), 'expected one input')
  .meta({
    id: 'TransactionObject',
    description:
      'A transaction as `eth_getBlockByNumber(…, true)` answers it, or as viem or ethers serialise it. Fields that say nothing of ' +
      'what it will do (its place in a block, its signature) are ignored; unknown ones are refused.',
  });

const RawTransaction = z.string().refine(isBytes, `expected ${EXPECTED.bytes}`).meta({
  id: 'RawTransaction',
  pattern: '^0x([0-9a-fA-F]{2})*$',
  description: 'A signed transaction as `eth_sendRawTransaction` takes it (RLP, EIP-2718); its sender is recovered.',
});

export const TransactionInput = z.union([TransactionObject, RawTransaction]).meta({ id: 'Transaction' });

function isThere<Value>(value: Value | null | undefined): value is Value {
  return value !== undefined && value !== null;
}

function agree(first: string | null | undefined, second: string | null | undefined): boolean {
  return !isThere(first) || !isThere(second) || first.toLowerCase() === second.toLowerCase();
}
