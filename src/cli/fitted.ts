/** Text for people, as wide as the place where it is read. */
import type { DrawTable } from '../output/table.js';
import { print } from './stdout.js';

/** Below this nothing is gained by breaking lines; some pipes call themselves terminals without a width. */
const WIDTH_MIN = 40;

/** Columns of the terminal, or what COLUMNS says they are; undefined: no terminal. */
export function outputWidth(): number | undefined {
  const width = Number(process.env.COLUMNS) || process.stdout.columns;
  return width >= WIDTH_MIN ? Math.floor(width) : undefined;
}

/** Prints a text whose tables are drawn by what it is given, and whose prose is broken here. */
export async function printFitted(text: (table: DrawTable) => string | Promise<string>): Promise<void> {
  const width = outputWidth();
  // What is piped has one row a line, and whoever reads it breaks lines.
  if (width === undefined) return print(await text((await import('../output/table.js')).formatTable));
  const [{ fitWidth }, { tableFor }] = await Promise.all([
    import('../output/fit-width.js'),
    import('../output/fitted-table.js'),
  ]);
  print(fitWidth(await text(tableFor(width)), width));
}
