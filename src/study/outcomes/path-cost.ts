import type { OutcomeCell } from './cells.js';

/** What one migration with this outcome costs. */
export interface PathCost {
  readonly downtimeMs: number | null;
  readonly fullBackups: number;
  readonly wrongBackups: number;
}

/** A path costs a full backup if the next one is full, now or after the next start from the image. */
export function pathCost(cell: OutcomeCell): PathCost {
  const next = [cell.backup_live, cell.backup_after_boot];
  return {
    downtimeMs: cell.downtime_ms,
    fullBackups: next.includes('full') ? 1 : 0,
    wrongBackups: next.includes('wrong') ? 1 : 0,
  };
}
