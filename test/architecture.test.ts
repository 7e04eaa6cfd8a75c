/** docs/architecture.md says what is so: its links, the names behind them, the order of the rooms, its eight answers. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FLOORS } from './tidy/rules.js';

interface Link {
  readonly text: string;
  /** From the root of the tree. */
  readonly path: string;
}

/** Links of a page to files of the tree. */
function linksOf(page: string, text = readFileSync(page, 'utf8')): Link[] {
  return [...text.matchAll(/\[([^\]]*)\]\(([^)#\s]+)(?:#[^)\s]*)?\)/g)]
    .filter(([, , target]) => !/^[a-z]+:/.test(target!))
    .map(([, name, target]) => ({ text: name!, path: posix.join(posix.dirname(page), target!) }));
}

const inBackticks = (text: string): string[] => [...text.matchAll(/`([^`\n]+)`/g)].map(([, word]) => word!);

function exportsName(path: string, name: string): boolean {
  const declared = new RegExp(
    `^export (?:async )?(?:const|class|interface|type|function\\*?) ${name}\\b`,
    'm',
  );
  return declared.test(readFileSync(path, 'utf8'));
}

const PAGE = 'docs/architecture.md';
const text = readFileSync(PAGE, 'utf8');
const section = (title: string): string => text.split(/^## /m).find((part) => part.startsWith(title))!;
const rowsOf = (title: string): string[] =>
  section(title)
    .split('\n')
    .filter((line) => /^\| (?!-|room |\| )/.test(line));

/** In recipes: the file that the reader is to write. */
const TO_WRITE = /NAME|NN-/;

const folders = [
  'docs',
  'docs/decisions',
  'docs/cluster',
  'models',
  'experiments',
  'results/validation',
  '.',
];
const pages = folders.flatMap((folder) =>
  readdirSync(folder)
    .filter((file) => file.endsWith('.md'))
    .map((file) => posix.join(folder, file)),
);

describe('pages', () => {
  it.each(pages)('%s: every link to a file leads to one', (page) => {
    const broken = linksOf(page).filter(({ path }) => !existsSync(path));
    expect(broken).toEqual([]);
  });

  // The changelog also names what is gone.
  it.each(pages.filter((page) => page !== 'CHANGELOG.md'))('%s: every path in backticks is one', (page) => {
    const paths = inBackticks(readFileSync(page, 'utf8')).filter(
      (word) =>
        /^(?:src|test|docs|models|experiments|scripts|examples)\/[\w./-]*$/.test(word) &&
        !TO_WRITE.test(word),
    );
    expect(paths.filter((path) => !existsSync(path))).toEqual([]);
  });
});

describe('docs/architecture.md', () => {
  it('names what the files behind its links export', () => {
    const named = linksOf(PAGE).filter((link) => link.text.startsWith('`'));
    expect(named.length).toBeGreaterThan(30);
    expect(named.filter((link) => !exportsName(link.path, link.text.slice(1, -1)))).toEqual([]);
  });

  it('has the rooms in the order in which imports may go, in the table and in the drawing', () => {
    expect(rowsOf('The rooms').map((row) => /^\| \[(\w+)\]\(\.\.\/src\/\1\)/.exec(row)?.[1])).toEqual(FLOORS);
    const drawn = [...section('The rooms').matchAll(/^ {3}([a-z]+) /gm)].map(([, room]) => room);
    expect(drawn).toEqual(FLOORS.toReversed());
  });

  it('opens a room by a file of that room', () => {
    for (const row of rowsOf('The rooms')) {
      const [room, first] = linksOf(PAGE, row);
      expect(first!.path.startsWith(`${room!.path}/`)).toBe(true);
    }
  });

  it('answers eight questions with two files at most, and what it names there is there', () => {
    const rows = rowsOf('Where is');
    expect(rows).toHaveLength(8);
    for (const row of rows) {
      const files = [...new Set(linksOf(PAGE, row).map(({ path }) => path))];
      expect([1, 2]).toContain(files.length);
      const contents = files.map((file) => readFileSync(file, 'utf8'));
      const missing = inBackticks(row).filter((word) => !contents.some((content) => content.includes(word)));
      expect(missing).toEqual([]);
    }
  });
});

describe('docs/decisions', () => {
  const records = readdirSync('docs/decisions').filter((file) => /^\d{4}-.*\.md$/.test(file));

  it.each(records)('%s: context, decision, consequences', (file) => {
    const record = readFileSync(`docs/decisions/${file}`, 'utf8');
    const headings = [...record.matchAll(/^## (.*)$/gm)].map(([, heading]) => heading);
    expect(headings).toEqual(['Context', 'Decision', 'Consequences']);
  });

  it('are numbered without a gap and all in the list', () => {
    const numbers = records.map((file) => Number(file.slice(0, 4)));
    expect(numbers).toEqual(records.map((_, i) => i + 1));
    const listed = linksOf('docs/decisions/README.md').map(({ path }) => posix.basename(path));
    expect(listed.filter((file) => /^\d{4}/.test(file))).toEqual(records);
  });
});
