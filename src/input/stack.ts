/** The stack that is asked about: its values, and what must be said of them. */
import { isTree, type Tree } from '../base/tree.js';
import { loadPreset } from './presets.js';
import type { Layer } from './values/fields.js';

export interface Stack {
  readonly name: string;
  /** Its values, by path, as any preset's. */
  readonly layer: Layer;
  /** The way its bitmaps go, as `--strategy` has it. */
  readonly route: string;
  /** What it is, what it does not do, and which of its values nobody saw in a source. */
  readonly notes: readonly string[];
}

/** Second hand, or from memory: never told as a fact. */
const REPORTED = 'reported';

/** Values that are only reported, by path and source. */
function reported(tree: Tree, path = ''): readonly { readonly path: string; readonly source: string }[] {
  return Object.entries(tree).flatMap(([key, node]) => {
    if (!isTree(node)) return [];
    const at = path === '' ? key : `${path}.${key}`;
    return node.mark === REPORTED ? [{ path: at, source: String(node.source) }] : reported(node, at);
  });
}

function notesOf(name: string, summary: string, tree: Tree): readonly string[] {
  const sources = isTree(tree.sources) ? tree.sources : {};
  const { lacks } = tree;
  const only = reported(tree).filter(({ path }) => path !== 'lacks');
  const hearsay = isTree(lacks) && lacks.mark === REPORTED ? 'reported: ' : '';
  return [
    `stack ${name}: ${summary}`,
    ...(isTree(lacks) ? [`${hearsay}${String(lacks.value)}`] : []),
    ...[...new Set(only.map(({ source }) => source))].map((source) => {
      const paths = only.filter((each) => each.source === source).map(({ path }) => path);
      return `reported, not seen in its source: ${paths.join(', ')} (${String(sources[source] ?? source)})`;
    }),
  ];
}

/** A shipped stack by name, or a file. */
export async function loadStack(nameOrFile: string, where: string): Promise<Stack> {
  const { name, summary, layer, tree } = await loadPreset('stack', nameOrFile, where, ', or all');
  const route = layer.get('strategies')?.raw;
  return { name, layer, route: String(route ?? 'store-at-stop'), notes: notesOf(name, summary, tree) };
}
