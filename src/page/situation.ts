/** A situation as the form has it: text by the path of a parameter, nothing where the default holds. And as others take it. */
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

/** The line that asks the same on the command line. */
export function toCommand(situation: Situation): string {
  const words = entries(situation).map(([{ flag, path }, text]) =>
    flag === undefined ? `--set ${shellWord(`${path}=${text}`)}` : `--${flag} ${shellWord(text)}`,
  );
  return ['stopgap ask', ...words].join(' ');
}

interface Tree {
  [key: string]: Tree | string;
}

function placed(tree: Tree, keys: readonly string[], text: string): void {
  const [key = '', ...rest] = keys;
  if (rest.length === 0) {
    tree[key] = text;
    return;
  }
  const there = tree[key];
  // A preset with values of its own: `storage: {preset: ceph-nvme, …}`.
  const below = typeof there === 'string' ? { preset: there } : (there ?? {});
  tree[key] = below;
  placed(below, rest, text);
}

/** `10.0` would come back as 10. */
const isOtherNumber = (text: string): boolean =>
  text.trim() !== '' && !Number.isNaN(Number(text)) && String(Number(text)) !== text;

/** Text that YAML would read as something else stands in quotes. */
const scalar = (text: string): string =>
  !isOtherNumber(text) &&
  /^[\w./%][\w./%:-]*$/.test(text) &&
  !/^(?:on|off|yes|no|true|false|null)$/.test(text) &&
  !text.endsWith(':')
    ? text
    : JSON.stringify(text);

function yamlLines(tree: Tree, indent: string): readonly string[] {
  return Object.entries(tree).flatMap(([key, value]) =>
    typeof value === 'string'
      ? [`${indent}${key}: ${structured(value)}`]
      : [`${indent}${key}:`, ...yamlLines(value, `${indent}  `)],
  );
}

/** Mixes and the like are YAML already. */
const structured = (text: string): string => (/^\s*[{[]/.test(text) ? text : scalar(text));

/** The scenario file of the situation. */
export function toYaml(situation: Situation): string {
  const tree: Tree = {};
  for (const [{ path }, text] of entries(situation)) {
    const keys = path.split('.');
    const isPreset = keys.length === 1 && typeof tree[path] === 'object';
    placed(tree, isPreset ? [...keys, 'preset'] : keys, text);
  }
  const lines = yamlLines(tree, '');
  return lines.length === 0 ? '# Every default holds.\n' : `${lines.join('\n')}\n`;
}
