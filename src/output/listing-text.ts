/** What `stopgap list` prints: sections, each a table under its title. */
import type { DrawTable } from './table.js';

interface Section {
  readonly title: string;
  /** Heads of the columns, where they do not go without saying. */
  readonly columns?: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

export interface Listing {
  readonly sections: readonly Section[];
  readonly json: unknown;
}

/** Ready for stdout. */
export function listingText({ sections }: Listing, table: DrawTable): string {
  const texts = sections.map(({ title, columns, rows }) => {
    const titles = columns ?? (rows[0] ?? []).map(() => '');
    const drawn = table(
      titles.map((each) => ({ title: each })),
      rows,
    );
    return title === '' ? drawn : `${title}\n${drawn}`;
  });
  return `${texts.join('\n\n')}\n`;
}
