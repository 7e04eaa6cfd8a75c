/** What is varied: a parameter and its values as a share of the way from one end of its range to the other. */
import { InputError } from '../../base/errors.js';
import { PARAMETERS, type Parameter, parameterAt } from '../../input/parameters.js';
import { parseRow } from '../../input/values/kinds.js';
import { didYouMean } from '../../input/values/suggest.js';
import { writtenNumber } from '../../input/values/written-number.js';
import type { LatencySpec } from '../../sim/scenario.js';

export interface Factor {
  readonly path: string;
  /** The value at a share 0..1 of the range, as the parameter is given. */
  at(share: number): unknown;
  /** The same for readers: `0.35 ms`. */
  shown(share: number): string;
  /** Whether the values are steps rather than a stretch. */
  readonly discrete: boolean;
  /** Which part of the range remains where the middle is known within a share of itself; undefined for words. */
  leftWithin(share: number): number | undefined;
}

/** Formats a number in base units of a parameter. */
export type Format = (parameter: Parameter, value: number) => string;

const clamp = (share: number): number => Math.min(1, Math.max(0, share));

/** A list of values: each has an equal part of the range. */
function listed(path: string, values: readonly unknown[]): Factor {
  const at = (share: number): unknown =>
    values[Math.min(values.length - 1, Math.floor(share * values.length))];
  return { path, at, shown: (share) => String(at(share)), discrete: true, leftWithin: () => undefined };
}

interface Stretch {
  readonly from: number;
  readonly to: number;
  readonly log: boolean;
}

/** A stretch of numbers; whole ones have equal parts of it. */
function stretched(parameter: Parameter, { from, to, log }: Stretch, format: Format): Factor {
  const { kind, path } = parameter;
  const whole = kind === 'count';
  const powers = kind === 'power-of-two';
  const value = (given: number): number => {
    const share = clamp(given);
    if (powers) {
      const [low, high] = [Math.log2(from), Math.log2(to)];
      return 2 ** Math.min(high, low + Math.floor(share * (high - low + 1)));
    }
    if (whole && !log) return Math.min(to, from + Math.floor(share * (to - from + 1)));
    return log ? from * (to / from) ** share : from + share * (to - from);
  };
  return {
    path,
    at: (share) => writtenNumber(kind, value(share)),
    shown: (share) => format(parameter, value(share)),
    discrete: whole || powers,
    leftWithin: (share) => {
      const middle = value(0.5);
      const [low, high] = [middle * (1 - share), middle * (1 + share)];
      const left = log ? Math.log(high / low) / Math.log(to / from) : (high - low) / (to - from);
      return Math.min(1, left);
    },
  };
}

const FORM = 'path=from..to, path=from..to:log or path=a,b, such as storage.write.latency=0.1ms..2ms:log';

function numberOf(parameter: Parameter, text: string, where: string): number {
  const parsed = parseRow(parameter, text, where);
  if (typeof parsed === 'number') return parsed;
  const { kind, ns } = (parsed ?? {}) as LatencySpec & { readonly ns?: unknown };
  if (kind === 'constant' && typeof ns === 'number') return ns;
  throw new InputError(`${where}: '${text}' is not a number; a range has a number at each end`);
}

/** The factor that `--vary` names. */
export function factorOf(text: string, format: Format): Factor {
  const [, name = '', range = ''] = /^([^=]+)=(.+)$/s.exec(text) ?? [];
  if (name === '') throw new InputError(`--vary: '${text}' is not ${FORM}`);
  const parameter = PARAMETERS.find(({ flag }) => flag === name.trim()) ?? parameterAt(name.trim());
  if (!parameter) {
    const names = PARAMETERS.flatMap(({ flag, path }) => [flag ?? path, path]);
    throw new InputError(
      `--vary: unknown parameter '${name}'${didYouMean(name, names)} (see stopgap list parameters)`,
    );
  }
  const where = `--vary ${name}`;
  const ends = /^(.+?)\.\.(.+?)(:log)?$/.exec(range);
  if (!ends) {
    const values = range.split(',').map((value) => value.trim());
    if (values.length < 2) throw new InputError(`--vary: '${text}' is not ${FORM}`);
    for (const value of values) parseRow(parameter, value, where);
    return listed(parameter.path, values);
  }
  const [from, to] = [numberOf(parameter, ends[1]!, where), numberOf(parameter, ends[2]!, where)];
  const log = ends[3] !== undefined;
  if (writtenNumber(parameter.kind, from) === undefined)
    throw new InputError(`${where}: ${parameter.path} is not a number, give values: ${parameter.path}=a,b`);
  if (!(from < to)) throw new InputError(`${where}: from ${ends[1]} to ${ends[2]} is empty`);
  if (log && from <= 0) throw new InputError(`${where}: a log scale must begin above 0`);
  return stretched(parameter, { from, to, log }, format);
}
