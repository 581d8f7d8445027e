import { InputError } from '../../errors.js';
import type { Database, StoredRow } from '../store/client.js';
import type { ColumnTypes } from './columns.js';
import { filesOf, type CryoDataset, type CryoFile, type CryoFolder } from './folder.js';
import { CRYO_TABLES } from './tables.js';

/** Inclusive. */
export interface NumberRange {
  readonly first: number;
  readonly last: number;
}

/** The files of a cryo folder through ClickHouse's Parquet reader. */
export class CryoRows {
  private readonly database: Database;
  private readonly folder: CryoFolder;
  private readonly types = new Map<string, ColumnTypes>();

  constructor(database: Database, folder: CryoFolder) {
    this.database = database;
    this.folder = folder;
  }

  /**
   * Rows of a dataset by block number, for a range. cryo never spreads a block over files, but what was collected twice, in
   * ranges that overlap or under two names of a dataset, has it in several: the first one counts.
   */
  async byBlock(dataset: CryoDataset, range: NumberRange): Promise<ReadonlyMap<number, readonly StoredRow[]>> {
    const rows = new Map<number, StoredRow[]>();
    for (const file of filesOf(this.folder, dataset, range)) {
      const ofFile = new Map<number, StoredRow[]>();
      for (const row of await this.readFile(file, dataset, range)) {
        const number = Number(row['block_number']);
        const list = ofFile.get(number);
        if (list === undefined) ofFile.set(number, [row]);
        else list.push(row);
      }
      for (const [number, list] of ofFile) if (!rows.has(number)) rows.set(number, list);
    }
    return rows;
  }

  /** The numbers of the blocks that a file has rows of, ascending. */
  async numbers(file: CryoFile): Promise<number[]> {
    const types = await this.columns(file.path);
    const column = types.has('block_number') ? 'block_number' : 'number';
    const sql = `SELECT DISTINCT ${column} AS block_number FROM ${source(file.path)} ORDER BY block_number`;
    return this.run(file.path, () => this.database.select({ sql }, (row) => Number(row['block_number'])));
  }

  private async readFile(file: CryoFile, dataset: CryoDataset, range: NumberRange): Promise<StoredRow[]> {
    const types = await this.columns(file.path);
    const [key, ...columns] = CRYO_TABLES[dataset].map((column) => column(types, file.path));
    const number = types.has('block_number') ? 'block_number' : 'number';
    const order = dataset === 'blocks' ? '' : 'ORDER BY block_number, transaction_index';
    const sql = `SELECT ${[key, ...columns].join(', ')} FROM ${source(file.path)} AS source
      WHERE source.${number} BETWEEN {first:UInt64} AND {last:UInt64} ${order} SETTINGS prefer_column_name_to_alias = 1`;
    const params = { first: range.first, last: range.last };
    return this.run(file.path, () => this.database.select({ sql, params }, (row) => row));
  }

  private async columns(path: string): Promise<ColumnTypes> {
    const known = this.types.get(path);
    if (known !== undefined) return known;
    const sql = `DESCRIBE TABLE ${source(path)}`;
    const rows = await this.run(path, () =>
      this.database.select({ sql }, (row) => [String(row['name']), String(row['type'])] as const),
    );
    const types = new Map(rows);
    this.types.set(path, types);
    return types;
  }

  private async run<T>(path: string, read: () => Promise<T>): Promise<T> {
    try {
      return await read();
    } catch (error) {
      if (error instanceof InputError || !(error instanceof Error)) throw error;
      throw new InputError({ origin: path }, `can't be read as Parquet of cryo: ${error.message}`, { cause: error });
    }
  }
}

/** ClickHouse takes some characters of a path for patterns. */
function source(path: string): string {
  if (/[*?{}]/.test(path)) throw new InputError({ origin: path }, 'expected a path without any of * ? { }');
  return `file('${path.replace(/[\\']/g, '\\$&')}', 'Parquet')`;
}
