/** `--fault-rate FAULT=N/h`: faults by the clock, from which the migration's own times make outcomes. */
import { InputError } from '../base/errors.js';
import { parseTime } from '../base/units.js';
import { FAULTS, type Fault, type FaultRates } from '../sim/faults.js';
import { didYouMean, oneOf } from './values/suggest.js';

/** Seconds of a unit. */
const UNIT_S: ReadonlyMap<string, number> = new Map([
  ['s', 1],
  ['min', 60],
  ['h', 3600],
  ['d', 86_400],
  ['y', 365.25 * 86_400],
]);

function isFault(name: string): name is Fault {
  return (FAULTS as readonly string[]).includes(name);
}

/** Faults per second by kind. */
export function parseFaultRates(texts: readonly string[], where = '--fault-rate'): FaultRates {
  const rates: Partial<Record<Fault, number>> = {};
  for (const text of texts.flatMap((each) => each.split(','))) {
    const match = /^([a-z-]+)=(\d+(?:\.\d+)?)\/([a-z]+)$/.exec(text);
    const unitS = match && UNIT_S.get(match[3]!);
    if (!match || !unitS)
      throw new InputError(
        `${where}: '${text}' is not FAULT=N/s, /min, /h, /d or /y, such as destination-dies=2/y`,
      );
    const fault = match[1]!;
    if (!isFault(fault))
      throw new InputError(`${where}: '${fault}' is not ${oneOf(FAULTS)}${didYouMean(fault, FAULTS)}`);
    if (rates[fault] !== undefined) throw new InputError(`${where}: '${fault}' is given twice`);
    rates[fault] = Number(match[2]) / unitS;
  }
  return rates;
}

/** A fault at a time of the migration's own clock. */
export interface TimedFault {
  readonly fault: Fault;
  readonly atNs: number;
}

/** `FAULT@TIME`, from the start of the migration. */
export function parseTimedFault(text: string, where = '--fault'): TimedFault {
  const [fault = '', at, ...more] = text.split('@');
  if (at === undefined || more.length > 0)
    throw new InputError(`${where}: '${text}' is not FAULT@TIME, such as destination-dies@2s`);
  if (!isFault(fault))
    throw new InputError(`${where}: '${fault}' is not ${oneOf(FAULTS)}${didYouMean(fault, FAULTS)}`);
  return { fault, atNs: parseTime(at, where) };
}
