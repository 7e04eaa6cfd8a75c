/** The model's requests to each file of disks that differ, as DiskStage sees the real ones. */
import { formatSequence } from '../../sim/qcow2/oplog.js';
import type { StoredBitmap } from '../../sim/qcow2/options.js';
import type { DiskSpec, ImageSpec, Scenario, StorageSpec } from '../../sim/scenario.js';
import { groupName } from '../../sim/stop/bitmaps.js';
import {
  backingOptions,
  DiskStops,
  dataFlushes,
  imageOptions,
  openImage,
  type StopWork,
} from '../../sim/stop/requests.js';
import { clustersTouched } from '../qemu/content.js';
import { backingName, filesOf, runsOf, type Sequences } from '../qemu/disk-stage.js';

/** What both sides ask of one file. */
export interface FileWork {
  readonly name: string;
  readonly storage: StorageSpec;
  readonly source: StopWork;
  readonly destination: StopWork;
}

/** NBD sends every flush that QEMU asks for. */
const overNbd = (storage: StorageSpec): StorageSpec => ({ ...storage, idleFlushes: 'sent' });

interface Held extends StoredBitmap {
  readonly stored: boolean;
}

function bitmapsIn(name: string, { bitmaps, sizeBytes, clusterBytes }: ImageSpec): readonly Held[] {
  return bitmaps.map((spec, group) => {
    const { granularityBytes, count, recording, stored } = spec;
    const dirtyClusters = clustersTouched(runsOf(name, group, spec, sizeBytes), 8 * clusterBytes);
    return {
      name: groupName(group),
      count,
      granularityBytes,
      dirtyClusters,
      unchanged: !recording && stored,
      stored,
    };
  });
}

const noWork = (ops: StopWork['ops']): StopWork => ({ ops, bitmapBytes: 0, l1Entries: 0 });

/** `names`: bytes of the name of each file, as it stands in the header of an image above it. */
function filesOfDisk(
  scenario: Pick<Scenario, 'storage' | 'qemu'>,
  disk: DiskSpec,
  i: number,
  names: ReadonlyMap<string, number>,
): readonly FileWork[] {
  const files = new Map(filesOf(scenario, disk, i).map((file) => [file.name, overNbd(file.storage)]));
  const place = (name: string) => ({ storage: files.get(name)!, qemu: scenario.qemu });
  const top = `disk${i}`;
  const data = `data${i}`;
  const backing = disk.backing ?? [];
  const texts = {
    dataFileNameBytes: 0,
    ...(backing.length > 0 && { backingNameBytes: names.get(backingName(i, 0))! }),
  };
  const all = bitmapsIn(top, disk);
  const stops = new DiskStops({ ...imageOptions(disk, place(top)), ...texts });
  if (all.some(({ stored }) => stored)) {
    stops.source(all.filter(({ stored }) => stored).map((each) => ({ ...each, unchanged: false })));
    stops.takeBack();
  }
  const source = stops.source(all);
  const works: FileWork[] = [{ name: top, storage: files.get(top)!, source, destination: stops.load() }];
  if (disk.dataFile) {
    const flushes = dataFlushes(files.get(data)!, false);
    works.push({ name: data, storage: files.get(data)!, source: noWork(flushes), destination: noWork([]) });
  }
  for (const [depth, image] of backing.entries()) {
    const name = backingName(i, depth);
    const below = names.get(backingName(i, depth + 1));
    const options = backingOptions(image, place(name), below === undefined);
    const own = below === undefined ? options : { ...options, backingNameBytes: below };
    const opened = openImage(own, bitmapsIn(name, image));
    const [asked, loaded] = [opened.store([]), opened.activate()];
    works.push({ name, storage: files.get(name)!, source: noWork(asked), destination: noWork(loaded) });
  }
  return works;
}

/** Every file of the scenario's disks. */
export function diskRequests(
  scenario: Pick<Scenario, 'storage' | 'disks' | 'qemu'>,
  names: ReadonlyMap<string, number>,
): readonly FileWork[] {
  return scenario.disks.flatMap((disk, i) => filesOfDisk(scenario, disk, i, names));
}

/** As DiskStage tells what it saw. */
export function sequencesOf(files: readonly FileWork[]): Sequences {
  return Object.fromEntries(
    files.map(({ name, source, destination }) => [
      name,
      { source: formatSequence(source.ops), destination: formatSequence(destination.ops) },
    ]),
  );
}
