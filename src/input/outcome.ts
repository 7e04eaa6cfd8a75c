/** The outcome that a scenario asks for, from its parameters `outcome`, `fault`, `fault-rate` and `kill-share`. */
import { InputError } from '../base/errors.js';
import type { Spec } from '../sim/parameters/row.js';
import type { OutcomeSpec } from '../sim/scenario.js';
import { parseFaultRates, parseTimedFault } from './fault-rate.js';
import { OUTCOME } from './parameters/outcome.js';
import type { Where } from './scenario-input.js';

const WAYS = ['outcome', 'fault', 'faultRate'] as const;

/** `where` names a parameter as the user gave it. */
export function outcomeSpec(told: Spec<typeof OUTCOME>, where: Where): OutcomeSpec | undefined {
  const { outcome, fault, faultRate, killShare } = told;
  const [way, second] = WAYS.filter((field) => told[field] !== undefined).map((field) => OUTCOME[field].path);
  if (second !== undefined)
    throw new InputError(`${where(second)}: ${way} is given too; the outcome follows from one of them`);
  if (killShare !== undefined && faultRate === undefined)
    throw new InputError(`${where('kill-share')}: needs fault-rate; otherwise name the outcome (ok-kill)`);
  if (fault !== undefined) return { kind: 'fault', ...parseTimedFault(fault, where('fault')) };
  if (faultRate !== undefined)
    return {
      kind: 'fault-rates',
      perS: parseFaultRates([faultRate], where('fault-rate')),
      killShare: killShare ?? 0,
    };
  return outcome === undefined ? undefined : { kind: 'named', name: outcome };
}
