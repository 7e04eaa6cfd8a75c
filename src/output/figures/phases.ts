/** What the stop is spent on: the phases of the downtime as stacked bars, in shares where one bar would crush the others. */
import * as Plot from '@observablehq/plot';
import { PHASES, type PhaseName } from '../../sim/machine/phases.js';
import type { FigureSpec } from '../../sweep/experiment/schema.js';
import type { Row } from '../../sweep/results/csv.js';
import { conditionsText } from './conditions.js';
import {
  columnOf,
  cutNote,
  type FigureData,
  num,
  replicationsText,
  selected,
  seriesColumns,
  shown,
  stops,
  strategyOf,
} from './data.js';
import { type Figure, WIDTH } from './figure.js';
import { legendMarks, legendRoom } from './legend.js';
import { GREY, INK, PHASE_COLOURS } from './palette.js';
import { changesOf, fixFinding, inOrderOfGain } from './patches.js';
import { measuredScale, type Scale, spansDecades } from './scales.js';
import { nameOf } from './series.js';
import { valueAxis } from './value-axis.js';

const WORDS: Readonly<Record<PhaseName, string>> = {
  stop: 'vCPUs stop',
  mirror: 'mirrors end',
  ram: 'last RAM',
  devices: 'device state',
  stream: 'bitmap stream',
  store_qemu: "QEMU's own time",
  store_scan: 'search for clusters',
  store_data: 'bitmap clusters',
  store_metadata: 'tables, directory',
  store_flush: 'flushes',
  store_punch: 'holes punched',
  switch: 'switch',
  load: 'load on target',
  start: 'vCPUs start',
};

/** What is too thin to be seen in any bar, taken together. */
const OTHERS = 'others';
const OTHERS_COLOUR = '#F0F0F0';
/** Less than this share of the axis is thinner than the gap between two parts. */
const THIN = 0.008;

type Part = PhaseName | typeof OTHERS;

const wordsOf = (part: Part): string => (part === OTHERS ? 'others, each too thin to see' : WORDS[part]);
const colourOf = (part: Part): string => (part === OTHERS ? OTHERS_COLOUR : PHASE_COLOURS[part]!);

/** One bar; its phases and their sum are nothing where the guest never stops. */
interface Bar {
  readonly name: string;
  readonly ms: ReadonlyMap<PhaseName, number>;
  readonly total: number;
}

interface Segment {
  readonly bar: string;
  readonly part: Part;
  readonly from: number;
  readonly to: number;
  readonly title: string;
}

const BARS_MAX = 24;

function barOf(row: Row, name: string): Bar {
  const own = stops(row) ? PHASES : [];
  const ms = new Map(own.map((phase) => [phase, num(row, `phase_${phase}_mean_ms`) || 0] as const));
  return { name, ms, total: [...ms.values()].reduce((sum, each) => sum + each, 0) };
}

/** The parts of a bar one behind the other, each divided by `by`. */
function segmentsOf({ name, ms, total }: Bar, seen: readonly PhaseName[], by: number): Segment[] {
  const parts = seen.map((phase): readonly [Part, number] => [phase, ms.get(phase) ?? 0]);
  const rest = total - parts.reduce((sum, [, each]) => sum + each, 0);
  let sum = 0;
  return [...parts, [OTHERS, rest] as const]
    .filter(([, each]) => each > 1e-9 * total)
    .map(([part, each]) => {
      const from = sum;
      sum += each;
      const share = Math.round((100 * each) / total);
      const title = `${name}\n${wordsOf(part)}: ${shown('_ms', String(each))} (${share} %)`;
      return { bar: name, part, from: from / by, to: sum / by, title };
    });
}

/** The largest part of every stop. */
function finding(bars: readonly Bar[]): string {
  const largest = bars
    .filter(({ total }) => total > 0)
    .map(({ ms, total }) => {
      const [phase, most] = [...ms].reduce((a, b) => (b[1] > a[1] ? b : a));
      return { phase, share: Math.round((100 * most) / total) };
    });
  const count = new Map<PhaseName, number>();
  for (const { phase } of largest) count.set(phase, (count.get(phase) ?? 0) + 1);
  const [first, ...others] = [...count].sort((a, b) => b[1] - a[1]);
  if (!first) return 'The guest never stops by itself';
  const never = bars.length - largest.length;
  const end = never === 0 ? '' : `; in ${never} of ${bars.length} situations the guest never stops`;
  if (others.length > 0) {
    const said = [first, ...others].map(([phase, times]) => `${WORDS[phase]} in ${times}`).join(', ');
    return `The largest part of ${largest.length} stops is ${said}${end}`;
  }
  const shares = largest.map(({ share }) => share);
  const [least, most] = [Math.min(...shares), Math.max(...shares)];
  const range = least === most ? `${most} %` : `${least} to ${most} %`;
  const stop = largest.length === 1 ? 'the stop' : 'every stop';
  return `The largest part of ${stop} is ${WORDS[first[0]]}: ${range}${end}`;
}

