/** The built-in probe's samples in two shapes: medians as in file.csv, and the values of a storage preset. */
import { median } from 'simple-statistics';
import { distributionOf, flushNsPerByte, meanOf } from '../../input/storage-values/samples.js';
import { spellsInSamples } from '../../input/storage-values/spells.js';
import { latencyValue, type StorageValues, timeText } from '../../input/storage-values/values.js';
import { LARGE_BYTES, type ProbeResult, SMALL_BYTES } from './probe.js';

/** Columns `cal_*` of file.csv: medians, microseconds. */
export interface FileCalibration {
  readonly write64kUs: number;
  readonly write4kUs: number;
  readonly read64kUs: number;
  /** fdatasync after that many writes of 64 KiB. */
  readonly flushUs: Readonly<Record<number, number>>;
  readonly punch64kUs: number | undefined;
}

/** Medians, as the lab calibrated its file rows. */
export function fileCalibration(probe: ProbeResult): FileCalibration {
  const us = (samplesNs: readonly number[]): number => median([...samplesNs]) / 1000;
  return {
    write64kUs: us(probe.write),
    write4kUs: us(probe.smallWrite),
    read64kUs: us(probe.read),
    flushUs: Object.fromEntries([...probe.flushAfter].map(([writes, samples]) => [writes, us(samples)])),
    punch64kUs: probe.punch && us(probe.punch.samplesNs),
  };
}

/** Distributions per class of op, and a flush that pays per byte written before it. */
export function probeValues(probe: ProbeResult, direct: boolean): StorageValues {
  const flushes = [...probe.flushAfter].sort(([a], [b]) => a - b);
  const points = flushes.map(([writes, samples]) => ({ bytes: writes * LARGE_BYTES, ns: meanOf(samples) }));
  const perByteNs = flushNsPerByte(points);
  const [fewest, baseSamples] = flushes[0]!;
  const base = baseSamples.map((ns) => Math.max(0, ns - perByteNs * fewest * LARGE_BYTES));
  const latency = (samples: readonly number[]): unknown => latencyValue(distributionOf(samples));
  const values = new Map<string, unknown>([
    ['write.latency', latency(probe.write)],
    ['write.at', LARGE_BYTES],
    ['small-write.latency', latency(probe.smallWrite)],
    ['small-write.at', SMALL_BYTES],
    ['read.latency', latency(probe.read)],
    ['read.at', LARGE_BYTES],
    ['read.bandwidth', rateText(LARGE_BYTES / meanOf(probe.read))],
    ['flush.latency', latency(base)],
    ['flush.per-64k', timeText(perByteNs * LARGE_BYTES)],
    ['host-cache', direct ? 'none' : 'writeback'],
  ]);
  const moreNs = meanOf(probe.write) - meanOf(probe.smallWrite);
  const spells = spellsInSamples(probe.write);
  for (const [path, value] of spells.values) values.set(path, value);
  if (moreNs > 0) values.set('write.bandwidth', rateText((LARGE_BYTES - SMALL_BYTES) / moreNs));
  if (probe.punch) values.set('punch.latency', latency(probe.punch.samplesNs));
  const seen = flushes.map(([writes, samples]) => `${samples.length} after ${writes}`).join(', ');
  return {
    values,
    notes: [
      `single system calls at queue depth 1: ${probe.write.length} writes of 64 KiB, ${probe.smallWrite.length} of 4 KiB, ${probe.read.length} reads of 64 KiB`,
      spells.note,
      `fdatasync after writes of 64 KiB (${seen}); the part per byte is the line through the means`,
      probe.punch
        ? `punched holes: ${probe.punch.how}`
        : 'punched holes: not measured; left out, so they are taken to cost what a small write does',
    ],
  };
}

const rateText = (bytesPerNs: number): string => `${Math.round(bytesPerNs * 1e9)}B/s`;
