/** Milliseconds since the epoch with fractions, the same on all threads of a process. */
export function wallMs(): number {
  return performance.timeOrigin + performance.now();
}
