/** The title of a chart of lines: what is true of the whole of it, with the crossing of the budget where there is one. */
import { columnLabel } from '../../sweep/results/columns.js';
import { type Crossing, crossingOf, troubleAt } from './crossing.js';
import { distinctOf, measured, settingText, shown } from './data.js';
import type { Line, LinePoint, Trouble } from './series.js';
import { STRATEGY } from './split.js';

export interface Found {
  readonly lines: readonly Line[];
  readonly xColumn: string;
  readonly metric: string;
  /** The column that the names of the lines are values of. */
  readonly by: string | undefined;
  readonly budget?: number | undefined;
  readonly scattered?: boolean;
}

const PREPOSITIONS: Readonly<Record<string, string>> = { storage: 'on', link: 'over', workload: 'with' };

/** A line in words: its name, and its panel where there are several. */
const nameOf = ({ name, panel }: Line): string => (panel === '' ? name : `${name} (${panel})`);

/** So many names are said; of more how many. */
const NAMED_MAX = 2;

/** `on ceph-nvme and nfs-10gbe`, `on 5 of 7`. */
function who(some: readonly Line[], { lines, by = STRATEGY }: Found): string {
  const names =
    some.length <= NAMED_MAX ? some.map(nameOf).join(' and ') : `${some.length} of ${lines.length}`;
  return `${PREPOSITIONS[by] ?? 'with'} ${names}`;
}

interface Judged {
  readonly line: Line;
  readonly crossing: Crossing;
}

/** Lines that cross once: each with its crossing, or the least and the greatest of them. */
function crossings(all: readonly Judged[], kind: 'rises' | 'falls', found: Found): string[] {
  const some = all.flatMap(({ line, crossing }) => (crossing.kind === kind ? [{ line, ...crossing }] : []));
  const word = kind === 'rises' ? 'from' : 'up to';
  if (some.length <= NAMED_MAX) return some.map(({ line, at }) => `${word} ${at} ${who([line], found)}`);
  const sorted = [...some].sort((a, b) => a.value - b.value);
  const [least, most] = [sorted[0]!, sorted.at(-1)!];
  const many = who(
    some.map(({ line }) => line),
    found,
  );
  if (least.at === most.at) return [`${word} ${least.at} ${many}`];
  return [`${word} ${least.at} (${nameOf(least.line)}) to ${most.at} (${nameOf(most.line)}) ${many}`];
}

/** Lines that cross more than once, or over words. */
function parts(all: readonly Judged[], found: Found): string[] {
  const some = all.flatMap(({ line, crossing }) =>
    crossing.kind === 'parts' ? [{ line, ...crossing }] : [],
  );
  if (some.length > NAMED_MAX)
    return [
      `at some settings ${who(
        some.map(({ line }) => line),
        found,
      )}`,
    ];
  return some.map(({ line, over, of }) => {
    const where = over.length <= NAMED_MAX ? over.join(' and ') : `${over.length} of ${of} settings`;
    return `at ${where} ${who([line], found)}`;
  });
}

const capital = (text: string): string => `${text[0]!.toUpperCase()}${text.slice(1)}`;

/** Least to most of all points. */
function rangeText(points: readonly { readonly y: number }[], metric: string): string {
  const ys = points.map(({ y }) => y);
  const [least, most] = [Math.min(...ys), Math.max(...ys)].map((y) => measured(metric, y));
  return least === most ? least! : `${least} to ${most}`;
}

