/**
 * The qcow2 image on shared storage: its bitmap directory, and what the guest has written to the disk. One
 * image, many processes; only an active node touches it (node.ts).
 */
import { Granules } from './granules.js';

/** A request that the storage or the format refused; the text is QEMU's for the same case. */
export class BlockError extends Error {
  override readonly name = 'BlockError';
}

export interface DirectoryEntry {
  inUse: boolean;
  /** Enabled when loaded (a disabled bitmap is stored without the flag). */
  auto: boolean;
  bits: Granules;
}

/** One bitmap of a store, as it goes to the image. */
export interface StoredBitmap {
  readonly name: string;
  readonly auto: boolean;
  readonly bits: Granules;
  /** Clusters of the entry are overwritten where they are (pre-flush); otherwise all go to new ones. */
  readonly inPlace: boolean;
}

export interface ImageOptions {
  /** Bits of one bitmap cluster: 8 * cluster bytes. */
  readonly granulesPerCluster: number;
  /** Clusters the storage can still give; Infinity where it grows. */
  readonly freeClusters: number;
}

const NO_SPACE = 'No space left on device';
const IO_ERROR = 'Input/output error';

/** The image itself; what a process may do with it is the node's business (node.ts). */
export class ImageFile {
  readonly directory = new Map<string, DirectoryEntry>();
  /** Every granule the guest has written since the bitmaps began: the truth a bitmap is compared with. */
  readonly written = new Granules();
  /** Raised before a node's first write where rules.checkGeneration asks for it. */
  generation = 0;
  /** Fault: every write to the storage fails. */
  writesFail = false;
  /** Fault: clusters of bitmaps cannot be read. */
  readsFail = false;
  private readonly granulesPerCluster: number;
  private freeClusters: number;

  constructor(options: ImageOptions) {
    this.granulesPerCluster = options.granulesPerCluster;
    this.freeClusters = options.freeClusters;
  }

  /** All that the guest wrote to another image has been copied to this one. */
  copyOf(other: ImageFile): void {
    this.written.add(other.written);
  }

  /** A guest write; data clusters are taken to be allocated already. */
  writeData(granules: Iterable<number>): void {
    this.refuseIfFailing();
    this.written.add(granules);
  }

  /** Header and directory in place (`update_ext_header_and_dir_in_place`, 7.2): no allocation. */
  markInUse(names: readonly string[]): void {
    this.refuseIfFailing();
    for (const name of names) this.directory.get(name)!.inUse = true;
  }

  /** The contents of a copy: its table and clusters, which a directory that is loaded only points to. */
  contents(name: string): Granules {
    if (this.readsFail) throw new BlockError(IO_ERROR);
    return this.directory.get(name)!.bits;
  }

  raiseGeneration(): void {
    this.refuseIfFailing();
    this.generation++;
  }

  /**
   * Data, tables, directory, then the switch of the header pointer: until that last write the old directory
   * holds, so a store happens completely or not at all. Old clusters are freed after it. `in-use`: what a pre-flush
   * leaves while the guest runs.
   */
  store(bitmaps: readonly StoredBitmap[], marked: 'consistent' | 'in-use' = 'consistent'): void {
    this.refuseIfFailing();
    this.allocate(bitmaps);
    for (const { name, auto, bits } of bitmaps)
      this.directory.set(name, { inUse: marked === 'in-use', auto, bits: bits.copy() });
  }

  /** Takes clusters for copies that no directory names yet (pre-flush, shadow layout). */
  reserve(bitmaps: readonly StoredBitmap[]): number {
    this.refuseIfFailing();
    const needed = bitmaps.reduce((sum, { bits }) => sum + bits.clusters(this.granulesPerCluster) + 1, 1);
    if (needed > this.freeClusters) throw new BlockError(NO_SPACE);
    this.freeClusters -= needed;
    return needed;
  }

  release(clusters: number): void {
    this.freeClusters += clusters;
  }

  /** Takes the clusters of a store, all or none; returns those of replaced copies afterwards. */
  private allocate(bitmaps: readonly StoredBitmap[]): void {
    let needed = 0;
    let freed = 0;
    let newDirectory = false;
    for (const { name, bits, inPlace } of bitmaps) {
      const old = this.directory.get(name);
      const data = bits.clusters(this.granulesPerCluster);
      const oldData = old?.bits.clusters(this.granulesPerCluster) ?? 0;
      if (inPlace && old) {
        needed += Math.max(0, data - oldData);
        continue;
      }
      newDirectory = true;
      needed += data + 1; // its table
      if (old) freed += oldData + 1;
    }
    if (newDirectory) {
      needed++;
      if (this.directory.size > 0) freed++;
    }
    if (needed > this.freeClusters) throw new BlockError(NO_SPACE);
    this.freeClusters += freed - needed;
  }

  private refuseIfFailing(): void {
    if (this.writesFail) throw new BlockError(IO_ERROR);
  }
}

/** The flags `qemu-img info` lists for a bitmap, joined by `+`; `none` for an entry without, `absent` without an entry. */
export function imageInfo(image: ImageFile, name: string): string {
  const entry = image.directory.get(name);
  if (!entry) return 'absent';
  return [entry.inUse ? 'in-use' : '', entry.auto ? 'auto' : ''].filter(Boolean).join('+') || 'none';
}
