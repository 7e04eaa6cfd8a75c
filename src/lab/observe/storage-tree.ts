/**
 * The storage of an observed VM, from the times of the guest's own requests. They are of the sizes and the depth of
 * queue that the guest has, while a store has one request in flight: they are the best that looking on gives.
 */
import { exactSize } from '../../base/exact-text.js';
import { formatSize } from '../../base/units.js';
import { latencyValue, timeText } from '../../input/storage-values/values.js';
import type { Observation } from './observation.js';
import { REQUEST_CLASSES, type RequestClass, type Requests, together } from './requests.js';
import { assumed, observed, type ToldTree } from './told.js';

/** Where the guest's requests do not tell and the user does not either. */
const STANDARD = { direct: 'ceph-nvme', cached: 'file-cache' } as const;
/** Fewer requests have no mean worth the name. */
const COUNT_MIN = 30;
/** More in flight than this, and a request's time is in good part waiting for others of the guest's. */
const IN_FLIGHT_MAX = 2;

const WHAT: Readonly<Record<RequestClass, string>> = {
  write: 'writes',
  read: 'reads',
  flush: 'flushes',
  unmap: 'discards',
};

type RequestsSeen = Readonly<Record<RequestClass, Requests>>;

function latencyTree(name: RequestClass, { count, bytes, totalNs, spread }: Requests): ToldTree {
  const meanNs = totalNs / count;
  const of = bytes > 0 ? ` of ${formatSize(Math.round(bytes / count))} in the mean` : '';
  const how = `mean of ${count} ${WHAT[name]}${of}: ${timeText(meanNs)}`;
  return {
    latency: spread
      ? observed(latencyValue(spread), `${how}; spread: histogram of the device`)
      : observed(
          { mean: timeText(meanNs) },
          `${how}; its spread is assumed (exponential): no histogram is switched on`,
        ),
    ...(bytes > 0 && {
      at: observed(exactSize(Math.round(bytes / count)), 'the size that this is the time of'),
    }),
  };
}

/** A class of op of the model costs what the guest's requests of its kind took; writes of less than a cluster as others do. */
function opTrees(seen: RequestsSeen, cached: boolean): Readonly<Record<string, ToldTree>> {
  const trees = REQUEST_CLASSES.filter((name) => seen[name].count >= COUNT_MIN).map(
    (name) => [name, latencyTree(name, seen[name])] as const,
  );
  const { write, read, flush, unmap } = Object.fromEntries(trees) as Partial<Record<RequestClass, ToldTree>>;
  return {
    // Into the page cache every write is quick; what it costs, the next flush pays.
    ...(write && !cached && { write, 'small-write': write }),
    ...(read && { read }),
    ...(flush && { flush }),
    // The model's punch is of one cluster, whatever its size.
    ...(unmap && 'latency' in unmap && { punch: { latency: unmap.latency } }),
  };
}

function notesOf({ disks, seconds }: Observation, writes: Requests, standard: string): readonly string[] {
  const cached = disks.filter((disk) => disk.cached).length;
  const devices = disks.filter(({ requests }) => requests !== undefined).length;
  const inFlight = writes.totalNs / (seconds * 1e9) / Math.max(1, devices);
  return [
    ...(writes.count < COUNT_MIN
      ? [
          `only ${writes.count} writes of the guest were seen: the storage is taken to be ${standard}; name yours with --storage (stopgap calibrate makes one)`,
        ]
      : []),
    ...(cached > 0 && cached < disks.length
      ? ['some disks use the host page cache and some do not: all are taken to use it']
      : []),
    ...(inFlight > IN_FLIGHT_MAX
      ? [
          `${inFlight.toFixed(1)} writes a disk were in flight in the mean: their times hold waiting for each other, so the stop is predicted too long`,
        ]
      : []),
  ];
}

/** The storage. `given`: what the user says it is, which is then all that counts. */
export function storageTree(
  observation: Observation,
  given: string | undefined,
): { readonly tree: ToldTree; readonly notes: readonly string[] } {
  if (given !== undefined) return { tree: assumed(given, 'as --storage says'), notes: [] };
  const { disks } = observation;
  const parts = disks.flatMap(({ requests }) => requests ?? []);
  const seen = Object.fromEntries(
    REQUEST_CLASSES.map((name) => [name, together(parts.map((each) => each[name]))]),
  ) as RequestsSeen;
  const cached = disks.some((disk) => disk.cached);
  const standard = cached ? STANDARD.cached : STANDARD.direct;
  const few = REQUEST_CLASSES.filter((name) => seen[name].count < COUNT_MIN).map((name) => WHAT[name]);
  const untold = ['rates', 'channels', ...few].join(', ');
  return {
    tree: {
      preset: assumed(
        standard,
        `for what the guest's requests do not tell (${untold}); --storage names yours`,
      ),
      ...opTrees(seen, cached),
      'host-cache': observed(
        cached ? 'writeback' : 'none',
        cached ? 'cache.direct is off' : 'no page cache in between',
      ),
    },
    notes: notesOf(observation, seen.write, standard),
  };
}
