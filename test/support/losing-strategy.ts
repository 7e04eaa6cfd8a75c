/** A strategy that says it delivers and copies nothing: the check at resume must find it out. */

import type { MigrationResult } from '../../src/sim/machine/result.js';
import { migrateWith } from '../../src/sim/migration/controller.js';
import type { Scenario } from '../../src/sim/scenario.js';

export function loses(scenario: Scenario): MigrationResult {
  return migrateWith(scenario, { delivers: true, loadsFromImage: false }, { seed: 1, replication: 0 });
}
