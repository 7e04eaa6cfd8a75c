/** Which figure of a scenario makes a migration longer than the clock can tell. */

import { formatRate, formatTime } from '../base/units.js';
import { TIME_MAX_NS } from '../kernel/kernel.js';
import type { Scenario } from '../sim/scenario.js';
import { latencyOf } from '../sim/storage/latency.js';
import { storagesOf } from '../sim/storage/places.js';

interface Suspect {
  readonly ns: number;
  readonly words: string;
}

/** All RAM over the link, and a cluster to the storage in each way: the slowest of them. */
function slowest(scenario: Scenario): Suspect {
  const { ram, link, migration, disks } = scenario;
  const ramBytes = Math.max(ram.sizeBytes, ...disks.map((disk) => disk.sizeBytes / 2 ** 16));
  const clusterBytes = Math.max(...disks.map((disk) => disk.clusterBytes));
  const over = (bytes: number, bytesPerS: number): number => (bytes / bytesPerS) * 1e9;
  const suspects: Suspect[] = [
    { ns: over(ramBytes, link.bytesPerS), words: `link of ${formatRate(link.bytesPerS)}` },
    {
      ns: over(ramBytes, migration.maxBytesPerS),
      words: `migration.max-bandwidth of ${formatRate(migration.maxBytesPerS)}`,
    },
  ];
  const ops = storagesOf(scenario).flatMap((storage) => Object.entries(storage.ops));
  for (const [name, { latency, bytesPerS }] of ops) {
    // A store has thousands of requests, where the link has one stream of bytes.
    const requests = Math.max(1, ramBytes / clusterBytes);
    const { meanNs } = latencyOf(latency);
    suspects.push({ ns: requests * meanNs, words: `storage: latency of ${formatTime(meanNs)} (${name})` });
    const ns = requests * over(clusterBytes, bytesPerS);
    suspects.push({ ns, words: `storage: bandwidth of ${formatRate(bytesPerS)} (${name})` });
  }
  return suspects.reduce((worst, each) => (each.ns > worst.ns ? each : worst));
}

/** The slowest of them by the name of its parameter. */
export function mostExtreme(scenario: Scenario): string {
  return slowest(scenario).words;
}

/** RAM goes over the link in rounds, and a store is more than a cluster: less than the clock holds may be too much. */
const SUSPICIOUS_NS = TIME_MAX_NS / 10;

/** Whether a migration may last longer than the clock can tell; a run says whether it does. */
export function maybeEndless(scenario: Scenario): boolean {
  return slowest(scenario).ns > SUSPICIOUS_NS;
}

/** So many writes of a guest take seconds where each has to be drawn. */
const MANY_WRITES = 5e7;

/** Whether a single run may take so long that a program must not be deaf meanwhile. */
export function maybeSlow(scenario: Scenario): boolean {
  const { guest } = scenario;
  return guest.kind === 'synthetic' && (slowest(scenario).ns / 1e9) * guest.writesPerS > MANY_WRITES;
}
