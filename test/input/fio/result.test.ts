import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { resolve } from '../../../src/input/resolve.js';
import { latencyMeanNs } from '../../../src/input/values/compound.js';
import type { StorageSpec } from '../../../src/sim/scenario.js';

const fixture = (name: string): string => new URL(`../../fixtures/fio/${name}`, import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), 'stopgap-fio-'));
afterAll(() => rmSync(folder, { recursive: true }));
const write = (name: string, text: string): string => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};
const storageOf = async (path: string): Promise<{ storage: StorageSpec; notes: readonly string[] }> => {
  const { scenario, notes } = await resolve({}, { storage: path });
  return { storage: scenario.storage, notes };
};

describe('fio results as storage', () => {
  it('takes the bins of json+, shifted by the submission time', async () => {
    const { storage, notes } = await storageOf(fixture('fio-randwrite-64k-jsonplus.json'));
    const job = JSON.parse(readFileSync(fixture('fio-randwrite-64k-jsonplus.json'), 'utf8')).jobs[0];
    const { latency, referenceBytes } = storage.ops.write;
    expect(latency.kind).toBe('histogram');
    expect(referenceBytes).toBe(65_536);
    expect(Math.abs(latencyMeanNs(latency) / job.write.lat_ns.mean - 1)).toBeLessThan(0.01);
    expect(latencyMeanNs(storage.ops.flush.latency) / job.sync.lat_ns.mean).toBeCloseTo(1, 1);
    expect(storage.ops.smallWrite).toEqual(storage.ops.write);
    expect(notes.join('\n')).toMatch(/no small writes/);
    expect(notes.join('\n')).toMatch(/no reads/);
    expect(notes.join('\n')).toMatch(/4 requests in flight/);
  });

  it('keeps the mean and the median of percentiles', async () => {
    const { storage } = await storageOf(fixture('fio-randwrite-64k.json'));
    const { latency } = storage.ops.write;
    if (latency.kind !== 'histogram') throw new Error('no histogram');
    expect(Math.abs(latencyMeanNs(latency) / 1_789_467 - 1)).toBeLessThan(0.01);
    const total = latency.counts.reduce((sum, count) => sum + count, 0);
    const low = latency.ns.reduce((sum, ns, i) => sum + (ns <= 330_000 ? latency.counts[i]! : 0), 0);
    expect(low / total).toBeCloseTo(0.5, 2);
  });

  it('tells classes by size and direction, and bandwidth by the slope between sizes', async () => {
    const job = (name: string, kind: string, bs: string, meanNs: number): object => ({
      jobname: name,
      'job options': { bs, direct: '1', iodepth: '1' },
      [kind]: { total_ios: 10, io_bytes: 1, bw_bytes: 1000, lat_ns: { bins: { [meanNs]: 10 } } },
    });
    const jobs = [
      job('s', 'write', '4k', 100_000),
      job('l', 'write', '64k', 400_000),
      job('r', 'read', '64k', 50_000),
      job('t', 'trim', '64k', 70_000),
      {
        jobname: 'f',
        'job options': { bs: '64k', direct: '1' },
        sync: { lat_ns: { N: 3, mean: 9e5, bins: { 900000: 3 } } },
      },
    ];
    const { storage, notes } = await storageOf(
      write('all.json', `note: text before\n${JSON.stringify({ 'fio version': 'fio-3.33', jobs })}`),
    );
    const mean = (op: keyof StorageSpec['ops']): number => latencyMeanNs(storage.ops[op].latency);
    expect([mean('smallWrite'), mean('write'), mean('read'), mean('punch'), mean('flush')]).toEqual([
      1e5, 4e5, 5e4, 7e4, 9e5,
    ]);
    expect(storage.ops.write.bytesPerS).toBeCloseTo((60 * 1024 * 1e9) / 300_000, -3);
    expect(notes).toEqual([]);
  });

  it('gives reads, writes and trims the size that bs says for each', async () => {
    const some = { total_ios: 10, io_bytes: 1, bw_bytes: 1e6, lat_ns: { bins: { 100000: 10 } } };
    const sizes = async (bs: string): Promise<(number | undefined)[]> => {
      const jobs = [{ jobname: 'rw', 'job options': { bs, direct: '1' }, write: some, read: some }];
      const { ops } = (await storageOf(write('directions.json', JSON.stringify({ jobs })))).storage;
      return [ops.read.referenceBytes, ops.write.referenceBytes];
    };
    expect(await sizes('64k,4k')).toEqual([65_536, 4096]);
    expect(await sizes('4k,64k,8k')).toEqual([4096, 65_536]);
    expect(await sizes('64k')).toEqual([65_536, 65_536]);
  });

  it('says of clusters stretched from small requests that their times are overstated', async () => {
    const small = { total_ios: 10, io_bytes: 1, bw_bytes: 1e6, lat_ns: { bins: { 100000: 10 } } };
    const jobs = [{ jobname: 'rw', 'job options': { bs: '4k', direct: '1' }, write: small, read: small }];
    const { notes } = await storageOf(write('small.json', JSON.stringify({ jobs })));
    expect(notes.join('\n')).toMatch(/no writes of 32 KiB or more.*4 KiB writes.*overstated/);
    expect(notes.join('\n')).toMatch(/no reads of 32 KiB or more.*4 KiB reads.*overstated/);
  });

  it.each([
    ['no jobs', '{"jobs":[]}', /no jobs in it/],
    [
      'only reads',
      '{"jobs":[{"jobname":"r","read":{"total_ios":1,"lat_ns":{"mean":5,"bins":{"5":1}}}}]}',
      /no job of it wrote/,
    ],
    ['no latencies', '{"jobs":[{"jobname":"w","write":{"total_ios":1}}]}', /no latencies/],
    ['cut off', '{"jobs":[', /middle of its JSON/],
  ])('refuses %s', async (name, text, message) => {
    await expect(storageOf(write(`${name}.json`, text))).rejects.toThrow(message);
  });
});

