// Replications of all strategies for a disk of 1 TiB with so many alike bitmaps; the check is how often a run did not converge.
import { resolve } from '../../../dist/input/resolve.js';
import { runReplication } from '../../../dist/study/run.js';

/** Returns the timed function. */
export async function manyBitmaps(runs, bitmaps) {
  const { scenario, strategies } = await resolve({}, { 'disk.size': '1T', 'bitmaps.count': bitmaps });
  return () => {
    let restless = 0;
    for (let replication = 0; replication < runs; replication++)
      for (const { state } of runReplication(scenario, strategies, 1, replication))
        if (state === 'not-converged') restless++;
    return restless;
  };
}
