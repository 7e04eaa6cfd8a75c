/** Writes the validation page and its figures anew: `npm run validation`. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { assert } from '../../base/assert.js';
import { writeFigure } from '../figures/write-figure.js';
import { withBlock } from './markdown.js';
import { ValidationPage } from './page.js';

/** The page within the project, and the folder of the rows; figures lie in a folder of the latter. */
export const PAGE = 'docs/validation.md';
export const ROWS = 'results/validation';

/** Rewrites the marked blocks of the page below `root`, and draws the figures. */
export async function refreshValidation(root: string): Promise<void> {
  const page = new ValidationPage(join(root, ROWS));
  const path = join(root, PAGE);
  let text = readFileSync(path, 'utf8');
  for (const [name, block] of Object.entries(page.blocks)) {
    const next = withBlock(text, name, block());
    assert(next !== undefined, `${PAGE} has no block '${name}'`);
    text = next;
  }
  writeFileSync(path, text);
  const folder = join(root, ROWS, 'figures');
  mkdirSync(folder, { recursive: true });
  for (const [name, drawing] of Object.entries(page.figures()))
    for (const ending of ['svg', 'png']) await writeFigure(join(folder, `${name}.${ending}`), drawing);
}
