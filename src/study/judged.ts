/** Which of the strategies asked for the verdict is on. */
import type { Resolved } from '../input/resolve.js';
import { isJudged } from '../sim/strategies/lookup.js';

/**
 * The way of the stack, else what QEMU does today, else the only one asked for; its index, or null where there are
 * several others.
 */
export function judgedOf({ strategies, route }: Pick<Resolved, 'strategies' | 'route'>): number | null {
  const text = JSON.stringify(route);
  const taken = strategies.findIndex((spec) => (route ? JSON.stringify(spec) === text : isJudged(spec.name)));
  if (taken >= 0) return taken;
  return strategies.length === 1 ? 0 : null;
}
