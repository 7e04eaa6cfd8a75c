import { readFileSync } from 'node:fs';
import { median } from 'simple-statistics';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../../src/base/errors.js';
import { labHost } from '../../../src/lab/host.js';
import type { ErrorReport } from '../../../src/lab/validate/errors.js';
import { judge } from '../../../src/lab/validate/errors.js';
import { validate } from '../../../src/lab/validate/registry.js';

const FOLDER = new URL('../../../results/validation/', import.meta.url);
const LAB = await labHost();
const STEADY = { ...LAB, ramSpread: 0 };
const OPTIONS = { minMs: 30, budgetMs: 300, host: LAB, prior: LAB };
const text = (file: string): string => readFileSync(new URL(file, FOLDER), 'utf8');
const noSibling = (): never => {
  throw new InputError('no sibling');
};
const report = (file: string, rows = text(file), host = LAB) =>
  validate(rows, file, { ...OPTIONS, host }, noSibling);

/** Changes one column of every row of the text. */
function change(csv: string, column: string, to: (value: string) => string): string {
  const [header, ...rows] = csv.trim().split('\n');
  const at = header!.split(',').indexOf(column);
  // Configurations are quoted and hold commas: columns are counted from the end.
  const fromEnd = header!.split(',').length - at;
  const edited = rows.map((row) => {
    const cells = row.split(',');
    cells[cells.length - fromEnd] = to(cells[cells.length - fromEnd]!);
    return cells.join(',');
  });
  return [header, ...edited].join('\n');
}

describe('stops of real QEMU', () => {
  it.each([
    ['store.csv', 'store', 0.015, 0.05],
    ['punch.csv', 'store', 0.015, 0.05],
    ['scan.csv', 'store', 0.015, 0.05],
    ['handover.csv', 'handover', 0.015, 0.05],
    ['file.csv', 'file', 0.1, 0.2],
  ])('%s is a %s, median error <= %d, p90 <= %d', (file, kind, median, p90) => {
    const { kind: told, medianApe, p90Ape, json, mismatches } = report(file);
    const errors = json as unknown as ErrorReport;
    expect(told).toBe(kind);
    expect(medianApe).toBeLessThanOrEqual(median);
    expect(p90Ape).toBeLessThanOrEqual(p90);
    expect(mismatches).toBe(0);
    expect(errors.wrong_verdicts).toBeLessThanOrEqual(1);
    expect(errors.coverage95).toBeGreaterThanOrEqual(0.9);
    expect(errors.coverage95).toBeLessThanOrEqual(0.98);
    expect(errors.n + errors.short.n).toBe(errors.rows.length);
    expect(errors.short.p90_abs_ms).toBeLessThanOrEqual(4);
  });

  it('datafile.csv: bitmaps beside a data file, sparse and full, median error <= 2 %, p90 <= 5 %', () => {
    const { kind, medianApe, p90Ape, mismatches } = report('datafile.csv');
    expect(kind).toBe('store');
    expect(medianApe).toBeLessThanOrEqual(0.02);
    expect(p90Ape).toBeLessThanOrEqual(0.05);
    expect(mismatches).toBe(0);
    // The column is what says that guest clusters have no refcounts: without it a full image is walked.
    const without = change(text('datafile-opcounts.csv'), 'data_file', () => '0');
    expect(report('datafile-opcounts.csv', without).mismatches).toBeGreaterThan(10);
  });

  it('ram.csv: what of its RAM a guest leaves to the stop, median error <= 5 %, p90 <= 15 %', () => {
    const { kind, medianApe, p90Ape, json } = report('ram.csv');
    const { n, coverage95, convergence } = json as unknown as ErrorReport & {
      convergence: { n: number; agree: number };
    };
    expect(kind).toBe('ram');
    expect(n).toBeGreaterThanOrEqual(30);
    expect(medianApe).toBeLessThanOrEqual(0.05);
    expect(p90Ape).toBeLessThanOrEqual(0.15);
    expect(coverage95).toBeGreaterThanOrEqual(0.9);
    expect(coverage95).toBeLessThanOrEqual(0.98);
    expect(convergence.agree).toBe(convergence.n);
  });

  it('mirror.csv: the stop of a mirrored disk, median error <= 10 %, every chunk that was left is copied', () => {
    const { kind, medianApe, mismatches, json } = report('mirror.csv');
    const { n, short } = json as unknown as ErrorReport;
    expect(kind).toBe('mirror');
    expect(n + short.n).toBeGreaterThanOrEqual(12);
    expect(medianApe).toBeLessThanOrEqual(0.1);
    expect(mismatches).toBe(0);
    // Without the rows that say what that machine was it is the lab's, of other hours.
    const plain = report(
      'mirror.csv',
      change(text('mirror.csv'), 'for_host', () => '0'),
    );
    expect(plain.medianApe).toBeGreaterThan(medianApe!);
  });

  it('mirror-writes.csv: when a mirror under writes is ready, within 10 % in the median, and whether it ever is', () => {
    const { kind, json } = report('mirror-writes.csv');
    expect(kind).toBe('mirror-writes');
    const { rows, copied, convergence } = json as unknown as ErrorReport & {
      copied: { median_ape: number };
      convergence: { n: number; agree: number };
    };
    const bySpeed = rows.filter(({ config }) => config.startsWith('speed')).map(({ ape }) => ape);
    expect(bySpeed.length).toBeGreaterThanOrEqual(5);
    expect(median(bySpeed)).toBeLessThanOrEqual(0.1);
    expect(copied.median_ape).toBeLessThanOrEqual(0.1);
    expect(convergence).toMatchObject({ n: 12, agree: 12 });
    // A guest at rest is not what these mirrors had.
    const rest = report(
      'mirror-writes.csv',
      change(text('mirror-writes.csv'), 'writes_per_s', () => '0'),
    );
    expect((rest.json.convergence as { agree: number }).agree).toBeLessThan(12);
  });

  it('ram-ways.csv: post-copy, auto-converge and multifd: the stop within 10 % in the median, RAM within 5 %', () => {
    const { kind, medianApe, json } = report('ram-ways.csv');
    expect(kind).toBe('ram');
    expect(medianApe).toBeLessThanOrEqual(0.1);
    expect(json).toMatchObject({ n: 9, convergence: { n: 45, agree: 45 } });
    const { ram_left, follows } = json as unknown as Record<string, { n: number; median_ape: number }>;
    expect(ram_left!.median_ape).toBeLessThanOrEqual(0.05);
    expect(follows).toMatchObject({ n: 4 });
    expect(follows!.median_ape).toBeLessThanOrEqual(0.05);
    // Taken for plain pre-copy some of these guests are never stopped.
    const plain = report(
      'ram-ways.csv',
      change(text('ram-ways.csv'), 'way', () => ''),
    );
    expect((plain.json.convergence as { agree: number }).agree).toBeLessThan(45);
  });

  it.each(['opcounts.csv', 'opcounts-more.csv', 'datafile-opcounts.csv'])(
    '%s: no sequence differs',
    (file) => {
      const { json } = report(file);
      expect(json).toMatchObject({ sequence_mismatches: 0 });
      expect(json.n).toBeGreaterThan(90);
    },
  );
});

