/** The rules of the tree, each a function from the files of src/ to what is wrong with them. */
import { functionsOf, lineAt, type SourceFile } from './source.js';

/** From the ground up: a file imports from its own floor or a lower one. */
export const FLOORS = [
  'base',
  'kernel',
  'stats',
  'sim',
  'fate',
  'files',
  'traces',
  'input',
  'study',
  'sweep',
  'lab',
  'output',
  'page',
  'cli',
] as const;
/** The first of them are pure: they run in a browser, and the same inputs give the same bytes. */
const PURE_FLOORS = 5;
/** Packages that pure floors may use: pure themselves. */
const PURE_PACKAGES: readonly string[] = ['simple-statistics'];
const ROOM_SHARE_MAX = 0.3;
const FILE_LINES_MAX = 300;
const FUNCTION_LINES_MAX = 70;
const ENTRY =
  /^src\/(?:index|cli\/main|cli\/commands\/[^/]+|output\/validation\/refresh|page\/main|page\/files|.*worker)\.ts$/;

const BANNED: readonly [RegExp, string][] = [
  [/\bMath\.random\b/g, 'Math.random: draw from a named stream'],
  [/\bDate\b/g, 'Date: simulated time is kernel.nowNs'],
  [/\bperformance\b/g, 'performance: no clock of the machine'],
  [/\bprocess\./g, 'process.: the model runs in a browser too'],
  [/\bawait\b/g, 'await: microtasks are a second, invisible clock'],
];

export type Rule = (files: readonly SourceFile[]) => string[];

const finding = (file: SourceFile, line: number, rule: string, message: string): string =>
  `${file.path}:${line} [${rule}] ${message}`;

/** Number of the floor; files directly in src/ stand on top of all. */
function floorOf(path: string): number {
  const folder = path.split('/')[1] ?? '';
  const floor = FLOORS.indexOf(folder as (typeof FLOORS)[number]);
  return floor === -1 ? FLOORS.length : floor;
}

/** Imports go one way, and only to files of src/ that exist in the listing's folders. */
export const floors: Rule = (files) =>
  files.flatMap((file) =>
    file.imports
      .filter(({ target }) => target.includes('/') && /\.[a-z]+$/.test(target) && !target.startsWith('node:'))
      .filter(({ target }) => target.startsWith('src/') && floorOf(target) > floorOf(file.path))
      .map(({ target, line }) =>
        finding(file, line, 'floors', `imports ${target}; the order is ${FLOORS.join(' < ')}`),
      ),
  );

/** In the pure rooms: no clock, no chance but the streams, no files, no packages that have any of them. */
export const banned: Rule = (files) =>
  files
    .filter((file) => floorOf(file.path) < PURE_FLOORS)
    .flatMap((file) => [
      ...BANNED.flatMap(([word, reason]) =>
        [...file.code.matchAll(word)].map((match) =>
          finding(file, lineAt(file.code, match.index), 'banned', reason),
        ),
      ),
      ...file.imports
        .filter(({ target }) => !target.startsWith('src/') && !PURE_PACKAGES.includes(target))
        .map(({ target, line }) =>
          finding(file, line, 'banned', `import of '${target}': only our own files here`),
        ),
    ]);

/** Small files, small functions. */
export const lengths: Rule = (files) =>
  files.flatMap((file) => {
    const lines = file.text.trimEnd().split('\n').length;
    const long = functionsOf(file)
      .map(({ firstLine, lastLine }) => ({ firstLine, count: lastLine - firstLine + 1 }))
      .filter(({ count }) => count > FUNCTION_LINES_MAX)
      .map(({ firstLine, count }) =>
        finding(file, firstLine, 'function-length', `${count} lines, at most ${FUNCTION_LINES_MAX}`),
      );
    return lines > FILE_LINES_MAX
      ? [finding(file, lines, 'file-length', `${lines} lines, at most ${FILE_LINES_MAX}`), ...long]
      : long;
  });

/** Every file is imported by another, or is an entry. A type import counts. */
export const orphans: Rule = (files) => {
  const used = new Set(
    files.flatMap((file) =>
      file.imports.filter(({ target }) => target !== file.path).map(({ target }) => target),
    ),
  );
  return files
    .filter(({ path }) => !used.has(path) && !ENTRY.test(path))
    .map((file) => finding(file, 1, 'orphan', 'no file of src/ imports this one'));
};

