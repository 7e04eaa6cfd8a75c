/** Slow spells of a storage as a preset writes them, from how much its throughput varied from window to window. */

import { mean, sum, variance } from 'simple-statistics';
import { counted } from '../../base/counted.js';
import { twoStates, WINDOWS_MIN, type Windows, windowsOf } from '../../stats/two-state.js';
import { timeText } from './values.js';

interface Spells {
  readonly values: readonly (readonly [path: string, value: unknown])[];
  readonly note: string;
}

/** Windows over samples in their order. Enough of them to see spells, and each long enough to hold several requests. */
const WINDOWS = 64;
const REQUESTS_MIN = 8;

const UNSEEN = 'the level of another day is not in it: measure again then';
const percent = (share: number): string => `${Number((100 * share).toPrecision(2))} %`;

/** `latency`: of one request; one was in flight at a time. */
export function spellsIn(
  windows: Windows,
  latency: { readonly meanNs: number; readonly varianceNs2: number },
): Spells {
  const { windowNs, count, mean, standardDeviation } = windows;
  const length = timeText(windowNs);
  if (count < WINDOWS_MIN)
    return {
      values: [],
      note: `${counted(count, 'window')} of ${length}: too few to see slow spells, so none are taken (at least ${WINDOWS_MIN})`,
    };
  const requests = windowNs / latency.meanNs;
  const chance = Math.sqrt(latency.varianceNs2 / latency.meanNs ** 2 / requests);
  const found = twoStates(windows, chance);
  const seen = `throughput of ${count} windows of ${length} varies by ${percent(standardDeviation / mean)}, by chance it would by ${percent(chance)}`;
  if (found === null) return { values: [], note: `${seen}: no slow spells; ${UNSEEN}` };
  return {
    values: [
      ['spells.slow-factor', Number(found.factor.toPrecision(3))],
      ['spells.slow-time', timeText(found.slowMeanNs)],
      ['spells.fast-time', timeText(found.fastMeanNs)],
    ],
    note:
      `${seen}: taken as slow spells${found.longer ? ', which last longer than the windows can tell' : ''}; ` +
      `a spell longer than the measurement is not in it, and ${UNSEEN}`,
  };
}

/** Windows over requests one after another, in their order. */
export function windowsInSamples(samplesNs: readonly number[]): Windows {
  const totalNs = sum([...samplesNs]);
  return windowsOf(samplesNs, Math.max(totalNs / WINDOWS, (REQUESTS_MIN * totalNs) / samplesNs.length));
}

/** From requests one after another, in their order. */
export function spellsInSamples(samplesNs: readonly number[]): Spells {
  const samples = [...samplesNs];
  return spellsIn(windowsInSamples(samples), { meanNs: mean(samples), varianceNs2: variance(samples) });
}
