/** Mappings as parsers of YAML and JSON give them, before anything in them is known. */

export type Tree = Readonly<Record<string, unknown>>;

/** True of a mapping. */
export function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value as a mapping; an empty one where it is anything else. */
export const treeOf = (value: unknown): Tree => (isTree(value) ? value : {});

/** The mappings in a list; none where it is no list. */
export const treesOf = (value: unknown): readonly Tree[] =>
  Array.isArray(value) ? value.filter(isTree) : [];
