/** How the downtime is distributed: the share of migrations that stop no longer than a time, for each strategy. */

import * as Plot from '@observablehq/plot';
import { Sample } from '../../stats/sample.js';
import { ALLOWED_SHARE } from '../../study/verdict.js';
import type { FigureSpec } from '../../sweep/experiment/schema.js';
import { columnLabel } from '../../sweep/results/columns.js';
import type { Row } from '../../sweep/results/csv.js';
import { conditionsText } from './conditions.js';
import { cutNote, leftNote, num, selected, selection, shown, situationKey } from './data.js';
import { type Figure, HEIGHT, WIDTH } from './figure.js';
import { legendMarks, legendRoom } from './legend.js';
import { GREY, type Look, lookOf } from './palette.js';
import { PANELS_MAX, type Place, panelNames, panelScales, panelsOf, placeOf } from './panels.js';
import { measuredScale } from './scales.js';
import { nameOf, panelOf } from './series.js';
import { cellOf, STRATEGY, splitOf } from './split.js';
import { BUDGET_ROOM, budgetLine, valueAxis } from './value-axis.js';

interface Step extends Place {
  readonly x: number;
  readonly share: number;
}

/** What a line is called, where it stands and how it looks. */
interface Named extends Look {
  readonly name: string;
  readonly panel: string;
}

/** Of every situation: its strategy, or what else tells it from the others, and its panel. */
function namesOf(summary: readonly Row[], all: readonly Row[], spec: FigureSpec): ReadonlyMap<string, Named> {
  const split = splitOf(summary, spec, []);
  const { colour = STRATEGY } = split;
  const values = all.map((row) => cellOf(row, colour));
  return new Map(
    summary.map((row) => {
      const value = cellOf(row, colour);
      const name = colour === STRATEGY ? value : nameOf(row, [colour], []);
      return [situationKey(row), { name, panel: panelOf(row, split), ...lookOf(colour, value, values) }];
    }),
  );
}

/** A line with its values, sorted. */
interface Group extends Named {
  readonly values: Float64Array;
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

/** One line for each name and panel, in the order of the file; situations of the same name share one. */
function groupsOf(
  situations: readonly (readonly [key: string, runs: Runs])[],
  names: ReadonlyMap<string, Named>,
): readonly Group[] {
  const drawn = situations.filter(([, { firstAt }]) => !Number.isNaN(firstAt));
  drawn.sort(([, a], [, b]) => a.firstAt - b.firstAt);
  const samples = new Map<string, Named & { sample: Sample }>();
  for (const [key, { values }] of drawn) {
    const named = names.get(key)!;
    const line = JSON.stringify([named.panel, named.name]);
    const known = samples.get(line);
    if (known) for (const value of values.values) known.sample.push(value);
    else samples.set(line, { ...named, sample: values });
  }
  return [...samples.values()].map(({ sample, ...named }) => ({ ...named, values: sample.values.sort() }));
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
function stepsOf(values: Float64Array, place: Place): Step[] {
  const every = Math.ceil(values.length / STEPS_MAX);
  const steps: Step[] = [{ ...place, x: values[0]!, share: 0 }];
  for (let i = every - 1; i < values.length; i += every)
    steps.push({ ...place, x: values[i]!, share: (i + 1) / values.length });
  if (values.length % every > 0) steps.push({ ...place, x: values.at(-1)!, share: 1 });
  return steps;
}

/** What the rows allow to be over their budget. */
function allowedOf(rows: readonly Row[]): number {
  const given = rows[0]?.allowed_share;
  return given ? Number(given) : ALLOWED_SHARE;
}

const percent = (share: number): string => `${Number((100 * share).toPrecision(3))} %`;

function finding(
  groups: readonly Group[],
  metric: string,
  budget: number | undefined,
  allowed: number,
): string {
  const tails = groups.map(({ name, panel, values }) => {
    const over = budget === undefined ? 0 : values.filter((value) => value > budget).length / values.length;
    return { name: panel === '' ? name : `${name} (${panel})`, over };
  });
  if (budget === undefined) return `How the ${columnLabel(metric)} is distributed`;
  const fits = tails.filter(({ over }) => over <= allowed).length;
  const limit = shown('budget_ms', String(budget));
  if (tails.length > 3)
    return `In ${fits} of ${tails.length} cases ${percent(1 - allowed)} of the migrations keep the budget of ${limit}`;
  const parts = tails.map(({ name, over }) => `${Number((100 * over).toPrecision(2))} % with ${name}`);
  return `Migrations over ${limit}: ${parts.join(', ')}`;
}

const PANEL_HEIGHT = 230;

/** The first panels, and in them all lines. */
function fewPanels(groups: readonly Group[]) {
  const all = [...new Set(groups.map(({ panel }) => panel))];
  const names = all.slice(0, PANELS_MAX);
  const drawn = groups.filter(({ panel }) => names.includes(panel));
  return { names, drawn, cut: cutNote(names.length, all.length, 'panels') };
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
    const rows = selected(data.summary, spec);
    const all = groupsOf(left, namesOf(rows, data.summary, spec));
    if (all.length === 0) return undefined;
    const { names, drawn, cut } = fewPanels(all);
    const panels = panelsOf(names, WIDTH - 220, 200);
    const isPanelled = names.length > 1;
    const facets = isPanelled ? { fx: 'fx', fy: 'fy' } : {};
    const budget = metric === 'downtime_ms' ? budgetOfAll(left) : undefined;
    const lines = drawn.map((group) => ({
      ...group,
      steps: stepsOf(group.values, placeOf(panels, group.panel)),
    }));
    const scale = measuredScale(
      [...lines.flatMap(({ steps }) => steps.map(({ x }) => x)), ...(budget === undefined ? [] : [budget])],
      isPanelled ? 4 : 8,
    );
    const legend = [...new Map(lines.map(({ name, colour }) => [name, { name, colour }])).values()];
    const allowed = allowedOf(data.summary);
    const inside = 1 - allowed;
    const replications = Math.max(...all.map(({ values }) => values.length));
    return {
      title: spec.title ?? finding(drawn, metric, budget, allowed),
      subtitle: `Share of ${replications} replications whose ${columnLabel(metric)} is at most the time on the axis; a strategy fits if it passes the budget above the ${percent(inside)} line.${note}${cut}`,
      conditions: conditionsText(rows, data),
      width: WIDTH,
      height: isPanelled ? 46 + PANEL_HEIGHT * panels.down : Math.max(HEIGHT, 60 + 19 * legend.length),
      options: {
        marginLeft: 56,
        marginTop: isPanelled ? 40 : BUDGET_ROOM,
        marginRight: legendRoom(legend),
        marginBottom: 46,
        ...panelScales(panels),
        x: { type: scale.type, domain: [...scale.domain] as number[], axis: null },
        y: { domain: [0, 1], axis: null },
        marks: [
          ...valueAxis(scale, metric),
          Plot.axisY([0, 0.25, 0.5, 0.75, 1], {
            text: (value: number) => `${100 * value} %`,
            label: isPanelled ? null : 'share of migrations',
            labelArrow: 'none',
          }),
          Plot.ruleY([inside], { stroke: GREY, strokeDasharray: '2,3' }),
          ...budgetLine(budget),
          ...lines.map(({ steps, colour, dash }) =>
            Plot.line(steps, {
              ...facets,
              x: 'x',
              y: 'share',
              curve: 'step-after',
              stroke: colour,
              strokeWidth: 2,
              strokeDasharray: dash,
            }),
          ),
          ...panelNames(panels),
          ...legendMarks(legend),
        ],
      },
    };
  },
};