describe('RAM that a guest leaves to the stop', () => {
  const header =
    'config,ram_bytes,used_bytes,working_set_bytes,max_bytes_per_s,limit_ms,wire_bytes_per_s,bitmap_bits,page_us,writes_per_s,converged,ram_left_bytes,measured_source_ms,measured_blackout_ms';
  // A limit so long that the first look, at the end of the first window, finds little enough left. The window holds two
  // iterations, each the first page and as many times 64 more as it takes to fill 51 ms.
  const rate = (50e6 * 1448) / 1514;
  const pages = 1 + 64 * Math.ceil(((51e-3 * rate) / 4104 - 1) / 64);
  const leftBytes = ((64 * 2 ** 20) / 4096 - 2 * pages) * 4104;
  const row = (writes: number, converged: number, ms: number): string =>
    `one,67108864,67108864,67108864,,2000000,50000000,0,1,${writes},${converged},${leftBytes},${ms},${ms}`;

  it('is what the wire has not taken when the rule says stop', () => {
    const ms = (leftBytes / rate) * 1e3;
    const { kind, json } = report('measured.csv', `${header}\n${row(0, 1, ms)}\n`, STEADY);
    expect(kind).toBe('ram');
    const { ram_left, convergence, rows, source } = json as unknown as {
      ram_left: { median_ape: number };
      convergence: { n: number; agree: number };
      rows: { predicted_ms: number }[];
      source: { rows: { predicted_ms: number }[] };
    };
    expect(ram_left.median_ape).toBeLessThan(1e-3);
    expect(convergence).toEqual({ n: 1, agree: 1 });
    // QEMU's own time around it; and what the socket still holds when the source is done, and the start.
    const { stopNs, deviceStateNs, startNs } = LAB;
    const sourceMs = ms + (stopNs + deviceStateNs) / 1e6;
    expect(source.rows[0]!.predicted_ms).toBeCloseTo(sourceMs, 2);
    const bufferMs = (262_144 / rate) * 1e3;
    expect(rows[0]!.predicted_ms).toBeCloseTo(sourceMs + bufferMs + startNs / 1e6, 2);
  });

  it('has around it what stops without RAM took in that file, where they were measured', () => {
    const rounds = [
      [2, 12],
      [4, 18],
      [90, 500],
    ].map(([source, blackout], round) => `${row(0, 1, 1000)},${round},${source},${blackout}`);
    const csv = `${header},repeat,base_source_ms,base_blackout_ms\n${rounds.join('\n')}\n`;
    const { json } = report('measured.csv', csv, STEADY);
    const { rows, source } = json as unknown as {
      rows: { predicted_ms: number }[];
      source: { rows: { predicted_ms: number }[] };
    };
    const ms = (leftBytes / rate) * 1e3;
    expect(source.rows[0]!.predicted_ms).toBeCloseTo(ms + 4, 2);
    expect(rows[0]!.predicted_ms).toBeCloseTo(ms + (262_144 / rate) * 1e3 + 18, 2);
  });

  it('tells a guest that never stops from one that was seen to stop', () => {
    const busy = row(1e6, 1, 1000).replace(',2000000,', ',100,');
    const { json } = report('measured.csv', `${header}\n${row(0, 1, 1000)}\n${busy}\n`);
    expect(json).toMatchObject({ convergence: { n: 2, agree: 1 } });
  });
});

