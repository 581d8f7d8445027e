import { randomBytes } from 'node:crypto';

/** The upper bits are the time in ms since 1970, the lower ones are random. */
const RANDOM_BITS = 80n;

/** A number larger than `latest`, even where the clock was set back, and never the same for two writers. */
export function idAfter(latest: bigint, nowMs: number): bigint {
  const latestMs = latest >> RANDOM_BITS;
  const tick = BigInt(nowMs) > latestMs ? BigInt(nowMs) : latestMs + 1n;
  return (tick << RANDOM_BITS) | BigInt(`0x${randomBytes(Number(RANDOM_BITS) / 8).toString('hex')}`);
}

/** When a number was given, in ms since 1970. */
export function timeOfId(id: bigint): number {
  return Number(id >> RANDOM_BITS);
}
