/**
 * Where the parts of a disk lie. A storage is known by its name: disks that name the same one share the device, its
 * channels, bandwidth and tokens; disks on two names have two devices that know nothing of each other.
 */
import type { DiskSpec, ImageSpec, Scenario, StorageSpec } from '../scenario.js';

/** The storage of the guest's data. */
export function dataStorage(scenario: Pick<Scenario, 'storage'>, image: ImageSpec): StorageSpec {
  return image.storage ?? scenario.storage;
}

/** The storage of the qcow2 file, where the bitmaps are. */
export function imageStorage(scenario: Pick<Scenario, 'storage'>, disk: DiskSpec): StorageSpec {
  return disk.dataFile?.bitmapStorage ?? dataStorage(scenario, disk);
}

/** Every storage that a disk or an image under it lies on, each once; the scenario's own first where it is one. */
export function storagesOf(scenario: Pick<Scenario, 'storage' | 'disks'>): readonly StorageSpec[] {
  const used = scenario.disks.flatMap((disk) => [
    dataStorage(scenario, disk),
    imageStorage(scenario, disk),
    ...(disk.backing ?? []).map((image) => dataStorage(scenario, image)),
  ]);
  const byName = new Map(used.map((storage) => [storage.name, storage]));
  const own = byName.has(scenario.storage.name) ? [scenario.storage] : [];
  return [...new Set([...own, ...byName.values()])];
}

/** The scenario with each of its storages changed. */
export function withStorages(scenario: Scenario, change: (storage: StorageSpec) => StorageSpec): Scenario {
  const moved = <I extends ImageSpec>(image: I): I =>
    image.storage ? { ...image, storage: change(image.storage) } : image;
  const disks = scenario.disks.map((disk) => {
    const { dataFile, backing } = disk;
    return {
      ...moved(disk),
      ...(dataFile?.bitmapStorage && { dataFile: { bitmapStorage: change(dataFile.bitmapStorage) } }),
      ...(backing && { backing: backing.map(moved) }),
    };
  });
  return { ...scenario, storage: change(scenario.storage), disks };
}

/** The disk's share of the guest's writes, as the number of alike disks that would each have as much. */
export function sharersOf(disks: readonly DiskSpec[], disk: DiskSpec): number {
  const weights = disks.reduce((sum, { writes = 1 }) => sum + writes, 0);
  return weights / (disk.writes ?? 1);
}
