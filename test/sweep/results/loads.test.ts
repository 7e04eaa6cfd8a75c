/** The CSV files load as what they say they are: in DuckDB by their look, in Frictionless's library by datapackage.json. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Package } from 'datapackage';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { recordInto } from '../../../src/sweep/results/record.js';
import { recordsOf, rowsOf } from '../../../src/sweep/results/summary-file.js';
import { InlineExecutor } from '../../../src/sweep/run/executor.js';
import { mixedColumns, sniffedTypes } from '../../support/duck.js';
import { fakeRunner, testPlan } from '../support.js';

const OF_TYPE: Readonly<Record<string, readonly string[]>> = {
  integer: ['BIGINT'],
  number: ['DOUBLE', 'BIGINT'],
  boolean: ['BOOLEAN'],
  // Releases are words that look like numbers, and are loaded as words by whoever reads their type.
  string: ['VARCHAR'],
};

interface Field {
  readonly name: string;
  readonly type: string;
}

function fieldsOf(
  directory: string,
): readonly { readonly path: string; readonly fields: readonly Field[] }[] {
  const { resources } = JSON.parse(readFileSync(join(directory, 'datapackage.json'), 'utf8')) as {
    readonly resources: readonly {
      readonly path: string;
      readonly schema: { readonly fields: readonly Field[] };
    }[];
  };
  return resources.map(({ path, schema }) => ({ path: join(directory, path), fields: schema.fields }));
}

/** Columns that DuckDB takes for something else than what is said of them. */
async function mistaken(directory: string): Promise<readonly string[]> {
  const all: string[] = [];
  for (const { path, fields } of fieldsOf(directory)) {
    const types = await sniffedTypes(path);
    expect(fields.map(({ name }) => name)).toEqual([...types.keys()]);
    for (const { name, type } of fields) {
      const found = types.get(name) ?? null;
      if (name !== 'qemu' && found !== null && !OF_TYPE[type]!.includes(found))
        all.push(`${path}: ${name} is ${type}, found ${found}`);
    }
  }
  return all;
}

async function frictionless(directory: string): Promise<void> {
  const loaded = await Package.load(join(directory, 'datapackage.json'), { basePath: directory });
  expect(loaded.errors).toEqual([]);
  for (const resource of loaded.resources) {
    expect(resource.errors).toEqual([]);
    expect((await resource.read({ limit: 60 })).length).toBeGreaterThan(1);
  }
}

const WORDS = `
question: Do words among numbers have columns of their own?
base: {strategies: [store-at-stop], bitmaps.count: 1}
axes:
  pre-flush.rate: [4MiB/s, unlimited]
  bitmaps.dirty: [auto, 25%]
  workload.footprint: [12.5%, 4G]
  workload.write-size: [4k, {4k: 75%, 16k: 25%}]
replications: 2
`;

const root = mkdtempSync(join(tmpdir(), 'stopgap-loads-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

describe('a sweep over values that are words among numbers', () => {
  beforeAll(async () => {
    await recordInto(root, {
      plan: await testPlan({}, WORDS),
      executor: new InlineExecutor(fakeRunner),
      shard: { index: 1, of: 1 },
    });
  });

  test('has nothing but numbers in the columns of numbers', async () => {
    expect(await mistaken(root)).toEqual([]);
    await frictionless(root);
    const [header, ...rows] = [...recordsOf(join(root, 'runs.csv'))];
    const values = (name: string): readonly string[] => [
      ...new Set(rows.map((cells) => cells[header!.indexOf(name)]!)),
    ];
    expect(values('pre_flush_rate_bytes_per_s')).toEqual(['4194304', '']);
    expect(values('pre_flush_rate_limited')).toEqual(['true', 'false']);
    expect(values('dirty_share')).toEqual(['', '0.25']);
    expect(values('dirty_auto')).toEqual(['true', 'false']);
    // 12.5 % of 16 TiB.
    expect(values('workload_footprint_bytes')).toEqual([String(2 ** 41), String(2 ** 32)]);
    expect(values('workload_footprint_share')).toEqual(['0.125', '']);
    expect(values('workload_write_size_bytes')).toEqual(['4096', '7168']);
    expect(values('workload_write_size_mix')).toEqual(['', '{"4k":"75%","16k":"25%"}']);
  });

  test('is read with its values as they were given', () => {
    const seen = new Map<string, Set<string>>();
    for (const row of rowsOf(join(root, 'summary.csv')))
      for (const [name, cell] of Object.entries(row)) seen.set(name, (seen.get(name) ?? new Set()).add(cell));
    expect([...seen.get('pre_flush_rate_bytes_per_s')!]).toEqual(['4194304', 'unlimited']);
    expect([...seen.get('dirty_share')!]).toEqual(['auto', '0.25']);
    expect([...seen.get('workload_footprint_bytes')!]).toEqual(['12.5%', String(2 ** 32)]);
    expect([...seen.get('workload_write_size_bytes')!]).toEqual(['4096', '{"4k":"75%","16k":"25%"}']);
    expect([...seen.keys()].filter((name) => /_(limited|auto|mix)$/.test(name))).toEqual([]);
  });

  test('has no column in summary.csv that is empty in every row', async () => {
    const types = await sniffedTypes(join(root, 'summary.csv'));
    expect([...types].filter(([, type]) => type === null)).toEqual([]);
    // Two replications make no p99; of runs.csv, which grows, the header stands before its rows are known.
    expect([...types.keys()].filter((name) => name.includes('p99'))).toEqual([]);
    expect((await sniffedTypes(join(root, 'runs.csv'))).get('reason')).toBe(null);
  });
});

const shipped = readdirSync('results').filter((name) => /^\d\d-/.test(name));
const swept = shipped.filter((name) => readdirSync(join('results', name)).includes('datapackage.json'));

test.each(swept)('results/%s', async (name) => {
  const directory = join('results', name);
  expect(await mistaken(directory)).toEqual([]);
  await frictionless(directory);
  const types = await sniffedTypes(join(directory, 'summary.csv'));
  expect([...types].filter(([, type]) => type === null)).toEqual([]);
});

const others = readdirSync('results', { recursive: true, encoding: 'utf8' })
  .map((path) => join('results', path))
  .filter((path) => path.endsWith('.csv') && !swept.some((name) => path.startsWith(join('results', name))));

/** What a name ends in that stands for numbers. */
const NUMBERS = /_(ms|us|bytes|per_s|GiB|us_mean|us_sd|clusters)$/;

test.each(others)('%s has columns of numbers and columns of words, and none of both', async (path) => {
  const types = await sniffedTypes(path);
  const words = [...types].flatMap(([name, type]) => (type === 'VARCHAR' ? name : []));
  expect(words.filter((name) => NUMBERS.test(name))).toEqual([]);
  // Releases of QEMU are words whatever they look like.
  expect(
    await mixedColumns(
      path,
      words.filter((name) => name !== 'qemu'),
    ),
  ).toEqual([]);
});
