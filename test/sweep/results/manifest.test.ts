/** A manifest is input like any other: it may come with a directory that somebody sent. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { InputError } from '../../../src/base/errors.js';
import { reportHtml } from '../../../src/output/figures/report.js';
import { readManifest } from '../../../src/sweep/results/manifest.js';

const shipped = join('results', readdirSync('results').find((name) => name.startsWith('01-'))!);
const directory = mkdtempSync(join(tmpdir(), 'stopgap-manifest-'));
afterAll(() => rmSync(directory, { recursive: true }));

type Tree = Record<string, never>;

/** Reads the shipped manifest with this change in it. */
function changed(change: (manifest: { [key: string]: never }, file: Tree) => void) {
  const manifest = JSON.parse(readFileSync(join(shipped, 'manifest.json'), 'utf8'));
  change(manifest, manifest.experiment.file);
  writeFileSync(join(directory, 'manifest.json'), JSON.stringify(manifest));
  return () => readManifest(directory);
}

describe('the manifest of a directory', () => {
  it('of ours is read as it was written', () => {
    const text = readFileSync(join(shipped, 'manifest.json'), 'utf8');
    expect(readManifest(shipped)).toEqual(JSON.parse(text));
  });

  it.each<[string, unknown, RegExp]>([
    ['zip', undefined, /zip/],
    ['axes', null, /axes/],
    ['figures', 5, /figures/],
    ['design', -1, /design/],
    ['title', 'a\u001b[2J', /title: holds control characters/],
    ['figures', [{ type: 'strategies', name: '../../OUT' }], /figures\.0\.name/],
    ['figures', [{ type: '__proto__' }], /figures\.0\.type/],
    ['replications', 1e12, /replications/],
  ])('with %s %j in its experiment is refused', (key, value, message) => {
    const read = changed((_, file) => Object.assign(file, { [key]: value }));
    // What has a default need not be there: the plan is made from what is read, so nothing is missed.
    if (value === undefined) expect(read().experiment.file.zip).toEqual([]);
    else expect(read).toThrow(message);
  });

  it.each<[string, unknown, RegExp]>([
    ['seed', '</p><script>alert(8)</script>', /seed/],
    ['version', ['1'], /version/],
    ['shard', { index: 3, of: 2 }, /shard/],
    ['shard', { index: 1, of: 1e9 }, /shard/],
    ['rows', -1, /rows/],
    ['argv', 'sweep', /argv/],
    ['tool', 'other', /not a manifest of stopgap/],
    ['experiment', null, /experiment/],
    ['experiment', { name: '../x', file: {}, overrides: {} }, /experiment\.name: is no file name/],
  ])('with %s %j is refused', (key, value, message) => {
    const read = changed((manifest) => Object.assign(manifest, { [key]: value }));
    expect(read).toThrow(InputError);
    expect(read).toThrow(message);
  });

  it.each(['', '[]', 'null', '{"tool":"stopgap"}', '{"tool":'])('of %j is refused', (text) => {
    writeFileSync(join(directory, 'manifest.json'), text);
    expect(() => readManifest(directory)).toThrow(InputError);
  });
});

it('nothing of a manifest becomes markup', () => {
  const bad = '"></title><script>alert(1)</script>';
  const manifest = readManifest(shipped);
  const { experiment } = manifest;
  const file = { ...experiment.file, title: bad, question: bad };
  const hostile = { ...manifest, version: bad, experiment: { ...experiment, name: bad, file } };
  const html = reportHtml(hostile, { summary: [], runs: () => [] }, [
    { name: bad, title: bad, answers: [bad, bad], svg: '<svg></svg>' },
  ]);
  expect(html).not.toContain('<script>alert');
  expect(html.match(/&lt;script&gt;/g)).toHaveLength(10);
});
