/** A situation as the form has it: text by the path of a parameter, nothing where the default holds. And as others take it. */
import { isNode, parseDocument, stringify } from 'yaml';
import { shellWord } from '../base/shell.js';
import { PARAMETERS, type Parameter } from '../input/parameters.js';

export type Situation = Readonly<Record<string, string>>;

const BY_PATH: ReadonlyMap<string, Parameter> = new Map(PARAMETERS.map((each) => [each.path, each]));

/** In the order of the parameters, so that equal situations are equal texts. */
function entries(situation: Situation): readonly (readonly [Parameter, string])[] {
  return PARAMETERS.flatMap((parameter) => {
    const text = situation[parameter.path];
    return text === undefined || text === '' ? [] : [[parameter, text] as const];
  });
}

/** What stands behind `#` in a link to the situation. */
export function toHash(situation: Situation): string {
  const words = entries(situation).map(([{ path }, text]): [string, string] => [path, text]);
  return new URLSearchParams(words).toString();
}

/** The situation of a link; what names no parameter is passed over. */
export function fromHash(hash: string): Situation {
  const given = [...new URLSearchParams(hash.replace(/^#/, ''))];
  return Object.fromEntries(given.filter(([path, text]) => BY_PATH.has(path) && text !== ''));
}

/** The disks of a list, one a line, as `--disk 4T:bitmaps=3` tells of them. */
const listed = (text: string): readonly string[] => text.split('\n').filter((line) => line.trim() !== '');

/** The same as the model takes it. */
export function toSettings(situation: Situation): Tree {
  const { disks, ...others } = situation;
  return disks === undefined ? others : { ...others, disks: listed(disks) };
}

/** A size alone would be that of all disks. */
const diskFlag = (disk: string): string => `--disk ${shellWord(disk.includes(':') ? disk : `${disk}:`)}`;

/** The line that asks the same on the command line. */
export function toCommand(situation: Situation): string {
  const words = entries(situation).flatMap(([{ flag, path, kind }, text]) => {
    if (kind === 'disks') return listed(text).map(diskFlag);
    return flag === undefined ? `--set ${shellWord(`${path}=${text}`)}` : `--${flag} ${shellWord(text)}`;
  });
  return ['stopgap ask', ...words].join(' ');
}

interface Tree {
  [key: string]: unknown;
}

const isTree = (value: unknown): value is Tree => typeof value === 'object' && !isNode(value);

/** A number or a mix as YAML has it, where it comes back as the same text; else the text. */
function yamlValue(text: string): unknown {
  if (String(Number(text)) === text) return Number(text);
  if (!/^\s*[{[]/.test(text)) return text;
  const { contents, errors } = parseDocument(text);
  return errors.length === 0 ? contents : text;
}

function placed(tree: Tree, keys: readonly string[], text: string): void {
  const [key = '', ...rest] = keys;
  if (rest.length === 0) {
    tree[key] = yamlValue(text);
    return;
  }
  const there = tree[key];
  // A preset with values of its own: `storage: {preset: ceph-nvme, …}`.
  const below = isTree(there) ? there : there === undefined ? {} : { preset: there };
  tree[key] = below;
  placed(below, rest, text);
}

/** The scenario file of the situation; words that other readers of YAML take for switches stand in quotes. */
export function toYaml(situation: Situation): string {
  const tree: Tree = {};
  for (const [{ path, kind }, text] of entries(situation)) {
    if (kind === 'disks') {
      tree[path] = listed(text);
      continue;
    }
    const keys = path.split('.');
    placed(tree, keys.length === 1 && isTree(tree[path]) ? [...keys, 'preset'] : keys, text);
  }
  return Object.keys(tree).length === 0
    ? '# Every default holds.\n'
    : stringify(tree, { compat: 'yaml-1.1', lineWidth: 0 });
}
