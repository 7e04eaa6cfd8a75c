/** What is said of a ramp, to the ramp that the model is given. */
import { InputError } from '../base/errors.js';
import type { RAMP, RampSpec } from '../sim/parameters/ramp.js';
import type { Spec } from '../sim/parameters/row.js';

const GIB = 2 ** 30;

/** Null where management raises nothing; InputError where a number is missing that the law cannot do without. */
export function rampFrom(told: Spec<typeof RAMP>, ramBytes: number): RampSpec | null {
  const { law = 'none' } = told;
  if (law === 'none') return null;
  const needed = <T>(value: T | undefined, name: string): T => {
    if (value === undefined) throw new InputError(`ramp.${name} is missing; ramp.law ${law} needs it`);
    return value;
  };
  const pollNs = (): number => needed(told.pollNs, 'poll');
  if (law === 'stuck')
    return {
      law,
      polls: needed(told.polls, 'polls'),
      pollNs: pollNs(),
      pollSoonNs: needed(told.pollSoonNs, 'poll-soon'),
    };
  const shape = told.shape ?? 'linear';
  const wait = told.waitPerGibNs === undefined ? told.waitNs : (told.waitPerGibNs * ramBytes) / GIB;
  const waitNs = Math.round(Math.min(needed(wait, 'wait'), told.waitMostNs ?? Number.POSITIVE_INFINITY));
  return {
    law,
    shape,
    fromNs: shape === 'linear' ? needed(told.fromNs, 'from') : null,
    levels: needed(told.levels, 'levels'),
    waitNs: Math.max(1, waitNs),
    iterations: law === 'iterated' ? needed(told.iterations, 'iterations') : 0,
    pollNs: law === 'timed' ? 0 : pollNs(),
  };
}
