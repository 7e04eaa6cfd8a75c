/** A model that answers at once, for tests of the machinery around it. */

import { parse } from 'yaml';
import { namedStream } from '../../src/kernel/rng.js';
import { METRIC_NAMES } from '../../src/sim/machine/measure.js';
import type { MetricName } from '../../src/sim/machine/metrics.js';
import { noPhases, PHASES, type PhaseTimes } from '../../src/sim/machine/phases.js';
import { labelled } from '../../src/study/run.js';
import {
  checkExperimentFile,
  makeExperiment,
  type Overrides,
} from '../../src/sweep/experiment/experiment.js';
import { makePlan, type Plan } from '../../src/sweep/run/plan.js';
import type { Runner } from '../../src/sweep/run/task.js';

/** Of each metric nothing, whatever there is to be counted. */
const ZEROS = Object.fromEntries(METRIC_NAMES.map((name) => [name, 0])) as Record<
  Exclude<MetricName, 'phasesNs'>,
  number
>;

/** Downtime 100 ms and more with a spread of 20 ms, the same for one seed and replication whatever else happens. */
export const fakeRunner: Runner = (scenario, strategies, seed, replication) => {
  const rng = namedStream(seed, replication, 'fake');
  const common = 20e6 * rng.uniform();
  return strategies.map((spec, s) => {
    const bitmapDowntimeNs = Math.round(s * 1e6 * (scenario.disks[0]!.sizeBytes / 2 ** 40));
    const downtimeNs = Math.round(100e6 + common + bitmapDowntimeNs);
    return {
      ...labelled(spec),
      state: 'completed',
      reason: null,
      metrics: {
        ...ZEROS,
        downtimeNs,
        sourceDowntimeNs: downtimeNs,
        bitmapDowntimeNs,
        bitmapSourceDowntimeNs: bitmapDowntimeNs,
        phasesNs: Object.fromEntries(
          PHASES.map((phase, i) => [phase, i === 0 ? downtimeNs : 0]),
        ) as PhaseTimes,
        migrationNs: 5e9,
        bitmapReadyNs: s === 1 ? null : 0,
        clustersWritten: s,
        storeWrites: s,
        guestSlowdown: 1,
      },
      addedNs: { ...noPhases(), stop: bitmapDowntimeNs },
    };
  });
};

const FILE = `
question: Does the machinery work?
base: {strategies: [store-at-stop, pre-flush]}
axes:
  disk.size: [1T, 2T, 4T]
  bitmaps.count: [1, 2]
replications: 7
`;

/** A small experiment; `more` is YAML put behind it. */
export function testPlan(overrides: Overrides = {}, text = FILE, name = '90-test'): Promise<Plan> {
  return makePlan(makeExperiment({ name, file: checkExperimentFile(parse(text), name), overrides }));
}
