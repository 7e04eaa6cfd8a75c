/** The outcome that a scenario asks for, from its parameters `outcome`, `fault`, `fault-rate` and `kill-share`. */
import { InputError } from '../base/errors.js';
import type { OutcomeSpec } from '../sim/scenario.js';
import { parseFaultRates, parseTimedFault } from './fault-rate.js';
import type { Values } from './values/fields.js';

const WAYS = ['outcome', 'fault', 'fault-rate'] as const;

/** `where` names a parameter as the user gave it. */
export function outcomeSpec(values: Values, where: (path: string) => string): OutcomeSpec {
  const [way, second] = WAYS.filter((path) => values.has(path));
  if (second !== undefined)
    throw new InputError(`${where(second)}: ${way} is given too; the outcome follows from one of them`);
  if (values.has('kill-share') && way !== 'fault-rate')
    throw new InputError(`${where('kill-share')}: needs fault-rate; otherwise name the outcome (ok-kill)`);
  if (way === 'fault') return { kind: 'fault', ...parseTimedFault(values.text('fault'), where('fault')) };
  if (way === 'fault-rate') {
    const perS = parseFaultRates([values.text('fault-rate')], where('fault-rate'));
    return {
      kind: 'fault-rates',
      perS,
      killShare: values.has('kill-share') ? values.number('kill-share') : 0,
    };
  }
  return { kind: 'named', name: values.text('outcome') };
}
