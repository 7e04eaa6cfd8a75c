/** Downtime over a parameter (mostly the size of the bitmaps), a line for each storage or strategy. */

import { isReference, JUDGED } from '../../sim/strategies/lookup.js';
import type { FigureSpec } from '../../sweep/experiment/schema.js';
import { columnLabel } from '../../sweep/results/columns.js';
import type { Row } from '../../sweep/results/csv.js';
import { selected } from './data.js';
import { drawLines } from './draw-lines.js';
import type { Figure } from './figure.js';
import { xColumnOf } from './series.js';

/** The strategy that is judged, where every point has it; else the strategy is part of what a point asks. */
function strategiesOf(rows: readonly Row[]): readonly string[] | undefined {
  const points = new Set(rows.filter((row) => !isReference(row.strategy!)).map(({ point }) => point));
  const judged = new Set(rows.filter(({ strategy }) => strategy === JUDGED.name).map(({ point }) => point));
  return judged.size > 0 && judged.size === points.size ? [JUDGED.name] : undefined;
}

export const downtime: Figure = {
  type: 'downtime',
  summary: 'downtime over one parameter, a line for each storage (or whatever else varies), with the budget',
  draw(data, spec: FigureSpec) {
    const metric = spec.metric ?? 'downtime_ms';
    const some = selected(data.summary, spec);
    const rows = selected(some, spec, spec.strategies ?? strategiesOf(some));
    const xColumn = xColumnOf(rows, spec);
    if (!xColumn || rows.length === 0) return undefined;
    const how = `Mean ${columnLabel(metric)}`;
    return drawLines({ data, spec, rows, xColumn, metric, how });
  },
};
