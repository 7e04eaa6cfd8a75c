/** Rows for readers: a value that is a word, a share or a mix stands where it was given, and not in a column of its own. */
import { companionOf } from '../../input/companion.js';
import { PARAMETERS } from '../../input/parameters.js';
import type { Row } from './csv.js';

/** By the name of the companion's column, what it stands beside. */
const BESIDE = new Map(
  PARAMETERS.flatMap((parameter) => {
    const companion = companionOf(parameter);
    return companion ? [[companion.column, { column: parameter.column, word: companion.word }] as const] : [];
  }),
);

/** Gives rows of a file with this header their words back. */
export function wordsIn(header: readonly string[]): (row: Row) => Row {
  const pairs = header.flatMap((name) => (BESIDE.has(name) ? [{ name, ...BESIDE.get(name)! }] : []));
  if (pairs.length === 0) return (row) => row;
  return (row) => {
    const told: Record<string, string> = { ...row };
    for (const { name, column, word } of pairs) {
      const text = word(row[name] ?? '');
      if (text !== undefined) told[column] = text;
      delete told[name];
    }
    return told;
  };
}
