/** How the downtime is distributed: the share of migrations that stop no longer than a time, for each strategy. */
import * as Plot from '@observablehq/plot';
import { keepsBudget, TOLERATED_SHARE } from '../../study/verdict.js';
import type { FigureSpec } from '../../sweep/experiment/schema.js';
import type { Row } from '../../sweep/results/csv.js';
import {
  budgetOf,
  cutNote,
  num,
  selected,
  seriesColumns,
  shown,
  situationKey,
  stoppingRuns,
  strategyOf,
  worded,
} from './data.js';
import { type Figure, HEIGHT, WIDTH } from './figure.js';
import { legendMarks, legendRoom } from './legend.js';
import { coloursOf, GREY } from './palette.js';
import { measuredScale } from './scales.js';
import { nameOf } from './series.js';
import { BUDGET_ROOM, budgetLine, valueAxis } from './value-axis.js';

interface Step {
  readonly name: string;
  readonly x: number;
  readonly share: number;
}

const LINES_MAX = 7;

/** What a line is called: its strategy, and what tells its point from the others. */
function namesOf(summary: readonly Row[]): ReadonlyMap<string, string> {
  const columns = seriesColumns(summary, [], []);
  return new Map(summary.map((row) => [situationKey(row), nameOf(row, columns, [strategyOf(row, summary)])]));
}

function groupsOf(
  rows: readonly Row[],
  metric: string,
  names: ReadonlyMap<string, string>,
): Map<string, number[]> {
  const groups = new Map<string, number[]>();
  for (const row of rows) {
    const value = num(row, metric);
    if (!Number.isFinite(value)) continue;
    const name = names.get(situationKey(row))!;
    const group = groups.get(name);
    if (group) group.push(value);
    else groups.set(name, [value]);
  }
  for (const values of groups.values()) values.sort((a, b) => a - b);
  return groups;
}

function finding(
  groups: ReadonlyMap<string, readonly number[]>,
  metric: string,
  budget: number | undefined,
): string {
  const tails = [...groups].map(([name, values]) => {
    const over = budget === undefined ? 0 : values.filter((value) => value > budget).length / values.length;
    return { name, over };
  });
  if (budget === undefined) return `How the ${worded(metric)} is distributed`;
  const fits = tails.filter(({ over }) => keepsBudget(over)).length;
  const limit = shown('budget_ms', String(budget));
  if (tails.length > 3)
    return `In ${fits} of ${tails.length} cases ${100 * (1 - TOLERATED_SHARE)} % of the migrations keep the budget of ${limit}`;
  const parts = tails.map(({ name, over }) => `${Number((100 * over).toPrecision(2))} % with ${name}`);
  return `Migrations over ${limit}: ${parts.join(', ')}`;
}

export const distribution: Figure = {
  type: 'distribution',
  summary: 'the distribution of the downtime over the replications, for each strategy',
  draw(data, spec: FigureSpec) {
    const metric = spec.metric ?? 'downtime_ms';
    const { rows, note } = stoppingRuns(selected(data.runs(), spec), metric);
    const all = groupsOf(rows, metric, namesOf(selected(data.summary, spec)));
    const groups = new Map([...all].slice(0, LINES_MAX));
    if (groups.size === 0) return undefined;
    const budget = metric === 'downtime_ms' ? budgetOf(rows) : undefined;
    const names = [...groups.keys()];
    const colours = coloursOf(names);
    const steps = [...groups].flatMap(([name, values]): Step[] => [
      { name, x: values[0]!, share: 0 },
      ...values.map((x, i) => ({ name, x, share: (i + 1) / values.length })),
    ]);
    const scale = measuredScale(
      [...steps.map((step) => step.x), ...(budget === undefined ? [] : [budget])],
      8,
    );
    const legend = names.map((name, i) => ({ name, colour: colours[i]! }));
    const counts = [...groups.values()].map((values) => values.length);
    const inside = 1 - TOLERATED_SHARE;
    return {
      title: spec.title ?? finding(groups, metric, budget),
      subtitle: `Share of ${Math.max(...counts)} replications whose ${worded(metric)} is at most the time on the axis; a strategy fits if it passes the budget above the ${100 * inside} % line.${note}${cutNote(groups.size, all.size, 'lines')}`,
      width: WIDTH,
      height: HEIGHT,
      options: {
        marginLeft: 56,
        marginTop: BUDGET_ROOM,
        marginRight: legendRoom(legend),
        marginBottom: 46,
        x: { type: scale.type, domain: [...scale.domain] as number[], axis: null },
        y: { domain: [0, 1], axis: null },
        marks: [
          ...valueAxis(scale, metric),
          Plot.axisY([0, 0.25, 0.5, 0.75, 1], {
            text: (value: number) => `${100 * value} %`,
            label: 'share of migrations',
            labelArrow: 'none',
          }),
          Plot.ruleY([inside], { stroke: GREY, strokeDasharray: '2,3' }),
          ...budgetLine(budget),
          ...names.map((name, i) =>
            Plot.line(
              steps.filter((step) => step.name === name),
              { x: 'x', y: 'share', curve: 'step-after', stroke: colours[i]!, strokeWidth: 2 },
            ),
          ),
          ...legendMarks(legend),
        ],
      },
    };
  },
};
