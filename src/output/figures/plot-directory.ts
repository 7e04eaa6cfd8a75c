/** `plot`, and the end of a sweep: figures and report of a results directory. */
import { join } from 'node:path';
import { replaceFile } from '../../files/replace.js';
import { makeExperiment } from '../../sweep/experiment/experiment.js';
import { refuseForeign } from '../../sweep/results/directory.js';
import { readManifest } from '../../sweep/results/manifest.js';
import { firstRowsNote } from './data.js';
import { figureData, writeFigures } from './draw-all.js';
import { reportHtml } from './report.js';

interface Plotted {
  /** Names of the figures. */
  readonly figures: readonly string[];
  /** What they leave out, in a sentence; empty where nothing is. */
  readonly note: string;
}

/** Writes figures/*.svg, figures/*.png and report.html. */
export async function plotDirectory(directory: string): Promise<Plotted> {
  const manifest = readManifest(directory);
  refuseForeign(directory);
  const { design, axes } = makeExperiment(manifest.experiment);
  const scattered = design.kind === 'grid' ? {} : { scattered: axes.map(({ path }) => path) };
  const data = { ...figureData(directory), ...scattered };
  const figures = await writeFigures(directory, manifest, data);
  replaceFile(join(directory, 'report.html'), [reportHtml(manifest, data, figures)]);
  return { figures: figures.map((figure) => figure.name), note: firstRowsNote(data) };
}
