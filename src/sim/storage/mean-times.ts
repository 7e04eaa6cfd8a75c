/** A scenario whose requests all take their mean time: what is the same in every run is told by one of it, and nothing is drawn. */
import type { Scenario, StorageSpec } from '../scenario.js';
import { latencyOf } from './latency.js';
import { withStorages } from './places.js';

export interface AtMeanTimes {
  readonly scenario: Scenario;
  /** The storage that one of this scenario stands for. */
  original(storage: StorageSpec): StorageSpec;
}

export function atMeanTimes(scenario: Scenario): AtMeanTimes {
  const originals = new Map<StorageSpec, StorageSpec>();
  const changed = withStorages(scenario, (storage) => {
    const calm = calmed(storage);
    originals.set(calm, storage);
    return calm;
  });
  return { scenario: changed, original: (storage) => originals.get(storage)! };
}

function calmed(storage: StorageSpec): StorageSpec {
  const ops = Object.entries(storage.ops).map(([name, cost]) => [
    name,
    { ...cost, latency: { kind: 'constant', ns: latencyOf(cost.latency).meanNs } },
  ]);
  return { ...storage, ops: Object.fromEntries(ops) };
}
