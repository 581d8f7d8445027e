import type { GroupReport } from './document.js';

/**
 * The group on whose real threads the adaptive policy comes out worst beside sequential or optimistic execution, whichever took less;
 * null where it ran on none. `isLeftOut` tells groups that are not looked at.
 */
export function worstGroup(groups: readonly GroupReport[], isLeftOut: (name: string) => boolean): string | null {
  const judged = groups.flatMap(({ name, rows }) => {
    const totalOf = (policy: string): number | null =>
      rows.find((row) => row.policy === policy && !row.simulated)?.speedup.total ?? null;
    const adaptive = totalOf('adaptive');
    const rivals = ['sequential', 'optimistic'].flatMap((policy) => totalOf(policy) ?? []);
    if (isLeftOut(name) || adaptive === null || rivals.length === 0) return [];
    return [{ name, ratio: adaptive / Math.max(...rivals) }];
  });
  const [first, ...others] = judged;
  if (first === undefined) return null;
  return others.reduce((worst, other) => (other.ratio < worst.ratio ? other : worst), first).name;
}
