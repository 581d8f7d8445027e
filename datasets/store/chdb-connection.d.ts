/**
 * The part of chdb that the store uses. chdb is an optional dependency: declaring it here lets the project compile where
 * it is not installed.
 */
declare module 'chdb/connection' {
  import type { ClickHouseClientConfigOptions } from '@clickhouse/client';

  /** Opens the embedded engine on a folder. Throws where another process, or another folder of this one, is in the way. */
  export function createChdbConnection(options: {
    readonly path: string;
  }): NonNullable<ClickHouseClientConfigOptions['connection']>;
}