/** No circle of files; types and lazy imports count too: neither file can be understood without the other. */
export const cycles: Rule = (files) => {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const state = new Map<string, 'open' | 'done'>();
  const found: string[] = [];
  const visit = (file: SourceFile, trail: readonly string[]): void => {
    state.set(file.path, 'open');
    for (const { target, line } of file.imports) {
      const next = byPath.get(target);
      if (next === undefined) continue;
      if (state.get(target) === 'open') {
        const circle = [...trail.slice(trail.indexOf(target)), target].join(' -> ');
        found.push(finding(file, line, 'cycle', circle));
      } else if (!state.has(target)) visit(next, [...trail, target]);
    }
    state.set(file.path, 'done');
  };
  for (const file of files) if (!state.has(file.path)) visit(file, [file.path]);
  return found;
};

const folderOf = (path: string): string => path.slice(0, path.lastIndexOf('/'));
const isWithin = (a: string, b: string): boolean => `${a}/`.startsWith(`${b}/`);

/** No circle between folders, types and lazy imports included; a folder and one inside it may know each other. */
export const folderCycles: Rule = (files) => {
  const edges = new Map<string, Map<string, string>>();
  for (const file of files)
    for (const { target, line } of file.imports) {
      const [from, to] = [folderOf(file.path), folderOf(target)];
      if (!target.startsWith('src/') || isWithin(from, to) || isWithin(to, from)) continue;
      const known = edges.get(from) ?? new Map<string, string>();
      if (!known.has(to)) known.set(to, finding(file, line, 'folder-cycle', `${from} -> ${to}`));
      edges.set(from, known);
    }
  const reaches = (from: string, goal: string, seen: Set<string> = new Set()): boolean =>
    [...(edges.get(from)?.keys() ?? [])].some((next) => {
      if (next === goal) return true;
      if (seen.has(next)) return false;
      seen.add(next);
      return reaches(next, goal, seen);
    });
  return [...edges].flatMap(([from, targets]) =>
    [...targets].filter(([to]) => reaches(to, from)).map(([, message]) => message),
  );
};

/** No top room holds more than its share of all lines. */
export const rooms: Rule = (files) => {
  const lines = new Map<string, number>();
  let total = 0;
  for (const { path, text } of files) {
    const room = path.split('/').slice(0, 2).join('/');
    const count = text.split('\n').length - 1;
    lines.set(room, (lines.get(room) ?? 0) + count);
    total += count;
  }
  return [...lines]
    .filter(([, count]) => count > ROOM_SHARE_MAX * total)
    .map(([room, count]) => `${room} [room] holds ${Math.round((100 * count) / total)} % of all lines`);
};

const EXPORTED =
  /^export (?:default )?(?:(?:async )?function\*? ?(\w*)|(?:abstract )?class (\w*)|const (\w+)(?:: [^=\n]+)? = (?:async )?(?:function|<[^\n]*>\(|\([^\n]*(?:=>|\($)|\($))/gm;

/**
 * Exported functions and classes say what they do, directly above; where a file exports one only, the head of the
 * file may say it.
 */
export const documented: Rule = (files) =>
  files.flatMap((file) => {
    const first = new Map<string, number>();
    for (const match of file.uncommented.matchAll(EXPORTED)) {
      const name = match[1] ?? match[2] ?? match[3] ?? '';
      if (!first.has(name)) first.set(name, match.index);
    }
    if (first.size === 1 && file.text.startsWith('/**')) return [];
    return [...first]
      .filter(([, at]) => !file.text.slice(0, at).trimEnd().endsWith('*/'))
      .map(([name, at]) =>
        finding(file, lineAt(file.text, at), 'doc', `'${name}' has no /** … */ directly above`),
      );
  });

const SHIFTED =
  /\b\w*[bB]ytes\w*(?:\[[^\]\n]*\])?!?\)*\s+(?:<<|>>>?)=?\s|\s(?:<<|>>>?)=?\s+\(*(?:[\w$]+!?\.)*\w*[bB]ytes\w*/g;

/** JS shifts are 32-bit; a 1 TiB disk has 40-bit offsets. Divide to find the word, shift only inside it. */
export const shifts: Rule = (files) =>
  files.flatMap((file) =>
    [...file.code.matchAll(SHIFTED)].map((match) =>
      finding(
        file,
        lineAt(file.code, match.index),
        'shift',
        `'${match[0].trim()}': bytes are not 32-bit; divide`,
      ),
    ),
  );

export const rules = {
  floors,
  banned,
  lengths,
  orphans,
  cycles,
  folderCycles,
  rooms,
  documented,
  shifts,
} as const;
