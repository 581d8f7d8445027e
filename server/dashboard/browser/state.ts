import type { Forecast, LiveBlock, ModelState } from '../../live.js';

/**
 * All that the page shows, and how it changes:
 *
 *   connection   connecting ──opened──▶ live ──lost──▶ disconnected ──opened──▶ live
 *   a resource   loading ──loaded, an event──▶ ready      loading ──failed──▶ failed ──loaded, an event──▶ ready
 *   the block    following the newest ──pin──▶ pinned ──follow──▶ following
 *
 * What was loaded once stays when a later request fails: the connection says that it is old.
 */
export interface DashboardState {
  readonly connection: Connection;
  /** By the time of observation, the newest last. */
  readonly blocks: Resource<readonly LiveBlock[]>;
  readonly model: Resource<ModelState>;
  readonly forecast: Resource<Forecast>;
  /** Hash of the block that is looked at; null follows the newest. */
  readonly pinnedHash: string | null;
  /** Index of the transaction that is looked at, in the pinned block. */
  readonly transaction: number | null;
}

export type Connection =
  { readonly status: 'connecting' | 'live' } | { readonly status: 'disconnected'; readonly retryAtMs: number };

export type Resource<T> =
  | { readonly status: 'loading' }
  | { readonly status: 'failed'; readonly message: string }
  | { readonly status: 'ready'; readonly value: T };

export type ResourceName = 'blocks' | 'model' | 'forecast';

export type Action =
  | { readonly type: 'opened' }
  | { readonly type: 'lost'; readonly retryAtMs: number }
  | { readonly type: 'failed'; readonly resource: ResourceName; readonly message: string }
  | { readonly type: 'blocks'; readonly blocks: readonly LiveBlock[] }
  | { readonly type: 'model'; readonly model: ModelState }
  | { readonly type: 'forecast'; readonly forecast: Forecast }
  | { readonly type: 'pin'; readonly hash: string }
  | { readonly type: 'follow' }
  | { readonly type: 'transaction'; readonly index: number | null };

/** Blocks that the page keeps; some hundred kilobytes each. */
export const KEPT_BLOCKS = 24;

export function initialState(): DashboardState {
  return {
    connection: { status: 'connecting' },
    blocks: { status: 'loading' },
    model: { status: 'loading' },
    forecast: { status: 'loading' },
    pinnedHash: null,
    transaction: null,
  };
}

export function reduce(state: DashboardState, action: Action): DashboardState {
  switch (action.type) {
    case 'opened':
      return { ...state, connection: { status: 'live' } };
    case 'lost':
      return { ...state, connection: { status: 'disconnected', retryAtMs: action.retryAtMs } };
    case 'failed':
      return fail(state, action.resource, action.message);
    case 'blocks':
      return withBlocks(state, action.blocks);
    case 'model':
      return { ...state, model: { status: 'ready', value: action.model } };
    case 'forecast':
      return { ...state, forecast: { status: 'ready', value: action.forecast } };
    case 'pin':
      return { ...state, pinnedHash: action.hash, transaction: null };
    case 'follow':
      return { ...state, pinnedHash: null, transaction: null };
    case 'transaction':
      return selectTransaction(state, action.index);
  }
}

/** The blocks that are held; none before they are loaded. */
export function heldBlocks(state: DashboardState): readonly LiveBlock[] {
  return state.blocks.status === 'ready' ? state.blocks.value : [];
}

/** The block that is looked at: the pinned one, else the newest. */
export function shownBlock(state: DashboardState): LiveBlock | null {
  const blocks = heldBlocks(state);
  return blocks.find((block) => block.hash === state.pinnedHash) ?? blocks.at(-1) ?? null;
}

/** Hashes of the blocks that a reorganisation took away. */
export function replacedHashes(blocks: readonly LiveBlock[]): ReadonlySet<string> {
  return new Set(blocks.flatMap((block) => (block.replaced === null ? [] : [block.replaced])));
}

function fail(state: DashboardState, resource: ResourceName, message: string): DashboardState {
  return state[resource].status === 'ready' ? state : { ...state, [resource]: { status: 'failed', message } };
}

function withBlocks(state: DashboardState, incoming: readonly LiveBlock[]): DashboardState {
  const blocks = mergeBlocks(heldBlocks(state), incoming, state.pinnedHash);
  const isPinned = blocks.some((block) => block.hash === state.pinnedHash);
  return {
    ...state,
    blocks: { status: 'ready', value: blocks },
    pinnedHash: isPinned ? state.pinnedHash : null,
    transaction: isPinned ? state.transaction : null,
  };
}

/**
 * Old and new blocks, each hash once, in order of observation: a list that was asked for may come after an event that it does not
 * hold, and a service that was started anew counts from 1. Blocks of another chain than the newest are dropped.
 */
function mergeBlocks(
  held: readonly LiveBlock[],
  incoming: readonly LiveBlock[],
  pinnedHash: string | null,
): readonly LiveBlock[] {
  const byHash = new Map([...held, ...incoming].map((block) => [block.hash, block]));
  const all = [...byHash.values()].sort(
    (a, b) => Date.parse(a.observedAt) - Date.parse(b.observedAt) || a.sequence - b.sequence,
  );
  const chainId = all.at(-1)?.chainId;
  const ofChain = all.filter((block) => block.chainId === chainId);
  const oldest = ofChain.length - KEPT_BLOCKS;
  return ofChain.filter((block, index) => index >= oldest || block.hash === pinnedHash);
}

/** Looking at a transaction pins its block, or the next block would take it away. */
function selectTransaction(state: DashboardState, index: number | null): DashboardState {
  if (index === null) return { ...state, transaction: null };
  const block = shownBlock(state);
  if (block === null || !Number.isInteger(index) || index < 0 || index >= block.transactions.length) return state;
  return { ...state, pinnedHash: block.hash, transaction: index };
}
