/** From points and results to the cells of runs.csv. */
import type { Experiment } from '../experiment/experiment.js';
import { setPaths } from '../experiment/experiment.js';
import type { PlannedPoint } from '../run/plan.js';
import type { RowFrame, RunOutcome } from '../run/task.js';
import type { Column } from './column.js';
import { ID_COLUMNS, RESULT_COLUMNS, resultColumns, resultIndex, runColumns } from './columns.js';
import { cellText, csvLine } from './csv.js';
import type { ResultCells } from './known-rows.js';
import { type ParameterColumn, parameterColumns } from './parameter-columns.js';

/** The columns of runs.csv for an experiment. */
export function columnsOf(experiment: Experiment, only?: ReadonlySet<string>): readonly Column[] {
  const all = runColumns(setPaths(experiment));
  return only === undefined ? all : all.filter(({ name }) => only.has(name));
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

/** Writes the rows of one experiment; what those of a point have in common is made once. */
export class RowWriter {
  private readonly parameters: readonly ParameterColumn[];
  private readonly ids: readonly string[];
  private readonly results: readonly number[];
  private readonly seed: string;
  private point: PlannedPoint | undefined;
  private made: RowFrame | undefined;

  /** `only`: the columns that are written; left out: all. */
  constructor(experiment: Experiment, only?: ReadonlySet<string>) {
    const wanted = ({ name }: Column): boolean => only === undefined || only.has(name);
    const set = setPaths(experiment);
    this.parameters = parameterColumns(set).filter(wanted);
    this.ids = ID_COLUMNS.filter(wanted).map(({ name }) => name);
    this.results = resultColumns(set).flatMap((column, i) => (wanted(column) ? i : []));
    this.seed = String(experiment.seed);
  }

  /** What workers write the rows of a point with. */
  frame(point: PlannedPoint): RowFrame {
    if (this.point !== point || this.made === undefined) {
      this.point = point;
      const cells = this.parameterCells(point);
      const parameters = cells.length > 0 ? csvLine(cells) : null;
      this.made = { hash: point.hash, point: point.index, parameters, ids: this.ids, results: this.results };
    }
    return this.made;
  }

  private parameterCells(point: PlannedPoint): string[] {
    const situation = { ...point.resolved.question, deterministic: point.deterministic };
    return this.parameters.map((column) => cellText(column.value(situation)));
  }

  /** A row of results that are known, as cells. */
  record(point: PlannedPoint, replication: number, id: string, result: ResultCells): string[] {
    const ids: Readonly<Record<string, string>> = {
      run_id: id,
      point: String(point.index),
      replication: String(replication),
      seed: this.seed,
    };
    return [
      ...this.ids.map((name) => ids[name]!),
      ...this.parameterCells(point),
      ...this.results.map((i) => result[i] ?? ''),
    ];
  }
}
