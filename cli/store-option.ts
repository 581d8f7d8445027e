import type { Command } from 'commander';
import { openStore, type Store } from '../datasets/store/index.js';
import { LanecastError } from '../errors.js';
import { printNotice } from './terminal.js';

export interface StoreOptions {
  /** A folder, or false for `--no-store`. */
  readonly store: string | false;
}

const DEFAULT_FOLDER = '.lanecast';

export function addStoreOption(command: Command): Command {
  return command.option(
    '--store <folder>',
    'folder of the embedded ClickHouse; CLICKHOUSE_URL names a server in its place, CLICKHOUSE_CLUSTER a cluster of it',
    DEFAULT_FOLDER,
  );
}

/** Opens the store, or throws LanecastError: for commands that are about the store. */
export function requireStore(options: StoreOptions): Promise<Store> {
  if (options.store === false)
    throw new LanecastError('INVALID_ARGUMENT', 'This needs the store: leave out --no-store.');
  const url = process.env['CLICKHOUSE_URL'];
  const cluster = process.env['CLICKHOUSE_CLUSTER'];
  return openStore({
    ...(url === undefined || url === '' ? { path: options.store } : { url }),
    ...(cluster === undefined || cluster === '' ? {} : { cluster }),
  });
}

/** Opens the store if it is to be had; without it there is one notice and null: for commands that only keep things there. */
export async function openStoreIfPossible(options: StoreOptions): Promise<Store | null> {
  if (options.store === false) return null;
  try {
    return await requireStore(options);
  } catch (error) {
    if (!(error instanceof LanecastError) || error.code !== 'STORE_UNAVAILABLE') throw error;
    printNotice(`notice: nothing is kept: ${error.message}`);
    return null;
  }
}
