/** Values with how each is known, in the shape of the file that they become. */

export interface Told {
  readonly value: unknown;
  readonly known: 'observed' | 'assumed';
  /** From what it was observed, or why it is assumed so. */
  readonly how: string;
}

/** A file's tree with told values as its leaves. */
export type ToldTree = Told | readonly ToldTree[] | { readonly [key: string]: ToldTree };

/** A value that the VM says. */
export const observed = (value: unknown, how: string): Told => ({ value, known: 'observed', how });

/** A value that it does not say. */
export const assumed = (value: unknown, how: string): Told => ({ value, known: 'assumed', how });

/** Is it a leaf? No key of a scenario is called `known`. */
const isTold = (tree: ToldTree): tree is Told => 'known' in tree && 'how' in tree && 'value' in tree;

/** The values alone, as a scenario file has them. */
export function plainTree(tree: ToldTree): unknown {
  if (isTold(tree)) return tree.value;
  if (Array.isArray(tree)) return tree.map(plainTree);
  return Object.fromEntries(Object.entries(tree).map(([key, node]) => [key, plainTree(node)]));
}

/** Every value by its path. */
export function toldValues(tree: ToldTree, path = ''): readonly (Told & { readonly path: string })[] {
  if (isTold(tree)) return [{ path, ...tree }];
  return Object.entries(tree).flatMap(([key, node]) =>
    toldValues(node as ToldTree, path === '' ? key : `${path}.${key}`),
  );
}
