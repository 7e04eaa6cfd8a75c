import { describe, expect, it } from 'vitest';
import { InputError } from '../../../src/base/errors.js';
import { fioJobsFromIni, fioJobsFromJson } from '../../../src/input/fio/jobs.js';
import { fioSource } from '../../../src/input/fio/write-source.js';
import { newBlock } from '../../../src/sim/guest/write-source.js';

const GI = 1024 ** 3;

describe('fio jobs', () => {
  it('reads a job file: globals, later globals, bare options, jobs that do not write', () => {
    const text = `# what it is for
[global]
bs=8k
rate_iops=100,200
norandommap
[reader]
rw=randread
filename=/dev/vdb
[writer]
filename=/dev/vda
rw=randwrite
bssplit=4k/60:64k/40
random_distribution=zoned:60/10:40/
offset=25%
size=1g
rate_process=poisson
[global]
bs=1M
[log]
rw=write
numjobs=2
`;
    const jobs = fioJobsFromIni(text, 'x.fio');
    expect(jobs).toHaveLength(2);
    expect(jobs[0]).toEqual({
      name: 'writer',
      random: true,
      sizes: [
        { bytes: 4096, weight: 0.6 },
        { bytes: 65536, weight: 0.4 },
      ],
      writesPerS: 200,
      poisson: true,
      distribution: {
        kind: 'zoned',
        zones: [
          { access: 60, size: 10 },
          { access: 40, size: 90 },
        ],
      },
      offset: { share: 0.25 },
      size: { bytes: GI },
      randomMap: false,
      numjobs: 1,
    });
    expect(jobs[1]).toMatchObject({ random: false, sizes: [{ bytes: 1024 ** 2, weight: 1 }], numjobs: 2 });
  });

  it.each([
    ['rw=randread', /no job of it writes/],
    ['rw=randwrite', /rate_iops/],
    ['rw=randwrite\nrate_iops=5\nrandom_distribution=zipf:1', /not 1/],
    ['rw=randwrite\nrate_iops=5\nrandom_distribution=normal:3', /stopgap knows/],
    ['rw=randwrite\nrate_iops=5\nnumjobs=many', /numjobs=many: a whole number/],
    ['rw=randwrite\nrate_iops=5\nbsrange=4k-64k', /bsrange=4k-64k: .*give bssplit/],
    ['rw=randwrite\nrate_iops=5\nstonewall', /stonewall=1: .*all run at once/],
    ['rw=randwrite:8\nrate_iops=5', /rw=randwrite:8: /],
    ['rw=randwrite\nrate_iops=500,', /neither rate_iops nor rate for its writes/],
    ['rw=randwrite\nrate_iops=5\nrandom_distribution=zipf:1.2:0.5', /stopgap knows/],
    ['rw=write\nrate_iops=5\nfilename=/dev/vda:/dev/vdb', /filename=.*: several files are several disks/],
    ['rw=write\nrate_iops=5\nfilename=/a\n[b]\nrw=write\nrate_iops=5\nfilename=/b', /\[b\]: filename=\/b/],
  ])('refuses in one line: %s', (options, message) => {
    const read = () => fioJobsFromIni(`[a]\n${options}`, 'x.fio');
    expect(read).toThrow(InputError);
    expect(read).toThrow(message);
  });

  // What fio 3.33 does: its --showcmd leaves comments after values out, its iolog shows the sizes and offsets.
  it('takes an empty part of a list, comments after values and names without figures as fio does', () => {
    const text = '[a] ; one\nrw=randwrite\nbs=8k,\nrate_iops=1k # fast\nrandom_distribution=zipf\n';
    expect(fioJobsFromIni(text, 'x.fio')).toMatchObject([
      { sizes: [{ bytes: 4096 }], writesPerS: 1024, distribution: { kind: 'zipf', theta: 1.1 } },
    ]);
  });

  it('refuses what is no list of jobs', () => {
    expect(() => fioJobsFromJson('{"rw":', {}, 'runs')).toThrow(InputError);
    expect(() => fioJobsFromIni('rw=write', 'x.fio')).toThrow(/before any/);
  });
});

const offsets = (options: Record<string, string | number>, disk: number, blocks: number): number[] => {
  const jobs = fioJobsFromJson(
    JSON.stringify([{ rw: 'randwrite', rate_iops: 1000, ...options }]),
    {},
    'test',
  );
  const source = fioSource(jobs, disk, 1, 1, 0);
  const block = newBlock();
  const out: number[] = [];
  for (let i = 0; i < blocks; i++) {
    source.fill(block);
    out.push(...block.offsetsBytes);
  }
  return out;
};

describe('fio writes', () => {
  it('keeps a random map by default: no block twice before all were written', () => {
    const first = offsets({}, 1024 * 4096, 1);
    expect(new Set(first).size).toBe(1024);
    const repeating = offsets({ norandommap: 1 }, 1024 * 4096, 1);
    // 1024 (1 - 1/e) = 647, deviation 10: a false alarm in 10^9.
    expect(Math.abs(new Set(repeating).size - 647)).toBeLessThan(60);
  });

  it('stays between offset and size, aligned to the block', () => {
    for (const at of offsets({ offset: '1g', size: '16m', random_distribution: 'pareto:0.2' }, 8 * GI, 4)) {
      expect(at % 4096).toBe(0);
      expect(at >= GI && at < GI + 16 * 1024 ** 2).toBe(true);
    }
  });

  it('gives the first zipf rank the share 1 / zeta of fio', () => {
    const n = 4096;
    const drawn = offsets({ random_distribution: 'zipf:1.2' }, n * 4096, 40);
    const counts = new Map<number, number>();
    for (const at of drawn) counts.set(at, (counts.get(at) ?? 0) + 1);
    let zeta = 0;
    for (let k = 1; k <= n; k++) zeta += k ** -1.2;
    // 40,960 draws: the share of the first is known to 0.2 %; 5 deviations.
    const share = Math.max(...counts.values()) / drawn.length;
    expect(Math.abs(share - 1 / zeta)).toBeLessThan(5 * Math.sqrt(0.25 / drawn.length));
  });
});
