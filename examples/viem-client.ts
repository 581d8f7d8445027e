/**
 * Asks a running `lanecast serve` about transactions as viem has them:
 *
 *     lanecast serve --port 9545 --learn generated:mainnet
 *     npx tsx examples/viem-client.ts http://127.0.0.1:9545
 */
import { argv, stdout } from 'node:process';
import { pathToFileURL } from 'node:url';
import { encodeFunctionData, erc20Abi, parseEther, parseGwei, type Address } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';

/** What this client reads of the answer. `/openapi.json` describes all of it. */
export interface Schedule {
  readonly model: { readonly kind: string; readonly version: string };
  readonly unit: string;
  readonly workers: number;
  readonly lanes: readonly (readonly { readonly index: number; readonly start: number; readonly end: number }[])[];
  readonly expectedSpeedup: number;
}

const TOKEN: Address = '0xa0b86991c6218b36c1d19d4a2e9eb0ce3606eb48';
const CHAIN_ID = 1;

/** Transactions hold bigints, which JSON does not: they are sent as decimal text. */
export function toJson(value: unknown): string {
  return JSON.stringify(value, (_name, inner: unknown) => (typeof inner === 'bigint' ? inner.toString() : inner));
}

/** Token transfers of three senders to one recipient, as objects and, the last one, signed. */
export async function createTransactions(): Promise<readonly unknown[]> {
  const accounts = [1, 2, 3].map((byte) => privateKeyToAccount(`0x${byte.toString(16).padStart(64, '0')}`));
  const recipient = privateKeyToAccount(`0x${'4'.padStart(64, '0')}`).address;
  const requests = accounts.map((account, place) => ({
    chainId: CHAIN_ID,
    type: 'eip1559' as const,
    to: TOKEN,
    data: encodeFunctionData({ abi: erc20Abi, functionName: 'transfer', args: [recipient, parseEther('1')] }),
    nonce: place,
    gas: 65_000n,
    maxFeePerGas: parseGwei('20'),
    maxPriorityFeePerGas: parseGwei('1'),
  }));
  const objects = requests.map((request, place) => ({ ...request, from: accounts[place]?.address }));
  const [last, signer] = [requests.at(-1), accounts.at(-1)];
  if (last === undefined || signer === undefined) return objects;
  return [...objects.slice(0, -1), await signer.signTransaction(last)];
}

/** Throws Error with what the service says where it does not answer with a schedule. */
export async function askForSchedule(
  url: string,
  transactions: readonly unknown[],
  workers: number,
): Promise<Schedule> {
  const response = await fetch(`${url}/v1/schedule`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: toJson({ transactions, workers }),
  });
  if (!response.ok) throw new Error(`${response.status}: ${await response.text()}`);
  return (await response.json()) as Schedule;
}

export function describe({ model, unit, workers, lanes, expectedSpeedup }: Schedule): string {
  const lines = lanes.map((lane, worker) => {
    const entries = lane.map(({ index, start, end }) => `#${index} from ${start} to ${end} ${unit}`);
    return `worker ${worker}: ${entries.join(', ') || 'nothing'}`;
  });
  const head = `${model.kind} model ${model.version}: ${expectedSpeedup} times as fast on ${workers} workers`;
  return [head, ...lines, ''].join('\n');
}

async function main(url: string): Promise<void> {
  stdout.write(describe(await askForSchedule(url, await createTransactions(), 2)));
}

if (argv[1] !== undefined && import.meta.url === pathToFileURL(argv[1]).href) {
  await main(argv[2] ?? 'http://127.0.0.1:9545');
}
