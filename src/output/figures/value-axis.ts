/** A measured quantity along the bottom, and the budget as a line across: shared by figures that lie on their side. */

import * as Plot from '@observablehq/plot';
import { columnLabel } from '../../sweep/results/columns.js';
import { shown } from './data.js';
import { BUDGET_COLOUR } from './palette.js';
import type { Scale } from './scales.js';

/** Grid, ticks with units, and the name of the quantity below. */
export function valueAxis(scale: Scale, column: string, label = columnLabel(column)): Plot.Markish[] {
  return [
    Plot.gridX(scale.ticks as number[], { strokeOpacity: 0.12 }),
    Plot.axisX(scale.ticks as number[], {
      text: (value: number) => shown(column, String(value)),
      label,
      labelAnchor: 'center',
      labelArrow: 'none',
      labelOffset: 40,
    }),
  ];
}

/** What the line of the budget is called. */
export const budgetText = (budgetMs: number): string => `budget ${shown('budget_ms', String(budgetMs))}`;

/** Room above the frame that the budget's name needs. */
export const BUDGET_ROOM = 32;

/** The budget as a dashed line with its name above; nothing where there is none. */
export function budgetLine(budgetMs: number | undefined): Plot.Markish[] {
  if (budgetMs === undefined) return [];
  return [
    Plot.ruleX([budgetMs], { stroke: BUDGET_COLOUR, strokeDasharray: '5,4', strokeWidth: 1.5 }),
    Plot.text([budgetText(budgetMs)], {
      x: () => budgetMs,
      frameAnchor: 'top',
      dy: -12,
      fill: BUDGET_COLOUR,
      fontWeight: 'bold',
    }),
  ];
}
