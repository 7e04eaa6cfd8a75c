/**
 * A CSV file of results as Parquet, for programs that read columns. Types are those of datapackage.json, an empty cell is null,
 * and the same rows give the same bytes.
 */
import { ByteWriter, type ColumnSource, ParquetWriter, schemaFromColumnData } from 'hyparquet-writer';
import { version } from '../../base/version.js';
import { replaceFile } from '../../files/replace.js';
import type { Column } from './column.js';
import { recordsOf } from './summary-file.js';

/** What of a column goes to a worker. */
export type TypedColumn = Pick<Column, 'name' | 'type'>;

type Value = string | number | bigint | boolean | null;

interface Kind {
  readonly type: NonNullable<ColumnSource['type']>;
  readonly value: (cell: string) => Value;
}

const KINDS: Readonly<Record<Column['type'], Kind>> = {
  string: { type: 'STRING', value: (cell) => cell },
  number: { type: 'DOUBLE', value: Number },
  integer: { type: 'INT64', value: BigInt },
  boolean: { type: 'BOOLEAN', value: (cell) => cell === 'true' },
};

/** Rows that are put together by columns: enough for a reader to skip by, few enough to be kept. */
const GROUP_ROWS = 10_000;

/** A column of a group. Most cells are as the one above, and need not be read again. */
class Values {
  readonly name: string;
  readonly kind: Kind;
  data: Value[] = [];
  private cell = '';
  private value: Value = null;

  constructor({ name, type }: TypedColumn) {
    this.name = name;
    this.kind = KINDS[type];
  }

  add(cell: string): void {
    if (cell !== this.cell) {
      this.cell = cell;
      this.value = cell === '' ? null : this.kind.value(cell);
    }
    this.data.push(this.value);
  }

  /** What there is, as the library takes it; the column is empty then. */
  take(): ColumnSource {
    const { name, data } = this;
    this.data = [];
    return { name, data, type: this.kind.type, nullable: true };
  }
}

/** The bytes of the file, group by group. */
function* bytesOf(csvPath: string, columns: readonly TypedColumn[]): Generator<Uint8Array> {
  const values = columns.map((column) => new Values(column));
  const bytes = new ByteWriter();
  const schema = schemaFromColumnData({ columnData: values.map((column) => column.take()) });
  const writer = new ParquetWriter({ writer: bytes, schema, createdBy: `stopgap ${version()}` });
  const written = (): Uint8Array => {
    const piece = bytes.getBytes();
    bytes.index = 0;
    return piece;
  };
  const records = recordsOf(csvPath);
  const header: readonly string[] = records.next().value ?? [];
  const places = columns.map(({ name }) => header.indexOf(name));
  let rows = 0;
  const group = (): Uint8Array => {
    rows = 0;
    // Without a writer that flushes it is done when it returns.
    void writer.write({ columnData: values.map((column) => column.take()), rowGroupSize: GROUP_ROWS });
    return written();
  };
  for (const cells of records) {
    for (const [i, column] of values.entries()) column.add(cells[places[i]!] ?? '');
    if (++rows === GROUP_ROWS) yield group();
  }
  if (rows > 0) yield group();
  void writer.finish();
  yield written();
}

/** Writes a CSV file of ours as Parquet. */
export function writeParquet(csvPath: string, path: string, columns: readonly TypedColumn[]): void {
  replaceFile(path, bytesOf(csvPath, columns));
}
