/** Drawings into files: one whose name says SVG or PNG, or both kinds side by side. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { InputError } from '../../base/errors.js';
import { diskError } from '../../sweep/results/files.js';
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

/** Writes NAME.svg and NAME.png into a folder, which is made if need be. Errors of the disk are the caller's to word. */
export async function writeSvgAndPng(folder: string, name: string, svg: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${name}.svg`), svg);
  writeFileSync(join(folder, `${name}.png`), await renderPng(svg));
}
