import type { Command } from 'commander';
import type { BlockStats, ChainStats, Distribution, HotKey, HotKeyMeasure } from '../../datasets/store/index.js';
import { NUMBERINGS, type Numbering } from '../../datasets/access-lists/access-list.js';
import { LanecastError } from '../../errors.js';
import { integerFrom, oneOf } from '../arguments.js';
import { accessListsDocument, allAgree, renderAccessLists } from '../stats/access-lists.js';
import { createTools } from '../tools.js';
import type { Outcome } from '../program.js';
import { addStoreOption, requireStore, type StoreOptions } from '../store-option.js';
import { formatFactor, formatNumber, formatShare, renderTable } from '../table.js';
import { printJson, printResult } from '../terminal.js';

interface StatsFlags {
  readonly chain?: number;
  readonly from?: number;
  readonly to?: number;
  readonly top: number;
  readonly by: HotKeyMeasure;
  readonly perBlock?: boolean;
  readonly json?: boolean;
  readonly against?: string;
  readonly accessListNumbering?: Numbering;
}

type StatsOptions = StatsFlags & StoreOptions;

/** What `lanecast stats --json` prints. */
interface StatsDocument {
  readonly schema: 'lanecast.stats/1';
  /** The folder or host of the store. */
  readonly store: string;
  readonly chains: readonly ChainStats[];
  /** Empty without --per-block. */
  readonly blocks: readonly BlockStats[];
}

const MEASURES: readonly HotKeyMeasure[] = ['transactions', 'blocks', 'reads', 'writes', 'adds'];
const DEFAULT_TOP = 10;

const EPILOGUE = `
Conflicts: ordered pairs of transactions of one block of which the later accesses a storage slot that the earlier wrote;
density is their share of all pairs. Dependent: the later ones of such pairs; "with accounts" counts balances and nonces
too, fee recipients aside. Access lists do not tell which transaction read a slot: of them, pairs, dependents and the longest
chain are those through slots that both changed, and the block has at least so many. Bound: gas of the block over the gas of its longest chain of dependent transactions, accounts
counted: the limit of speed-up where gas is time, a dependent starts when its blocker has ended, and no credit commutes.`;

export function addStatsCommand(program: Command, outcome: Outcome): void {
  const command = program
    .command('stats')
    .description(
      'Shows hot keys, conflicts and the bound on parallel speed-up of the blocks that the store holds, or what block access ' +
        'lists (EIP-7928) tell.',
    )
    .argument('[access-lists]', 'a file or folder of block access lists in RLP (*.rlp[.gz]), in place of the store')
    .option('--against <source>', 'compare access lists with the blocks of a source; exit code 1 where they disagree')
    .option(
      '--access-list-numbering <draft|final>',
      'what the indices of access lists count (default: told by their content)',
      oneOf(NUMBERINGS),
    )
    .option('--chain <id>', 'this chain only', integerFrom(0))
    .option('--from <number>', 'first block', integerFrom(0))
    .option('--to <number>', 'last block', integerFrom(0))
    .option('--top <count>', 'length of the lists of hot keys', integerFrom(1), DEFAULT_TOP)
    .option('--by <measure>', `what makes a key hot: ${MEASURES.join(', ')}`, oneOf(MEASURES), 'transactions' as const)
    .option('--per-block', 'one line a block too')
    .option('--json', 'print one JSON document')
    .addHelpText('after', EPILOGUE);
  addStoreOption(command).action(async (lists: string | undefined, options: StatsOptions) => {
    if (lists === undefined) await stats(options);
    else refuseStoreFlags(lists, command);
    outcome.exitCode = lists === undefined ? 0 : await statsOfLists(lists, options);
  });
}

function refuseStoreFlags(path: string, command: Command): void {
  const flags = { chain: '--chain', from: '--from', to: '--to', top: '--top', by: '--by', perBlock: '--per-block' };
  for (const [name, flag] of Object.entries(flags)) {
    if (command.getOptionValueSource(name) !== 'cli') continue;
    throw new LanecastError('INVALID_ARGUMENT', `${flag} is for the store; "${path}" is read whole, block by block.`);
  }
}

async function statsOfLists(path: string, options: StatsOptions): Promise<number> {
  const tools = createTools(options);
  try {
    const { against = null, accessListNumbering: numbering = null } = options;
    const document = await accessListsDocument(path, { against, numbering }, tools);
    if (options.json === true) printJson(document);
    else printResult(renderAccessLists(document));
    return allAgree(document) ? 0 : 1;
  } finally {
    await tools.close();
  }
}

