/** A fitted workload as a preset file, in the form of models/workloads/*.yaml. */
import { stringify } from 'yaml';
import { decimal, percent as exactPercent, exactSize } from '../base/exact-text.js';
import { formatTime } from '../base/units.js';
import type { ArrivalSpec, PatternSpec } from '../sim/scenario.js';
import type { WorkloadFit } from '../traces/fit/fit.js';
import type { WorkloadStatistics } from '../traces/statistics/statistics.js';

const PERCENT_DIGITS = 3;
const percent = (share: number): string => exactPercent(share, PERCENT_DIGITS);

function arrivals(spec: ArrivalSpec): unknown {
  if (spec.kind === 'on-off') return { on: `${spec.onNs}ns`, off: `${spec.offNs}ns` };
  if (spec.kind !== 'h2') return spec.kind;
  return { h2: { p1: decimal(spec.p1, 12), fast: decimal(spec.fast, 12) } };
}

const SHARE_DIGITS = 12;

/** Shares that add up to 1 as they are written: the largest one takes what rounding left. */
function shares(values: readonly number[]): string[] {
  const texts = values.map((value) => decimal(value, SHARE_DIGITS));
  const largest = values.indexOf(Math.max(...values));
  const others = texts.reduce((sum, text, i) => (i === largest ? sum : sum + Number(text)), 0);
  texts[largest] = decimal(1 - others, SHARE_DIGITS);
  return texts;
}

function pattern(spec: PatternSpec): unknown {
  if (spec.kind !== 'zones') return spec.kind;
  const space = shares(spec.zones.map((zone) => zone.space));
  const writes = shares(spec.zones.map((zone) => zone.writes));
  return { zones: spec.zones.map((_, i) => ({ space: space[i], writes: writes[i] })) };
}

const HEADER = '# Made by stopgap workload --fit.\n';
/** What such a file begins with. */
export const WORKLOAD_MARK = /^# Made by stopgap workload\b/;

/** The YAML text. `name`: of the trace, without its folder. */
export function workloadYaml(fit: WorkloadFit, stats: WorkloadStatistics, name: string): string {
  const cited = (value: unknown) => ({ value, mark: 'measured', source: 'trace' });
  const off = ({ worst, mean }: { worst: number; mean: number }): string =>
    `${percent(Math.round(worst * 1e4) / 1e4)} at worst and ${percent(Math.round(mean * 1e4) / 1e4)} in the mean`;
  const weights = shares(fit.guest.parts.map((part) => part.weight));
  const parts = fit.guest.parts.map((part, i) => ({
    ...(fit.guest.parts.length === 1 ? {} : { weight: cited(weights[i]) }),
    'write-size': cited(
      Object.fromEntries(part.sizes.map((mix) => [exactSize(mix.bytes), percent(mix.weight)])),
    ),
    pattern: cited(pattern(part.pattern)),
    footprint: cited(exactSize(part.footprintBytes)),
    offset: cited(exactSize(Math.round(part.offsetShare * fit.diskBytes))),
  }));
  const preset = {
    summary: `fitted to ${name}`,
    'write-iops': cited(decimal(fit.guest.writesPerS, 6)),
    arrivals: cited(arrivals(fit.guest.arrivals)),
    ...(parts.length === 1 ? parts[0] : { mix: parts }),
    sources: {
      trace:
        `${name} (${stats.format}), ${stats.writes} writes in ${formatTime(stats.durationNs)}, ${stats.footprintGranules} granules of ` +
        `${exactSize(stats.options.granularityBytes)}; the first-touch curve of this fit is off by ${off(fit.overWrites)} of that over the count ` +
        `of writes, and by ${off(fit.overTime)} over time; chunks with a first touch in a window of ${formatTime(stats.options.windowNs)}: ` +
        `${decimal(fit.chunksPerWindow.trace, 2)} in the trace and ${decimal(fit.chunksPerWindow.fit, 2)} in the fit, in the mean`,
    },
  };
  return `${HEADER}${stringify(preset, { lineWidth: 110 })}`;
}
