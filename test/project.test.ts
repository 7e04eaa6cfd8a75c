/** The files by which others know the project: they parse, and say the same as package.json. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { parse } from 'yaml';

const own = JSON.parse(readFileSync('package.json', 'utf8')) as {
  readonly version: string;
  readonly license: string;
  readonly files: readonly string[];
};

it('CITATION.cff is CFF 1.2.0 and cites this version', () => {
  const citation = parse(readFileSync('CITATION.cff', 'utf8')) as Record<string, unknown>;
  // The keys that the format requires, and those that must agree with package.json.
  expect(citation).toMatchObject({
    'cff-version': '1.2.0',
    message: expect.stringMatching(/cite/),
    title: expect.stringMatching(/^stopgap/),
    type: 'software',
    authors: [{ name: 'The stopgap authors' }],
    version: own.version,
    license: own.license,
  });
});

it('CHANGELOG.md begins with what is unreleased and has this version', () => {
  const headings = readFileSync('CHANGELOG.md', 'utf8').match(/^## .*$/gm) ?? [];
  expect(headings[0]).toBe('## [Unreleased]');
  expect(headings.some((heading) => heading.startsWith(`## [${own.version}]`))).toBe(true);
});

it('package.json ships files that are there', () => {
  const listed = own.files.filter((file) => !file.includes('*') && file !== 'dist');
  expect(listed.filter((file) => !existsSync(file))).toEqual([]);
});

it('a test that replaces modules is named in vitest.config.ts, since the others share theirs', () => {
  const config = readFileSync('vitest.config.ts', 'utf8');
  const mocking = readdirSync('test', { recursive: true, encoding: 'utf8' })
    .map((path) => `test/${path.replaceAll('\\', '/')}`)
    .filter((path) => /\.test\.ts$/.test(path) && /^ *vi\.(mock|doMock)\(/m.test(readFileSync(path, 'utf8')));
  expect(mocking.length).toBeGreaterThan(1);
  expect(mocking.filter((path) => !config.includes(`'${path}'`))).toEqual([]);
});
