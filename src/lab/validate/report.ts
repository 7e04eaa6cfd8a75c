/** The report of a kind that predicts times: errors by group for people, all of it for programs. */
import { median } from 'simple-statistics';
import type { ErrorReport } from './errors.js';
import type { TimeErrors, ValidationReport } from './kind.js';
import { groupBy } from './rows.js';

/** A fraction as percent; a dash where there is none. */
export function percent(fraction: number | null, digits = 1): string {
  return fraction === null ? '-' : `${(100 * fraction).toFixed(digits)} %`;
}

const ms = (value: number): string => (value >= 100 ? value.toFixed(0) : value.toFixed(1));

/** The part of a configuration's name before its details, with the phase. */
function groupName(config: string, phase: string): string {
  const group = /^([^:,=]+)[:,]/.exec(config)?.[1] ?? (/^([^,]+)/.exec(config)?.[1] || config);
  return phase === '' ? group : `${group} ${phase}`;
}

/** `mismatches`: request counts that differ; null where the file has none to compare. `extra` goes into the JSON. */
export function timeReport(
  errors: ErrorReport,
  minMs: number,
  mismatches: number | null,
  extra: Pick<TimeErrors, 'source'> = {},
): ValidationReport {
  const { rows, ...summary } = errors;
  const groups = groupBy(rows, ({ config, phase }) => groupName(config, phase));
  const remarks = [
    `${errors.n} configurations of ${minMs} ms or more: error median ${percent(errors.median_ape)}, p90 ${percent(errors.p90_ape)}, max ${percent(errors.max_ape)}, bias ${percent(errors.bias_pct)}`,
    `${errors.short.n} shorter: p90 of the absolute error ${errors.short.p90_abs_ms === null ? '-' : `${ms(errors.short.p90_abs_ms)} ms`}`,
    `wrong verdicts ${errors.wrong_verdicts}, borderline ${errors.borderline}; ${percent(errors.coverage95)} of single stops inside their 95 % interval`,
    ...(mismatches === null ? [] : [`request counts that differ from real QEMU: ${mismatches}`]),
  ];
  return {
    json: { ...summary, op_count_mismatches: mismatches, ...extra, rows },
    errors: { ...errors, op_count_mismatches: mismatches, ...extra },
    medianApe: errors.median_ape,
    p90Ape: errors.p90_ape,
    mismatches: mismatches ?? 0,
    table: {
      columns: ['group', 'configurations', 'measured ms', 'median error', 'max error'],
      rows: [...groups].map(([name, members]) => [
        name,
        String(members.length),
        range(members.map((row) => row.measured_ms)),
        percent(median(members.map((row) => row.ape))),
        percent(Math.max(...members.map((row) => row.ape))),
      ]),
    },
    remarks,
  };
}

function range(values: readonly number[]): string {
  const low = ms(Math.min(...values));
  const high = ms(Math.max(...values));
  return low === high ? low : `${low} … ${high}`;
}
