/** The figures of presets that may be off and that matter to what is asked. */
import type { Doubt } from '../input/doubt.js';
import type { Resolved } from '../input/resolve.js';
import { variantOfSpec } from '../sim/strategies/lookup.js';
import type { StrategySpec } from '../sim/strategies/registry.js';

/** Of the stream of bitmaps: nothing reads them where none is sent. */
const OF_STREAMS = /^host\.(stream-|postcopy)/;

/** Those of the presets that the situation and the strategies use; the situation itself is taken as known. */
export function doubtsFor(resolved: Resolved, strategies: readonly StrategySpec[]): readonly Doubt[] {
  const streams = strategies.some((spec) => variantOfSpec(spec).routes[0].dirtyBitmaps);
  return resolved
    .doubts()
    .filter(({ parameter, share }) => share > 0 && (streams || !OF_STREAMS.test(parameter.path)));
}
