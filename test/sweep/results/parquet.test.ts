/** Parquet beside CSV: DuckDB, which knows nothing of us, reads the same rows with the types of datapackage.json. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseTable } from '../../../src/sweep/results/csv.js';
import { recordInto } from '../../../src/sweep/results/record.js';
import { InlineExecutor } from '../../../src/sweep/run/executor.js';
import { fakeRunner, testPlan } from '../support.js';

const root = mkdtempSync(join(tmpdir(), 'stopgap-parquet-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const WHOLE = { index: 1, of: 1 };
const at = (...path: string[]): string => join(root, ...path);

async function sweep(directory: string, parquet: boolean, replications = 7): Promise<void> {
  const plan = await testPlan({ replications });
  await recordInto(at(directory), { plan, executor: new InlineExecutor(fakeRunner), shard: WHOLE, parquet });
}

beforeAll(() => sweep('one', true));

interface Field {
  readonly name: string;
  readonly type: string;
}

interface Package {
  readonly resources: readonly {
    readonly path: string;
    readonly schema: { readonly fields: readonly Field[] };
  }[];
}

const SQL_TYPES: Readonly<Record<string, string>> = {
  string: 'VARCHAR',
  number: 'DOUBLE',
  integer: 'BIGINT',
  boolean: 'BOOLEAN',
};

/** A cell as text, as a CSV has it. */
const cellOf = (value: unknown): string => (value === null ? '' : String(value));

test.each(['runs', 'summary'])('%s.parquet', async (name) => {
  const connection = await (await DuckDBInstance.create()).connect();
  const read = await connection.runAndReadAll(
    `select * from read_parquet('${at('one', `${name}.parquet`)}')`,
  );
  const { header, rows } = parseTable(readFileSync(at('one', `${name}.csv`), 'utf8'), name);
  expect(read.columnNames()).toEqual(header);
  const { resources } = JSON.parse(readFileSync(at('one', 'datapackage.json'), 'utf8')) as Package;
  const packaged = resources.find(({ path }) => path === `${name}.parquet`)!;
  expect(read.columnTypes().map(String)).toEqual(packaged.schema.fields.map(({ type }) => SQL_TYPES[type]));
  expect(read.getRows().map((row) => row.map(cellOf))).toEqual(
    rows.map((row) => header.map((column) => row[column]!)),
  );
});

test('the same rows give the same bytes, and a directory that has the files keeps them right', async () => {
  const bytes = (directory: string): Buffer => readFileSync(at(directory, 'runs.parquet'));
  await sweep('two', true);
  expect(bytes('two').equals(bytes('one'))).toBe(true);
  await sweep('two', false, 8);
  await sweep('three', true, 8);
  expect(bytes('two').equals(bytes('three'))).toBe(true);
});
