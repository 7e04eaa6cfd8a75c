/** A scenario whose requests and RAM all take their mean time: what is the same in every run one of it tells, without a draw. */
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
  const host = { ...scenario.host, ramSpread: 0 };
  return { scenario: { ...changed, host }, original: (storage) => originals.get(storage)! };
}

function calmed(storage: StorageSpec): StorageSpec {
  const ops = Object.entries(storage.ops).map(([name, cost]) => [
    name,
    { ...cost, latency: { kind: 'constant', ns: latencyOf(cost.latency).meanNs } },
  ]);
  return { ...storage, ops: Object.fromEntries(ops) };
}
