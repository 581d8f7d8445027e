import type { CostUnit } from '../../live.js';

/** Numbers and names as people read them. A value that is not known is an en dash. */

const NONE = '–';

const CHAIN_NAMES: Readonly<Record<number, string>> = {
  1: 'Ethereum',
  10: 'OP Mainnet',
  56: 'BNB Smart Chain',
  137: 'Polygon',
  8453: 'Base',
  42161: 'Arbitrum One',
  17000: 'Holesky',
  11155111: 'Sepolia',
};

export function formatCount(value: number | null): string {
  return value === null ? NONE : Math.round(value).toLocaleString('en-US');
}

/** Of 0 to 1, as a percentage that no line break parts. */
export function formatShare(share: number | null, digits = 1): string {
  return share === null ? NONE : `${(share * 100).toFixed(digits)}\u00a0%`;
}

/** Of 0 to 1, with two decimals: F1 and the like. */
export function formatScore(score: number | null): string {
  return score === null ? NONE : score.toFixed(2);
}

export function formatFactor(factor: number | null): string {
  return factor === null || !Number.isFinite(factor) ? NONE : `${factor.toFixed(2)}×`;
}

/** How to write costs of about `size`: what to divide them by, and what the result is called. */
export interface CostScale {
  readonly divisor: number;
  readonly name: string;
}

export function costScale(size: number, unit: CostUnit): CostScale {
  const names = unit === 'ns' ? ['ns', 'µs', 'ms', 's'] : ['gas', 'k gas', 'M gas', 'G gas'];
  const step = size < 1 ? 0 : Math.min(3, Math.floor(Math.log10(size) / 3));
  return { divisor: 1000 ** step, name: names[step] ?? '' };
}

/** Three digits that count, and the unit. */
export function formatCost(value: number, unit: CostUnit): string {
  const { divisor, name } = costScale(value, unit);
  return `${threeDigits(value / divisor)} ${name}`;
}

export function formatGwei(wei: string | null): string {
  return wei === null ? NONE : `${threeDigits(Number(wei) / 1e9)} gwei`;
}

/** Below 1,000: three digits that count; above: whole. */
export function threeDigits(value: number): string {
  const size = Math.abs(value);
  if (size >= 999.5) return formatCount(value);
  if (size === 0) return '0';
  return size < 0.001 ? value.toExponential(1) : value.toPrecision(3);
}

/** Of an address or a hash: its beginning and its end. */
export function shortHex(hex: string): string {
  return hex.length <= 13 ? hex : `${hex.slice(0, 6)}…${hex.slice(-4)}`;
}

/** A slot of a mapping is a hash; others are small numbers, written as such. */
export function formatSlot(slot: string | null): string {
  if (slot === null) return 'balance and nonce';
  const number = BigInt(slot);
  return number < 1_000_000n ? `slot ${number.toString()}` : `slot ${shortHex(slot)}`;
}

export function chainName(chainId: number | null): string {
  if (chainId === null) return NONE;
  const name = CHAIN_NAMES[chainId];
  return name === undefined ? `chain ${chainId}` : `${name} (${chainId})`;
}

/** How long ago, in the largest unit that fits. */
export function formatAge(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s ago`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ago`;
  return whole < 86_400 ? `${Math.floor(whole / 3600)} h ago` : `${Math.floor(whole / 86_400)} d ago`;
}

export function plural(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`;
}
