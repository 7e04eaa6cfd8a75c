/** What the page and its worker say to each other. */
import type { DrawTable } from '../output/table.js';
import type { Answer } from '../study/answer/answer.js';
import type { Situation } from './situation.js';

/** Asked by the page; a later number takes the place of all before. */
export interface Asked {
  readonly id: number;
  readonly situation: Situation;
  /** How sure the answer is, and not the answer. */
  readonly doubt?: boolean;
}

/** A table as `ask` prints it, not yet drawn. */
export interface ShownTable {
  readonly columns: readonly { readonly title: string; readonly align?: 'left' | 'right' }[];
  readonly rows: readonly (readonly string[])[];
}

/** The table that a text draws. */
export function captured(drawing: (table: DrawTable) => unknown): ShownTable {
  let shown: ShownTable = { columns: [], rows: [] };
  drawing((columns, rows) => {
    shown = { columns, rows };
    return '';
  });
  return shown;
}

/** An answer and the sentences of it. */
export interface Shown {
  readonly answer: Answer;
  readonly question: string;
  /** Verdict, break-even, floor: what there is of them. */
  readonly sentences: readonly string[];
  readonly notes: readonly string[];
  readonly table: ShownTable;
}

/** What `ask --uncertainty` adds: what was drawn, the table, whether it decides. */
export interface ShownDoubt {
  readonly sentences: readonly string[];
  readonly table: ShownTable;
}

/** Downtime of one strategy on a disk of one size; null: it never stops. */
export interface SizePoint {
  readonly diskBytes: number;
  readonly strategies: readonly {
    readonly strategy: string;
    readonly variant: string | null;
    /** As tables call it. */
    readonly name: string;
    readonly downtimeMs: number | null;
  }[];
}

export type Told =
  /** `soon`: from the first replications, more are being made; `judged`: from all, what would fit is still searched for. */
  | {
      readonly id: number;
      readonly kind: 'soon' | 'judged' | 'answer';
      readonly shown: Shown;
      readonly elapsedMs: number;
    }
  | { readonly id: number; readonly kind: 'progress'; readonly replications: number }
  | { readonly id: number; readonly kind: 'size'; readonly point: SizePoint }
  | { readonly id: number; readonly kind: 'doubt'; readonly doubt: ShownDoubt }
  | { readonly id: number; readonly kind: 'done' }
  | { readonly id: number; readonly kind: 'error'; readonly text: string };

/** A row of summary.csv by column, with values as they were given. */
export type ResultRow = Readonly<Record<string, string>>;

/** What `explore --results` puts into the page. */
export interface Results {
  readonly title: string;
  readonly question: string;
  readonly rows: readonly ResultRow[];
}
