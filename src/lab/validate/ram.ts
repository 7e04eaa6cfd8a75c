/**
 * What of its RAM a guest leaves to the stop (`measure --ram`). Every row is migrated in the model, at several speeds
 * where the host has a spread, since the moment in a window at which little is left decides how much that is. The figure is the blackout, source STOP to
 * destination RESUME; the source's own stop and the bytes that were left are reported beside it.
 */
import { mean, median, standardDeviation } from 'simple-statistics';
import { standardNormal } from '../../kernel/distributions.js';
import { namedStream } from '../../kernel/rng.js';
import type { Precopy, PrecopySituation } from '../../sim/migration/precopy.js';
import { sendNs, streamed } from '../../sim/qcow2/stream.js';
import type { HostSpec, MigrationSpec } from '../../sim/scenario.js';
import { PAYLOAD_SHARE } from '../ram/wire.js';
import { type ApeSummary, summariseApe } from './ape.js';
import { type Judged, judge } from './errors.js';
import type { ValidationKind } from './kind.js';
import { measuredPrecopy } from './measured-precopy.js';
import { percent, timeReport } from './report.js';
import { qemuOf } from './row-qemu.js';
import { groupBy, type MeasuredRow } from './rows.js';

const PAGE_BYTES = 4096;
/** What the sender's socket holds when the source is done; the lab sets it (lab/ram/wire.ts). */
const SEND_BUFFER_BYTES = 256 * 1024;
const UNLIMITED = Number.POSITIVE_INFINITY;
/** What a busy machine adds or takes: of any stop, and of a long one. */
const NOISE = { ms: 10, share: 0.05 } as const;
/** As long as the lab waits for a guest that does not stop. */
const PATIENCE_NS = 10e9;
/** QEMU's own. */
const MULTIFD_CHANNELS = 2;
/** Migrations in the model for each row, where they differ. */
const REPLICATIONS = 40;

/** One measured figure of a row. */
interface Figure {
  readonly config: string;
  readonly measured: number;
  readonly predicted: number;
}

interface Predicted {
  readonly convergedShare: number;
  readonly sourceMs: number;
  readonly blackoutMs: number;
  readonly sdMs: number;
  readonly leftBytes: number;
  readonly runningMs: number;
  /** Of the RAM that follows after the resume. */
  readonly followsMs: number;
}

export const ramKind: ValidationKind = {
  name: 'ram',
  columns: ['ram_left_bytes', 'limit_ms', 'measured_blackout_ms'],
  validate({ rows }, options) {
    const blackouts: Judged[] = [];
    const sources: Judged[] = [];
    const left: Figure[] = [];
    const follows: Figure[] = [];
    const running: Figure[] = [];
    let stops = 0;
    let agree = 0;
    const host = options.host === 'auto' ? options.prior : options.host;
    const base = baseOf(rows, host);
    for (const row of rows) {
      const predicted = predict(row, host, base);
      const converged = row.number('converged') === 1;
      stops++;
      if (predicted.convergedShare > 0.5 === converged) agree++;
      if (!converged || predicted.convergedShare === 0) continue;
      const same = { config: row.name('config'), phase: '', sdMs: predicted.sdMs };
      blackouts.push({
        ...same,
        measuredMs: row.number('measured_blackout_ms'),
        predictedMs: predicted.blackoutMs,
      });
      const { config } = same;
      const followsMs = row.optional('follows_ms');
      // In post-copy the source ends when all RAM has followed.
      if (followsMs === undefined)
        sources.push({
          ...same,
          measuredMs: row.number('measured_source_ms'),
          predictedMs: predicted.sourceMs,
        });
      else follows.push({ config, measured: followsMs, predicted: predicted.followsMs });
      const measured = row.number(followsMs === undefined ? 'ram_left_bytes' : 'postcopy_bytes');
      // QEMU does not count what its channels send in the stop.
      if (row.text('way') !== 'multifd') left.push({ config, measured, predicted: predicted.leftBytes });
      const runningMs = row.optional('running_ms');
      if (runningMs !== undefined)
        running.push({ config, measured: runningMs, predicted: predicted.runningMs });
    }
    const report = timeReport(judge(blackouts, options), options.minMs, null, {
      source: judge(sources, options),
    });
    const bytes = figureErrors(left);
    const [before, after] = [figureErrors(running), figureErrors(follows)];
    const times = (name: string, { n, median_ape, p90_ape }: ApeSummary): string =>
      `${name}, ${n} configurations: error median ${percent(median_ape)}, p90 ${percent(p90_ape)}`;
    return {
      ...report,
      json: {
        ...report.json,
        ram_left: bytes,
        running: before,
        follows: after,
        convergence: { n: stops, agree },
      },
      remarks: [
        ...report.remarks,
        times('RAM left to the stop', bytes),
        ...(before.n > 0 ? [times('time until it', before)] : []),
        ...(after.n > 0 ? [times('time of the RAM that follows after the resume', after)] : []),
        `stops or never stops as predicted: ${agree} of ${stops}`,
      ],
    };
  },
};

