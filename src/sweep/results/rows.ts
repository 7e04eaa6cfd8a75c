/** From points and results to the cells of runs.csv. */
import type { Experiment } from '../experiment/experiment.js';
import { setPaths } from '../experiment/experiment.js';
import type { PlannedPoint } from '../run/plan.js';
import type { RunOutcome } from '../run/task.js';
import type { Cell, Column } from './column.js';
import { parameterColumns, RESULT_COLUMNS, resultColumns, resultIndex, runColumns } from './columns.js';
import { cellText } from './csv.js';
import type { ResultCells } from './known-rows.js';

/** The columns of runs.csv for an experiment. */
export function columnsOf(experiment: Experiment): readonly Column[] {
  return runColumns(setPaths(experiment));
}

/** The cells of RESULT_COLUMNS of a fresh result; a sweep writes the first of them (resultColumns). */
export function resultCells(result: RunOutcome): ResultCells {
  return RESULT_COLUMNS.map((column) => cellText(column.value(result)));
}

const DOWNTIME = resultIndex('downtime_ms');

/** Downtime of a result in ms; null where the run gave none. */
export function downtimeMs(cells: ResultCells): number | null {
  const text = cells[DOWNTIME]!;
  return text === '' ? null : Number(text);
}

const [STRATEGY, STATE, REASON] = ['strategy', 'state', 'reason'].map(resultIndex) as [
  number,
  number,
  number,
];

/** What became of a run that failed its check or broke; undefined for the others. */
export function failureText(cells: ResultCells): string | undefined {
  return cells[STATE] === 'failed' ? `${cells[STRATEGY]}: ${cells[REASON]}` : undefined;
}

/** A value of the question as a cell; what is more than one word (a mix of sizes, a pattern) as JSON. */
function questionCell(value: unknown): Cell {
  if (value === undefined || value === null) return null;
  return typeof value === 'object' ? JSON.stringify(value) : (value as Cell);
}

/** Writes the rows of one experiment; the cells of a point are made once for all its rows. */
export class RowWriter {
  private readonly parameters: readonly Column[];
  private readonly results: number;
  private readonly seed: string;
  private point: PlannedPoint | undefined;
  private pointCells: readonly string[] = [];

  constructor(experiment: Experiment) {
    this.parameters = parameterColumns(setPaths(experiment));
    this.results = resultColumns(setPaths(experiment)).length;
    this.seed = String(experiment.seed);
  }

  private cellsOf(point: PlannedPoint): readonly string[] {
    if (this.point !== point) {
      const { question } = point.resolved;
      const value = (name: string): unknown =>
        name === 'deterministic' ? point.deterministic : question[name];
      this.point = point;
      this.pointCells = this.parameters.map((column) => cellText(questionCell(value(column.name))));
    }
    return this.pointCells;
  }

  /** One record per strategy. */
  records(
    point: PlannedPoint,
    replication: number,
    ids: readonly string[],
    results: readonly ResultCells[],
  ): string[][] {
    const shared = this.cellsOf(point);
    return results.map((result, s) => [
      ids[s]!,
      String(point.index),
      String(replication),
      this.seed,
      ...shared,
      ...result.slice(0, this.results),
    ]);
  }
}
