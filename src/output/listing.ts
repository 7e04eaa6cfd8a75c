/** What `stopgap list` shows: presets with values and sources, strategies and parameters. */
import { InputError } from '../base/errors.js';
import { isTree, type Tree } from '../base/tree.js';
import { PARAMETERS, type Parameter, parameterAt } from '../input/parameters.js';
import { loadPreset, PRESET_KINDS, type PresetKind, presetNames, unknownPreset } from '../input/presets.js';
import { ASKABLE, type Askable } from '../input/strategies.js';
import { didYouMean, oneOf } from '../input/values/suggest.js';
import { PROPOSED } from '../sim/strategies/lookup.js';
import { listQemu } from './list-qemu.js';
import type { Listing } from './listing-text.js';

const KINDS = Object.keys(PRESET_KINDS) as PresetKind[];

/** Names of the folders and plurals work too: `list workloads`. */
function kindOf(what: string): PresetKind | undefined {
  return KINDS.find((kind) => kind === what || PRESET_KINDS[kind].folder === what || `${kind}s` === what);
}

async function presetRows(kind: PresetKind): Promise<readonly (readonly string[])[]> {
  const presets = await Promise.all(presetNames(kind).map((name) => loadPreset(kind, name, 'list')));
  return presets.map(({ name, summary }) => [name, summary]);
}

interface CitedValue {
  readonly path: string;
  readonly value: unknown;
  readonly mark?: string;
  readonly source?: string;
  readonly note?: string;
}

function text(value: unknown): string {
  if (!isTree(value)) return String(value);
  return Object.entries(value)
    .map(([key, inner]) => `${key} ${Array.isArray(inner) ? JSON.stringify(inner) : text(inner)}`)
    .join(', ');
}

/** Every value of a preset with its mark and the full text of its source. */
function valuesOf(tree: Tree, sources: Tree, path = ''): readonly CitedValue[] {
  return Object.entries(tree).flatMap(([key, node]): readonly CitedValue[] => {
    if (path === '' && (key === 'summary' || key === 'sources')) return [];
    const at = path === '' ? key : `${path}.${key}`;
    if (Array.isArray(node))
      return node.flatMap((item, i) => (isTree(item) ? valuesOf(item, sources, `${at}[${i}]`) : []));
    if (!isTree(node)) return [{ path: at, value: node }];
    if (node.mark === undefined) return valuesOf(node, sources, at);
    const { mark, source, note, ...rest } = node;
    const value = Object.keys(rest).length === 1 && 'value' in rest ? rest.value : rest;
    const noted = typeof note === 'string' ? { note } : {};
    return [
      { path: at, value, mark: String(mark), source: String(sources[String(source)] ?? source), ...noted },
    ];
  });
}

async function presetDetail(kind: PresetKind, name: string): Promise<Listing> {
  if (!presetNames(kind).includes(name)) throw unknownPreset(kind, name, `list ${kind}`);
  const { tree, summary } = await loadPreset(kind, name, 'list');
  const values = valuesOf(tree, isTree(tree.sources) ? tree.sources : {});
  const sources = [...new Set(values.flatMap((cited) => cited.source ?? []))];
  const reference = (cited: CitedValue): string =>
    cited.mark === undefined
      ? ''
      : `${cited.mark} [${sources.indexOf(cited.source!) + 1}]${cited.note ? ` ${cited.note}` : ''}`;
  return {
    sections: [
      {
        title: `${name}: ${summary}`,
        rows: values.map((cited) => [cited.path, text(cited.value), reference(cited)]),
      },
      { title: 'sources', rows: sources.map((source, i) => [`[${i + 1}]`, source]) },
    ],
    json: { kind, name, summary, figures: values },
  };
}

const parameterRow = ({ path, flag, default: standard, help, choices }: Parameter): readonly string[] => [
  path,
  flag === undefined ? '' : `--${flag}`,
  standard === undefined ? '' : String(standard),
  choices ? `${help} (${choices.join(', ')})` : help,
];

const parametersOf = ({ parameters }: Askable): readonly Parameter[] =>
  parameters.map(({ path }) => parameterAt(path)!);

const parameterJson = (parameters: readonly Parameter[]): readonly unknown[] =>
  parameters.map(({ path, flag, column, kind, default: standard, choices, allowed, help }) => ({
    path,
    flag: flag ?? null,
    column,
    kind,
    default: standard ?? null,
    choices: choices ?? null,
    allowed: allowed ?? null,
    help,
  }));

const strategyRow = ({ name, summary, definition }: Askable): readonly string[] => [
  name,
  definition.built ? summary : `${PROPOSED}, not in QEMU: ${summary}`,
];

function strategies(name?: string): Listing {
  const chosen = ASKABLE.filter((strategy) => name === undefined || strategy.name === name);
  const names = ASKABLE.map((strategy) => strategy.name);
  if (chosen.length === 0)
    throw new InputError(`list strategies: '${name}' is not ${oneOf(names)}${didYouMean(name!, names)}`);
  const sections = chosen.flatMap((each) => {
    const rows = parametersOf(each).map(parameterRow);
    return rows.length > 0 ? [{ title: `parameters of ${each.name}`, rows }] : [];
  });
  return {
    sections: [{ title: 'strategies', rows: chosen.map(strategyRow) }, ...sections],
    json: chosen.map((each) => ({
      name: each.name,
      summary: each.summary,
      built: each.definition.built,
      parameters: parameterJson(parametersOf(each)),
    })),
  };
}

async function everything(): Promise<Listing> {
  const sections = await Promise.all(
    KINDS.map(async (kind) => ({ title: kind, rows: await presetRows(kind) })),
  );
  const { sections: own, json } = strategies();
  const presets = Object.fromEntries(
    sections.map(({ title, rows }) => [title, rows.map(([name, summary]) => ({ name, summary }))]),
  );
  return { sections: [...sections, own[0]!], json: { ...presets, strategies: json } };
}

/** The listing of one kind, of one preset or strategy, or of all. */
export async function listing(what?: string, name?: string): Promise<Listing> {
  if (what === undefined) return everything();
  if (what === 'strategies' || what === 'strategy') return strategies(name);
  if (what === 'parameters')
    return { sections: [{ title: '', rows: PARAMETERS.map(parameterRow) }], json: parameterJson(PARAMETERS) };
  if (what === 'qemu') return listQemu(name);
  const kind = kindOf(what);
  const names = [...KINDS, 'strategies', 'parameters', 'qemu'];
  if (kind === undefined)
    throw new InputError(`list: '${what}' is not ${oneOf(names)}${didYouMean(what, names)}`);
  if (name !== undefined) return presetDetail(kind, name);
  const rows = await presetRows(kind);
  return { sections: [{ title: '', rows }], json: rows.map(([each, summary]) => ({ name: each, summary })) };
}
