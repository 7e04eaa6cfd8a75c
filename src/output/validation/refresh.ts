/** Writes the validation page and its figures anew: `npm run validation`. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { assert } from '../../base/assert.js';
import { replaceFile } from '../../files/replace.js';
import { anyHost, labHost } from '../../lab/host.js';
import { renderSvg } from '../figures/render.js';
import { writeSvgAndPng } from '../figures/write-figure.js';
import { withBlock } from './markdown.js';
import { ValidationPage } from './page.js';

/** The page within the project, and the folder of the rows; figures in a folder of the latter. */
export const PAGE = 'docs/validation.md';
export const ROWS = 'results/validation';
export const FIGURES = `${ROWS}/figures`;

/** The page's text with these blocks as the rows give them. */
export function refreshedText(text: string, page: ValidationPage, names: readonly string[]): string {
  return names.reduce((before, name) => {
    const after = withBlock(before, name, page.blocks[name]!());
    assert(after !== undefined, `${PAGE} has no block '${name}'`);
    return after;
  }, text);
}

/** Rewrites the marked blocks of the page below `root`, and draws the figures. */
export async function refreshValidation(root: string): Promise<void> {
  const page = new ValidationPage(join(root, ROWS), await labHost(), await anyHost());
  const path = join(root, PAGE);
  replaceFile(path, [refreshedText(readFileSync(path, 'utf8'), page, Object.keys(page.blocks))]);
  for (const [name, drawing] of Object.entries(page.figures()))
    await writeSvgAndPng(join(root, FIGURES), name, await renderSvg(drawing));
}
