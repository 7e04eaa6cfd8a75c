/** The columns are a contract with `validate`: written out here, so that a renamed one is noticed. */

import { parse } from 'csv-parse/sync';
import { describe, expect, test } from 'vitest';
import { labHost } from '../../../src/lab/host.js';
import { fileCsv, handoverCsv, storeCsv } from '../../../src/lab/measure/measured-csv.js';
import type { StoreRow } from '../../../src/lab/qemu/store.js';
import { validate } from '../../../src/lab/validate/registry.js';
import { situation } from '../../qemu/situations.js';

const calibration = {
  write64kUs: 1278.66,
  write4kUs: 1182.4,
  read64kUs: 1329.2,
  flushUs: 43,
  trim64kUs: 1189.4,
  streamMbPerS: 703.2,
  write1mUs: 2510.4,
  read1mUs: 2490.8,
};
const requests = { writes: 12, writeBytes: 655_392, flushes: 2, reads: 1, readBytes: 65_536, trims: 0 };
const row: StoreRow = {
  repeat: 0,
  phase: 'first',
  setBits: 5,
  dirtyClusters: 3,
  oldClusters: 0,
  stopMs: 20.1234,
  downtimeMs: 20,
  baselineMs: 2,
  bitmapMs: 18.1234,
  requests,
  sequence: 'F',
  load1: 0.5,
  calibration,
};
const baseline: StoreRow = { ...row, phase: 'baseline', setBits: 0, dirtyClusters: 0, bitmapMs: 0 };
const columns = (csv: string): string => csv.split('\n')[0]!;
const cells = (csv: string): Record<string, string>[] => parse(csv, { columns: true });

const lab = await labHost();

describe('measured rows', () => {
  test('stores on a volume', () => {
    const csv = storeCsv([baseline, row], situation({ bitmaps: 2 }), '9.2.0');
    expect(columns(csv)).toBe(
      'qemu,config,repeat,phase,disk_bytes,disks,cluster_bytes,granularity_bytes,bitmaps,set_bits,dirty_clusters,old_clusters,discard,preallocated_bytes,data_file,write_64k_us,write_4k_us,read_64k_us,flush_us,trim_64k_us,stream_mb_per_s,write_1m_us,read_1m_us,baseline_ms,measured_bitmap_ms,writes,write_bytes,flushes,reads,read_bytes,trims,load1,processors',
    );
    expect(cells(csv)).toHaveLength(1);
    expect(cells(csv)[0]).toMatchObject({
      phase: 'first',
      disk_bytes: '274877906944',
      dirty_clusters: '3',
      write_64k_us: '1278.7',
      measured_bitmap_ms: '18.123',
      writes: '12',
      preallocated_bytes: '0',
      data_file: '0',
    });
  });

  const file = {
    write64kUs: 17.5,
    write4kUs: 2,
    read64kUs: 6.7,
    flushUs: { 1: 251.1, 64: 5321.1, 256: 22858.3 },
    punch64kUs: undefined,
  };
  const place = { kind: 'directory', path: '/x', cache: 'writeback' } as const;

  test('stores in a directory: the words of file.csv, clusters summed over the bitmaps, empty where not measured', () => {
    const replaced: StoreRow = { ...row, phase: 'replace', oldClusters: 3, calibration: undefined };
    const csv = fileCsv(
      [baseline, replaced].map((one) => ({ ...one, file })),
      situation({ bitmaps: 2, storage: place }),
      '9.2.0',
    );
    expect(cells(csv)[1]).toMatchObject({
      cache: 'writeback',
      discard: 'unmap',
      phase: 'again',
      new_clusters: '6',
      old_clusters: '6',
      bitmap_ms: '18.123',
      cal_flush64_us: '5321.1',
      cal_punch_us: '',
    });
    expect(cells(csv)[0]!.phase).toBe('baseline');
  });

  const handover = {
    repeat: 0,
    mode: 'store',
    setBits: 5,
    dirtyClusters: 3,
    streamBytes: undefined,
    sourceMs: 20,
    blackoutMs: 50,
    sourceBitmapMs: 18,
    blackoutBitmapMs: 40,
    destination: { ...requests, reads: 12, writes: 4, flushes: 3 },
    load1: 0,
    calibration,
  } as const;

  test('handovers', () => {
    const csv = handoverCsv([{ ...handover, mode: 'none' }, handover], situation(), '9.2.0');
    expect(columns(csv)).toBe(
      'qemu,config,repeat,mode,postcopy,transport,net_mb_per_s,disk_bytes,disks,cluster_bytes,granularity_bytes,bitmaps,set_bits,dirty_clusters,discard,preallocated_bytes,data_file,stream_bytes,write_64k_us,write_4k_us,read_64k_us,flush_us,trim_64k_us,stream_mb_per_s,write_1m_us,read_1m_us,cal_w64k_us,cal_w4k_us,cal_r64k_us,cal_flush1_us,cal_flush64_us,cal_flush256_us,cal_punch_us,measured_source_ms,measured_blackout_ms,destination_reads,destination_writes,destination_flushes,load1,processors',
    );
    expect(cells(csv)).toHaveLength(1);
    expect(cells(csv)[0]).toMatchObject({
      mode: 'store',
      stream_bytes: '',
      net_mb_per_s: '',
      measured_blackout_ms: '40',
      destination_reads: '12',
    });
  });

  describe('are predicted by validate from what they say', () => {
    const predictions = (csv: string): number[] => {
      const { json } = validate(
        csv,
        'rows.csv',
        { minMs: 0, budgetMs: 300, host: lab, prior: lab },
        () => undefined,
      );
      return (json.rows as { predicted_ms: number }[]).map((judged) => judged.predicted_ms);
    };

    test('handovers in a directory, by its own calibration', () => {
      const inFile = { ...handover, calibration: undefined, destination: undefined, file };
      const [slow] = predictions(handoverCsv([inFile], situation({ storage: place }), '9.2.0'));
      const quick = { ...file, flushUs: { 1: 100, 64: 100, 256: 100 } };
      const [fast] = predictions(
        handoverCsv([{ ...inFile, file: quick }], situation({ storage: place }), '9.2.0'),
      );
      // Two flushes at the store and three at the load: 0.15 ms each, and more after what the store wrote.
      expect(slow! - fast!).toBeGreaterThan(5 * 0.15);
    });

    test.each([
      ['handovers', (over: object) => handoverCsv([handover], situation(over), '9.2.0')],
      ['stores in a directory', (over: object) => fileCsv([{ ...row, file }], situation(over), '9.2.0')],
    ])('%s on larger clusters and on several disks', (_, csvOf) => {
      const [one, large, three] = [{}, { clusterBytes: 2 ** 20 }, { disks: 3 }].map(
        (over) => predictions(csvOf({ diskBytes: 2 ** 45, ...over, storage: place }))[0]!,
      );
      expect(large).toBeGreaterThan(1.3 * one!);
      expect(three! / one!).toBeCloseTo(3, 2);
    });
  });
});
