/** What the first-touch engine can do exactly, or why it cannot: then the per-write engine has to do the work. */
export type Exact<T> =
  | { readonly kind: 'exact'; readonly value: T }
  | { readonly kind: 'refused'; readonly reason: string };

/** It can be had. */
export function exact<T>(value: T): Exact<T> {
  return { kind: 'exact', value };
}

/** It cannot, for this reason. */
export function refused(reason: string): Exact<never> {
  return { kind: 'refused', reason };
}
