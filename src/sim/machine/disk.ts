/** One disk of the VM: its image and those under it, and its bitmaps under the guest's writes. */
import { remembered } from '../../base/remembered.js';
import type { Qcow2Image } from '../qcow2/image.js';
import type { ImageOptions, StoredBitmap } from '../qcow2/options.js';
import type { DiskSpec, ImageSpec, Scenario, StorageSpec } from '../scenario.js';
import { bitmapsNow } from '../stop/bitmaps.js';
import { backingOptions, imageOptions, openImage } from '../stop/requests.js';
import { dataStorage, imageStorage } from '../storage/places.js';
import type { DirtyTracker, StoreOp } from '../types.js';
import type { SharedDevice } from './contention.js';

/** What a disk is wired to. */
interface Wiring {
  readonly scenario: Scenario;
  deviceOf(storage: StorageSpec): SharedDevice;
  trackerOf(disk: DiskSpec): DirtyTracker;
}

/** Where an image lies and which QEMU has it open. */
type Place = Pick<Scenario, 'storage' | 'qemu'>;

/** A file that requests go to. */
export interface ImageFile {
  readonly spec: ImageSpec;
  readonly storage: StorageSpec;
  readonly device: SharedDevice;
}

/** A read-only image under a disk: nobody writes it, and its bitmaps stay as they were left. */
export class BackingImage implements ImageFile {
  readonly spec: ImageSpec;
  readonly storage: StorageSpec;
  readonly device: SharedDevice;
  private readonly options: ImageOptions;
  private readonly held: () => readonly StoredBitmap[];
  private madeImage: Qcow2Image | undefined;

  constructor(spec: ImageSpec, isLowest: boolean, { scenario, deviceOf, trackerOf }: Wiring) {
    this.spec = spec;
    this.storage = dataStorage(scenario, spec);
    this.device = deviceOf(this.storage);
    this.options = backingOptions(spec, { storage: this.storage, qemu: scenario.qemu }, isLowest);
    // Bits of a given age fall where the guest's writes fell when this image was the top.
    const asDisk = { ...spec, discard: false };
    this.held = () => (spec.bitmaps.length === 0 ? [] : bitmapsNow(trackerOf(asDisk), asDisk));
  }

  /** The image with its bitmaps. */
  get image(): Qcow2Image {
    this.madeImage ??= openImage(this.options, this.held());
    return this.madeImage;
  }

  /** The image as it is opened where no bitmap is in it. */
  bareImage(): Qcow2Image {
    return openImage(this.options);
  }
}

/** What is asked of an image without bitmaps in the course of a stop. */
const BARE = {
  stop: (image: Qcow2Image) => image.stop(),
  stopAfterWrites: (image: Qcow2Image) => {
    image.guestWrote();
    return image.stop();
  },
  inactivate: (image: Qcow2Image) => image.store([]),
  activate: (image: Qcow2Image) => image.activate(),
} as const;

/** The same in every run. */
const known = new WeakMap<Scenario, Map<string, readonly StoreOp[]>>();

/** Bitmaps and image are made when first asked for. */
export class Disk implements ImageFile {
  readonly index: number;
  readonly spec: DiskSpec;
  /** Of the image, and so of the bitmaps. */
  readonly storage: StorageSpec;
  readonly device: SharedDevice;
  /** Of the guest's data, where it is not in the image. */
  readonly data: ImageFile | undefined;
  /** From the nearest down. */
  readonly backing: readonly BackingImage[];
  private readonly wiring: Wiring;
  private readonly place: Place;
  private madeTracker: DirtyTracker | undefined;
  private madeImage: Qcow2Image | undefined;

  constructor(index: number, spec: DiskSpec, wiring: Wiring) {
    this.index = index;
    this.spec = spec;
    this.wiring = wiring;
    this.storage = imageStorage(wiring.scenario, spec);
    this.device = wiring.deviceOf(this.storage);
    this.place = { storage: this.storage, qemu: wiring.scenario.qemu };
    const data = dataStorage(wiring.scenario, spec);
    this.data = spec.dataFile && { spec, storage: data, device: wiring.deviceOf(data) };
    this.backing = (spec.backing ?? []).map(
      (image, depth, all) => new BackingImage(image, depth === all.length - 1, wiring),
    );
  }

  get hasBitmaps(): boolean {
    return this.spec.bitmaps.length > 0;
  }

  get tracker(): DirtyTracker {
    this.madeTracker ??= this.wiring.trackerOf(this.spec);
    return this.madeTracker;
  }

  /**
   * The image as the source has it open. Bitmaps that were stored before have a copy in it, which covers the
   * clusters that are dirty when the image is first asked for: ask before the guest runs.
   */
  get image(): Qcow2Image {
    if (this.madeImage) return this.madeImage;
    // A tracker is made only where there is something to ask it: bitmaps that stay behind have none.
    const held = this.spec.bitmaps.some(({ stored }) => stored)
      ? bitmapsNow(this.tracker, this.spec).filter(({ stored }) => stored)
      : [];
    this.madeImage = openImage(imageOptions(this.spec, this.place), held);
    return this.madeImage;
  }

  /** Notes what the image holds of its bitmaps now, before the guest goes on. */
  openImage(): void {
    void this.image;
  }

  /** Requests to the image where no bitmap is in it. */
  bareRequests(asked: keyof typeof BARE): readonly StoreOp[] {
    const { scenario } = this.wiring;
    const ofScenario = remembered(known, scenario, () => new Map());
    return remembered(ofScenario, `${asked}/${this.index}`, () =>
      BARE[asked](openImage(imageOptions(this.spec, this.place))),
    );
  }
}
