/** A number and what it counts, in words. */

/** `1 disk`, `2 disks`; `many` where an s does not do. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}
