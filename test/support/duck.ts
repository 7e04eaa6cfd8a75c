/** CSV files as DuckDB sees them, which is told nothing but their names. */
import { DuckDBInstance } from '@duckdb/node-api';

const connection = (await DuckDBInstance.create(':memory:')).connect();

/** No file of ours has dates; DuckDB takes the version 7.2.22 for one. */
const TYPES = ['BOOLEAN', 'BIGINT', 'DOUBLE', 'VARCHAR'];

const csv = (path: string, more = ''): string =>
  `read_csv('${path}', header = true, sample_size = -1, auto_type_candidates = ['${TYPES.join("', '")}']${more})`;

async function rows(query: string): Promise<readonly Readonly<Record<string, unknown>>[]> {
  return (await (await connection).runAndReadAll(query)).getRowObjects();
}

/** The type that it finds in each column; null where every cell is empty. */
export async function sniffedTypes(path: string): Promise<ReadonlyMap<string, string | null>> {
  const found = await rows(`DESCRIBE FROM ${csv(path)}`);
  const names = found.map((row) => String(row.column_name));
  const [filled = {}] = await rows(
    `SELECT ${names.map((name) => `count("${name}") > 0 AS "${name}"`).join(', ')} FROM ${csv(path)}`,
  );
  return new Map(
    found.map((row, i) => [names[i]!, filled[names[i]!] === true ? String(row.column_type) : null]),
  );
}

/** Columns of words of which some are numbers. */
export async function mixedColumns(path: string, words: readonly string[]): Promise<readonly string[]> {
  if (words.length === 0) return [];
  const texts = csv(path, ', all_varchar = true');
  const counts = words.map((name) => `count(try_cast("${name}" AS DOUBLE)) > 0 AS "${name}"`);
  const [mixed = {}] = await rows(`SELECT ${counts.join(', ')} FROM ${texts}`);
  return words.filter((name) => mixed[name] === true);
}
