/** `plot`, and the end of a sweep: figures and report of a results directory. */
import { join } from 'node:path';
import { replaceFile } from '../../files/replace.js';
import { makeExperiment, setPaths } from '../../sweep/experiment/experiment.js';
import { refuseForeign } from '../../sweep/results/directory.js';
import { type Manifest, readManifest } from '../../sweep/results/manifest.js';
import { columnOf, type FigureData, firstRowsNote } from './data.js';
import { figureData, writeFigures } from './draw-all.js';
import { findingOf } from './paragraph.js';
import { reportHtml } from './report.js';
import { verdictTexts } from './verdicts.js';

interface Plotted {
  /** Names of the figures. */
  readonly figures: readonly string[];
  /** What the experiment found, in its own words, where they are true of the rows. */
  readonly finding?: string;
  /** What the sweep answers, a sentence each: what each figure shows, what fits. */
  readonly answer: readonly string[];
  /** What they leave out, in a sentence; empty where nothing is. */
  readonly note: string;
}

/** What figures and report of a directory are made from. */
function dataOf(directory: string, manifest: Manifest): FigureData {
  const experiment = makeExperiment(manifest.experiment);
  const { design, axes } = experiment;
  const scattered = design.kind === 'grid' ? {} : { scattered: axes.map(({ path }) => path) };
  const told = [...setPaths(experiment)].map(columnOf);
  return { ...figureData(directory), ...scattered, told };
}

/** Writes figures/*.svg, figures/*.png and report.html. */
export async function plotDirectory(directory: string): Promise<Plotted> {
  const manifest = readManifest(directory);
  refuseForeign(directory);
  const data = dataOf(directory, manifest);
  const figures = await writeFigures(directory, manifest, data);
  replaceFile(join(directory, 'report.html'), [reportHtml(manifest, data, figures)]);
  const finding = findingOf(manifest, data.summary);
  return {
    ...(finding !== undefined && { finding }),
    figures: figures.map((figure) => figure.name),
    answer: [...figures.map(({ title }) => `${title}.`), ...verdictTexts(data.summary)],
    note: firstRowsNote(data),
  };
}
