/** The style guide as a test: the rules of test/tidy/rules.ts over every file of src/, and proof that each can fail. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  banned,
  cycles,
  documented,
  floors,
  folderCycles,
  lengths,
  orphans,
  rooms,
  rules,
  shifts,
} from './tidy/rules.js';
import { functionsOf, parseSource, type SourceFile } from './tidy/source.js';

const tree = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .map((path) => `src/${path.replaceAll('\\', '/')}`)
  .filter((path) => path.endsWith('.ts'))
  .sort()
  .map((path) => parseSource(path, readFileSync(path, 'utf8')));

describe('the tree', () => {
  it.each(Object.keys(rules) as (keyof typeof rules)[])('keeps the rule: %s', (name) => {
    expect(tree.length).toBeGreaterThan(10);
    expect(rules[name](tree)).toEqual([]);
  });
});

/** Files given as path: text, and the lines found, without the message. */
function found(rule: (files: readonly SourceFile[]) => string[], files: Record<string, string>): string[] {
  return rule(Object.entries(files).map(([path, text]) => parseSource(path, text))).map(
    (line) => line.split('] ')[0]!,
  );
}

describe('each rule can fail', () => {
  it('floors: up is refused, down and sideways are not, types and lazy imports count', () => {
    const files = {
      'src/kernel/a.ts':
        "import { x } from '../base/x.js';\nimport { y } from './y.js';\nimport { z } from '../sim/z.js';",
      'src/sim/b.ts': "import type { A } from '../input/deep/a.js';\nexport * from '../output/c.js';",
      'src/input/c.ts': "const w = new URL('../cli/main.js', import.meta.url);\nawait import('../index.js');",
      'src/cli/d.ts': "import { csv } from '../output/csv.js'; // '../index.js'",
    };
    expect(found(floors, files)).toEqual([
      'src/kernel/a.ts:3 [floors',
      'src/sim/b.ts:1 [floors',
      'src/sim/b.ts:2 [floors',
      'src/input/c.ts:1 [floors',
      'src/input/c.ts:2 [floors',
    ]);
  });

  it.each([
    'const x = Math.random();',
    'const x = new Date();',
    'const x = Date.now();',
    'const x = performance.now();',
    'const x = process.env;',
    "import { readFileSync } from 'node:fs';",
    "import fs from 'fs';",
    "import { z } from 'zod';",
    "const x = import('zod');",
    'export async function f() { await g(); }',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the expression inside is what is tested
    'const x = `at ${Date.now()}`;',
  ])('banned in pure rooms: %s', (text) => {
    expect(found(banned, { 'src/sim/a.ts': `\n${text}` })).toEqual(['src/sim/a.ts:2 [banned']);
    expect(found(banned, { 'src/input/a.ts': text })).toEqual([]);
  });

  it('banned words in comments, strings and other names are not meant', () => {
    const text = [
      '// await the Date; performance',
      '/* Math.random\n process. */',
      "const awaited = 'await Date' + `performance`;",
      'const updated = candidate.DateTime_, process = 1;',
      'const pattern = /process.\'Date/, other = "Date";',
    ].join('\n');
    expect(found(banned, { 'src/base/a.ts': text })).toEqual([]);
  });

  it('file length', () => {
    expect(found(lengths, { 'src/sim/a.ts': 'x;\n'.repeat(300) })).toEqual([]);
    expect(found(lengths, { 'src/sim/a.ts': 'x;\n'.repeat(301) })).toEqual(['src/sim/a.ts:301 [file-length']);
  });

  const body = (lines: number): string => '    x();\n'.repeat(lines - 2);
  it.each([
    ['function f(): void {\n', '}'],
    ['export async function* f(a: number): AsyncGenerator<{ a: 1 }> {\n', '}'],
    ['function f(): { a: number } {\n', '}'],
    ['const f = (a: number): number => {\n', '};'],
    ['class A {\n  private x = 1;\n  get y(): Map<string, number> {\n', '  }\n}'],
    ["const c = {\n  name: 'x',\n  handler: async (args) => {\n", '  },\n};'],
    ["call('name', () => {\n", '});'],
  ])('function length: %s', (open, close) => {
    const line = open.split('\n').length - 1;
    expect(found(lengths, { 'src/cli/a.ts': open + body(70) + close })).toEqual([]);
    expect(found(lengths, { 'src/cli/a.ts': open + body(71) + close })).toEqual([
      `src/cli/a.ts:${line} [function-length`,
    ]);
  });

  it('function length: blocks, classes, objects and types are no functions', () => {
    for (const open of [
      'class A extends B {',
      'if (f(a)) {',
      'for (let i = 0; i < n; i++) {',
      'const o = {',
      'interface A {',
      'switch (f(x)) {',
    ])
      expect(functionsOf(parseSource('src/a.ts', `${open}\n${body(80)}}`))).toEqual([]);
  });

  it('orphans: entries, lazily and type-imported files are not', () => {
    const files = {
      'src/index.ts': "export { a } from './sim/a.js';",
      'src/cli/commands/ask.ts': "await import('../lazy.js');\nimport type { T } from '../types.js';",
      'src/cli/lazy.ts': '',
      'src/cli/types.ts': '',
      'src/sim/a.ts': '',
      'src/sim/b.ts': "import './b.js'; // './a.js'",
      'src/input/worker.ts': '',
    };
    expect(found(orphans, files)).toEqual(['src/sim/b.ts:1 [orphan']);
  });

  it('cycles: of any length, types and lazy imports too', () => {
    const files = {
      'src/sim/a.ts': "import { b } from './b.js';",
      'src/sim/b.ts': "\nimport {\n  c,\n} from './c.js';",
      'src/sim/c.ts': "import type { D } from './d.js';\nimport { a } from './a.js';",
      'src/sim/d.ts': "import { c } from './c.js';",
      'src/sim/e.ts': "import { a } from './a.js';\nawait import('./f.js');",
      'src/sim/f.ts': "import type { E } from './e.js';\nimport { d } from './d.js';",
    };
    expect(found(cycles, files)).toEqual([
      'src/sim/d.ts:1 [cycle',
      'src/sim/c.ts:2 [cycle',
      'src/sim/f.ts:1 [cycle',
    ]);
  });

  it('folder cycles: through any number of folders, types and lazy imports too; parent and child may', () => {
    const files = {
      'src/sim/a/x.ts': "import type { B } from '../b/x.js';",
      'src/sim/b/x.ts': "\nawait import('../c/x.js');",
      'src/sim/c/x.ts': "import { a } from '../a/y.js';",
      'src/sim/a/y.ts': "import { e } from '../e/x.js';",
      'src/sim/d.ts': "import { x } from './d/x.js';",
      'src/sim/d/x.ts': "import { d } from '../d.js';",
    };
    expect(found(folderCycles, files)).toEqual([
      'src/sim/a/x.ts:1 [folder-cycle',
      'src/sim/b/x.ts:2 [folder-cycle',
      'src/sim/c/x.ts:1 [folder-cycle',
    ]);
  });

  it('rooms: none holds more than three tenths of the lines', () => {
    const files = (lines: number): SourceFile[] => [
      parseSource('src/sim/a.ts', '\n'.repeat(lines)),
      ...['b', 'c', 'd'].map((room) => parseSource(`src/${room}/a.ts`, '\n'.repeat(100))),
    ];
    expect(rooms(files(100))).toEqual([]);
    expect(rooms(files(300))).toEqual(['src/sim [room] holds 50 % of all lines']);
  });

  it.each([
    'export function f(): void {}',
    'export async function f() {}',
    'export function* f() {}',
    'export class F {}',
    'export default class F {}',
    'export const f = (x: number): number => x;',
    'export const f: Rule = (files) =>\n  files;',
    'export const f = async () => 1;',
  ])('documented: %s', (text) => {
    expect(found(documented, { 'src/sim/a.ts': `\n// a note\n${text}` })).toEqual(['src/sim/a.ts:3 [doc']);
    expect(found(documented, { 'src/sim/a.ts': `/** Does it. */\n${text}` })).toEqual([]);
  });

  it('documented: the head of a file speaks for its one export, not for the first of two; overloads need one', () => {
    const head = "/** A file. */\nimport './x.js';\n\nexport function f(): void {}\n";
    expect(found(documented, { 'src/sim/a.ts': head })).toEqual([]);
    const two = `${head}/** G. */\nexport function g(): void {}`;
    expect(found(documented, { 'src/sim/a.ts': two })).toEqual(['src/sim/a.ts:4 [doc']);
    const overloads =
      '/** F. */\nexport function f(a: 1): 1;\nexport function f(a: 2): 2;\nexport const n = 3;';
    expect(found(documented, { 'src/sim/a.ts': overloads })).toEqual([]);
  });

  it.each([
    'const w = offsetBytes >> 3;',
    'x = io.lengthBytes >>> 0;',
    'bytes <<= 2;',
    'x = (a + sizesBytes[i]!) >> 16;',
    'x = 1 << bytesPerBit;',
    'x = 1 << (spec.chunkBytes - 1);',
  ])('shifts: %s', (text) => {
    expect(found(shifts, { 'src/output/a.ts': `\n${text}` })).toEqual(['src/output/a.ts:2 [shift']);
  });

  it('shifts inside a word, and type brackets, are fine', () => {
    const text =
      "const bit = 1 << (index & 31);\nconst a: Map<string, Array<Bytes>> = b; // offsetBytes >> 3\nconst s = 'bytes >> 3';";
    expect(found(shifts, { 'src/sim/a.ts': text })).toEqual([]);
  });
});

/** knip takes tests for no users of src/: what is exported for a test alone is marked, and the mark must be true. */
describe('exports marked @internal', () => {
  const marked = tree.flatMap((file) =>
    [...file.text.matchAll(/@internal\s*\*\/\s*export (?:async )?(?:function\*?|const|class) (\w+)/g)].map(
      (match) => ({ name: match[1]!, path: file.path }),
    ),
  );
  const tests = readdirSync('test', { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .map((path) => readFileSync(`test/${path}`, 'utf8'));

  it('are all found', () => {
    const marks = tree.reduce((sum, { text }) => sum + text.split('@internal').length - 1, 0);
    expect(marked.length).toBe(marks);
  });

  it.each(marked)('$name is there for a test, and no other file of src/ uses it', ({ name, path }) => {
    const uses = (text: string): boolean => new RegExp(`\\b${name}\\b`).test(text);
    expect(tests.some((text) => uses(text) && /from '[^']*src\//.test(text))).toBe(true);
    const imports = tree.filter(
      (file) => new RegExp(`import[^;]*\\b${name}\\b[^;]*from`).test(file.code) && file.path !== path,
    );
    expect(imports.map((file) => file.path)).toEqual([]);
  });
});
