/** Where the interval of a single stop comes from, cause by cause. */
import { describe, expect, it } from 'vitest';
import { labHost } from '../../../src/lab/host.js';
import type { ErrorReport, ErrorRow } from '../../../src/lab/validate/errors.js';
import { validate } from '../../../src/lab/validate/registry.js';

const lab = { ...(await labHost()), spread: {} };

const COLUMNS = {
  config: 'one',
  repeat: 0,
  phase: 'first',
  disk_bytes: 2 ** 40,
  disks: 1,
  cluster_bytes: 65_536,
  granularity_bytes: 65_536,
  bitmaps: 1,
  set_bits: 1_000,
  dirty_clusters: 32,
  old_clusters: 0,
  discard: 1,
  preallocated_bytes: 0,
  write_64k_us: 1000,
  write_4k_us: 1000,
  read_64k_us: 1000,
  flush_us: 1000,
  trim_64k_us: 1000,
  stream_mb_per_s: 1000,
  measured_bitmap_ms: 40,
  load1: 0.5,
};

function judged(cells: Partial<Record<keyof typeof COLUMNS | 'processors', number>>, host = lab): ErrorRow {
  const row = { ...COLUMNS, ...cells };
  const csv = `${Object.keys(row).join(',')}\n${Object.values(row).join(',')}\n`;
  const { json } = validate(csv, 'rows.csv', { minMs: 0, budgetMs: 300, host, prior: host }, () => undefined);
  return (json as unknown as ErrorReport).rows[0]!;
}

const reach = (cells: Parameters<typeof judged>[0], host = lab): number => {
  const { predicted_ms, hi_ms } = judged(cells, host);
  return hi_ms - predicted_ms;
};

describe('a single stop', () => {
  it('is as far off as its device, its wake-ups and any stop are: 39 requests of 1 ms', () => {
    // 35 writes and a read, three flushes less one of the stop before … as the rows of the lab say: 1.1 %, 15 us, 1.06 ms.
    const { predicted_ms } = judged({});
    const requests = Math.round(predicted_ms / 1.02);
    const sd = Math.hypot(1.06, 0.011 * requests, 0.015 * requests);
    expect(reach({})).toBeCloseTo(1.96 * sd, 0);
  });

  it('of thousands of quick requests is off by their wake-ups, which no share of the device would cover', () => {
    const many = { granularity_bytes: 512, dirty_clusters: 4096, write_64k_us: 50, write_4k_us: 50 };
    expect(reach(many)).toBeGreaterThan(0.25 * 4096 * 0.05);
  });

  it('on a crowded machine is off by what a processor works, and only by that', () => {
    const walk = { preallocated_bytes: 2 ** 40, dirty_clusters: 1 };
    expect(reach({ ...walk, load1: 4 })).toBeGreaterThan(10 * reach({ ...walk, load1: 2 }));
    expect(reach({ ...walk, load1: 4, processors: 8 })).toBeCloseTo(reach({ ...walk, load1: 0 }), 6);
    const { perScannedClusterNs } = lab;
    // 16 Mi clusters, up to twice as long: half of the interval is 1.96 / sqrt(3) of what they take.
    const walkMs = (2 ** 24 * perScannedClusterNs) / 1e6;
    expect(reach({ ...walk, load1: 4 }) / walkMs).toBeCloseTo(1.96 / Math.sqrt(3), 1);
    expect(reach({ load1: 4 })).toBeLessThan(1.1 * reach({}));
  });
});

describe('requests beyond 64 KiB', () => {
  const large = { cluster_bytes: 2 ** 20, granularity_bytes: 4096, dirty_clusters: 32 };
  /** Of 1 MiB: 32 clusters of data and a few of tables. */
  const per = (cells: Parameters<typeof judged>[0], other: Parameters<typeof judged>[0]): number =>
    (judged({ ...large, ...cells }).predicted_ms - judged({ ...large, ...other }).predicted_ms) / 32;

  it('take what streaming says and a copy, whatever the small difference of two latencies says', () => {
    const device = { stream_mb_per_s: 300, write_4k_us: 157 };
    for (const write_64k_us of [330, 361, 390])
      expect(per({ ...device, write_64k_us }, { ...device, write_64k_us, stream_mb_per_s: 1e9 })).toBeCloseTo(
        (1 - 1 / 16) * 2 ** 20 * (1 / 300 + 0.36e-3) * 1e-3,
        -0.5,
      );
    expect(
      judged({ ...large, ...device, write_64k_us: 330 }).predicted_ms +
        (35 * 30) / 1e3 -
        judged({ ...large, ...device, write_64k_us: 360 }).predicted_ms,
    ).toBeCloseTo(0, 0);
  });

  it('are as far off as that copy is known', () => {
    expect(reach({ ...large, stream_mb_per_s: 300 })).toBeGreaterThan(reach({ stream_mb_per_s: 300 }));
  });
});
