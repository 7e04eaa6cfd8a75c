/** All figures of a results directory, from its CSV files and the figure list of its experiment. */
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { InputError } from '../../base/errors.js';
import { diskError } from '../../files/disk-error.js';
import type { FigureSpec } from '../../sweep/experiment/schema.js';
import { parseTable, type Row } from '../../sweep/results/csv.js';
import { FIGURES_FOLDER } from '../../sweep/results/directory.js';
import type { Manifest } from '../../sweep/results/manifest.js';
import { RUNS_FILE } from '../../sweep/results/runs-file.js';
import { runsOf, SUMMARY_FILE } from '../../sweep/results/summary-file.js';
import type { FigureData } from './data.js';
import { FIGURES } from './registry.js';
import { renderSvg } from './render.js';
import { writeSvgAndPng } from './write-figure.js';

export interface DrawnFigure {
  readonly name: string;
  readonly title: string;
  readonly svg: string;
}

/** What to draw where the experiment names no figures. */
const DEFAULT: readonly FigureSpec[] = [{ type: 'strategies' }, { type: 'phases' }];

function read(directory: string, file: string): readonly Row[] {
  const path = join(directory, file);
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    throw new InputError(`${path}: cannot be read; finish the sweep first`);
  }
  return parseTable(text, path).rows;
}

/** The tables of a directory; runs.csv is read only if a figure asks for it. */
export function figureData(directory: string): FigureData {
  return {
    summary: read(directory, SUMMARY_FILE),
    runs: () => runsOf(join(directory, RUNS_FILE)),
  };
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
  const wanted = specs.length > 0 ? specs : DEFAULT;
  const names = namesOf(wanted);
  const drawn: DrawnFigure[] = [];
  for (const [i, spec] of wanted.entries()) {
    const drawing = FIGURES[spec.type].draw(data, spec);
    if (drawing) drawn.push({ name: names[i]!, title: drawing.title, svg: await renderSvg(drawing) });
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
