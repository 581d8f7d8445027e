import { z } from 'zod';
import type { Store } from '../datasets/store/index.js';
import { LanecastError } from '../errors.js';
import { SectionReader } from '../model/artifact/section-reader.js';
import { SectionWriter } from '../model/artifact/section-writer.js';
import type { SavedModel } from '../server/engine/messages.js';
import type { Keeper, KnownBlock } from '../server/ports.js';
import type { BlockRecord, Hash } from '../types.js';
import { printNotice } from './terminal.js';

/** What a service knew when it ended. */
export interface KeptService {
  readonly saved: SavedModel;
  readonly known: readonly KnownBlock[];
}

const NAME = 'serve/1';
const FORMAT = 1;

const Facts = z.strictObject({
  learned: z.strictObject({
    chainId: z.int().nonnegative(),
    blocks: z.int().nonnegative(),
    lastBlock: z.int().nonnegative(),
    version: z.int().nonnegative(),
  }),
  artifactId: z.string().nullable(),
  known: z.array(z.strictObject({ number: z.int().nonnegative(), hash: z.string() })),
});

/**
 * What the last service on this store knew of a chain; null where there was none, and, after a notice, where it can't be read or
 * was learned beside other networks than those of `artifactId`.
 */
export async function loadService(store: Store, artifactId: string | null): Promise<KeptService | null> {
  try {
    for (const { chainId } of await store.chains()) {
      const state = await store.readState({ chainId, name: NAME, format: FORMAT, before: Number.MAX_SAFE_INTEGER });
      if (state === null) continue;
      const kept = decode(state.payload, `what a service learned of chain ${chainId}`);
      if (kept.saved.artifactId === artifactId) return kept;
      printNotice('notice: what was learned before was learned beside another model: it is left out');
    }
    return null;
  } catch (error) {
    if (!(error instanceof LanecastError)) throw error;
    printNotice(`notice: starting anew, what was learned before is not usable: ${error.message}`);
    return null;
  }
}

/** Observed blocks that a service may not have kept the teaching of when it ends without warning. */
const MOST_TO_CATCH_UP = 64;

/**
 * Learns the blocks that the store holds after the last one that a service learned: after a crash they were observed, but what they
 * taught was not kept. `observe` answers whether a block was new. Answers how many were.
 */
export async function catchUp(
  store: Store,
  { chainId, lastBlock }: Pick<SavedModel['learned'], 'chainId' | 'lastBlock'>,
  observe: (block: BlockRecord) => Promise<boolean>,
): Promise<number> {
  if (chainId === null || lastBlock === null) return 0;
  let learned = 0;
  for await (const block of store.records({ chainId, from: lastBlock + 1, to: lastBlock + MOST_TO_CATCH_UP })) {
    if (await observe(block)) learned += 1;
  }
  return learned;
}

/** Keeps in a store what a service learns. */
export function keeperOn(store: Store): Keeper {
  return {
    add: async (record) => {
      await store.ingest([record]);
    },
    save: async (saved, known, lastHash) => {
      const { chainId, lastBlock } = saved.learned;
      if (chainId === null || lastBlock === null) return;
      const state = { chainId, name: NAME, format: FORMAT, lastBlock, lastHash: lastHash as Hash };
      await store.writeState({ ...state, payload: encode({ saved, known }) });
    },
  };
}

function encode({ saved, known }: KeptService): Uint8Array {
  const to = new SectionWriter();
  to.bytes('hints', saved.hints);
  to.texts('facts', [JSON.stringify({ learned: saved.learned, artifactId: saved.artifactId, known })]);
  return to.finish();
}

function decode(payload: Uint8Array, file: string): KeptService {
  const from: SectionReader = SectionReader.open(file, payload);
  const facts = Facts.safeParse(jsonOf(from.texts('facts')[0]));
  if (!facts.success) from.refuse('facts', z.prettifyError(facts.error));
  const { learned, artifactId, known } = facts.data;
  return { saved: { hints: from.bytes('hints'), learned, artifactId }, known };
}

/** Undefined where it is none. */
function jsonOf(text = ''): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
