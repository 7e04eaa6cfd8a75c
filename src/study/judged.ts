/** Which of the strategies asked for the verdict is on. */
import { isJudged } from '../sim/strategies/lookup.js';
import type { StrategySpec } from '../sim/strategies/registry.js';

/** What QEMU does today, else the only one asked for; its index, or null where there are several others. */
export function judgedOf(strategies: readonly StrategySpec[]): number | null {
  const stored = strategies.findIndex(({ name }) => isJudged(name));
  if (stored >= 0) return stored;
  return strategies.length === 1 ? 0 : null;
}