async function stats(options: StatsOptions): Promise<void> {
  const needsLists = options.against === undefined ? options.accessListNumbering : options.against;
  if (needsLists !== undefined) {
    throw new LanecastError('INVALID_ARGUMENT', '--against and --access-list-numbering need access lists to read.');
  }
  const range = { chainId: options.chain, from: options.from, to: options.to };
  const store = await requireStore(options);
  try {
    const blocks: BlockStats[] = [];
    if (options.perBlock === true) for await (const block of store.blockStats(range)) blocks.push(block);
    const chains = await store.stats({ ...range, hotKeys: options.top, hottestBy: options.by });
    if (chains.length === 0) {
      throw new LanecastError(
        'SOURCE_NOT_FOUND',
        `The store in ${store.target} holds no such blocks; lanecast ingest adds some.`,
      );
    }
    const document: StatsDocument = { schema: 'lanecast.stats/1', store: store.target, chains, blocks };
    if (options.json === true) printJson(document);
    else printResult(renderStats(document));
  } finally {
    await store.close();
  }
}

function renderStats({ chains, blocks }: StatsDocument): string {
  const ofChain = (chainId: number): BlockStats[] => blocks.filter((block) => block.chainId === chainId);
  return chains.map((chain) => renderChain(chain, ofChain(chain.chainId))).join('\n\n');
}

function renderChain(chain: ChainStats, blocks: readonly BlockStats[]): string {
  const parts = [
    `Chain ${chain.chainId}, blocks ${chain.firstBlock} to ${chain.lastBlock} (${formatNumber(chain.blocks)} held)`,
    renderFigures(chain),
    ...(blocks.length === 0 ? [] : [renderBlocks(blocks)]),
    renderHotKeys('hot storage slots', chain.hotSlots),
    renderHotKeys('hot accounts', chain.hotAccounts),
  ];
  return parts.filter((part) => part !== '').join('\n\n');
}

function renderFigures(chain: ChainStats): string {
  const share = (value: number | null): string => (value === null ? '–' : formatShare(value));
  return renderTable(
    ['figure', 'value'],
    [
      ['transactions', formatNumber(chain.transactions)],
      ['accesses', formatNumber(chain.accesses)],
      ['gas used', formatNumber(chain.gasUsed)],
      ['conflicting pairs', formatNumber(chain.conflictPairs)],
      ['conflict density', renderDistribution(chain.conflictDensity, formatShare)],
      ['dependent transactions', share(chain.dependentShare)],
      ['dependent with accounts', share(chain.dependentShareWithAccounts)],
      ['critical-path bound', renderDistribution(chain.speedupBound, formatFactor)],
    ],
  );
}

function renderDistribution(distribution: Distribution | null, format: (value: number) => string): string {
  if (distribution === null) return '–';
  const { mean, min, max } = distribution;
  return `mean ${format(mean)}, ${format(min)} to ${format(max)}`;
}

function renderBlocks(blocks: readonly BlockStats[]): string {
  const head = ['block', 'txs', 'accesses', 'Mgas', 'pairs', 'dependent', 'with accounts', 'bound'];
  const rows = blocks.map((block) => [
    `${block.number}`,
    formatNumber(block.transactions),
    formatNumber(block.accesses),
    formatNumber(block.gasUsed / 1e6, 2),
    formatNumber(block.conflictPairs),
    formatNumber(block.dependentTransactions),
    formatNumber(block.dependentTransactionsWithAccounts),
    block.speedupBound === null ? '–' : formatFactor(block.speedupBound),
  ]);
  return renderTable(head, rows);
}

function renderHotKeys(title: string, keys: readonly HotKey[]): string {
  if (keys.length === 0) return '';
  const rows = keys.map((key) => [
    key.address,
    key.slot === null ? '' : shorten(key.slot),
    ...[key.transactions, key.blocks, key.reads, key.writes, key.adds].map((count) => formatNumber(count)),
  ]);
  return renderTable([title, '', 'txs', 'blocks', 'reads', 'writes', 'adds'], rows, 2);
}

/** Leading zeros of small slots say nothing. */
function shorten(slot: string): string {
  const digits = slot.slice(2).replace(/^0+(?=.)/, '');
  return digits.length <= 16 ? `0x${digits}` : slot;
}