describe('a file with only some of the stops', () => {
  it.each(['opcounts.csv', 'opcounts-more.csv', 'punch.csv', 'store.csv'])(
    '%s: every third row, in any order',
    (file) => {
      const [header, ...rows] = text(file).trim().split('\n');
      for (const offset of [0, 1, 2]) {
        const some = rows.filter((_, i) => i % 3 === offset).reverse();
        const { mismatches, json } = report(file, [header, ...some].join('\n'));
        expect(mismatches).toBe(0);
        expect((json.rows as unknown[]).length).toBeGreaterThan(0);
      }
    },
  );
});

describe('a file with one phase only', () => {
  const phaseAt = (csv: string, phase: string): string => {
    const [header, ...rows] = csv.trim().split('\n');
    return [header, ...rows.filter((row) => row.includes(`,${phase},`))].join('\n');
  };

  it.each([
    ['store.csv', 'replace', 0.05],
    ['punch.csv', 'replace2', 0.05],
    ['punch.csv', 'cleared', 0.05],
    ['scan.csv', 'replace', 0.05],
    ['file.csv', 'again2', 0.2],
    ['opcounts.csv', 'cleared', null],
    ['opcounts.csv', 'again', null],
  ])('%s, %s: what came before is replayed, not forgotten', (file, phase, most) => {
    const { mismatches, p90Ape } = report(file, phaseAt(text(file), phase));
    expect(mismatches).toBe(0);
    if (most === null) expect(p90Ape).toBeNull();
    else expect(p90Ape).toBeLessThanOrEqual(most);
  });

  it.each(['store.csv', 'punch.csv', 'handover.csv', 'file.csv', 'opcounts.csv'])(
    '%s: names of configurations mean nothing',
    (file) => {
      const names = new Map<string, string>();
      const renamed = text(file).replaceAll(/^("[^"]*"|[^,\n]*),/gm, (_, config: string) => {
        if (!names.has(config)) names.set(config, config === 'config' ? config : `c${names.size}`);
        return `${names.get(config)},`;
      });
      expect(names.size).toBeGreaterThan(10);
      const [told, untold] = [report(file), report(file, renamed)];
      expect(untold.mismatches).toBe(0);
      expect(untold.p90Ape).toBe(told.p90Ape);
    },
  );
});

describe('a prediction that is wrong is seen', () => {
  it('in a count', () => {
    const wrong = change(text('scan.csv'), 'reads', (reads) => String(Number(reads) + 1));
    const { mismatches, json } = report('scan.csv', wrong);
    expect(mismatches).toBe((json as unknown as ErrorReport).rows.length * 3);
  });

  it('in a time, and it comes from the calibration of the row only', () => {
    const slower = change(text('scan.csv'), 'read_64k_us', (us) => String(3 * Number(us)));
    expect(report('scan.csv', slower).p90Ape).toBeGreaterThan(0.2);
    const predictions = (csv: string): number[] =>
      (report('scan.csv', csv).json as unknown as ErrorReport).rows.map((row) => row.predicted_ms);
    const other = change(text('scan.csv'), 'measured_bitmap_ms', (ms) => String(2 * Number(ms)));
    expect(predictions(other)).toEqual(predictions(text('scan.csv')));
  });

  it('in the fate of a copy', () => {
    const wrong = text('outcomes.csv').replace('lost,exact,in-use+auto', 'lost,stale,in-use+auto');
    const { mismatches, remarks } = report('outcomes.csv', wrong);
    expect(mismatches).toBe(1);
    expect(remarks.join()).toContain('ok-quit/store/new: destination');
  });

  it('in the order of requests', () => {
    const wrong = text('opcounts.csv').replace(
      'Fx2 R65536 W256 W32 W65536 F',
      'Fx2 R65536 W32 W256 W65536 F',
    );
    expect(report('opcounts.csv', wrong).mismatches).toBe(1);
  });
});

