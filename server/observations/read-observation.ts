import { readBlock } from '../../datasets/read.js';
import { InputError } from '../../errors.js';
import type { DecodeRawTransaction } from '../../executor/reference/index.js';
import { ZERO_WORD } from '../../types.js';
import type { Access, Address, BlockRecord, Hash, SourceBlock, TransactionRecord } from '../../types.js';
import { check } from '../engine/requests.js';
import { Problem } from '../problem.js';
import { isObject } from '../transactions/fields.js';
import { TransactionCache } from '../transactions/transaction-cache.js';
import { CompactObservation } from './schema.js';

const ORIGIN = 'observation';

/**
 * An executed block, in any of the forms: a snapshot is still to be executed. Throws Problem `malformed_json` or
 * `invalid_request`.
 */
export function readObservation(body: Uint8Array, decodeRaw: DecodeRawTransaction): SourceBlock {
  const json = parse(Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8'));
  const isFile =
    isObject(json) && ['preState', 'fork', 'prestateTracer', 'prestateTracerDiff'].some((name) => name in json);
  if (!isFile) return recordOf(check(CompactObservation, json), decodeRaw);
  try {
    return readBlock(json, ORIGIN);
  } catch (error) {
    if (error instanceof InputError) throw new Problem('invalid_request', error.message.replace(`${ORIGIN}, `, ''));
    throw error;
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message.slice(0, 200) : '';
    throw new Problem('malformed_json', `the body is no JSON: ${text === '' ? 'it is empty' : reason}`);
  }
}

function recordOf(observation: CompactObservation, decodeRaw: DecodeRawTransaction): BlockRecord {
  const { block } = observation;
  const cache = new TransactionCache({ decodeRaw, onLeave: () => undefined });
  const transactions = observation.transactions.map((outcome, index): TransactionRecord => {
    const path = `transactions.${index}.transaction`;
    return {
      transaction: { ...cache.read(outcome.transaction, index, path), index },
      gasUsed: Number(outcome.gasUsed),
      succeeded: outcome.succeeded ?? null,
      ...{ logs: [], keccakPreimages: [], callFrames: [] },
      accesses: accessesOf(outcome.accesses),
      executionNs: outcome.executionNs ?? null,
    };
  });
  return {
    ...{ kind: 'record', origin: ORIGIN, chainId: Number(observation.chainId), transactions, codeHashes: new Map() },
    header: {
      number: Number(block.number),
      hash: block.hash.toLowerCase() as Hash,
      parentHash: (block.parentHash?.toLowerCase() as Hash | undefined) ?? ZERO_WORD,
      feeRecipient: block.miner.toLowerCase() as Address,
      timestampSeconds: Number(block.timestamp),
      gasLimit: Number(block.gasLimit),
      gasUsed: Number(block.gasUsed ?? transactions.reduce((sum, { gasUsed }) => sum + gasUsed, 0)),
      baseFeePerGasWei: block.baseFeePerGas === undefined ? null : BigInt(block.baseFeePerGas),
      ...{ receiptsRoot: null, logsBloom: null, difficulty: 0n, mixHash: null, extraData: '0x' },
      ...{ excessBlobGas: null, blobGasUsed: null, parentBeaconBlockRoot: null },
    },
  };
}

/** Each (key, kind) once. */
function accessesOf(listed: CompactObservation['transactions'][number]['accesses']): Access[] {
  const accesses = new Map<string, Access>();
  for (const { address, slot, kind } of listed) {
    const key = { address: address.toLowerCase() as Address, slot: (slot?.toLowerCase() as Hash | undefined) ?? null };
    const field = key.slot === null ? 'account' : 'slot';
    accesses.set(`${key.address} ${key.slot ?? ''} ${kind}`, { ...key, field, kind, atGas: null, value: null });
  }
  return [...accesses.values()];
}
