/** One replication with everything written down, for `run --trace`. */

import type { Resolved } from '../input/resolve.js';
import { migrate } from '../sim/migration/controller.js';
import { labelled, strategyLabel } from './run.js';

/** A stretch of simulated time: which strategy, on which track, what. */
export interface Span {
  readonly strategy: string;
  readonly track: string;
  readonly what: string;
  readonly fromNs: number;
  readonly untilNs: number;
}

/** All spans of the first replication, strategy by strategy, in order of their ends. */
export function recordRun(resolved: Resolved): Span[] {
  const spans: Span[] = [];
  for (const spec of resolved.strategies) {
    const strategy = strategyLabel(labelled(spec));
    migrate(
      resolved.scenario,
      spec,
      { seed: resolved.seed, replication: 0 },
      (track, what, fromNs, untilNs) => spans.push({ strategy, track, what, fromNs, untilNs }),
    );
  }
  return spans;
}
