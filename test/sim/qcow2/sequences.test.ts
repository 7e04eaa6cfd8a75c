import { readFileSync } from 'node:fs';
import { parse } from 'csv-parse/sync';
import { describe, expect, it } from 'vitest';
import { bitmapGeometry } from '../../../src/sim/qcow2/geometry.js';
import { Qcow2Image } from '../../../src/sim/qcow2/image.js';
import { formatSequence } from '../../../src/sim/qcow2/oplog.js';

type Row = Record<string, string>;

const GIB = 2 ** 30;

function configurations(file: string): Map<string, Row[]> {
  const rows: Row[] = parse(readFileSync(new URL(`../../../results/validation/${file}`, import.meta.url)), {
    columns: true,
  });
  const groups = new Map<string, Row[]>();
  for (const row of rows) groups.set(row.config!, [...(groups.get(row.config!) ?? []), row]);
  return groups;
}

/** Long sequences were cut in the middle when they were measured. */
function cutLike(measured: string, whole: string): string {
  const parts = whole.split(' ');
  return measured.includes(' ... ') && parts.length > 60
    ? [...parts.slice(0, 40), '...', ...parts.slice(-19)].join(' ')
    : whole;
}

function replay(rows: Row[], check: (row: Row, sequence: string, load: string) => void): void {
  const first = rows[0]!;
  const sizeBytes = Number(first.disk_GiB) * GIB;
  const allocatedBytes = Number(first.prealloc_GiB) * GIB;
  const clusterBytes = Number(first.cluster);
  const granularityBytes = Number(first.gran);
  const options = Object.fromEntries(first.create_opts!.split(',').map((text) => text.split('=')));
  const image = new Qcow2Image({
    sizeBytes,
    clusterBytes,
    allocatedBytes,
    resized: allocatedBytes < sizeBytes,
    discard: first.discard === 'unmap',
    refcountBits: Number(options.refcount_bits ?? 16),
    extendedL2: options.extended_l2 === 'on',
  });
  const { tableEntries } = bitmapGeometry(sizeBytes, granularityBytes, clusterBytes);
  const count = Number(first.n_bitmaps);
  let repeat = 0;
  for (const row of rows) {
    if (Number(row.repeat) !== repeat) {
      repeat++;
      for (let i = 0; i < count; i++) image.remove(`b${i}`);
      image.stop();
      image.store([]);
      image.activate();
    }
    const fresh = rows.find(({ phase }) => phase === 'fresh')!;
    const dirty = fresh.dirty_clusters ?? String(Number(fresh.new_clusters) / count);
    expect(Number(dirty)).toBeLessThanOrEqual(tableEntries);
    const bitmaps = Array.from({ length: row.phase === 'baseline' ? 0 : count }, (_, i) => ({
      name: `b${i}`,
      granularityBytes,
      dirtyClusters: row.phase === 'cleared' ? 0 : Number(dirty),
    }));
    const stop = [...image.stop(), ...image.store(bitmaps)];
    check(row, formatSequence(stop), formatSequence(image.activate({ sourceTakesBack: true })));
  }
}

describe('the requests of real QEMU, in order', () => {
  for (const file of ['opcounts.csv', 'opcounts-more.csv'])
    it(`${file}: every stop and every take-back`, () => {
      let rows = 0;
      for (const group of configurations(file).values())
        replay(group, (row, sequence, load) => {
          rows++;
          expect(cutLike(row.sequence!, sequence), `${row.config} ${row.phase}`).toBe(row.sequence);
          if (row.load) expect(load, `load after ${row.config} ${row.phase}`).toBe(row.load);
        });
      expect(rows).toBeGreaterThan(100);
    });
});
