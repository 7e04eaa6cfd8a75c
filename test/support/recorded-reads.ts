/** Plain data under a proxy that notes which leaves are read, at any depth. */

/** An object with nothing in it says something by being there: a leaf. */
const isBranch = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !ArrayBuffer.isView(value) && Object.keys(value).length > 0;

/** The same data; `reads` collects the dotted paths of the leaves that are read. A copy (`{...x}`) reads what it copies. */
export function recorded<T extends object>(data: T, reads: Set<string>, path = ''): T {
  // The model keeps things by object: what is asked for twice must be the same.
  const branches = new Map<string, object>();
  return new Proxy(data, {
    get(target, key) {
      const value: unknown = Reflect.get(target, key);
      if (typeof key === 'symbol') return value;
      const at = path === '' ? key : `${path}.${key}`;
      if (!isBranch(value)) {
        reads.add(at);
        return value;
      }
      const branch = branches.get(key) ?? recorded(value, reads, at);
      branches.set(key, branch);
      return branch;
    },
  });
}

/** Every leaf of the data by its path; arrays of numbers are leaves. */
export function leavesOf(data: unknown, path = ''): ReadonlyMap<string, string> {
  if (!isBranch(data)) return new Map([[path, ArrayBuffer.isView(data) ? `${data}` : String(data)]]);
  return new Map(
    Object.entries(data).flatMap(([key, value]) => [
      ...leavesOf(value, path === '' ? key : `${path}.${key}`),
    ]),
  );
}
