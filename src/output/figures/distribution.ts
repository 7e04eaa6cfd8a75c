/** How the downtime is distributed: the share of migrations that stop no longer than a time, for each strategy. */

import * as Plot from '@observablehq/plot';
import { Sample } from '../../stats/sample.js';
import { ALLOWED_SHARE } from '../../study/verdict.js';
import type { FigureSpec } from '../../sweep/experiment/schema.js';
import { columnLabel } from '../../sweep/results/columns.js';
import type { Row } from '../../sweep/results/csv.js';
import {
  cutNote,
  leftNote,
  num,
  selected,
  selection,
  seriesColumns,
  shown,
  situationKey,
  strategyOf,
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

/** The runs of one situation. */
interface Runs {
  readonly values: Sample;
  /** Position of the first run with a value, so that lines stand in the order of the file. */
  firstAt: number;
  forced: boolean;
  readonly budgets: Set<string>;
}

/** Every situation of a figure with its values; one row at a time, since there may be millions. */
function situationsOf(rows: Iterable<Row>, spec: FigureSpec, metric: string): Map<string, Runs> {
  const isWanted = selection(spec);
  const situations = new Map<string, Runs>();
  let at = 0;
  for (const row of rows) {
    at++;
    if (!isWanted(row)) continue;
    const key = situationKey(row);
    let runs = situations.get(key);
    if (runs === undefined) {
      runs = { values: new Sample(), firstAt: Number.NaN, forced: false, budgets: new Set() };
      situations.set(key, runs);
    }
    if (row.state === 'not-converged') runs.forced = true;
    runs.budgets.add(row.budget_ms ?? '');
    const value = num(row, metric);
    if (!Number.isFinite(value)) continue;
    if (Number.isNaN(runs.firstAt)) runs.firstAt = at;
    runs.values.push(value);
  }
  return situations;
}

/** Sorted values by the name of their line; situations of the same name share one. */
function groupsOf(
  situations: readonly (readonly [key: string, runs: Runs])[],
  names: ReadonlyMap<string, string>,
): Map<string, Float64Array> {
  const drawn = situations.filter(([, { firstAt }]) => !Number.isNaN(firstAt));
  drawn.sort(([, a], [, b]) => a.firstAt - b.firstAt);
  const samples = new Map<string, Sample>();
  for (const [key, { values }] of drawn) {
    const name = names.get(key)!;
    const known = samples.get(name);
    if (known) for (const value of values.values) known.push(value);
    else samples.set(name, values);
  }
  return new Map([...samples].map(([name, sample]) => [name, sample.values.sort()]));
}

/** The budget of them all in ms; undefined where they have several. */
function budgetOfAll(situations: readonly (readonly [key: string, runs: Runs])[]): number | undefined {
  const budgets = new Set(situations.flatMap(([, runs]) => [...runs.budgets]));
  const [budget] = budgets;
  return budgets.size === 1 && budget !== '' ? Number(budget) : undefined;
}

/** More steps than pixels draw the same line. */
const STEPS_MAX = 20_000;

/** The steps of one line, from nothing to all. */
function stepsOf(name: string, values: Float64Array): Step[] {
  const every = Math.ceil(values.length / STEPS_MAX);
  const steps: Step[] = [{ name, x: values[0]!, share: 0 }];
  for (let i = every - 1; i < values.length; i += every)
    steps.push({ name, x: values[i]!, share: (i + 1) / values.length });
  if (values.length % every > 0) steps.push({ name, x: values.at(-1)!, share: 1 });
  return steps;
}

/** What the rows allow to be over their budget. */
function allowedOf(rows: readonly Row[]): number {
  const given = rows[0]?.allowed_share;
  return given ? Number(given) : ALLOWED_SHARE;
}

const percent = (share: number): string => `${Number((100 * share).toPrecision(3))} %`;

function finding(
  groups: ReadonlyMap<string, Float64Array>,
  metric: string,
  budget: number | undefined,
  allowed: number,
): string {
  const tails = [...groups].map(([name, values]) => {
    const over = budget === undefined ? 0 : values.filter((value) => value > budget).length / values.length;
    return { name, over };
  });
  if (budget === undefined) return `How the ${columnLabel(metric)} is distributed`;
  const fits = tails.filter(({ over }) => over <= allowed).length;
  const limit = shown('budget_ms', String(budget));
  if (tails.length > 3)
    return `In ${fits} of ${tails.length} cases ${percent(1 - allowed)} of the migrations keep the budget of ${limit}`;
  const parts = tails.map(({ name, over }) => `${Number((100 * over).toPrecision(2))} % with ${name}`);
  return `Migrations over ${limit}: ${parts.join(', ')}`;
}

export const distribution: Figure = {
  type: 'distribution',
  summary: 'the distribution of the downtime over the replications, for each strategy',
  draw(data, spec: FigureSpec) {
    const metric = spec.metric ?? 'downtime_ms';
    const situations = situationsOf(data.runs(), spec, metric);
    // The downtime of a stop that was forced is nobody's.
    const left = metric.includes('downtime')
      ? [...situations].filter(([, { forced }]) => !forced)
      : [...situations];
    const note = leftNote(situations.size - left.length);
    const all = groupsOf(left, namesOf(selected(data.summary, spec)));
    const groups = new Map([...all].slice(0, LINES_MAX));
    if (groups.size === 0) return undefined;
    const budget = metric === 'downtime_ms' ? budgetOfAll(left) : undefined;
    const names = [...groups.keys()];
    const colours = coloursOf(names);
    const steps = [...groups].flatMap(([name, values]) => stepsOf(name, values));
    const scale = measuredScale(
      [...steps.map((step) => step.x), ...(budget === undefined ? [] : [budget])],
      8,
    );
    const legend = names.map((name, i) => ({ name, colour: colours[i]! }));
    const counts = [...groups.values()].map((values) => values.length);
    const allowed = allowedOf(data.summary);
    const inside = 1 - allowed;
    return {
      title: spec.title ?? finding(groups, metric, budget, allowed),
      subtitle: `Share of ${Math.max(...counts)} replications whose ${columnLabel(metric)} is at most the time on the axis; a strategy fits if it passes the budget above the ${percent(inside)} line.${note}${cutNote(groups.size, all.size, 'lines')}`,
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
