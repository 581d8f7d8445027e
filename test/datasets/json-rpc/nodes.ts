import { createRpcClient, type RpcClient, type RpcClientOptions } from '../../../datasets/json-rpc/client.js';
import { parseEndpoint } from '../../../datasets/json-rpc/endpoint.js';
import { createNode, type EthereumNode, type NodeOutcome } from '../../../datasets/json-rpc/node.js';
import type { BlockRecord } from '../../../types.js';
import { readBlock } from '../../../datasets/read.js';
import type { StubBlock, StubNode } from '../../helpers/stub-node.js';
import { virtualClock, type VirtualClock } from '../../helpers/virtual-clock.js';

export interface TestClient {
  readonly client: RpcClient;
  readonly clock: VirtualClock;
  /** Half of what can be drawn. */
  readonly random: () => number;
}

export function connectTo(stub: Pick<StubNode, 'url'>, options: Partial<RpcClientOptions> = {}): TestClient {
  const clock = virtualClock();
  const random = (): number => 0.5;
  const defaults = {
    endpoint: parseEndpoint(stub.url),
    clock,
    random,
    concurrency: 4,
    batchSize: 20,
    timeoutMs: 60_000,
  };
  return { client: createRpcClient({ ...defaults, ...options }), clock, random };
}

export interface TestNode extends TestClient {
  readonly node: EthereumNode;
}

export function nodeOf(stub: Pick<StubNode, 'url'>, options: Partial<RpcClientOptions> = {}): TestNode {
  const connected = connectTo(stub, options);
  const { client, clock, random } = connected;
  return { ...connected, node: createNode(client, { clock, random, timeoutMs: 60_000, signal: options.signal }) };
}

/** What a file of the same content is read as. */
export function recordOfStub(block: StubBlock, origin: string): BlockRecord {
  const record = readBlock(block, origin);
  if (record.kind !== 'record') throw new Error('expected a record');
  return record;
}

export function requireOk(outcome: NodeOutcome): BlockRecord {
  if (!outcome.ok) throw outcome.error;
  if (outcome.block.kind !== 'record') throw new Error('expected a record');
  return outcome.block;
}

export async function errorOf(promise: Promise<unknown>): Promise<Error> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new Error('expected an error');
}
