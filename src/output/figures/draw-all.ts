/** All figures of a results directory, from its CSV files and the figure list of its experiment. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { InputError } from '../../base/errors.js';
import { diskError } from '../../files/disk-error.js';
import { isFile } from '../../input/values/files.js';
import type { FigureSpec } from '../../sweep/experiment/schema.js';
import type { Row } from '../../sweep/results/csv.js';
import { FIGURES_FOLDER } from '../../sweep/results/directory.js';
import type { Manifest } from '../../sweep/results/manifest.js';
import { RUNS_FILE } from '../../sweep/results/runs-file.js';
import { rowsOf, SUMMARY_FILE } from '../../sweep/results/summary-file.js';
import type { FigureData } from './data.js';
import { FIGURES } from './registry.js';
import { renderSvg } from './render.js';
import { writeSvgAndPng } from './write-figure.js';

export interface DrawnFigure {
  readonly name: string;
  readonly title: string;
  /** Of each line what it says; nothing where the figure has none. */
  readonly answers: readonly string[];
  readonly svg: string;
}

/** What to draw where the experiment names no figures. */
const DEFAULT: readonly FigureSpec[] = [{ type: 'strategies' }, { type: 'phases' }];

/** Of points that are scattered over axes: one figure an axis. */
const defaultOf = ({ scattered }: FigureData): readonly FigureSpec[] =>
  scattered?.filter((path) => path !== 'strategies').map((x) => ({ type: 'downtime', x })) ?? DEFAULT;

/** So many rows of summary.csv are drawn: more make no figure that anybody could read, and would fill the memory. */
const SUMMARY_ROWS_MAX = 2000;

/** The tables of a directory; runs.csv is read only if a figure asks for it. `rowsMax`: less than usual in tests. */
export function figureData(directory: string, rowsMax = SUMMARY_ROWS_MAX): FigureData {
  const path = join(directory, SUMMARY_FILE);
  if (!isFile(path)) throw new InputError(`${path}: cannot be read; finish the sweep first`);
  const summary: Row[] = [];
  let summaryRows = 0;
  for (const row of rowsOf(path)) if (summaryRows++ < rowsMax) summary.push(row);
  return { summary, summaryRows, runs: () => rowsOf(join(directory, RUNS_FILE)) };
}

/** File names of figures: the given name or the type, numbered where it comes again. */
function namesOf(specs: readonly FigureSpec[]): readonly string[] {
  const seen = new Map<string, number>();
  return specs.map((spec) => {
    const stem = spec.name ?? spec.type;
    const count = (seen.get(stem) ?? 0) + 1;
    seen.set(stem, count);
    return count === 1 ? stem : `${stem}-${count}`;
  });
}

/**
 * Draws the figures; those whose rows are not there are left out.
 * @internal
 */
export async function drawFigures(
  data: FigureData,
  specs: readonly FigureSpec[],
): Promise<readonly DrawnFigure[]> {
  const wanted = specs.length > 0 ? specs : defaultOf(data);
  const names = namesOf(wanted);
  const drawn: DrawnFigure[] = [];
  for (const [i, spec] of wanted.entries()) {
    const drawing = FIGURES[spec.type].draw(data, spec);
    if (!drawing) continue;
    const { title, answers = [] } = drawing;
    drawn.push({ name: names[i]!, title, answers, svg: await renderSvg(drawing) });
  }
  return drawn;
}

/** Writes figures/NAME.svg and .png below the directory. */
export async function writeFigures(
  directory: string,
  manifest: Manifest,
  data: FigureData,
): Promise<readonly DrawnFigure[]> {
  const drawn = await drawFigures(data, manifest.experiment.file.figures);
  const folder = join(directory, FIGURES_FOLDER);
  try {
    mkdirSync(folder, { recursive: true });
    for (const { name, svg } of drawn) await writeSvgAndPng(folder, name, svg);
  } catch (error) {
    throw diskError(error, folder);
  }
  return drawn;
}
