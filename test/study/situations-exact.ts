/** Situations whose stop has a closed law, and how exact and drawn quantiles compare in them. */
import { expect } from 'vitest';
import { resolve } from '../../src/input/resolve.js';
import { closedStop, STOP_AS_IT_IS } from '../../src/sim/migration/closed-stop.js';
import { migrateAgain } from '../../src/sim/migration/replay.js';
import { summariseQuantile } from '../../src/stats/quantile.js';

const STORAGES = ['ceph-nvme', 'hdd-7200', 'nvme-plp', 'sata-ssd'];
const OTHERS: readonly Record<string, unknown>[] = [
  { 'disk.size': '16T' },
  { 'disk.size': '1T', 'bitmaps.history': 'new' },
  { 'disk.size': '512G', 'disk.count': 3 },
  { 'disk.size': '4T', 'bitmaps.count': 4, 'disk.granularity': '256k' },
  { 'disk.size': '2T', qemu: '10.0' },
  { 'disk.size': '8T', 'disk.discard': 'off' },
  { 'disk.size': '256G', 'disk.granularity': '16k', link: '25Gbit/s' },
  { 'disk.size': '1T', 'disk.allocated': '100%' },
  { 'disk.size': '1T', 'ram.size': '64G', 'migration.downtime-limit': '50ms' },
  { 'disk.size': '64G', 'bitmaps.count': 16 },
];

/** Forty of them, so that each fourth is on another storage. */
export const SITUATIONS = STORAGES.flatMap((storage) => OTHERS.map((other) => ({ storage, ...other })));

/** Strategies that act beside the guest, or after the resume, and have a law all the same: each in some of the situations. */
export const BESIDE = SITUATIONS.filter((_, i) => i % 4 === 1).flatMap((situation) =>
  ['pre-flush', 'dont-store/postcopy'].map((strategy) => ({ situation, strategy })),
);

/** How many of p50, p95 and p99 lie in the order-statistic intervals of so many drawn stops; the mean is held to its error. */
export async function quantilesInside(
  given: Record<string, unknown>,
  drawn: number,
  strategy = 'store-at-stop',
): Promise<number> {
  const { scenario, strategies } = await resolve(
    {},
    { 'bitmaps.dirty': '100%', ...given, strategies: [strategy] },
  );
  const [spec] = strategies;
  const law = closedStop(scenario, spec!)?.law(STOP_AS_IT_IS);
  const stop = (replication: number): number =>
    migrateAgain(scenario, spec!, { seed: 11, replication }).metrics.downtimeNs;
  const sample = Float64Array.from({ length: drawn }, (_, replication) => stop(replication)).sort();
  const mean = sample.reduce((sum, ns) => sum + ns, 0) / drawn;
  const error = Math.sqrt(law!.variance / drawn);
  // RAM is put together from 4096 speeds: right to a hundredth of its deviation.
  expect(Math.abs(mean - law!.mean)).toBeLessThan(4.5 * error + 0.05e6);
  return [0.5, 0.95, 0.99].filter((p) => {
    const exact = law!.quantile(p);
    const [low, high] = summariseQuantile(sample, p).ci95!;
    return low <= exact && exact <= high;
  }).length;
}
