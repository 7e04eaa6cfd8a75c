/** One drawing into one file; the end of its name says SVG or PNG. */
import { writeFileSync } from 'node:fs';
import { InputError } from '../../base/errors.js';
import { diskError } from '../results/files.js';
import { type Drawing, renderPng, renderSvg } from './render.js';

/** Refuses other file names before anything is computed. */
export function checkFigureName(path: string, flag: string): void {
  if (!/\.(svg|png)$/i.test(path)) throw new InputError(`${flag}: '${path}' does not end in .svg or .png`);
}

/** Writes the drawing. */
export async function writeFigure(path: string, drawing: Drawing): Promise<void> {
  const svg = await renderSvg(drawing);
  try {
    writeFileSync(path, /\.png$/i.test(path) ? await renderPng(svg) : svg);
  } catch (error) {
    throw diskError(error, path);
  }
}
