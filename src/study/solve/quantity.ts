/** A numeric parameter as something that can be solved for: its steps, its unit, and how a value is given. */
import { InputError } from '../../base/errors.js';
import { PARAMETERS, type Parameter, parameterAt } from '../../input/parameters.js';
import type { Resolved } from '../../input/resolve.js';
import { didYouMean } from '../../input/values/suggest.js';
import { type Steps, stepsOf, writtenNumber } from '../../input/values/written-number.js';
import type { Kind } from '../../sim/parameters/row.js';

export interface Quantity {
  /** As it was asked for. */
  readonly name: string;
  readonly parameter: Parameter;
  readonly unit: string;
  readonly steps: Steps;
}

/** Parameters that say how it is simulated, not what. */
const NOT_SOLVED: readonly string[] = ['replications', 'seed'];

/** Flags that name a preset, and the figure of it that a number would be. */
const FIGURE_OF: ReadonlyMap<string, string> = new Map([
  ['link', 'link.bandwidth'],
  ['age', 'bitmaps.age'],
]);

const TIMES: readonly Kind[] = ['time', 'budget', 'latency'];

function unitOf(kind: Kind): string {
  if (TIMES.includes(kind)) return 'ms';
  if (kind === 'rate') return 'bytes/s';
  if (kind === 'size' || kind === 'power-of-two' || kind === 'extent') return 'bytes';
  return kind.startsWith('share') ? 'share' : '';
}

const SOLVABLE = PARAMETERS.filter((row) => stepsOf(row) !== undefined && !NOT_SOLVED.includes(row.path));

/** The parameter of a flag's name or a path. InputError where it has no numbers. */
export function quantityOf(name: string, where: string): Quantity {
  const path = FIGURE_OF.get(name) ?? name;
  const parameter = SOLVABLE.find(({ flag }) => flag === path) ?? parameterAt(path);
  const steps = parameter && !NOT_SOLVED.includes(parameter.path) ? stepsOf(parameter) : undefined;
  if (parameter === undefined || steps === undefined) {
    const names = SOLVABLE.flatMap(({ flag, path: own }) => [flag ?? own, own]);
    throw new InputError(
      `${where}: '${name}' is no parameter with numbers, such as disk, bitmaps or flush-latency` +
        `${didYouMean(name, names)} (see stopgap list parameters)`,
    );
  }
  return { name, parameter, steps, unit: unitOf(parameter.kind) };
}

/** Its steps in this situation: none beyond the parameter that it is bounded by. */
export function within(quantity: Quantity, { question }: Resolved): Quantity {
  const { parameter, steps } = quantity;
  const bound = parameter.atMost === undefined ? undefined : parameterAt(parameter.atMost);
  const most = bound && question[bound.column];
  if (typeof most !== 'number') return quantity;
  return { ...quantity, steps: { ...steps, highest: Math.min(steps.highest, steps.stepOf(most)) } };
}

/** Whether another parameter means nothing unless this one is set. */
export function isNeeded({ parameter: { path } }: Quantity): boolean {
  return PARAMETERS.some(({ atMost }) => atMost === path);
}

/** The value of a step as its parameter is given: text that is read as exactly it. */
export function textAt({ parameter, steps }: Quantity, step: number): string {
  return writtenNumber(parameter.kind, steps.valueAt(step))!;
}

/** The value of a step as results show it: bytes, milliseconds, shares, counts. */
export function shownAt({ unit, steps }: Quantity, step: number): number {
  const value = steps.valueAt(step);
  return unit === 'ms' ? value / 1e6 : value;
}

/** Where the situation stands: its own value, or a usual one where it has none. */
export function startOf({ parameter, steps, unit }: Quantity, { question }: Resolved): number {
  const shown = question[parameter.column];
  if (typeof shown !== 'number') return steps.usual;
  const step = steps.stepOf(unit === 'ms' ? shown * 1e6 : shown);
  return Math.min(steps.highest, Math.max(steps.lowest, step));
}
