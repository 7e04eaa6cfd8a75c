/** An observation for programs and for readers. */
import { decimal } from '../base/exact-text.js';
import { formatSize } from '../base/units.js';
import { expectedPerS, type FreshWrites } from '../lab/observe/first-touch.js';
import { diskGuest } from '../lab/observe/guest.js';
import type { Observation, ObservedBitmap, ObservedDisk } from '../lab/observe/observation.js';
import { REQUEST_CLASSES } from '../lab/observe/requests.js';
import type { ObservedScenario } from '../lab/observe/scenario.js';
import { plainTree, toldValues } from '../lab/observe/told.js';

function bitmapJson(bitmap: ObservedBitmap, fresh: readonly FreshWrites[], seconds: number): object {
  const { name, granularityBytes, recording, stored, bits, setBits, newBits } = bitmap;
  return {
    name,
    granularity_bytes: granularityBytes,
    recording,
    stored,
    bits,
    set_bits: setBits,
    first_touches_per_s: newBits === undefined ? null : newBits / seconds,
    scenario_first_touches_per_s: recording ? expectedPerS(fresh, bitmap) : 0,
  };
}

function diskJson(disk: ObservedDisk, seconds: number): object {
  const { requests } = disk;
  const { fresh } = diskGuest(disk, seconds);
  const seen =
    requests &&
    REQUEST_CLASSES.map((name) => {
      const { count, bytes, totalNs } = requests[name];
      const mean = (sum: number): number | null => (count > 0 ? sum / count : null);
      return [
        name,
        { per_s: count / seconds, mean_bytes: mean(bytes), mean_ms: mean(totalNs / 1e6) },
      ] as const;
    });
  return {
    node: disk.node,
    file: disk.file,
    size_bytes: disk.sizeBytes,
    cluster_bytes: disk.clusterBytes,
    allocated_bytes: disk.allocatedBytes ?? null,
    requests: seen ? Object.fromEntries(seen) : null,
    bitmaps: disk.bitmaps.map((bitmap) => bitmapJson(bitmap, fresh, seconds)),
  };
}

/** `--json`: what was seen, the scenario, and how each of its values is known. */
export function observedJson(observation: Observation, { tree, notes }: ObservedScenario): object {
  const { name, uuid, qemu, status, cpus, ramBytes, seconds, disks } = observation;
  return {
    vm: {
      name: name ?? null,
      uuid: uuid === '' ? null : uuid,
      qemu: qemu.join('.'),
      status,
      cpus: cpus ?? null,
    },
    seconds,
    ram_bytes: ramBytes ?? null,
    disks: disks.map((disk) => diskJson(disk, seconds)),
    scenario: plainTree(tree),
    values: toldValues(tree),
    notes,
  };
}

/** What was seen of each bitmap, one line each. */
export function observedText({ disks, seconds }: Observation): string {
  const lines = disks.flatMap((disk) =>
    disk.bitmaps.map(({ name, granularityBytes, bits, setBits, newBits }) => {
      const rate =
        newBits === undefined ? 'rate not known' : `${decimal(newBits / seconds, 2)} newly set a second`;
      return `${disk.node}, bitmap ${name}: ${setBits} of ${bits} granules of ${formatSize(granularityBytes)} set, ${rate}`;
    }),
  );
  return `${lines.join('\n')}\n`;
}