describe('held-out stops', () => {
  it('send exactly the requests that are predicted, on any storage', () => {
    expect(report('holdout-store.csv').mismatches).toBe(0);
    expect(report('holdout-handover.csv').mismatches).toBe(0);
  });
});

describe('the rate of large requests', () => {
  const rows = text('scan.csv')
    .trim()
    .split('\n')
    .filter((row, i) => i === 0 || row.includes('"cluster:'));
  const at = (csv: string): number[] =>
    (report('scan.csv', csv).json as unknown as ErrorReport).rows.map((row) => row.predicted_ms);
  const slow = change(
    change(rows.join('\n'), 'write_64k_us', () => '10140'),
    'write_4k_us',
    () => '10130',
  );

  it('is not the streaming rate where 16 requests in flight cannot be faster than the latency', () => {
    const bound = (16 * 262_144) / 10_130;
    const bounded = at(change(slow, 'stream_mb_per_s', () => String(bound)));
    const free = at(change(slow, 'stream_mb_per_s', () => ''));
    for (const [i, ms] of bounded.entries()) expect(ms).toBeCloseTo(free[i]!, 6);
    const narrow = at(change(slow, 'stream_mb_per_s', () => '50'));
    expect(Math.max(...narrow.map((ms, i) => ms - free[i]!))).toBeGreaterThan(20);
  });

  it('is that of single requests of 1 MiB where those were calibrated, whatever streams', () => {
    const hugeUs = (us: number): string[] =>
      slow.split('\n').map((line, i) => (i === 0 ? `${line},write_1m_us,read_1m_us` : `${line},${us},${us}`));
    const fast = at(hugeUs(10_140 + 300).join('\n'));
    const large = at(hugeUs(10_140 + 1300).join('\n'));
    // Of clusters of 1 MiB a data cluster, refcount block and header are written, refcount blocks read: 1 ms more each.
    expect(Math.max(...large.map((ms, i) => ms - fast[i]!))).toBeGreaterThanOrEqual(4);
    const narrow = at(change(hugeUs(10_440).join('\n'), 'stream_mb_per_s', () => '50'));
    for (const [i, ms] of narrow.entries()) expect(ms).toBeCloseTo(fast[i]!, 6);
  });
});

describe('errors over configurations', () => {
  const stop = (config: string, measuredMs: number, predictedMs: number, sdMs = 5) => ({
    config,
    phase: 'first',
    measuredMs,
    predictedMs,
    sdMs,
  });

  it('compares medians over repeats, leaves short stops out, counts verdicts', () => {
    const result = judge(
      [
        stop('a', 100, 110),
        stop('a', 104, 110),
        stop('a', 160, 110),
        stop('b', 290, 310),
        stop('short', 5, 8),
      ],
      OPTIONS,
    );
    expect(result.n).toBe(2);
    expect(result.rows[0]).toMatchObject({ measured_ms: 104, predicted_ms: 110, ape: 0.05769 });
    expect(result.median_ape).toBeCloseTo((6 / 104 + 20 / 290) / 2, 4);
    // 290 is within 5 % of the budget of 300, 280 is not.
    expect([result.wrong_verdicts, result.borderline]).toEqual([0, 1]);
    expect(judge([stop('b', 280, 310)], OPTIONS)).toMatchObject({ wrong_verdicts: 1, borderline: 0 });
    expect(result.short).toEqual({ n: 1, p90_abs_ms: 3 });
    // Of the four long stops, 160 and 290 lie outside 1.96 x 5 ms, and 100 does as well by a hair.
    expect(result.coverage95).toBe(0.25);
  });

  it('of nothing are null, not zero', () => {
    expect(judge([], OPTIONS)).toMatchObject({ n: 0, median_ape: null, coverage95: null });
  });
});

describe('files that cannot be used', () => {
  it.each([
    ['', /no rows/],
    ['a,b\n1,2\n', /no kind of measured file has these columns/],
    [text('scan.csv').replace(/(\n"[^"]*",0,first,)\d+/, '$1lots'), /column 'disk_bytes' holds 'lots'/],
    [text('scan.csv').replace('config,', 'named,'), /row 2: column 'config' is missing/],
  ])('are refused in one line', (content, message) => {
    const attempt = () => report('x.csv', content);
    expect(attempt).toThrow(InputError);
    expect(attempt).toThrow(message);
  });
});
