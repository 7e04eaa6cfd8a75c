/** The kinds of validation that need a guest, on small tables whose answers are known otherwise. */
import { describe, expect, it } from 'vitest';
import { InputError } from '../../../src/base/errors.js';
import { labHost } from '../../../src/lab/host.js';
import { preFlushRuns } from '../../../src/lab/validate/preflush.js';
import { parseLog, replayLog } from '../../../src/lab/validate/preflush-replay.js';
import { validate } from '../../../src/lab/validate/registry.js';
import { readMeasured } from '../../../src/lab/validate/rows.js';
import { expectedTouched } from '../../../src/sim/theory/coupons.js';
import { fixedRepairStaleMean } from '../../../src/sim/theory/repair.js';

const LAB = await labHost();
const OPTIONS = { minMs: 30, budgetMs: 300, host: LAB, prior: LAB };
const quoted = (jobs: unknown): string => `"${JSON.stringify(jobs).replaceAll('"', '""')}"`;

interface Json {
  readonly n: number;
  readonly median_ape: number;
  readonly rows: readonly {
    readonly figure: string;
    readonly predicted: number;
    readonly ape: number | null;
  }[];
}

describe('validate dirty windows', () => {
  const jobs = [{ rw: 'randwrite', bs: '64k', rate_iops: 2000 }];
  const runs = `workload,disk_GiB,gran,jobs,target_iops,fio_iops\nu,1024,65536,${quoted(jobs)},2000,2000\n`;
  const chunks = (n: number): number => Math.round(expectedTouched(n, 2000));
  const row = `u,1,0,1,${Math.round(expectedTouched(2 ** 24, 2000))},${chunks(32)},${chunks(512)},${chunks(4096)}`;
  const windows = `workload,window_s,t_start,t_end,newly_set,new_c64k,new_c4k,new_c512\n${row}\n`;

  it('predicts uniform writes as the coupon collector does', () => {
    const report = validate(windows, 'dirty_windows.csv', OPTIONS, (name) => {
      expect(name).toBe('dirty_runs.csv');
      return runs;
    });
    const json = report.json as unknown as Json;
    expect(json.n).toBe(3);
    // Eight replications of 1,579 chunks with a deviation of 22: 0.5 % each way.
    for (const { ape } of json.rows) expect(ape).toBeLessThan(0.025);
  });

  it('does not mind the order of the rows, nor windows that are left out', () => {
    const header = windows.slice(0, windows.indexOf('\n'));
    const rows = Array.from(
      { length: 10 },
      (_, i) => `u,0.1,${i / 10},${(i + 1) / 10},200,${chunks(32)},0,0`,
    );
    const json = (kept: readonly string[]): Json =>
      validate([header, ...kept].join('\n'), 'dirty_windows.csv', OPTIONS, () => runs)
        .json as unknown as Json;
    const all = json(rows);
    expect(all.median_ape).toBeLessThan(0.05);
    expect(json([...rows].reverse())).toEqual(all);
    expect(json([rows[7]!, rows[2]!]).median_ape).toBeLessThan(0.05);
  });

  it('says what is missing', () => {
    expect(() => validate(windows, 'dirty_windows.csv', OPTIONS, () => undefined)).toThrow(InputError);
    expect(() => validate(windows, 'dirty_windows.csv', OPTIONS, () => undefined)).toThrow(/dirty_runs\.csv/);
  });
});

const COLUMNS =
  'config,repeat,disk_bytes,granularity_bytes,chunk_bytes,policy,initial_pass,max_rate,settle_ms,bits_at_start,late_clear,store,fio_jobs,target_iops,achieved_iops,seconds,service_us_mean,service_us_sd,stale_mean,stale_at_stop,flush_rest_ms,chunk_writes_running';

function preflushCsv(serviceUs: number, measured: string, late = 0): string {
  const jobs = [{ rw: 'randwrite', bs: '4k', rate_iops: 2000, rate_process: 'poisson' }];
  return `${COLUMNS}\nu2000,0,1099511627776,65536,65536,fifo,0,0,0,0,${late},timed,${quoted(jobs)},2000,2000,4,${serviceUs},5,${measured}\n`;
}

describe('validate pre-flush', () => {
  it('predicts the prototype as the machine-repair queue does', () => {
    const load = 4;
    const stale = fixedRepairStaleMean(32, load);
    const csv = preflushCsv((load / 2000) * 1e6, `${stale},${stale},${(stale + 0.5) * 2},${4 / 0.002}`);
    const report = validate(csv, 'preflush.csv', OPTIONS, () => undefined);
    const json = report.json as unknown as Json;
    const mean = json.rows.find((row) => row.figure === 'stale_mean')!;
    expect(mean.ape).toBeLessThan(0.02);
    expect(json.rows.find((row) => row.figure === 'flush_rest_ms')!.ape).toBeLessThan(0.05);
  });

  it('leaves out runs that were wrong on purpose', () => {
    const { runs, skipped } = preFlushRuns(readMeasured(preflushCsv(1000, '1,1,1,1', 1), 'x').rows);
    expect(runs).toEqual([]);
    expect(skipped).toHaveLength(1);
  });

  const [run] = preFlushRuns(readMeasured(preflushCsv(1000, '1,1,1,1'), 'x').rows).runs;
  const log = (lines: readonly string[]) => parseLog(`${lines.join('\n')}\n`, 'log');
  // Chunks of 64 KiB are 524,288 granules: two writes to chunk 0, the second of them to a set granule; one to chunk 3.
  const LOG = [
    '5,W,7,1,1',
    '0,S,0',
    '3,B,0',
    '10,W,7,1,0',
    '2,W,1572864,2,1',
    '0,S,3',
    '1000,E,0',
    '1,B,3',
    '9,X,0,1',
  ];

  it('replays a log event by event', () => {
    expect(replayLog(run!, log(LOG))).toMatchObject({ events: 4, mismatches: 0 });
  });

  it('follows the logged number of stale chunks with the writes alone', () => {
    // Three chunks become stale 0.5 ms before the look at 100 ms, when one of them is being written.
    const burst = [1, 2, 3].flatMap((chunk) => [
      `${chunk === 1 ? 99_500 : 0},W,${chunk * 524_288},1,1`,
      `0,S,${chunk}`,
    ]);
    const flushes = ['14,B,1', '986,E,1', '0,B,2', '1000,E,2', '0,B,3', '1000,E,3'];
    expect(replayLog(run!, log([...burst, ...flushes])).stale_mad).toBe(0);
    // A flusher that does not go on leaves two for the other 39 looks of 4 s.
    const stuck = replayLog(run!, log([...burst, ...flushes.slice(0, 2)]));
    expect(stuck.stale_mad).toBeCloseTo((2 * 39) / 40, 9);
  });

  it.each([
    ['a flush of another chunk', LOG.map((line) => (line === '1,B,3' ? '1,B,2' : line))],
    ['a mark where nothing changed', LOG.map((line) => (line === '0,S,3' ? '0,S,9' : line))],
    ['a stale chunk too many at the stop', LOG.map((line) => (line === '9,X,0,1' ? '9,X,1,1' : line))],
  ])('finds %s', (_, lines) => {
    expect(replayLog(run!, log(lines)).mismatches).toBeGreaterThan(0);
  });

  it('refuses lines that are no events', () => {
    expect(() => log(['5,Q,7'])).toThrow(InputError);
  });
});
