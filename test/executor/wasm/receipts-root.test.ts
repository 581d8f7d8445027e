import fc from 'fast-check';
import type { TransactionType } from '@ethereumjs/tx';
import type { TxReceipt } from '@ethereumjs/vm';
import { describe, expect, it } from 'vitest';
import { receiptsRootOf } from '../../../executor/reference/receipts.js';
import { createEngine } from '../../../executor/wasm/engine.js';
import * as layout from '../../../executor/wasm/layout.js';
import { computeReceiptsRoot } from '../../../executor/wasm/receipts-root.js';
import type { Placed } from '../../../executor/wasm/run.js';

const SEED = 20_250_711;
const RUNS = 40;
const MOST_RECEIPTS = 300;
const { instance: engine } = await createEngine(1);

interface LogParts {
  readonly topics: number;
  readonly dataBytes: number;
  readonly fill: number;
}

interface ReceiptParts {
  readonly type: number;
  readonly status: 0 | 1;
  readonly gasUsed: number;
  readonly logs: readonly LogParts[];
}

/** Numbers of bytes around those at which RLP changes its form. */
const DATA_BYTES = [0, 1, 2, 31, 32, 54, 55, 56, 57, 255, 256, 257];
/** Bytes around those that are their own encoding. */
const FILLS = [0, 1, 0x7f, 0x80, 0xff];

const LOG: fc.Arbitrary<LogParts> = fc.record({
  topics: fc.nat(4),
  dataBytes: fc.oneof(fc.constantFrom(...DATA_BYTES), fc.nat(300)),
  fill: fc.constantFrom(...FILLS),
});

/** No transaction uses no gas, and the library encodes no zero as RLP has it. */
const RECEIPT: fc.Arbitrary<ReceiptParts> = fc.record({
  type: fc.nat(4),
  status: fc.constantFrom(0, 1),
  gasUsed: fc.oneof(
    fc.constantFrom(1, 127, 128, 21_000, 65_535, 65_536, 2 ** 32),
    fc.integer({ min: 1, max: 30_000_000 }),
  ),
  logs: fc.array(LOG, { maxLength: 4 }),
});

const ADDRESS_BYTES = 20;

function bytesOf({ topics, dataBytes, fill }: LogParts): TxReceipt['logs'][number] {
  const topicOf = (place: number): Uint8Array => new Uint8Array(32).fill(fill + place);
  const address = new Uint8Array(ADDRESS_BYTES).fill(fill ^ 0x55);
  return [address, Array.from({ length: topics }, (_, place) => topicOf(place)), new Uint8Array(dataBytes).fill(fill)];
}

function bloomOf({ gasUsed }: ReceiptParts): Uint8Array {
  return new Uint8Array(layout.BLOOM_BYTES).fill(gasUsed & 255, gasUsed % 200);
}

/** As the engine leaves them behind. */
function place(receipts: readonly ReceiptParts[]): Placed {
  engine.exports.resetHeap();
  const placed = {
    transactions: engine.allocate(layout.TRANSACTION_BYTES * (receipts.length + 1)),
    receipts: engine.allocate(layout.RECEIPT_BYTES * (receipts.length + 1)),
    count: receipts.length,
  };
  for (const [index, receipt] of receipts.entries()) {
    const at = placed.receipts + layout.RECEIPT_BYTES * index;
    engine.setU32(placed.transactions + layout.TRANSACTION_BYTES * index + layout.T_TYPE, receipt.type);
    engine.setU32(at + layout.P_STATUS, receipt.status);
    engine.setU64(at + layout.P_GAS_USED, BigInt(receipt.gasUsed));
    if (receipt.logs.length === 0) continue;
    const logs = Buffer.concat(receipt.logs.map(logInMemory));
    engine.setU32(at + layout.P_LOGS, engine.put(logs));
    engine.setU32(at + layout.P_LOGS_LENGTH, logs.length);
    engine.setU32(at + layout.P_LOG_COUNT, receipt.logs.length);
    engine.setU32(at + layout.P_BLOOM, engine.put(bloomOf(receipt)));
  }
  return placed;
}

function logInMemory(parts: LogParts): Uint8Array {
  const [address, topics, data] = bytesOf(parts);
  const head = Buffer.alloc(layout.LOG_HEAD);
  head.writeUInt32LE(topics.length, layout.L_TOPICS);
  head.writeUInt32LE(data.length, layout.L_LENGTH);
  head.set(address, layout.LOG_HEAD - ADDRESS_BYTES);
  return Buffer.concat([head, ...topics, data, new Uint8Array(-data.length & 15)]);
}

async function expectedRoot(receipts: readonly ReceiptParts[]): Promise<string> {
  let gas = 0n;
  const encodable = receipts.map((receipt): TxReceipt => {
    gas += BigInt(receipt.gasUsed);
    const bitvector = receipt.logs.length === 0 ? new Uint8Array(layout.BLOOM_BYTES) : bloomOf(receipt);
    return { status: receipt.status, cumulativeBlockGasUsed: gas, bitvector, logs: receipt.logs.map(bytesOf) };
  });
  const types = receipts.map(({ type }) => type as TransactionType);
  return receiptsRootOf(encodable, types);
}

describe(`the receipts root from the engine's memory, seed ${SEED}`, () => {
  it('is that of the library, whatever the receipts', async () => {
    const receipts = fc.array(RECEIPT, { maxLength: MOST_RECEIPTS, size: 'max' });
    const isSame = fc.asyncProperty(receipts, async (list) => {
      expect(computeReceiptsRoot(engine, place(list))).toBe(await expectedRoot(list));
    });
    await fc.assert(isSame, { seed: SEED, numRuns: RUNS });
  });

  it.each([0, 1, 2, 15, 16, 17, 127, 128, 129, 143, 144, 145, 255, 256, 257, 300, 511, 512, 513])(
    'is that of the library for %i receipts',
    async (count) => {
      const logs = [{ topics: 3, dataBytes: 32, fill: count & 255 }];
      const receipts = Array.from({ length: count }, (_, index): ReceiptParts => {
        return { type: index % 5, status: index % 7 === 0 ? 0 : 1, gasUsed: 21_000 + index, logs };
      });
      expect(computeReceiptsRoot(engine, place(receipts))).toBe(await expectedRoot(receipts));
    },
  );

  it('holds logs that are longer than most, and many', async () => {
    const logs = Array.from({ length: 600 }, (_, index): LogParts => {
      return { topics: index % 5, dataBytes: 65_530 + index, fill: 7 };
    });
    const receipts: ReceiptParts[] = [{ type: 2, status: 1, gasUsed: 30_000_000, logs }];
    expect(computeReceiptsRoot(engine, place(receipts))).toBe(await expectedRoot(receipts));
  });
});
