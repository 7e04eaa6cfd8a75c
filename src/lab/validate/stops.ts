/** Measured stops with their predictions on any host, and the host that each is judged with. */

import type { HostSpec } from '../../sim/scenario.js';
import { hostShare } from '../../sim/stop/host-share.js';
import { crossFit, type Repeats, widening } from '../hosts/cross-fit.js';
import { fitHost, joined } from '../hosts/fit.js';
import type { Judged } from './errors.js';
import type { ValidationOptions } from './kind.js';
import { busySdMs, isCrowded } from './load.js';
import { configurationOf } from './row-qemu.js';
import { groupBy, type MeasuredRow } from './rows.js';
import type { StopMs } from './stop-time.js';

/** One measured time of a row. */
export interface MeasuredTime {
  readonly measuredMs: number;
  /** Standard deviation without the host's share. */
  readonly on: (host: HostSpec) => StopMs;
}

export interface MeasuredStop {
  readonly row: MeasuredRow;
  readonly phase: string;
  /** What is judged, by its name: the whole stop, the source's part. */
  readonly times: Readonly<Record<string, MeasuredTime>>;
}

/** Rows with this column set say what the host is, and are not judged. */
const FOR_HOST = 'for_host';

const isForHost = ({ row }: MeasuredStop): boolean => row.optional(FOR_HOST) === 1;

/** Judged stops by the name of what was measured; shorter ones than `minMs` say nothing of how wide intervals must be. */
export function judgedStops(
  stops: readonly MeasuredStop[],
  options: ValidationOptions,
): Readonly<Record<string, readonly Judged[]>> {
  const judged = stops.filter((stop) => !isForHost(stop));
  const hostOf = hostsOf(stops, options);
  const names = Object.keys(judged[0]?.times ?? {});
  return Object.fromEntries(
    names.map((name) => {
      const all = judged.map((stop) =>
        judgedStop(stop, stop.times[name]!, hostOf(configurationOf(stop.row))),
      );
      return [name, options.host === 'auto' ? widened(judged, all, options.minMs) : all];
    }),
  );
}

function hostsOf(
  stops: readonly MeasuredStop[],
  { host, prior }: ValidationOptions,
): (configuration: string) => HostSpec {
  if (host !== 'auto') return () => host;
  const marked = stops.filter(isForHost);
  if (marked.length === 0) return crossFit(prior, repeatsOf(stops, prior));
  const observations = repeatsOf(marked, prior).flatMap((repeats) => repeats.observations.map(joined));
  const fitted = fitHost(prior, observations, 'from marked rows');
  return () => fitted;
}

/** The weight of a time is what it may be off by on the prior host, so that it stays the same in all steps of a fit. */
function repeatsOf(stops: readonly MeasuredStop[], prior: HostSpec): Repeats[] {
  const groups = groupBy(stops, ({ row, phase }) => `${configurationOf(row)}\n${phase}`);
  return [...groups.values()].map((repeats) => ({
    configuration: configurationOf(repeats[0]!.row),
    observations: Object.keys(repeats[0]!.times).map((name) =>
      repeats.map(({ row, times }) => {
        const { measuredMs, on } = times[name]!;
        return {
          measuredMs,
          predictMs: (host: HostSpec) => on(host).ms,
          sdMs: on(prior).sdMs,
          crowded: isCrowded(row),
        };
      }),
    ),
  }));
}

function judgedStop({ row, phase }: MeasuredStop, { measuredMs, on }: MeasuredTime, host: HostSpec): Judged {
  const { ms, sdMs, processorMs } = on(host);
  const share = hostShare((other) => on(other).ms, host);
  return {
    config: row.name('config'),
    qemu: row.text('qemu'),
    phase,
    measuredMs,
    predictedMs: ms,
    sdMs: Math.hypot(sdMs, share, busySdMs(row, processorMs)),
  };
}

/** The model's own part of the interval, from how far it was off on other configurations. */
function widened(stops: readonly MeasuredStop[], judged: readonly Judged[], minMs: number): Judged[] {
  const configurations = stops.map(({ row }) => configurationOf(row));
  const misses = judged.flatMap(({ measuredMs, predictedMs, sdMs }, i) =>
    measuredMs < minMs
      ? []
      : [{ configuration: configurations[i]!, deviations: Math.abs(measuredMs - predictedMs) / sdMs }],
  );
  const factorOf = widening(misses);
  return judged.map((each, i) => ({ ...each, sdMs: each.sdMs * factorOf(configurations[i]!) }));
}
