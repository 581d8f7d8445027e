import { evidenceLevel, oddsLevel } from '../tables/levels.js';
import type { RateTable } from '../tables/rate-table.js';

const EVIDENCE_BITS = 8;

/** The parties that two calls share; levels and evidence of the one that conflicted most. */
export class SharedParties {
  count = 0;
  raritySum = 0;
  rarityMax = 0;
  byFunctions = 0;
  byParty = 0;
  readonly rare: number[] = [];

  clear(): void {
    this.count = 0;
    this.raritySum = 0;
    this.rarityMax = 0;
    this.byFunctions = 0;
    this.byParty = 0;
    this.rare.length = 0;
  }

  add(rarity: number): void {
    this.count += 1;
    this.raritySum += Math.max(0, rarity);
    this.rarityMax = Math.max(this.rarityMax, rarity);
  }

  addRare(party: number, byFunctions: number, byParty: number): void {
    this.rare.push(party);
    if (levelOf(byFunctions) > levelOf(this.byFunctions)) this.byFunctions = byFunctions;
    if (levelOf(byParty) > levelOf(this.byParty)) this.byParty = byParty;
  }
}

/** Odds and evidence of a row, side by side. */
export function packLevels(table: RateTable, row: number): number {
  return (oddsLevel(table.rate(row)) << EVIDENCE_BITS) | evidenceLevel(table.trials(row));
}

export function levelOf(levels: number): number {
  return levels >>> EVIDENCE_BITS;
}

export function evidenceOf(levels: number): number {
  return levels & ((1 << EVIDENCE_BITS) - 1);
}
