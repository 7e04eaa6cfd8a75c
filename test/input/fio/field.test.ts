/** Results as fio writes them in the field: each kind gives its own figures, or is refused with what to do. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { type FioText, fioValues } from '../../../src/input/fio/several-results.js';
import { resolve } from '../../../src/input/resolve.js';
import { storageOfValues } from '../../../src/input/storage-values/values.js';
import { latencyMeanNs } from '../../../src/input/values/compound.js';
import type { StorageSpec } from '../../../src/sim/scenario.js';

const folder = mkdtempSync(join(tmpdir(), 'stopgap-fio-field-'));
afterAll(() => rmSync(folder, { recursive: true }));

const file = (name: string): FioText => ({ name, text: readFileSync(`test/fixtures/fio/${name}`, 'utf8') });
const meanUs = (texts: readonly FioText[], op: keyof StorageSpec['ops'] = 'write'): number =>
  latencyMeanNs(storageOfValues(fioValues(texts), 'fio').ops[op].latency) / 1000;
const notes = (...texts: FioText[]): string => fioValues(texts).notes.join('\n');

interface Made {
  readonly name?: string;
  readonly us: number;
  readonly options?: Readonly<Record<string, string>>;
  readonly flushUs?: number;
  readonly rw?: 'write' | 'read';
}

const job = ({ name = 'job', us, options = {}, flushUs, rw = 'write' }: Made): object => ({
  jobname: name,
  error: 0,
  'job options': { bs: '64k', direct: '1', ioengine: 'libaio', iodepth: '1', ...options },
  [rw]: { total_ios: 10, io_bytes: 655_360, bw_bytes: 1e6, lat_ns: { bins: { [us * 1000]: 10 } } },
  ...(flushUs === undefined
    ? {}
    : { sync: { lat_ns: { N: 5, mean: flushUs * 1000, bins: { [flushUs * 1000]: 5 } } } }),
});
const made = (...jobs: object[]): FioText => ({ name: 'made', text: JSON.stringify({ jobs }) });

describe('what fio printed', () => {
  // Means are read off the files: lat of the only (or last) result.
  it.each([
    ['fio-2.17.json', 810.98],
    ['status-interval.txt', 311.6],
    ['json-normal.txt', 406.73],
    ['eta-always.txt', 163.11],
    ['psync-iodepth-8.txt', 176.4],
    ['unified-mixed.json', 637.83],
    ['client-server.txt', 845.07],
    ['qd32-then-qd1.json', 1544.28],
  ])('%s', (name, expectedUs) => {
    expect(meanUs([file(name)]) / expectedUs).toBeCloseTo(1, 2);
  });

  it('says nothing of requests in flight where the engine had one', () => {
    expect(notes(file('psync-iodepth-8.txt'))).not.toMatch(/in flight/);
  });

  it('takes copies of a job together, with one note', () => {
    const { text } = file('numjobs-4.json');
    const all = JSON.parse(text).jobs as { write: { lat_ns: { mean: number }; total_ios: number } }[];
    const sum = (of: (each: (typeof all)[number]) => number): number => all.reduce((s, j) => s + of(j), 0);
    const mean =
      sum(({ write }) => write.lat_ns.mean * write.total_ios) / sum(({ write }) => write.total_ios);
    expect((meanUs([file('numjobs-4.json')]) * 1000) / mean).toBeCloseTo(1, 2);
    expect(fioValues([file('numjobs-4.json')]).notes.filter((note) => /in flight/.test(note))).toEqual([
      expect.stringMatching(/m ran with 4 requests in flight/),
    ]);
  });

  it('reads a log of single requests, with its distribution', () => {
    const { text } = file('fio_lat.1.log');
    const ns = text.split('\n').flatMap((line) => (line === '' ? [] : Number(line.split(',')[1])));
    const mean = ns.reduce((sum, each) => sum + each, 0) / ns.length;
    expect((meanUs([file('fio_lat.1.log')]) * 1000) / mean).toBeCloseTo(1, 3);
    expect(notes(file('fio_lat.1.log'))).toMatch(/a log does not say how it was made/);
  });

  it('tells microseconds of fio 2 from nanoseconds in a log', () => {
    const log = (unit: number): FioText => ({
      name: 'a_lat.log',
      text: Array.from({ length: 50 }, (_, i) => `${i}, ${1000 * unit}, 1, 65536`).join('\n'),
    });
    expect(meanUs([log(1)])).toBe(1000);
    expect(meanUs([log(1000)])).toBe(1000);
  });

  it.each([
    ['terse.csv', /terse output.*--output-format=json/],
    ['normal.txt', /for people.*--output-format=json/],
    ['sync-1.json', /job m wrote with sync=1.*measure without sync/],
  ])('%s is refused with what to do', (name, message) => {
    expect(() => fioValues([file(name)])).toThrow(message);
  });

  it('refuses the same kinds as --storage', async () => {
    for (const name of ['terse.csv', 'normal.txt'])
      await expect(resolve({}, { storage: `test/fixtures/fio/${name}` })).rejects.toThrow(
        /^--storage: .*--output-format=json/,
      );
    expect((await resolve({}, { storage: 'test/fixtures/fio/fio_lat.1.log' })).scenario.storage.name).toMatch(
      /log$/,
    );
  });

  it.each([
    ['diskspd.xml', '<Results><System></System></Results>', /the output of diskspd.*measure with fio/],
    ['dd.txt', '1000+0 records in\n1000+0 records out\n', /the output of dd/],
    ['ioping.txt', '4 KiB <<< /tmp (ext4 /dev/sda1): request=1 time=239 us\n', /the output of ioping/],
    ['rados.txt', 'Maintaining 16 concurrent writes of 4194304 bytes\n', /the output of rados bench/],
    ['x_bw.1.log', '500, 210816, 1, 65536, 0\n', /a log of bandwidths/],
    ['x_iops.log', '500, 3296, 1, 0, 0\n', /a log of IOPS/],
    ['x_slat.2.log', '500, 3296, 1, 4096, 0\n', /a log of submission times/],
    ['x_lat.1.log', '500, 302362, 1, 0, 0\n', /a log of means \(log_avg_msec\)/],
    ['x_clat_hist.1.log', `502, 1, 65536${', 0'.repeat(100)}\n`, /a log of histograms/],
    ['cut.json', '{"fio version": "fio-3.33", "jobs": [{"jobname"', /middle of its JSON/],
    ['broken.json', '{"fio version": fio,\n"jobs": []}', /begins in line 1 is broken/],
    [
      'mixed.json',
      '{"jobs":[{"jobname":"m","job options":{"rw":"randrw"},"mixed":{}}]}',
      /unified_rw_reporting/,
    ],
  ])('%s is refused', (name, text, message) => {
    expect(() => fioValues([{ name, text }])).toThrow(message);
  });

  it('takes what fio cannot divide for nothing', () => {
    const { text } = made(job({ us: 5 }));
    expect(meanUs([{ name: 'nan', text: text.replace('"error":0', '"error":0,"eta": -nan') }])).toBe(5);
  });

  it('takes the last whole document of a run that was ended, and all of different runs', () => {
    const run = (us: number, options: Record<string, string> = {}): string =>
      JSON.stringify({ jobs: [job({ us, options })] });
    const cut = `${run(1)}\n${run(2)}\n{"jobs": [{"jobname": "job", "write": {"lat`;
    expect(meanUs([{ name: 'cut', text: cut }])).toBe(2);
    const both = `[${run(100)}, [${run(10, { bs: '4k' })}]]`;
    expect([
      meanUs([{ name: 'two', text: both }]),
      meanUs([{ name: 'two', text: both }], 'smallWrite'),
    ]).toEqual([100, 10]);
  });
});

describe('what the conditions of a job mean', () => {
  it('one request at a time nearest to 64 KiB wins, and the others are named', () => {
    const jobs = [
      job({ name: 'bulk', us: 900, options: { iodepth: '32' } }),
      job({ name: 'near', us: 100, options: { bs: '128k' } }),
      job({ name: 'far', us: 300, options: { bs: '1M' } }),
    ];
    expect(meanUs([made(...jobs)])).toBe(100);
    expect(notes(made(...jobs))).toMatch(
      /those of near \(128 KiB\); not used: bulk \(64 KiB, 32 in flight\), far \(1 MiB\)/,
    );
    expect(notes(made(...jobs))).not.toMatch(/iodepth=1/);
  });

  it('what fio saw in flight counts more than what it was asked for', () => {
    const seen = (levels: object): FioText =>
      made({ ...job({ us: 5, options: { iodepth: '8' } }), iodepth_level: levels });
    expect(notes(seen({ '1': 100, '2': 0 }))).not.toMatch(/in flight/);
    expect(notes(seen({ '1': 1, '8': 99 }))).toMatch(/8 requests in flight/);
    expect(notes(seen({}))).toMatch(/8 requests in flight/);
  });

  it('writes with sync=1 give way to those without', () => {
    const jobs = [job({ us: 900, options: { sync: '1' } }), job({ us: 70, options: { sync: '0' } })];
    expect(meanUs([made(...jobs)])).toBe(70);
  });

  it('a write that waited for its own flush is split: by what fio timed of the two, or by a run without', () => {
    const timed = made(job({ us: 70, flushUs: 900, options: { fsync: '1' } }));
    expect([meanUs([timed]), meanUs([timed], 'flush')]).toEqual([70, 900]);
    const synced = job({ name: 's', us: 970, options: { sync: '1' } });
    const both = [made(synced), made(job({ us: 70 }))];
    expect([meanUs(both), meanUs(both, 'flush')]).toEqual([70, 900]);
    expect(notes(...both)).toMatch(/a flush takes what writes with sync=1 \(s\) take longer/);
    expect(notes(...both)).not.toMatch(/not used|no flushes/);
    // Flushes that were timed by themselves go before; a job that differs in more than sync says nothing.
    expect(meanUs([...both, timed], 'flush')).toBe(900);
    const deep = [made(job({ us: 970, options: { sync: '1', iodepth: '8' } })), made(job({ us: 70 }))];
    expect(meanUs(deep, 'flush')).toBe(70);
    // As they were found: 2947.8 us with sync=1, 176.4 us without (lat_ns.mean of each).
    const found = [file('sync-1.json'), file('psync-iodepth-8.txt')];
    expect(meanUs(found, 'flush') / (2947.806 - 176.396)).toBeCloseTo(1, 2);
    const small = made(job({ us: 49, options: { bs: '4k', sync: '1', ioengine: 'psync' } }));
    expect(() => fioValues([small])).toThrow(/wrote with sync=1.*tells write and flush apart/);
  });

  it('writes into the page cache say nothing without a flush', () => {
    const cached = { direct: '0' };
    expect(() => fioValues([made(job({ us: 9, options: { ...cached, end_fsync: '1' } }))])).toThrow(
      /page cache .*end_fsync is not timed.*direct=1/,
    );
    const flushed = made(job({ us: 9, flushUs: 900, options: { ...cached, fdatasync: '32' } }));
    expect(fioValues([flushed]).values.get('host-cache')).toBe('writeback');
    expect(meanUs([flushed], 'flush')).toBe(900);
    // Other machines' caches are not this host's.
    expect(
      fioValues([made(job({ us: 9, options: { ...cached, ioengine: 'rbd' } }))]).values.get('host-cache'),
    ).toBe('none');
    expect(
      meanUs([made(job({ us: 9, options: { ...cached, fsync: '1' }, flushUs: 800 }), job({ us: 90 }))]),
    ).toBe(90);
  });

  it('the order of jobs, and of files, decides nothing', () => {
    const arbitraryJob = fc
      .record({
        name: fc.constantFrom('a', 'b'),
        us: fc.integer({ min: 1, max: 5000 }),
        rw: fc.constantFrom('write' as const, 'read' as const),
        options: fc.record({
          bs: fc.constantFrom('4k', '16k', '64k', '128k', '256k'),
          iodepth: fc.constantFrom('1', '32'),
          sync: fc.constantFrom('0', '1'),
          direct: fc.constantFrom('0', '1'),
          fdatasync: fc.constantFrom('0', '1', '32'),
        }),
        flushUs: fc.option(fc.integer({ min: 1, max: 5000 }), { nil: undefined }),
      })
      .map(({ flushUs, ...each }) => job({ ...each, ...(flushUs === undefined ? {} : { flushUs }) }));
    const jobs = fc.array(arbitraryJob, { minLength: 1, maxLength: 6 });
    const outcome = (texts: readonly FioText[]): unknown => {
      try {
        return fioValues(texts).values;
      } catch (error) {
        return (error as Error).message.replace(/job .* wrote/, 'job wrote');
      }
    };
    fc.assert(
      fc.property(
        jobs.chain((list) =>
          fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length })),
        ),
        ([list, shuffled]) => {
          expect(outcome([made(...shuffled)])).toEqual(outcome([made(...list)]));
        },
      ),
      { numRuns: 200 },
    );
  });
});

describe('jobs that lack a rate', () => {
  const write = (name: string, text: string): string => {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
  };

  it('take it from --write-iops, and share what other jobs leave of it', async () => {
    const workload = write(
      'a.fio',
      '[open]\nrw=randwrite\nnumjobs=3\n[told]\nrw=write\nrate_iops=100\noffset=1G\n',
    );
    const { guest } = (await resolve({}, { workload, 'workload.write-iops': 400 })).scenario;
    if (guest.kind !== 'synthetic') throw new Error('not synthetic');
    expect(guest.writesPerS).toBe(400);
    expect(guest.parts.map(({ weight }) => weight)).toEqual([0.75, 0.25]);
    await expect(resolve({}, { workload, 'workload.write-iops': 90 })).rejects.toThrow(
      /\[open\] has no rate, and the other jobs already write 100 a second of the 90 given/,
    );
    await expect(resolve({}, { workload })).rejects.toThrow(/give one, or --write-iops/);
  });

  it('says where a job has more kinds of write than are told apart', async () => {
    const jobOf = (copies: number): string =>
      write('many.fio', `[a]\nrw=randwrite\nrandom_distribution=zipf:1.2\nrate_iops=9\nnumjobs=${copies}\n`);
    const { guest } = (await resolve({}, { workload: jobOf(256) })).scenario;
    expect(guest.kind === 'synthetic' && guest.parts.length).toBe(256);
    await expect(resolve({}, { workload: jobOf(257) })).rejects.toThrow(
      /many\.fio: mix: 257 kinds of write \(jobs of fio\); 256 at most$/,
    );
  });
});
