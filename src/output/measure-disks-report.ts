/** A measurement of disks that differ, for people: what each file was asked for beside the model's requests, and the times of all together. */
import { median } from 'simple-statistics';
import type { MeasuredDisks, MeasuredFile } from '../lab/measure/measure-disks.js';
import { repeatsNote, repeatsText } from './repeats-text.js';
import type { DrawTable } from './table.js';

const COLUMNS = [
  { title: 'file', align: 'left' },
  { title: 'storage', align: 'left' },
  { title: 'source', align: 'left' },
  { title: 'destination', align: 'left' },
  { title: 'its bitmaps add', align: 'right' },
] as const;

const ms = (value: number): string => `${value.toFixed(1)} ms`;
const countOf = (sequence: string): number =>
  sequence === ''
    ? 0
    : sequence.split(' ').reduce((sum, run) => sum + Number(/x(\d+)$/.exec(run)?.[1] ?? 1), 0);

/** `132 requests, as predicted`, or both numbers. */
function requestsText({ measured, predicted }: MeasuredFile['source']): string {
  if (measured === predicted) return `${countOf(measured)} requests, as predicted`;
  return `${countOf(measured)} requests, ${countOf(predicted)} predicted`;
}

function differenceLines({ file, source, destination }: MeasuredFile): readonly string[] {
  return (
    [
      ['source', source],
      ['destination', destination],
    ] as const
  ).flatMap(([side, { measured, predicted }]) =>
    measured === predicted
      ? []
      : [`${file}, ${side}: measured  ${measured}`, `${file}, ${side}: predicted ${predicted}`],
  );
}

function timeLine(what: string, values: readonly number[], predictedMs: number): string {
  const middle = median([...values]);
  const share = (100 * (predictedMs - middle)) / middle;
  return `${what}: measured ${ms(middle)} (${Math.min(...values).toFixed(1)} … ${ms(Math.max(...values))}), predicted ${ms(predictedMs)} (${share >= 0 ? '+' : ''}${share.toFixed(1)} %)`;
}

/** Table, differences where there are any, and times. */
export function measureDisksReport(measured: MeasuredDisks, table: DrawTable): string {
  const { files, source_ms, blackout_ms, predicted_source_ms, predicted_blackout_ms } = measured;
  const rows = files.map((each) => [
    each.file,
    each.storage,
    requestsText(each.source),
    requestsText(each.destination),
    ms(each.predicted_ms),
  ]);
  return [
    `QEMU ${measured.qemu_version}, each file a volume of nbdkit; ${repeatsText(source_ms.length)}`,
    '',
    table(COLUMNS, rows),
    ...files.flatMap(differenceLines),
    timeLine('The bitmaps add to the stop of the source', source_ms, predicted_source_ms),
    timeLine('and from stop to resume', blackout_ms, predicted_blackout_ms),
    ...[repeatsNote(source_ms.length)].filter(Boolean),
    '',
  ].join('\n');
}
