import { createReferenceExecutor, keccak256, type ReferenceExecutor } from '../executor/reference/index.js';
import { readCryo } from '../datasets/cryo/read.js';
import type { Store } from '../datasets/store/index.js';
import { nodeFlagsOf, openNode, type NodeSource } from './node-source.js';
import type { SourceTools } from './source.js';
import { openStoreIfPossible, requireStore, type StoreOptions } from './store-option.js';

/** What a command works with; what was opened is closed by `close`. */
export interface Tools extends SourceTools {
  readonly executor: ReferenceExecutor;
  /** Null after one notice where there is no store to be had, or none is wanted. */
  storeIfPossible(): Promise<Store | null>;
  close(): Promise<void>;
}

export function createTools(options: StoreOptions): Tools {
  const executor = createReferenceExecutor();
  let opening: Promise<Store> | undefined;
  const nodes = new Map<string, NodeSource>();
  return {
    executor,
    execute: (snapshot) => executor.execute(snapshot),
    keccak256,
    node: (source, given) => {
      const flags = nodeFlagsOf(given);
      const key = JSON.stringify([source, flags]);
      const node =
        nodes.get(key) ?? openNode(source, flags, { authorization: process.env['LANECAST_RPC_AUTHORIZATION'] });
      nodes.set(key, node);
      return node;
    },
    store: () => (opening ??= requireStore(options)),
    cryo: async function* (folder) {
      // A process has one embedded engine open at a time: that of the store, where one is wanted.
      if (options.store === false) yield* readCryo(folder, null);
      else yield* (await (opening ??= requireStore(options))).cryo(folder);
    },
    storeIfPossible: async () => {
      if (opening !== undefined) return opening;
      const store = await openStoreIfPossible(options);
      if (store !== null) opening = Promise.resolve(store);
      return store;
    },
    close: async () => {
      for (const node of nodes.values()) node.close();
      if (opening !== undefined) await (await opening).close();
    },
  };
}
