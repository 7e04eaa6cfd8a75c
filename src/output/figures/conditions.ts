/** What is the same for the whole of a figure, said below its title: a reader need not look for it elsewhere. */
import { isReference } from '../../sim/strategies/lookup.js';
import { columnLabel } from '../../sweep/results/columns.js';
import type { Row } from '../../sweep/results/csv.js';
import { distinct, type FigureData, namedValue, settingText, strategyOf, varying } from './data.js';

/** Said wherever they are the same: without them no number of a figure can be compared with another. */
const ALWAYS = ['storage', 'disk_bytes', 'bitmaps', 'bitmap_bytes', 'dirty_share', 'workload'];

/** Said already: by the axis, or of no interest beside the others. */
const NEVER = new Set(['strategies', 'replications', 'seed', 'all_bitmaps_bytes', 'point']);

const said = (column: string, text: string): string => {
  if (column === 'bitmap_bytes') return `${settingText(column, text)} each`;
  return column === 'disk_bytes' ? `disk ${settingText(column, text)}` : settingOf(column, text);
};

/** A change to QEMU that is off is no condition. */
function settingOf(column: string, text: string): string {
  if (!column.startsWith('what_if_')) return settingText(column, text);
  if (text === 'false' || text === '1') return '';
  return text === 'true' ? columnLabel(column) : namedValue(column, text);
}

/** `Fixed: ceph-nvme, disk 16 TiB, 1 bitmap, …`; nothing where no row is drawn. */
export function conditionsText(rows: readonly Row[], { summary, told = [] }: FigureData): string {
  const [first] = rows;
  if (!first) return '';
  const columns = [...new Set([...ALWAYS, ...told, ...varying(summary)])].filter(
    (column) => !NEVER.has(column) && first[column] !== undefined && first[column] !== '',
  );
  const fixed = columns
    .filter((column) => distinct(rows, column).length === 1)
    .map((column) => said(column, first[column]!))
    .filter((text) => text !== '');
  const names = new Set(rows.filter((row) => !isReference(row.strategy!)).map((row) => strategyOf(row)));
  const all = [...(names.size === 1 ? names : []), ...fixed];
  return all.length === 0 ? '' : `Fixed: ${all.join(', ')}.`;
}
