/** What is asked for again and again is worked out once. */

/** The value of the key among the known ones, made if it is not there. A value may be null, not undefined. */
export function remembered<K, V>(
  known: { get(key: K): V | undefined; set(key: K, value: V): unknown },
  key: K,
  make: () => V,
): V {
  const before = known.get(key);
  if (before !== undefined) return before;
  const made = make();
  known.set(key, made);
  return made;
}
