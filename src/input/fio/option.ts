/** Options of fio that say `read,write,trim` at once, as `bs=4k,64k`. */

const DIRECTIONS = ['read', 'write', 'trim'] as const;
export type FioDirection = (typeof DIRECTIONS)[number];

/**
 * The part that one direction takes: its own, else the last one given, so that one value serves all. Undefined
 * where it is left to fio's default: the option is not given, or the part is empty (`8k,` for writes).
 */
export function fioPart(text: string | undefined, direction: FioDirection): string | undefined {
  const parts = text?.split(',') ?? [];
  return (parts[DIRECTIONS.indexOf(direction)] ?? parts.at(-1))?.trim() || undefined;
}
