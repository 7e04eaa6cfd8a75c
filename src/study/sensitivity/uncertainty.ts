/** `--vary uncertainty`: every figure of the presets that are used, within its doubt. */
import { InputError } from '../../base/errors.js';
import type { Doubt } from '../../input/doubt.js';
import type { Resolved } from '../../input/resolve.js';
import type { StrategySpec } from '../../sim/strategies/registry.js';
import { doubtFactor, logSpread } from '../../stats/doubt-factor.js';
import { Z95 } from '../../stats/interval.js';
import { doubtsFor } from '../doubts.js';
import type { Factor } from './factor.js';

/** A range has ends: the factors are cut off where one in a hundred is below, and one in a hundred above. */
const CUT = 0.01;

function factorOf({ parameter, share, times }: Doubt): Factor {
  const factor = (at: number): number => doubtFactor(share, Math.min(1 - CUT, Math.max(CUT, at)));
  return {
    path: parameter.path,
    at: (at) => times(factor(at)),
    shown: (at) => `${Number(factor(at).toPrecision(3))} times the preset's`,
    discrete: false,
    // Known within a share: 95 % of what it may be lies within.
    leftWithin: (within) => Math.min(1, Math.log((1 + within) / (1 - within)) / (2 * Z95 * logSpread(share))),
  };
}

/** The figures of the presets that the situation and the strategies use. Its own settings are taken as known. */
export function uncertainFactors(resolved: Resolved, strategies: readonly StrategySpec[]): readonly Factor[] {
  const factors = doubtsFor(resolved, strategies).map(factorOf);
  if (factors.length === 0)
    throw new InputError('--vary uncertainty: no figure of a preset that is used may be off');
  return factors;
}
