/** A measurement for people: one line a kind of stop, measured beside predicted, with the requests that made it. */
import { availableParallelism } from 'node:os';
import { median } from 'simple-statistics';
import { counted } from '../base/counted.js';
import { formatSize } from '../base/units.js';
import type { Measured } from '../lab/measure/measure.js';
import {
  type Prediction,
  predictLoad,
  predictStore,
  predictStream,
  streamSdMs,
} from '../lab/measure/predict.js';
import type { HandoverRow } from '../lab/qemu/handover.js';
import type { Situation, StoreRow } from '../lab/qemu/store.js';
import { bitmapBits } from '../sim/qcow2/geometry.js';
import type { OpCounts } from '../sim/qcow2/op-counts.js';
import { type Interval, Z95 } from '../stats/interval.js';
import { repeatsNote, repeatsText } from './repeats-text.js';
import type { DrawTable } from './table.js';

interface Line {
  readonly what: string;
  readonly ms: readonly number[];
  readonly predictedMs: number | undefined;
  /** Half of the interval that holds 95 % of single stops. */
  readonly reachMs?: number;
  readonly seen: string;
}

/** Spread of repeats, as a share of the median, above which it deserves a remark. */
const NOISY = 0.15;

const PHASE_TEXT: Readonly<Record<string, string>> = {
  baseline: 'stop without bitmaps',
  first: 'bitmaps, first store',
  replace: 'bitmaps, replacing a copy',
};

/** Heading, table, and remarks where the comparison tells less than it seems to. */
export function measureReport(situation: Situation, measured: Measured, table: DrawTable): string {
  const lines = linesOf(situation, measured);
  const rows = lines.map((line) => {
    const middle = median([...line.ms]);
    return [
      line.what,
      ms(middle),
      `${Math.min(...line.ms).toFixed(1)} … ${ms(Math.max(...line.ms))}`,
      line.predictedMs === undefined ? '' : `${line.predictedMs.toFixed(1)} ± ${ms(line.reachMs ?? 0)}`,
      ...differenceTexts(line.predictedMs, middle),
      line.seen,
    ];
  });
  const notes = [repeatsNote(situation.repeats), noiseNote(lines), loadNote(measured)].filter(Boolean);
  return [heading(situation, measured), '', table(COLUMNS, rows), ...notes, ''].join('\n');
}

/** In milliseconds and as a share, which would mean little of a short stop. */
function differenceTexts(predictedMs: number | undefined, measuredMs: number): readonly [string, string] {
  if (predictedMs === undefined) return ['', ''];
  const sign = predictedMs >= measuredMs ? '+' : '';
  const share = `${sign}${((predictedMs / measuredMs - 1) * 100).toFixed(1)} %`;
  return [`${sign}${ms(predictedMs - measuredMs)}`, measuredMs < SHORT_MS ? '' : share];
}

const COLUMNS = [
  { title: '' },
  { title: 'measured', align: 'right' },
  { title: 'least … most', align: 'right' },
  { title: 'predicted', align: 'right' },
  { title: 'difference', align: 'right' },
  { title: 'in %', align: 'right' },
  { title: 'requests (measured/predicted)' },
] as const;

/** Below this a stop's own noise, 2 to 4 ms, is a large share of it. */
const SHORT_MS = 30;

/** Where repeats differ widely, the comparison must not be read more finely than they do. */
function noiseNote(lines: readonly Line[]): string {
  const spreads = lines
    .filter((line) => line.predictedMs !== undefined && median([...line.ms]) >= SHORT_MS)
    .map((line) => (Math.max(...line.ms) - Math.min(...line.ms)) / median([...line.ms]));
  const widest = Math.max(0, ...spreads);
  return widest > NOISY
    ? `Repeats differ by up to ${Math.round(widest * 100)} %: smaller differences mean nothing here.`
    : '';
}

/** Where others wanted the processors too: a stop is then longer by chance. */
function loadNote({ store, handover }: Measured): string {
  const load = Math.max(0, ...[...store, ...handover].map(({ load1 }) => load1));
  const processors = availableParallelism();
  return load > processors
    ? `The machine was busy (load ${load.toFixed(1)}, ${counted(processors, 'processor')}): stops may be longer than by themselves.`
    : '';
}

/** The same for programs, with every row and the parts of the predicted stops. */
export function measureJson(situation: Situation, measured: Measured): object {
  const { qemuVersion, storage, host, store, handover } = measured;
  return {
    qemu: qemuVersion,
    situation,
    comparison: linesOf(situation, measured).map((line) => {
      const middle = median([...line.ms]);
      return {
        what: line.what,
        measured_ms: middle,
        least_ms: Math.min(...line.ms),
        most_ms: Math.max(...line.ms),
        predicted_ms: line.predictedMs ?? null,
        // Where 95 % of single stops should be.
        predicted_ci95_ms:
          line.predictedMs === undefined ? null : intervalOf(line.predictedMs, line.reachMs ?? 0),
        error: line.predictedMs === undefined ? null : line.predictedMs / middle - 1,
      };
    }),
    predicted: {
      first: predictStore(situation, 'first', { storage, host }),
      replace: predictStore(situation, 'replace', { storage, host }),
      load: predictLoad(situation, { storage, host }),
    },
    storage,
    store,
    handover,
  };
}

