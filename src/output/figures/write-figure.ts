/** Drawings into files: one whose name says SVG or PNG, or both kinds side by side. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { InputError } from '../../base/errors.js';
import { claimOutput, type Output } from '../../files/output.js';
import { putFile } from '../../files/replace.js';
import { type Drawing, renderPng, renderSvg } from './render.js';

const MADE = 'Made by stopgap';
/** A comment of SVG, or a chunk of text in a PNG behind its signature and first chunk. */
const MARK = new RegExp(`^(?:<!-- ${MADE} -->|\\x89PNG[^]{33}tEXtSoftware\\0${MADE})`);
const PNG_HEAD_BYTES = 33;

/** The figure with what tells later that stopgap made it. */
function markedSvg(svg: string): string {
  return `<!-- ${MADE} -->\n${svg}`;
}

function markedPng(png: Buffer): Buffer {
  const content = Buffer.from(`tEXtSoftware\0${MADE}`, 'latin1');
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(content.length - 4);
  sum.writeUInt32BE(crc32(content));
  return Buffer.concat([png.subarray(0, PNG_HEAD_BYTES), length, content, sum, png.subarray(PNG_HEAD_BYTES)]);
}

interface FigureRules {
  readonly flag: string;
  readonly force: boolean;
  readonly inputs: readonly string[];
}

/** Refuses other file names, and files that may not be written, before anything is computed. */
export function claimFigure(path: string, rules: FigureRules): Output {
  if (!/\.(svg|png)$/i.test(path))
    throw new InputError(`${rules.flag}: '${path}' does not end in .svg or .png`);
  return claimOutput(path, { ...rules, mark: MARK });
}

/** Writes the figure in the form that its name says. */
export async function writeFigure(output: Output, svg: string): Promise<void> {
  output.write(/\.png$/i.test(output.path) ? markedPng(await renderPng(svg)) : markedSvg(svg));
}

/** Writes the drawing. */
export async function writeDrawing(output: Output, drawing: Drawing): Promise<void> {
  await writeFigure(output, await renderSvg(drawing));
}

/** Claims NAME.svg and NAME.png in a folder of the user's, which is made if need be. */
export function claimFolder(
  folder: string,
  names: readonly string[],
  rules: FigureRules,
): Map<string, readonly Output[]> {
  try {
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    throw new InputError(`${rules.flag}: cannot write '${folder}': ${(error as NodeJS.ErrnoException).code}`);
  }
  return new Map(
    names.map((name) => [
      name,
      ['svg', 'png'].map((kind) => claimFigure(join(folder, `${name}.${kind}`), rules)),
    ]),
  );
}

/** Writes NAME.svg and NAME.png into a folder of ours, which is made if need be. Errors of the disk are the caller's to word. */
export async function writeSvgAndPng(folder: string, name: string, svg: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  putFile(join(folder, `${name}.svg`), [svg]);
  putFile(join(folder, `${name}.png`), [await renderPng(svg)]);
}
