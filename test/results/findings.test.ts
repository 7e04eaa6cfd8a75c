/** What experiments/README.md says was found is what the rows say, and every comparison that it rests on holds. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { figureData } from '../../src/output/figures/draw-all.js';
import { broken, paragraphOf } from '../../src/output/figures/paragraph.js';
import { readExperimentFile } from '../../src/sweep/experiment/experiment.js';

const page = readFileSync('experiments/README.md', 'utf8').replace(/\s+/g, ' ');

test.each(readdirSync('experiments').filter((name) => name.endsWith('.yaml')))('%s', async (path) => {
  const { name, file } = await readExperimentFile(join('experiments', path));
  const { summary } = figureData(join('results', name));
  expect(broken(file.finding!, summary)).toEqual([]);
  const said = `**${name.slice(0, 2)}, ${file.title}** ${paragraphOf(file.finding!, summary)}`;
  expect(page).toContain(said.replace(/\s+/g, ' '));
});
