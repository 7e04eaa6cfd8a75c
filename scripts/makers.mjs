// What is committed and made by a program, and by which: the one list of it. scripts/results.mjs makes it in place,
// scripts/evidence.mjs in a copy, to compare.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const STOPGAP = 'dist/cli/main.js';

/** Experiments that have no axes, so that a script of their own drives them. */
const DRIVEN = { '12-sizing': 'scripts/sizing.mjs', '13-what-matters': 'scripts/what-matters.mjs' };

/** Is it one of those that the words of the command line ask for? Without words, all are. */
export function isAsked({ what, command = [] }, words) {
  return words.length === 0 || words.some((word) => `${what} ${command.join(' ')}`.includes(word));
}

/** Of `root`: what is made, by which words after `node`, into which files or folders; `blocks`: only marked parts of them. */
export function makersOf(root) {
  const results = readdirSync(join(root, 'results'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);
  const swept = results
    .filter((name) => existsSync(join(root, 'experiments', `${name}.yaml`)))
    .map((name) => ({
      what: `results/${name}`,
      command: [STOPGAP, 'sweep', name],
      paths: [`results/${name}`],
    }));
  const driven = results
    .filter((name) => DRIVEN[name] !== undefined)
    .map((name) => ({ what: `results/${name}`, command: [DRIVEN[name]], paths: [`results/${name}`] }));
  return [
    ...swept,
    ...driven,
    {
      what: 'what the experiments found',
      command: ['scripts/findings.mjs'],
      paths: ['experiments/README.md'],
      blocks: true,
    },
    {
      what: 'the validation page and its figures',
      command: ['scripts/validation.mjs'],
      paths: ['docs/validation.md', 'results/validation/figures'],
      blocks: true,
    },
    { what: 'the table of the README', command: ['scripts/readme.mjs'], paths: ['README.md'], blocks: true },
    { what: 'the claims of 2018', command: ['scripts/thread.mjs'], paths: ['docs/thread.md'], blocks: true },
  ];
}

/** The shipped rows that `stopgap validate` judges; it fails where a request, a sequence or a fate differs. */
export function rowsOf(root) {
  const folder = 'results/validation';
  return readdirSync(join(root, folder), { recursive: true })
    .filter((name) => name.endsWith('.csv') && name !== 'dirty_runs.csv' && !name.startsWith('preflush-logs'))
    .sort()
    .map((name) => ({
      what: `${folder}/${name}`,
      // Rows in folders are of machines without a preset.
      command: [STOPGAP, 'validate', ...(name.includes('/') ? ['--host', 'auto'] : []), `${folder}/${name}`],
    }));
}
