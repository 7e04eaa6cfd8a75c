/** The committed results: all files are there, and what follows from runs.csv is what follows from it today. */
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { plotDirectory } from '../../../src/output/figures/plot-directory.js';
import { makeExperiment, readExperimentFile } from '../../../src/sweep/experiment/experiment.js';
import { writeDerivedFiles } from '../../../src/sweep/results/derived-files.js';
import { readManifest } from '../../../src/sweep/results/manifest.js';
import { columnsOf } from '../../../src/sweep/results/rows.js';
import { InlineExecutor } from '../../../src/sweep/run/executor.js';

const scratch = mkdtempSync(join(tmpdir(), 'stopgap-shipped-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const names = readdirSync('experiments')
  .filter((name) => name.endsWith('.yaml'))
  .map((name) => name.replace('.yaml', ''));

/** Every file below a directory with its content; PNG only by name, since they are drawn from the SVG. */
function filesOf(directory: string): Record<string, string> {
  const files = readdirSync(directory, { recursive: true, withFileTypes: true }).filter((f) => f.isFile());
  return Object.fromEntries(
    files.map((file) => {
      const path = join(file.parentPath, file.name);
      return [path.slice(directory.length), path.endsWith('.png') ? '' : readFileSync(path, 'utf8')];
    }),
  );
}

test.each(names)('%s', async (name) => {
  const shipped = join('results', name);
  const again = join(scratch, name);
  const manifest = readManifest(shipped);
  // What is shipped answers the question that is asked now.
  expect(manifest.experiment.file).toEqual(
    (await readExperimentFile(join('experiments', `${name}.yaml`))).file,
  );
  for (const file of ['runs.csv', 'manifest.json']) cpSync(join(shipped, file), join(again, file));
  const experiment = makeExperiment(manifest.experiment);
  const executor = new InlineExecutor();
  const { title } = experiment;
  await writeDerivedFiles(again, { name, title, columns: columnsOf(experiment), executor });
  await plotDirectory(again);
  expect(filesOf(again)).toEqual(filesOf(shipped));
});
