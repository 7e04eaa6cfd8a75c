/** What the stop is spent on: the phases of the downtime as stacked bars. */
import * as Plot from '@observablehq/plot';
import { PHASES, type PhaseName } from '../../sim/machine/phases.js';
import type { FigureSpec } from '../../sweep/experiment/schema.js';
import type { Row } from '../../sweep/results/csv.js';
import {
  columnOf,
  cutNote,
  num,
  replicationsText,
  selected,
  seriesColumns,
  shown,
  stopping,
  strategyOf,
} from './data.js';
import { type Figure, WIDTH } from './figure.js';
import { legendMarks, legendRoom } from './legend.js';
import { INK, PHASE_COLOURS } from './palette.js';
import { measuredScale } from './scales.js';
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

interface Segment {
  readonly bar: string;
  readonly phase: PhaseName;
  readonly from: number;
  readonly to: number;
}

const BARS_MAX = 24;

function segmentsOf(row: Row, bar: string): Segment[] {
  let sum = 0;
  return PHASES.map((phase) => {
    const from = sum;
    sum += num(row, `phase_${phase}_mean_ms`) || 0;
    return { bar, phase, from, to: sum };
  }).filter(({ from, to }) => to > from);
}

/** The largest phase of the longest bar. */
function finding(bars: readonly { name: string; segments: readonly Segment[] }[]): string {
  const longest = [...bars].sort((a, b) => (b.segments.at(-1)?.to ?? 0) - (a.segments.at(-1)?.to ?? 0))[0];
  const largest = [...(longest?.segments ?? [])].sort((a, b) => b.to - b.from - (a.to - a.from))[0];
  if (!longest || !largest) return 'What the stop is spent on';
  const total = longest.segments.at(-1)!.to;
  const share = Math.round((100 * (largest.to - largest.from)) / total);
  return `${longest.name}: ${share} % of the ${shown('_ms', String(total))} stop is ${WORDS[largest.phase]}`;
}

export const phases: Figure = {
  type: 'phases',
  summary: 'what the stop is spent on: stacked bars of its phases',
  draw(data, spec: FigureSpec) {
    const { rows: all, note } = stopping(selected(data.summary, spec), 'downtime_ms');
    const rows = all.slice(0, BARS_MAX);
    if (rows.length === 0) return undefined;
    const columns = seriesColumns(rows, [], spec.x ? [columnOf(spec.x)] : []);
    const several = new Set(rows.map((row) => strategyOf(row, rows))).size > 1;
    const bars = rows.map((row) => {
      const name = nameOf(row, columns, several || columns.length === 0 ? [strategyOf(row, rows)] : []);
      return { name, segments: segmentsOf(row, name) };
    });
    const segments = bars.flatMap((bar) => bar.segments);
    const totals = bars.map((bar) => bar.segments.at(-1)?.to ?? 0);
    // Room for the sum behind the longest bar.
    const scale = measuredScale([0, 1.12 * Math.max(...totals)], 7);
    const nameRoom = 20 + 7.2 * Math.max(...bars.map((bar) => bar.name.length));
    const legend = PHASES.filter((phase) => segments.some((segment) => segment.phase === phase)).map(
      (phase) => ({
        name: WORDS[phase],
        colour: PHASE_COLOURS[phase]!,
      }),
    );
    const height = Math.max(80 + 30 * bars.length, 90 + 19 * legend.length);
    return {
      title: spec.title ?? finding(bars),
      subtitle: `Mean time of each phase over ${replicationsText(rows)}; the bars add up to the downtime.${note}${cutNote(rows.length, all.length, 'bars')}`,
      width: Math.max(WIDTH, nameRoom + 440 + legendRoom(legend)),
      height,
      options: {
        marginLeft: nameRoom,
        marginRight: legendRoom(legend),
        marginBottom: 46,
        x: { domain: [...scale.domain] as number[], axis: null },
        y: { type: 'band', domain: bars.map((bar) => bar.name), label: null, padding: 0.25, tickSize: 0 },
        marks: [
          ...valueAxis(scale, 'downtime_ms'),
          Plot.barX(segments, {
            y: 'bar',
            x1: 'from',
            x2: 'to',
            fill: (segment: Segment) => PHASE_COLOURS[segment.phase],
            stroke: 'white',
            strokeWidth: 0.5,
            title: (segment: Segment) =>
              `${segment.bar}\n${WORDS[segment.phase]}: ${shown('_ms', String(segment.to - segment.from))}`,
          }),
          Plot.text(bars, {
            y: 'name',
            x: (_bar: unknown, i: number) => totals[i],
            text: (_bar: unknown, i: number) => shown('_ms', String(totals[i])),
            textAnchor: 'start',
            dx: 6,
            fill: INK,
          }),
          ...legendMarks(legend),
        ],
      },
    };
  },
};