/** Names and values of the bars, in order. */
function barsOf(rows: readonly Row[], data: FigureData, spec: FigureSpec) {
  const columns = seriesColumns(rows, [], spec.x ? [columnOf(spec.x)] : []);
  const several = new Set(rows.map((row) => strategyOf(row))).size > 1;
  const nameOfRow = (row: Row): string =>
    nameOf(row, columns, several || columns.length === 0 ? [strategyOf(row)] : []);
  const changes = several ? undefined : changesOf(rows, columns);
  const ordered = changes ? inOrderOfGain(rows, changes) : rows;
  const bars = ordered.map((row) => barOf(row, nameOfRow(row)));
  const title = (changes && fixFinding(ordered, changes, nameOfRow)) ?? finding(bars);
  return { bars, title, conditions: conditionsText(rows, data) };
}

/** Shares of each stop from 0 to 100 %. */
const SHARES: Scale = { type: 'linear', domain: [0, 1.12], ticks: [0, 0.25, 0.5, 0.75, 1] };

export const phases: Figure = {
  type: 'phases',
  summary: 'what the stop is spent on: stacked bars of its phases',
  draw(data, spec: FigureSpec) {
    const all = selected(data.summary, spec);
    const rows = all.slice(0, BARS_MAX);
    if (rows.length === 0) return undefined;
    const { bars, title, conditions } = barsOf(rows, data, spec);
    const totals = bars.map(({ total }) => total);
    const inShares = spansDecades(totals.filter((total) => total > 0));
    const most = Math.max(...totals);
    // Room for the sum behind the longest bar.
    const scale = inShares ? SHARES : measuredScale([0, 1.12 * most], 7);
    const seen = PHASES.filter((phase) =>
      bars.some(({ ms, total }) => (ms.get(phase) ?? 0) > THIN * (inShares ? total : most)),
    );
    const segments = bars.flatMap((bar) => segmentsOf(bar, seen, inShares ? bar.total : 1));
    const parts: readonly Part[] = [
      ...seen,
      ...(segments.some(({ part }) => part === OTHERS) ? ([OTHERS] as const) : []),
    ];
    const legend = parts.map((part) => ({ name: wordsOf(part), colour: colourOf(part) }));
    const nameRoom = 20 + 7.2 * Math.max(...bars.map((bar) => bar.name.length));
    const height = Math.max(80 + 30 * bars.length, 90 + 19 * legend.length);
    const what = inShares
      ? 'each as a share of its stop, whose length stands behind it'
      : 'the bars add up to the downtime';
    return {
      title: spec.title ?? title,
      subtitle: `Mean time of each phase over ${replicationsText(rows)}; ${what}.${cutNote(rows.length, all.length, 'bars')}`,
      conditions,
      width: Math.max(WIDTH, nameRoom + 440 + legendRoom(legend)),
      height,
      options: {
        marginLeft: nameRoom,
        marginRight: legendRoom(legend),
        marginBottom: 46,
        x: { domain: [...scale.domain] as number[], axis: null },
        y: { type: 'band', domain: bars.map((bar) => bar.name), label: null, padding: 0.25, tickSize: 0 },
        marks: [
          ...valueAxis(
            scale,
            inShares ? 'stop_share' : 'downtime_ms',
            inShares ? 'share of the stop' : undefined,
          ),
          Plot.barX(segments, {
            y: 'bar',
            x1: 'from',
            x2: 'to',
            fill: ({ part }: Segment) => colourOf(part),
            stroke: 'white',
            strokeWidth: 0.5,
            title: 'title',
          }),
          Plot.text(bars, {
            y: 'name',
            x: ({ total }: Bar) => (inShares && total > 0 ? 1 : total),
            text: ({ total }: Bar) => (total > 0 ? shown('_ms', String(total)) : '× never stops'),
            textAnchor: 'start',
            dx: 6,
            fill: ({ total }: Bar) => (total > 0 ? INK : GREY),
          }),
          ...legendMarks(legend),
        ],
      },
    };
  },
};
