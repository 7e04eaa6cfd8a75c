/** A calibrated host as a preset file of models/hosts: each figure with its spread, its mark, and how it was got. */
import { stringify } from 'yaml';
import { timeText } from '../../input/storage-values/values.js';
import { HOST, type HostFigure } from '../../sim/parameters/host.js';
import type { Row } from '../../sim/parameters/row.js';
import type { CalibratedHost } from './calibrated.js';

const HEADER = "# Made by stopgap calibrate --host: QEMU's own time on one machine.\n";
/** What such a file begins with. */
export const HOST_FILE_MARK = /^# Made by stopgap calibrate --host\b/;

export interface HostProvenance {
  /** Day of the measurement, as the caller gives it (2026-05-01): the library reads no clock. */
  readonly date: string;
  readonly command: string;
  readonly processor: string;
}

function written(row: Row, value: number): string {
  return row.kind === 'share'
    ? `${Number((100 * value).toPrecision(3))}%`
    : preciseTime(value * (row.per ?? 1));
}

/** A time of three digits; below a microsecond those of `timeText` are too few. */
function preciseTime(ns: number): string {
  return ns < 1000 ? `${Number(ns.toPrecision(3))}ns` : timeText(Number(ns.toPrecision(3)));
}

/** The text of the file. */
export function hostYaml({ host, measured, tool }: CalibratedHost, provenance: HostProvenance): string {
  const figures = (Object.entries(HOST) as [HostFigure, Row][]).flatMap(([figure, row]) => {
    const value = host[figure];
    if (value === undefined) return [];
    const spread = host.spread?.[figure];
    const told = measured.has(figure);
    const cited = {
      value: written(row, value),
      ...(spread !== undefined && { spread: written(row, spread) }),
      mark: told ? 'measured' : 'estimate',
      source: told ? 'calibration' : 'unknown',
    };
    return [[row.path, cited]];
  });
  const { date, command, processor } = provenance;
  const preset = {
    summary: `calibrated on ${processor}`,
    ...Object.fromEntries(figures),
    sources: {
      ...(measured.size > 0 && { calibration: `${tool}, ${date}: ${command}` }),
      unknown: 'not told by the calibration: the preset unknown, of a machine that nobody measured',
    },
  };
  return `${HEADER}${stringify(preset, { lineWidth: 0 })}`;
}