describe('fio jobs as workload', () => {
  it('reads rate, sizes, pattern and footprint', async () => {
    const path = write(
      'a.fio',
      '; a comment\n[global]\nbssplit=4k/60:64k/40\nrate_iops=500\n[db]\nrw=randwrite\nrandom_distribution=zipf:1.2\nsize=10G\nrate_process=poisson\n',
    );
    const { guest } = (await resolve({}, { workload: path })).scenario;
    expect(guest).toMatchObject({
      writesPerS: 500,
      arrivals: { kind: 'poisson' },
      parts: [
        {
          pattern: { kind: 'zipf', theta: 1.2 },
          footprintBytes: 10 * 2 ** 30,
          sizes: [
            { bytes: 4096, weight: 0.6 },
            { bytes: 65_536, weight: 0.4 },
          ],
        },
      ],
    });
  });

  it('mixes jobs by their rates and leaves reads out', async () => {
    const path = write(
      'b.fio',
      '[a]\nrw=randwrite\nrate_iops=300\nbs=8k\noffset=50%\n[log]\nrw=write\nrate_iops=50\nnumjobs=2\nbs=4k\noffset=1T\nsize=1G\n[r]\nrw=randread\n[z]\nrw=randwrite\nrandom_distribution=zoned:60/10:40/90\nrate_iops=100,200\n',
    );
    const { guest } = (await resolve({}, { workload: path, 'disk.size': '4T' })).scenario;
    if (guest.kind !== 'synthetic') throw new Error('not synthetic');
    expect(guest).toMatchObject({ writesPerS: 600, arrivals: { kind: 'deterministic' } });
    expect(guest.parts.map((part) => [part.weight, part.pattern, part.offsetShare])).toEqual([
      [0.5, { kind: 'uniform' }, 0.5],
      // Two copies that write the same blocks, as they do in fio without offset_increment.
      [expect.closeTo(1 / 12, 6), { kind: 'sequential', streams: 1 }, 0.25],
      [expect.closeTo(1 / 12, 6), { kind: 'sequential', streams: 1 }, 0.25],
      [
        expect.closeTo(1 / 3, 6),
        {
          kind: 'zones',
          zones: [
            { space: 0.1, writes: 0.6 },
            { space: 0.9, writes: 0.4 },
          ],
        },
        0,
      ],
    ]);
  });

  it('asks for a rate where the job has none', async () => {
    const path = write('c.fio', '[a]\nrw=randwrite\n');
    await expect(resolve({}, { workload: path })).rejects.toThrow(/neither rate_iops nor rate/);
  });

  it('refuses what it cannot model', async () => {
    await expect(resolve({}, { workload: write('d.fio', '[a]\nrw=randread\n') })).rejects.toThrow(
      /no job of it writes/,
    );
    const pareto = write('e.fio', '[a]\nrw=randwrite\nrate_iops=1\nrandom_distribution=pareto:0.9\n');
    await expect(resolve({}, { workload: pareto })).rejects.toThrow(/pareto is not modelled/);
  });

  const varied = (change: object, options: object = {}): string =>
    JSON.stringify({
      jobs: [
        {
          jobname: 'w',
          'job options': { bs: '64k', direct: '1', iodepth: '1', ...options },
          write: {
            total_ios: 10_000,
            io_bytes: 655_360_000,
            lat_ns: { bins: { 1000000: 10000 } },
            iops_samples: 40,
            iops_mean: 1000,
            iops_stddev: 300,
            iops_min: 400,
            iops_max: 1200,
            ...change,
          },
        },
      ],
    });

  it('sees slow spells in how the rate varied from window to window', async () => {
    const { storage, notes } = await storageOf(write('spells.json', varied({})));
    expect(storage.slowFactor).toBeCloseTo(3, 1);
    // (1200 - 1000) / (1200 - 400) of the time is slow.
    expect(storage.slowMeanNs / (storage.slowMeanNs + storage.fastMeanNs)).toBeCloseTo(0.25, 2);
    // The variance left in windows of 500 ms is 300^2 of (1200 - 1000) (1000 - 400): g(x) = 0.75 at x = 0.97.
    const x = 500e6 * (1 / storage.slowMeanNs + 1 / storage.fastMeanNs);
    expect((2 * (x - 1 + Math.exp(-x))) / x ** 2).toBeCloseTo(0.75, 2);
    expect(notes.join('\n')).toMatch(
      /40 windows of 500ms varies by 30 %, by chance it would by 0 %: taken as slow spells/,
    );
  });

  it('takes windows as short as those of a log that is averaged over less than 500 ms', async () => {
    const { storage, notes } = await storageOf(write('log.json', varied({}, { log_avg_msec: '250' })));
    expect(notes.join('\n')).toMatch(/40 windows of 250ms/);
    const long = await storageOf(write('long.json', varied({}, { log_avg_msec: '1000' })));
    expect(long.storage.slowMeanNs).toBeCloseTo(2 * storage.slowMeanNs, -4);
  });

  it.each([
    ['too few windows', varied({ iops_samples: 4 }), /too few to see slow spells/],
    ['no more than chance', varied({ iops_stddev: 5, iops_min: 990, iops_max: 1010 }), /no slow spells/],
    ['a job that was held back', varied({}, { rate_iops: '1000' }), /^(?!.*spells)/s],
    ['several requests at once', varied({}, { iodepth: '8', ioengine: 'libaio' }), /^(?!.*spells)/s],
  ])('takes none from %s', async (name, text, said) => {
    const { storage, notes } = await storageOf(write(`${name}.json`, text));
    expect(storage.slowFactor).toBe(1);
    expect(notes.join('\n')).toMatch(said);
  });

  it('takes a log of requests that took no time for what it says', async () => {
    const log = '1, 0, 1, 65536, 0, 0\n2, 0, 1, 65536, 65536, 0\n';
    const { storage } = await storageOf(write('still_lat.1.log', log));
    expect([latencyMeanNs(storage.ops.write.latency), storage.slowFactor]).toEqual([0, 1]);
  });
});
