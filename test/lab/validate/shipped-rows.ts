/** A shipped file of measured rows, judged as `stopgap validate` does on the lab's host, and with a cell of it told otherwise. */
import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import { labHost } from '../../../src/lab/host.js';
import { validate } from '../../../src/lab/validate/registry.js';

const host = await labHost();

/** The file of this kind in results/validation. */
export function shippedRows(kind: string) {
  const file = `results/validation/${kind}.csv`;
  const [head, ...lines] = readFileSync(file, 'utf8').trimEnd().split('\n');
  const columns = head!.split(',');
  return {
    lines,
    judged(rows: readonly string[] = lines) {
      const text = [head, ...rows].join('\n');
      const report = validate(text, file, { minMs: 30, budgetMs: 300, host, prior: host }, () => undefined);
      expect(report.kind).toBe(kind);
      return report;
    },
    /** The line with another value in this column. */
    told(line: string, column: string, value: string): string {
      const cells = line.split(',');
      // Names of configurations have commas of their own, so cells are counted from the end.
      cells[cells.length - columns.length + columns.indexOf(column)] = value;
      return cells.join(',');
    },
  };
}
