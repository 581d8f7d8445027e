import type { Json } from '../../datasets/chain-json.js';

/** The bodies of one section: one that is sent again and again, or so many that none is known any more when it comes again. */
export interface Section {
  readonly name: string;
  readonly bodies: readonly Buffer[];
}

/** Calldata of the compact form: the selector and sixteen words. */
const COMPACT_CHARACTERS = 2 + 2 * (4 + 16 * 32);
const COMPACT_FIELDS = [
  ...['from', 'to', 'nonce', 'value', 'gas', 'type', 'gasPrice', 'maxFeePerGas', 'maxPriorityFeePerGas', 'accessList'],
] as const;
/** With some two hundred transactions each this is more than the service remembers. */
const COLD_BODIES = 320;

/** `block`: as a node answers it. */
export function sectionsOf(block: Json, transactions: readonly Json[]): Section[] {
  const context = {
    feeRecipient: block['miner'],
    baseFeePerGas: block['baseFeePerGas'],
    number: Number(block['number']),
  };
  const bodyOf = (listed: readonly Json[]): Buffer =>
    Buffer.from(JSON.stringify({ transactions: listed, block: context }));
  const compact = transactions.map(compactOf);
  return [
    { name: 'full, known', bodies: [bodyOf(transactions)] },
    { name: 'full, new', bodies: variantsOf(transactions).map(bodyOf) },
    { name: 'compact, known', bodies: [bodyOf(compact)] },
    { name: 'compact, new', bodies: variantsOf(compact).map(bodyOf) },
  ];
}

function compactOf(transaction: Json): Json {
  const kept = COMPACT_FIELDS.flatMap((name) => (transaction[name] === undefined ? [] : [[name, transaction[name]]]));
  const input = transaction['input'];
  const start = typeof input === 'string' ? input.slice(0, COMPACT_CHARACTERS) : '0x';
  return { ...(Object.fromEntries(kept) as Json), input: start };
}

/** The same calls with other nonces: nothing that was prepared for one serves another. */
function variantsOf(transactions: readonly Json[]): Json[][] {
  return Array.from({ length: COLD_BODIES }, (_, variant) =>
    transactions.map((transaction) => ({ ...transaction, nonce: `0x${(1_000_000 + variant).toString(16)}` })),
  );
}
