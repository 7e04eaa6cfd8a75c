/** A strategy that says it delivers and copies nothing: the check at resume must find it out. */
import { migrateWith } from '../../src/sim/migration/controller.js';
import type { MigrationResult } from '../../src/sim/migration/result.js';
import type { Scenario } from '../../src/sim/scenario.js';

export function loses(scenario: Scenario): MigrationResult {
  return migrateWith(scenario, { delivers: true, loadsFromImage: false }, { seed: 1, replication: 0 });
}
