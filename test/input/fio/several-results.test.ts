import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { InputError } from '../../../src/base/errors.js';
import { fioValues } from '../../../src/input/fio/several-results.js';
import { storageOfValues } from '../../../src/input/storage-values/values.js';
import { latencyMeanNs } from '../../../src/input/values/compound.js';

const sample = (name: string) => ({ name, text: readFileSync(`test/fixtures/fio/${name}`, 'utf8') });

interface Made {
  readonly rw?: 'write' | 'read' | 'trim';
  readonly options?: Record<string, string>;
  readonly meanNs?: number;
  readonly flushMeanNs?: number;
}

function fioJob({ rw = 'write', options = {}, meanNs: mean = 1000, flushMeanNs }: Made): object {
  return {
    jobname: 'made',
    error: 0,
    'job options': { bs: '64k', direct: '1', ...options },
    [rw]: {
      total_ios: 10,
      io_bytes: 655_360,
      bw_bytes: 1e6,
      slat_ns: { mean: 0 },
      clat_ns: { mean, bins: { [mean]: 10 } },
    },
    sync: flushMeanNs ? { lat_ns: { N: 5, mean: flushMeanNs, bins: { [flushMeanNs]: 5 } } } : {},
  };
}
const output = (...jobs: object[]) => ({ name: 'made.json', text: JSON.stringify({ jobs }) });

const meanNs = (
  made: ReturnType<typeof fioValues>,
  op: 'write' | 'smallWrite' | 'read' | 'punch' | 'flush',
) => latencyMeanNs(storageOfValues(made, 'made').ops[op].latency);

describe('fio output', () => {
  test('one output is what --storage reads', () => {
    const made = fioValues([sample('fio-randwrite-64k.json')]);
    // clat mean 1754018 ns + slat mean 35449 ns, read off the file; its median is 0.29 ms.
    expect(meanNs(made, 'write') / (1_754_018 + 35_449)).toBeCloseTo(1, 2);
    expect(made.notes.join()).toContain('4 requests in flight');
  });

  test('several outputs make one storage: sizes, reads, trims, and a flush that grows', () => {
    const made = fioValues([
      output(
        fioJob({ meanNs: 100_000, options: { bs: '64k' } }),
        fioJob({ meanNs: 40_000, options: { bs: '4k' } }),
        fioJob({ meanNs: 70_000, rw: 'read' }),
      ),
      output(
        fioJob({ meanNs: 30_000, rw: 'trim' }),
        fioJob({ meanNs: 100_000, options: { fdatasync: '1' }, flushMeanNs: 250_000 }),
        fioJob({ meanNs: 100_000, options: { fdatasync: '101' }, flushMeanNs: 9_250_000 }),
      ),
    ]);
    expect(meanNs(made, 'smallWrite')).toBe(40_000);
    expect(meanNs(made, 'read')).toBe(70_000);
    expect(meanNs(made, 'punch')).toBe(30_000);
    expect(storageOfValues(made, 'made').flushNsPerByte * 65_536).toBeCloseTo(90_000, 0);
    expect(meanNs(made, 'flush')).toBe(160_000);
  });

  test('notes before the JSON are skipped', () => {
    const file = sample('fio-randwrite-64k.json');
    expect(() => fioValues([{ ...file, text: `fio: a note …\n${file.text}` }])).not.toThrow();
  });

  test.each([
    ['no jobs at all', '{"jobs":[]}', 'x.json: no jobs in it'],
    ['no list of jobs', '{"a":1}', 'x.json: no jobs in it'],
    ['not JSON', 'hello', 'x.json'],
    ['cut off', '{"jobs":[', 'x.json'],
    ['only reads', output(fioJob({ rw: 'read' })).text, 'no job of it wrote'],
    ['a failed job', JSON.stringify({ jobs: [{ jobname: 'j', error: 5 }] }), 'job j ended with error 5'],
  ])('%s is bad input, in one line', (_, text, message) => {
    const refused = (): unknown => fioValues([{ name: 'x.json', text }]);
    expect(refused).toThrow(InputError);
    expect(refused).toThrow(message);
    expect(refused).not.toThrow('\n');
  });
});
