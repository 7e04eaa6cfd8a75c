// What the experiments found, into experiments/README.md: the paragraph of each experiment file with the numbers of its
// results (src/output/figures/paragraph.ts). test/results/findings.test.ts holds the page to it.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { figureData } from '../dist/output/figures/draw-all.js';
import { broken, paragraphOf } from '../dist/output/figures/paragraph.js';
import { readExperimentFile } from '../dist/sweep/experiment/experiment.js';

const PAGE = 'experiments/README.md';
const WIDTH = 120;

/** Words in lines, no line longer than the page is wide. */
function wrapped(text) {
  const lines = [''];
  for (const word of text.split(/\s+/)) {
    const last = lines.at(-1);
    if (last === '') lines[lines.length - 1] = word;
    else if (last.length + 1 + word.length <= WIDTH) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines.join('\n');
}

const paragraphs = [];
for (const file of readdirSync('experiments').filter((name) => name.endsWith('.yaml'))) {
  const { name, file: experiment } = await readExperimentFile(join('experiments', file));
  const { title, finding } = experiment;
  if (finding === undefined) continue;
  const { summary } = figureData(join('results', name));
  const paragraph = paragraphOf(finding, summary);
  if (paragraph === undefined)
    throw new Error(`${file}: the results do not say so: ${broken(finding, summary).join(', ')}`);
  paragraphs.push(wrapped(`**${name.slice(0, 2)}, ${title}** ${paragraph}`));
}
const block = /(<!-- findings:begin -->\n)[\s\S]*?(<!-- findings:end -->)/;
const page = readFileSync(PAGE, 'utf8');
writeFileSync(
  PAGE,
  page.replace(block, (_, begin, end) => `${begin}${paragraphs.join('\n\n')}\n${end}`),
);
