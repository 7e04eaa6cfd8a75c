/** datapackage.json: a Frictionless Data Package (https://specs.frictionlessdata.io), every column with type, unit and meaning. */
import { version } from '../../base/version.js';
import type { Column } from './column.js';

/** A file of rows as the package describes it. */
export interface Table {
  readonly path: string;
  readonly columns: readonly Column[];
  /** Columns that tell its rows apart, if it has all of them. */
  readonly key: readonly string[];
}

const FORMATS = {
  csv: { format: 'csv', mediatype: 'text/csv', encoding: 'utf-8' },
  parquet: { format: 'parquet', mediatype: 'application/vnd.apache.parquet' },
} as const;

function fields(columns: readonly Column[]): unknown {
  return {
    fields: columns.map(({ name, type, unit, meaning }) => ({
      name,
      type,
      ...(unit ? { unit } : {}),
      description: meaning,
    })),
    missingValues: [''],
  };
}

function resource({ path, columns, key }: Table): unknown {
  const hasKey = key.every((each) => columns.some((column) => column.name === each));
  const [name, format] = path.split('.') as [string, keyof typeof FORMATS];
  return {
    name: format === 'csv' ? name : `${name}-${format}`,
    path,
    profile: 'tabular-data-resource',
    ...FORMATS[format],
    schema: {
      ...(fields(columns) as object),
      // No primary key: of that no part may be empty, as variant is.
      ...(hasKey && { uniqueKeys: [key] }),
    },
  };
}

/** The text of datapackage.json. */
export function dataPackage(name: string, title: string, tables: readonly Table[]): string {
  const body = {
    profile: 'tabular-data-package',
    // All that the specification allows in a name.
    name: name.toLowerCase().replace(/[^-a-z0-9._]/g, '-'),
    title,
    version: version(),
    resources: tables.map(resource),
  };
  return `${JSON.stringify(body, null, 2)}\n`;
}