const intervalOf = (ms: number, reachMs: number): Interval => [Math.max(0, ms - reachMs), ms + reachMs];

function linesOf(situation: Situation, measured: Measured): Line[] {
  return measured.handover.length > 0 ? handoverLines(situation, measured) : storeLines(situation, measured);
}

function heading(situation: Situation, measured: Measured): string {
  const { storage } = situation;
  const bytes = bitmapBits(situation.diskBytes, situation.granularityBytes) / 8;
  const place =
    storage.kind === 'directory'
      ? `${storage.path}, cache=${storage.cache}`
      : `nbdkit, ${storage.volume.writeDelayMs ?? 0} ms a request`;
  const touched = Math.max(0, ...[...measured.store, ...measured.handover].map((row) => row.dirtyClusters));
  const alike = situation.disks > 1 ? `${situation.disks} disks of ` : '';
  return [
    `QEMU ${measured.qemuVersion} on ${place}; ${repeatsText(situation.repeats)}`,
    `${alike}${formatSize(situation.diskBytes)}, ${situation.bitmaps} x ${formatSize(bytes)} of bitmap (1 bit per ${formatSize(situation.granularityBytes)}), ${touched} clusters of ${formatSize(situation.clusterBytes)} to store each`,
  ].join('\n');
}

function storeLines(situation: Situation, measured: Measured): Line[] {
  return (['baseline', 'first', 'replace'] as const).map((phase) => {
    const rows = measured.store.filter((row) => row.phase === phase);
    const prediction = phase === 'baseline' ? undefined : predictStore(situation, phase, measured);
    return {
      what: PHASE_TEXT[phase]!,
      ms: rows.map((row) => (phase === 'baseline' ? row.stopMs : row.bitmapMs)),
      predictedMs: prediction?.bitmapMs,
      ...(prediction && { reachMs: Z95 * prediction.sdMs }),
      seen: phase === 'baseline' ? '' : requestsText(rows, prediction),
    };
  });
}

function requestsText(rows: readonly StoreRow[], prediction: Prediction | undefined): string {
  const seen = rows[0]?.requests;
  const said = prediction?.requests;
  const pair = (what: string, pick: 'writes' | 'reads' | 'trims' | 'flushes'): string =>
    `${seen?.[pick] ?? '?'}${said ? `/${said[pick]}` : ''} ${what}`;
  if (!seen && !said) return '';
  return [
    pair('writes', 'writes'),
    pair('reads', 'reads'),
    pair('punches', 'trims'),
    pair('flushes', 'flushes'),
  ].join(', ');
}

function handoverLines(situation: Situation, measured: Measured): Line[] {
  const { storage, host } = measured;
  const of = (mode: HandoverRow['mode'], pick: (row: HandoverRow) => number): number[] =>
    measured.handover.filter((row) => row.mode === mode).map(pick);
  const bare = of('none', (row) => row.blackoutMs);
  const lines: Line[] = [
    { what: 'stop to resume without bitmaps', ms: bare, predictedMs: undefined, seen: '' },
  ];
  for (const [mode, text] of MODES) {
    const first = measured.handover.find((row) => row.mode === mode);
    if (!first) continue;
    const load = predictLoad(situation, { storage, host });
    const stream = predictStream(situation, host);
    const stored = predictStore(situation, 'first', { storage, host });
    const sourceMs = mode === 'store' ? stored.bitmapMs : stream.sendMs;
    const sourceSdMs = mode === 'store' ? stored.sdMs : streamSdMs(situation, host, ({ sendMs }) => sendMs);
    const wholeSdMs =
      mode === 'store'
        ? Math.hypot(stored.sdMs, load.sdMs)
        : streamSdMs(situation, host, ({ sendMs, receiveMs }) => sendMs + receiveMs);
    lines.push(
      {
        what: `bitmaps ${text}, source side`,
        ms: of(mode, (row) => row.sourceBitmapMs),
        predictedMs: sourceMs,
        reachMs: Z95 * sourceSdMs,
        seen: '',
      },
      {
        what: `bitmaps ${text}, stop to resume`,
        ms: of(mode, (row) => row.blackoutBitmapMs),
        predictedMs: sourceMs + (mode === 'store' ? load.bitmapMs : stream.receiveMs),
        reachMs: Z95 * wholeSdMs,
        seen: first.destination && mode === 'store' ? destinationText(first.destination, load.requests) : '',
      },
    );
  }
  return lines;
}

const MODES = [
  ['store', 'stored and loaded'],
  ['stream', 'through the stream'],
] as const;

function destinationText(seen: OpCounts, said: OpCounts): string {
  const { reads, writes, flushes } = seen;
  return `destination, bare reads included: ${reads} reads, ${writes}/${said.writes} writes, ${flushes}/${said.flushes} flushes`;
}

const ms = (value: number): string => `${value.toFixed(1)} ms`;
