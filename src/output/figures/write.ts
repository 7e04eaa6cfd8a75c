/** A figure to a folder, as SVG and PNG. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { InputError } from '../../base/errors.js';
import { type Drawing, renderPng, renderSvg } from './render.js';

export async function writeFigure(folder: string, name: string, drawing: Drawing): Promise<void> {
  const svg = await renderSvg(drawing);
  try {
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, `${name}.svg`), svg);
    await writeFile(join(folder, `${name}.png`), await renderPng(svg));
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    throw new InputError(`--figures: '${folder}' cannot be written: ${message}`);
  }
}