/** What a stop with no RAM left takes there. */
interface Base {
  readonly sourceMs: number;
  readonly blackoutMs: number;
}

/** Medians of the stops that were measured for it, one before each round of all configurations; else as the host says. */
function baseOf(rows: readonly MeasuredRow[], { stopNs, deviceStateNs, startNs }: HostSpec): Base {
  const rounds = [...groupBy([...rows], (row) => String(row.optional('repeat'))).values()].map(
    ([row]) => row!,
  );
  const measured = (column: string): number | undefined => {
    const values = rounds.flatMap((row) => row.optional(column) ?? []);
    return values.length > 0 ? median(values) : undefined;
  };
  const sourceMs = measured('base_source_ms') ?? (stopNs + deviceStateNs) / 1e6;
  return { sourceMs, blackoutMs: measured('base_blackout_ms') ?? sourceMs + startNs / 1e6 };
}

function predict(row: MeasuredRow, lab: HostSpec, base: Base): Predicted {
  const situation = situationOf(row, lab);
  const { host, link } = situation;
  const bits = row.number('bitmap_bits');
  const stops: (Precopy & { readonly runningNs: number })[] = [];
  const replications = host.ramSpread === 0 ? 1 : REPLICATIONS;
  for (let replication = 0; replication < replications; replication++) {
    const draw = standardNormal(namedStream(1, replication, 'validate/ram'));
    stops.push(measuredPrecopy({ ...situation, speed: Math.exp(host.ramSpread * draw) }, bits));
  }
  const converged = stops.filter(({ state }) => state === 'ready');
  const ramMs = converged.map(({ ramStopNs }) => ramStopNs / 1e6);
  const stream = streamed(bits, 0, bits > 0 ? 1 : 0);
  const followed = converged.filter(({ followsNs }) => followsNs !== null);
  const inStopNs = followed.length > 0 ? host.postcopyRamNs : sendNs(stream, host, link);
  const restMs = base.sourceMs + inStopNs / 1e6;
  const meanMs = (times: readonly number[]): number => (times.length === 0 ? 0 : mean([...times]) / 1e6);
  const sourceMs = mean([...ramMs, 0].slice(0, Math.max(1, ramMs.length))) + restMs;
  const bufferMs = link.bytesPerS === UNLIMITED ? 0 : (SEND_BUFFER_BYTES / link.bytesPerS) * 1e3;
  const noiseMs = Math.hypot(NOISE.ms, NOISE.share * sourceMs);
  const wire = (PAGE_BYTES + 8) / PAGE_BYTES;
  const blackoutMs = sourceMs + bufferMs + base.blackoutMs - base.sourceMs;
  return {
    convergedShare: converged.length / stops.length,
    sourceMs,
    blackoutMs,
    sdMs: Math.hypot(ramMs.length > 1 ? standardDeviation(ramMs) : 0, noiseMs),
    leftBytes: converged.length === 0 ? 0 : wire * mean(converged.map(({ ramLeftBytes }) => ramLeftBytes)),
    runningMs: meanMs(converged.map(({ runningNs }) => runningNs)),
    // It begins when the source is done.
    followsMs: meanMs(followed.map(({ followsNs }) => followsNs!)) - (blackoutMs - base.sourceMs),
  };
}

type Situation = Omit<PrecopySituation, 'speed'>;

function situationOf(row: MeasuredRow, lab: HostSpec): Situation {
  const wire = row.optional('wire_bytes_per_s');
  return {
    ram: {
      sizeBytes: row.number('ram_bytes'),
      usedBytes: row.number('used_bytes'),
      workingSetBytes: row.number('working_set_bytes'),
      dirtyBytesPerS: row.number('writes_per_s') * PAGE_BYTES,
    },
    link: {
      name: 'wire',
      bytesPerS: wire === undefined ? UNLIMITED : wire * PAYLOAD_SHARE,
      roundTripNs: 0,
      stopDelayNs: 0,
    },
    host: { ...lab, perPageNs: row.number('page_us') * 1e3 },
    migration: {
      downtimeLimitNs: row.number('limit_ms') * 1e6,
      maxBytesPerS: row.optional('max_bytes_per_s') ?? UNLIMITED,
      returnPath: false,
      timeoutNs: PATIENCE_NS,
      warmUpNs: 0,
      ramp: null,
      ...wayOf(row.text('way')),
    },
    qemu: qemuOf(row),
  };
}

/** How RAM goes, where it is not plain pre-copy. */
function wayOf(way: string): Partial<MigrationSpec> {
  if (way === 'postcopy-ram') return { postcopyRam: true };
  if (way === 'auto-converge') return { autoConverge: true };
  return way === 'multifd' ? { multifdChannels: MULTIFD_CHANNELS } : {};
}

/** Of the medians of the repeats. */
function figureErrors(figures: readonly Figure[]): ApeSummary {
  const groups = [...groupBy(figures, ({ config }) => config).values()];
  return summariseApe(
    groups.map((rows) => {
      const measured = median(rows.map((row) => row.measured));
      return Math.abs(median(rows.map((row) => row.predicted)) - measured) / measured;
    }),
  );
}