/** The budget, and on which side of it the lines are. */
function budgetFinding(found: Found, drawn: readonly Line[], budget: number): string {
  const { xColumn, metric } = found;
  const limit = shown('budget_ms', String(budget));
  const all = drawn.map((line) => ({ line, crossing: crossingOf(line.points, xColumn, budget) }));
  const of = (kind: Crossing['kind']): Line[] =>
    all.filter(({ crossing }) => crossing.kind === kind).map(({ line }) => line);
  const range = rangeText(
    drawn.flatMap(({ points }) => points),
    metric,
  );
  const label = columnLabel(metric);
  const where = drawn.some(({ troubles }) => troubles.length > 0) ? 'wherever the guest stops' : 'throughout';
  if (of('within').length === drawn.length) return `The ${label} is within ${limit} ${where}: ${range}`;
  if (of('over').length === drawn.length) return `The ${label} is over ${limit} ${where}: ${range}`;
  const [over, within] = [of('over'), of('within')];
  const said = [
    ...crossings(all, 'rises', found),
    ...crossings(all, 'falls', found),
    ...parts(all, found),
    ...(over.length > 0 ? [`always ${who(over, found)}`] : []),
  ].join(', ');
  return `Over ${limit} ${said}${within.length > 0 ? `; within it ${who(within, found)}` : ''}`;
}

interface Place {
  readonly line: Line;
  readonly point: LinePoint;
}

/** Which way every line goes, at every step. */
function trend(drawn: readonly Line[]): 'growing' | 'falling' | undefined {
  const steps = drawn.flatMap(({ points }) =>
    points.slice(1).map(({ x, y }, i) => (Number.isFinite(Number(x)) ? y - points[i]!.y : Number.NaN)),
  );
  if (steps.length === 0 || drawn.some(({ points }) => points.length < 2)) return undefined;
  if (steps.every((step) => step > 0)) return 'growing';
  return steps.every((step) => step < 0) ? 'falling' : undefined;
}

/** Least and most of everything drawn, and the way between them where it is the same for every line. */
function rangeFinding({ xColumn, metric, scattered, lines }: Found, drawn: readonly Line[]): string {
  const places = drawn
    .flatMap((line) => line.points.map((point): Place => ({ line, point })))
    .sort((a, b) => a.point.y - b.point.y);
  const [least, most] = [places[0]!, places.at(-1)!];
  const label = columnLabel(metric);
  const say = ({ line, point }: Place): string => {
    const at = settingText(xColumn, point.x);
    const where = lines.length > 1 ? `${nameOf(line)}, ${at}` : at;
    return `${measured(metric, point.y)} (${where})`;
  };
  const begin = capital(label);
  if (measured(metric, least.point.y) === measured(metric, most.point.y))
    return `${begin}: ${measured(metric, most.point.y)} throughout`;
  // A difference of a few hundredths is no way to go.
  const way = scattered || most.point.y < SLIGHT * least.point.y ? undefined : trend(drawn);
  const range = way === 'falling' ? `${say(most)} to ${say(least)}` : `${say(least)} to ${say(most)}`;
  return way === undefined ? `${begin}: ${range}` : `${begin}: ${range}, ${way} with ${columnLabel(xColumn)}`;
}

const SLIGHT = 1.05;

const TROUBLES: Readonly<Record<Trouble['kind'], string>> = {
  never: 'never stops',
  sometimes: 'stops in only some runs',
  failed: 'loses bits',
};

/** Where lines have trouble of a kind: each, or in how many situations. */
function troubleText(found: Found, kind: Trouble['kind']): string[] {
  const { lines, xColumn } = found;
  const order = distinctOf(lines.flatMap((l) => [...l.points, ...l.troubles].map(({ x }) => x)));
  const some = lines.flatMap((line) => {
    const where = troubleAt(line, kind, order, xColumn);
    return where === undefined ? [] : [{ line, where }];
  });
  if (some.length <= NAMED_MAX)
    return some.map(({ line, where }) =>
      lines.length === 1 ? `it ${TROUBLES[kind]}${where}` : `${nameOf(line)} ${TROUBLES[kind]}${where}`,
    );
  const wheres = new Set(some.map(({ where }) => where));
  if (wheres.size === 1) return [`${some.length} of ${lines.length} ${plural(kind)}${some[0]!.where}`];
  const count = some.flatMap(({ line }) => line.troubles.filter((each) => each.kind === kind)).length;
  const all = lines.flatMap((line) => [...line.points, ...line.troubles]).length;
  return [`in ${count} of ${all} situations it ${TROUBLES[kind]}`];
}

