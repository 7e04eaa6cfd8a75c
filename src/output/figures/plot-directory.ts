/** `plot`, and the end of a sweep: figures and report of a results directory. */
import { join } from 'node:path';
import { replaceFile } from '../../files/replace.js';
import { refuseForeign } from '../../sweep/results/directory.js';
import { readManifest } from '../../sweep/results/manifest.js';
import { figureData, writeFigures } from './draw-all.js';
import { reportHtml } from './report.js';

/** Writes figures/*.svg, figures/*.png and report.html; gives the names of the figures. */
export async function plotDirectory(directory: string): Promise<readonly string[]> {
  const manifest = readManifest(directory);
  refuseForeign(directory);
  const data = figureData(directory);
  const figures = await writeFigures(directory, manifest, data);
  replaceFile(join(directory, 'report.html'), [reportHtml(manifest, data.summary, figures)]);
  return figures.map((figure) => figure.name);
}
