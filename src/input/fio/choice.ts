/**
 * Which of the measured requests stand for those of a store: it writes whole clusters past the page cache, one at a time, and
 * flushes seldom. The order of jobs in a file decides nothing.
 */
import { InputError } from '../../base/errors.js';
import { formatSize } from '../../base/units.js';
import type { Measured } from './measured.js';

/** Writes below this speak for small writes (tables, directory), others for whole clusters. */
export const SMALL_BELOW = 32_768;
const CLUSTER = 65_536;
const SMALL = 4096;

export interface Chosen {
  readonly write: Measured;
  /** Another class beside `write`. */
  readonly small?: Measured;
  readonly read?: Measured;
  readonly trim?: Measured;
  /** By the bytes between two of them; the first is that with the fewest. */
  readonly flushes: readonly Measured[];
  /** Like `write` in all but that each waited for a flush of its own (sync=1), which is the difference. */
  readonly synced?: Measured;
}

/** The better first: one request at a time, not through the page cache, of nearly that size, with few flushes between. */
function order(sizeBytes: number): (a: Measured, b: Measured) => number {
  const rank = ({ sizeBytes: own, conditions }: Measured): readonly number[] => [
    conditions.depth > 1 ? 1 : 0,
    conditions.cached ? 1 : 0,
    conditions.sync ? 1 : 0,
    Math.abs(Math.log2(own / sizeBytes)),
    conditions.depth,
    conditions.flushBytes === undefined ? 0 : 1 / conditions.flushBytes,
    -own,
  ];
  return (a, b) => {
    const [left, right] = [rank(a), rank(b)];
    const at = left.findIndex((value, i) => value !== right[i]);
    return at < 0 ? 0 : left[at]! - right[at]!;
  };
}

const best = (all: readonly Measured[], sizeBytes: number): Measured | undefined =>
  [...all].sort(order(sizeBytes))[0];

const MEASURE = 'rw=randwrite, bs=64k, iodepth=1, direct=1, fdatasync=32';

/** The writes that say something of the storage, or the reason why none does. */
function usableWrites(all: readonly Measured[], where: string): readonly Measured[] {
  const writes = all.filter(({ kind }) => kind === 'write');
  if (writes.length === 0)
    throw new InputError(`${where}: no job of it wrote; the store needs write latencies (${MEASURE})`);
  const alone = writes.filter(({ conditions }) => !conditions.sync);
  if (alone.length === 0)
    throw new InputError(
      `${where}: job ${writes[0]!.jobs.join(', ')} wrote with sync=1, so each write waited for a flush of its own, and those of QEMU do not: ` +
        `measure without sync (${MEASURE}), or give stopgap calibrate this result and one of the same job without it, which tells write and flush apart`,
    );
  const flushed = all.some(({ kind }) => kind === 'sync');
  const real = flushed ? alone : alone.filter(({ conditions }) => !conditions.cached);
  if (real.length === 0)
    throw new InputError(
      `${where}: job ${alone[0]!.jobs.join(', ')} wrote into the page cache (direct=0) and timed no flush (end_fsync is not timed), which says nothing of the storage: ` +
        `measure with direct=1 (${MEASURE})`,
    );
  return real;
}

/** Flushes under the best conditions there are, by the bytes between two of them. */
function flushesAmong(all: readonly Measured[]): readonly Measured[] {
  const sorted = [...all].sort(order(CLUSTER));
  const [first] = sorted;
  const alike = ({ conditions }: Measured): boolean =>
    conditions.depth === first!.conditions.depth && conditions.cached === first!.conditions.cached;
  const spacing = ({ conditions }: Measured): number => conditions.flushBytes ?? 0;
  return sorted.filter(alike).sort((a, b) => spacing(a) - spacing(b));
}

/** The writes with sync=1 that tell what a flush takes: all else is as with those without. */
function syncedLike(write: Measured, all: readonly Measured[]): Measured | undefined {
  const { flushBytes: _, ...alike } = { ...write.conditions, sync: true };
  const found = all.filter(
    ({ kind, sizeBytes, conditions }) =>
      kind === 'write' &&
      sizeBytes === write.sizeBytes &&
      JSON.stringify(conditions) === JSON.stringify(alike),
  );
  return found.find(({ meanNs }) => meanNs > write.meanNs);
}

/** What stands for each class of request of a store; InputError where nothing measured can stand for its writes. */
export function chooseFrom(all: readonly Measured[], where: string): Chosen {
  const usable = usableWrites(all, where);
  const write = best(usable, CLUSTER)!;
  const among = (kind: Measured['kind']): readonly Measured[] => all.filter((op) => op.kind === kind);
  const smaller = usable.filter(
    (op) => op !== write && op.sizeBytes < SMALL_BELOW && op.conditions.depth <= write.conditions.depth,
  );
  const small = write.sizeBytes < SMALL_BELOW ? undefined : best(smaller, SMALL);
  const synced = syncedLike(write, all);
  const read = best(among('read'), CLUSTER);
  const trim = best(among('trim'), CLUSTER);
  return {
    write,
    ...(small ? { small } : {}),
    ...(read ? { read } : {}),
    ...(trim ? { trim } : {}),
    flushes: flushesAmong(among('sync')),
    ...(synced ? { synced } : {}),
  };
}

const inFlight = ({ conditions }: Measured): string =>
  conditions.depth > 1 ? `, ${conditions.depth} in flight` : '';

/** One line on the writes that were left out, with what was different about them. */
export function unusedNote(
  all: readonly Measured[],
  { write, small, synced, flushes }: Chosen,
): string | undefined {
  const used = flushes.length > 0 ? [write, small] : [write, small, synced];
  const rest = all.filter((op) => op.kind === 'write' && !used.includes(op));
  if (rest.length === 0) return undefined;
  const name = (op: Measured): string =>
    `${op.jobs.join(', ')} (${formatSize(op.sizeBytes)}${inFlight(op)}${op.conditions.sync ? ', sync=1' : ''}${op.conditions.cached ? ', direct=0' : ''})`;
  const others = rest.map(name).sort().join(', ');
  return `cluster writes are those of ${name(write)}; not used: ${others}`;
}
