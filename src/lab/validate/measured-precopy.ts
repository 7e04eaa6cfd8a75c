/** The pre-copy of the model by itself, as the lab's rows about RAM are predicted. */
import { InputError } from '../../base/errors.js';
import type { Precopy, PrecopySituation } from '../../sim/migration/precopy.js';
import { precopyAlone, steadily } from '../../sim/migration/precopy-alone.js';

/** One migration of RAM beside so many bits that count as pending bytes. InputError where it does not come to an end. */
export function measuredPrecopy(
  situation: PrecopySituation,
  bits: number,
): Precopy & { readonly runningNs: number } {
  const ended = precopyAlone(situation, steadily(bits));
  if (ended === null) throw new InputError('a migration of these rows takes more steps than any that ends');
  return { ...ended.outcome, runningNs: ended.ns };
}