const KINDS = ['never', 'sometimes', 'failed'] as const;

const plural = (kind: Trouble['kind']): string =>
  ({ never: 'never stop', sometimes: 'stop in only some runs', failed: 'lose bits' })[kind];

/** The line that is least wherever anything is drawn, where there is one and only one. */
export function leastThroughout(lines: readonly Line[]): Line | undefined {
  const places = new Map<string, { line: Line; y: number }[]>();
  for (const line of lines)
    for (const { x, y } of line.points) {
      if (!Number.isFinite(y)) continue;
      const key = JSON.stringify([line.panel, x]);
      places.set(key, [...(places.get(key) ?? []), { line, y }]);
    }
  const names = [...new Set(lines.map(({ name }) => name))];
  const isLeast = (name: string): boolean =>
    [...places.values()].every((here) => {
      const own = here.find(({ line }) => line.name === name);
      return own !== undefined && here.every(({ line, y }) => line === own.line || own.y < y);
    });
  const least = names.filter(isLeast);
  return names.length > 1 && least.length === 1 ? lines.find(({ name }) => name === least[0]) : undefined;
}

/** The title. */
export function findingOf(found: Found): string {
  const { lines, metric, budget, scattered } = found;
  const drawn = lines
    .filter(({ theory }) => !theory)
    .map((line) => ({ ...line, points: line.points.filter(({ y }) => Number.isFinite(y)) }))
    .filter(({ points }) => points.length > 0);
  const troubles = KINDS.flatMap((kind) => troubleText(found, kind));
  if (drawn.length === 0) return capital(troubles.join('; ') || columnLabel(metric));
  const main =
    budget === undefined
      ? rangeFinding(found, drawn)
      : scattered
        ? scatterFinding(found, drawn, budget)
        : budgetFinding(found, drawn, budget);
  return [main, ...troubles].join('; ');
}

/** Where a line is within the budget, from its crossing. */
function withinText(crossing: Crossing, where: string): string {
  switch (crossing.kind) {
    case 'within':
      return where;
    case 'over':
      return 'at none';
    case 'rises':
    case 'falls':
      return crossing.within;
    case 'parts':
      return `at ${crossing.of - crossing.over.length} of ${crossing.of} settings, not at ${crossing.over.join(', ')}`;
  }
}

/** Of each line what a reader wants of it: where it keeps the budget, or its range, and where it never stops. */
export function answersOf(found: Found): readonly string[] {
  const { xColumn, metric, budget, scattered } = found;
  if (scattered) return [];
  return found.lines.flatMap((line) => {
    const points = line.points.filter(({ y }) => Number.isFinite(y));
    if (points.length + line.troubles.length === 0) return [];
    const where = line.troubles.length > 0 ? 'wherever it stops' : 'at every setting';
    const own = { ...found, lines: [line] };
    const troubles = KINDS.flatMap((kind) => troubleText(own, kind).map((text) => text.replace(/^it /, '')));
    const within =
      points.length === 0 || budget === undefined
        ? []
        : [
            `within ${shown('budget_ms', String(budget))} ${withinText(crossingOf(points, xColumn, budget), where)}`,
          ];
    const range = points.length === 0 ? [] : [rangeText(points, metric)];
    return [`${nameOf(line)}: ${[...within, ...range, ...troubles].join('; ')}`];
  });
}

/** Of points that differ in more than the axis: how many are over the budget. */
function scatterFinding({ metric }: Found, drawn: readonly Line[], budget: number): string {
  const points = drawn.flatMap(({ points: own }) => own);
  const over = points.filter(({ y }) => y > budget).length;
  const limit = shown('budget_ms', String(budget));
  return `${over} of ${points.length} points are over ${limit}: the ${columnLabel(metric)} is ${rangeText(points, metric)}`;
}
