import type { ConflictEdge, HotKey, LiveBlock } from '../../live.js';

/** `hit`: predicted and observed; `missed`: observed only; `falseAlarm`: predicted only. */
export type EdgeOutcome = 'hit' | 'missed' | 'falseAlarm';

export interface Arc {
  readonly earlier: number;
  readonly later: number;
  readonly probability: number | null;
  readonly outcome: EdgeOutcome;
  /** Whether `earlier` is the last of this row that `later` depends on: the one that it waits for. */
  readonly isNearest: boolean;
}

/** The conflicts through one hot key; `key` null: through all others. */
export interface ArcRow {
  readonly key: HotKey | null;
  readonly arcs: readonly Arc[];
  /** Indices of the transactions at the ends of the arcs, ascending. */
  readonly transactions: readonly number[];
}

export interface ArcDiagram {
  /** Indices of all transactions that are drawn, ascending: those without any conflict are not. */
  readonly transactions: readonly number[];
  readonly rows: readonly ArcRow[];
}

/** Rows by hot keys, the hottest first, at most `maxKeys`, and one for the rest. */
export function layOutArcs(block: LiveBlock, maxKeys: number): ArcDiagram {
  const byKey = new Map<number | null, ConflictEdge[]>();
  for (const edge of block.edges) {
    const row = edge.hotKey !== null && edge.hotKey < maxKeys ? edge.hotKey : null;
    const edges = byKey.get(row);
    if (edges === undefined) byKey.set(row, [edge]);
    else edges.push(edge);
  }
  const keyRows = block.hotKeys.slice(0, maxKeys).flatMap((key, index) => {
    const edges = byKey.get(index);
    return edges === undefined ? [] : [toRow(key, edges)];
  });
  const rest = byKey.get(null);
  return {
    transactions: endsOf(block.edges),
    rows: rest === undefined ? keyRows : [...keyRows, toRow(null, rest)],
  };
}

function toRow(key: HotKey | null, edges: readonly ConflictEdge[]): ArcRow {
  const nearest = new Map<number, number>();
  for (const { earlier, later } of edges) nearest.set(later, Math.max(earlier, nearest.get(later) ?? -1));
  const arcs = edges.map(({ earlier, later, probability, observed }) => ({
    earlier,
    later,
    probability,
    outcome: outcomeOf(probability, observed),
    isNearest: nearest.get(later) === earlier,
  }));
  return { key, arcs, transactions: endsOf(edges) };
}

function endsOf(edges: readonly ConflictEdge[]): number[] {
  return [...new Set(edges.flatMap(({ earlier, later }) => [earlier, later]))].sort((a, b) => a - b);
}

function outcomeOf(probability: number | null, observed: boolean): EdgeOutcome {
  if (!observed) return 'falseAlarm';
  return probability === null ? 'missed' : 'hit';
}

/** The transaction that most others of the block conflict with; null where none do. */
export function mostNeeded(block: LiveBlock): number | null {
  const dependents = new Map<number, number>();
  for (const { earlier, observed } of block.edges) {
    if (observed) dependents.set(earlier, (dependents.get(earlier) ?? 0) + 1);
  }
  const [most] = [...dependents].sort((a, b) => b[1] - a[1] || a[0] - b[0]);
  return most === undefined ? null : most[0];
}

/** An SVG path from one point of a line to another: half an ellipse, upwards, or downwards where `isBelow`. */
export function arcPath(from: number, to: number, { y, height, isBelow }: ArcShape): string {
  const radius = (to - from) / 2;
  return `M${from},${y}A${radius},${Math.min(height, radius)} 0 0 ${isBelow ? 0 : 1} ${to},${y}`;
}

export interface ArcShape {
  readonly y: number;
  /** The most that it rises. */
  readonly height: number;
  readonly isBelow: boolean;
}

/** For those who cannot see the picture. */
export function describeArcs(diagram: ArcDiagram, block: LiveBlock): string {
  const count = (outcome: EdgeOutcome): number =>
    diagram.rows.reduce((sum, row) => sum + row.arcs.filter((arc) => arc.outcome === outcome).length, 0);
  return (
    `${diagram.transactions.length} of ${block.transactions.length} transactions take part in conflicts: ${count('hit')} pairs ` +
    `were predicted, ${count('missed')} missed, ${count('falseAlarm')} predicted in vain.`
  );
}
