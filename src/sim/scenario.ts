/**
 * One situation to simulate: plain data in base units (bytes, nanoseconds, bytes per second, fractions), with
 * every default filled in. Files, presets and flags are resolved to this before the simulation begins
 * (src/input/), so the model below never asks where a number came from.
 */
import type { TimeNs } from '../kernel/kernel.js';
import type { Fault, FaultRates } from './faults.js';
import type { DeviceSpec } from './parameters/device.js';
import type { HostSpec } from './parameters/host.js';
import type { LinkSpec } from './parameters/link.js';
import type { MigrationSpec } from './parameters/migration.js';
import type { ArrivalSpec, LatencySpec, PatternSpec, SizeMix } from './parameters/value-types.js';
import type { WhatIfSpec } from './parameters/what-if.js';
import type { QemuSpec } from './qemu/releases.js';

export type { HostSpec } from './parameters/host.js';
export type { LinkSpec } from './parameters/link.js';
export type { MigrationSpec } from './parameters/migration.js';
export type * from './parameters/value-types.js';
export type { WhatIfSpec } from './parameters/what-if.js';
export type { QemuSpec } from './qemu/releases.js';

/** The classes of request that a store makes. A `smallWrite` is a write of less than a cluster. */
export type OpClass = 'write' | 'smallWrite' | 'read' | 'punch' | 'flush';

/** One class of op: its latency for `referenceBytes`, and how the time grows with more bytes. */
export interface OpCost {
  readonly latency: LatencySpec;
  /** The op size that `latency` was stated for; only bytes beyond it cost `bytes / bytesPerS`. */
  readonly referenceBytes: number;
  readonly bytesPerS: number;
}

export type StorageSpec = DeviceSpec & {
  readonly name: string;
  readonly ops: Readonly<Record<OpClass, OpCost>>;
};

export interface RamSpec {
  readonly sizeBytes: number;
  /** RAM that is not all zero: what must be sent in full once. */
  readonly usedBytes: number;
  /** Pages written again and again, and how fast distinct pages of it are dirtied. */
  readonly workingSetBytes: number;
  readonly dirtyBytesPerS: number;
}

export type ContentSpec =
  /** A share of the bits is set already. `uniform` scatters them, `prefix` sets the first, `clustered` sets whole runs. */
  | {
      readonly kind: 'fraction';
      readonly fraction: number;
      readonly layout: 'uniform' | 'prefix' | 'clustered';
    }
  /** The workload itself ran for this long since the bitmap was last empty. */
  | { readonly kind: 'age'; readonly ageNs: TimeNs }
  /** Known number of set bits at random places (as a real image reports them). */
  | { readonly kind: 'count'; readonly bits: number };

/** `count` bitmaps of one disk that are alike: same granularity, same contents. */
export interface BitmapSpec {
  readonly granularityBytes: number;
  readonly count: number;
  /** False: frozen (disabled); keeps its bits, is stored all the same. */
  readonly recording: boolean;
  readonly content: ContentSpec;
  /** True: an older copy is in the image and is replaced; false: first store. */
  readonly stored: boolean;
}

/** An image and the bitmaps in it. */
export interface ImageSpec {
  readonly sizeBytes: number;
  readonly clusterBytes: number;
  readonly bitmaps: readonly BitmapSpec[];
  /** Guest bytes whose clusters are allocated, with no allocation since the image was activated (refcount scan). */
  readonly allocatedBytes: number;
  /** Where it lies, if not on the scenario's storage. Storages of one name are one device. */
  readonly storage?: StorageSpec;
}

/** The guest's data lies in a raw file of its own; the image beside it has metadata and bitmaps alone. */
export interface DataFileSpec {
  /** Where the image lies, if not beside its data. */
  readonly bitmapStorage?: StorageSpec;
}

export interface DiskSpec extends ImageSpec {
  /** The protocol node passes discards on: each replaced cluster is punched inside the stop. */
  readonly discard: boolean;
  readonly dataFile?: DataFileSpec;
  /** Read-only images under it, from the nearest down; bitmaps in them are read back with the disk's own. */
  readonly backing?: readonly ImageSpec[];
  /** Its weight among the disks that share the guest's writes; absent: 1. */
  readonly writes?: number;
}

/** One ingredient of a mix. */
export interface WritePartSpec {
  /** Share of the writes, normalised over the parts. */
  readonly weight: number;
  readonly pattern: PatternSpec;
  readonly sizes: SizeMix;
  /** Region of the disk the part writes to; offset as a share of the disk, footprint in bytes (capped at the disk's end). */
  readonly offsetShare: number;
  readonly footprintBytes: number;
  /** The one disk that it is written to, by its number; absent: all, as they share the guest's writes. */
  readonly disk?: number;
  /** The footprint as a share of whichever disk, where disks differ in size. */
  readonly footprintShare?: number;
}

export interface SyntheticGuestSpec {
  readonly kind: 'synthetic';
  readonly name: string;
  /** Writes per second over all disks. */
  readonly writesPerS: number;
  readonly arrivals: ArrivalSpec;
  readonly parts: readonly WritePartSpec[];
}

/** Recorded writes. Arrays have one entry per write, sorted by time from 0. */
export interface TraceGuestSpec {
  readonly kind: 'trace';
  readonly name: string;
  readonly timesNs: Float64Array;
  readonly offsetsBytes: Float64Array;
  readonly lengthsBytes: Float64Array;
  /** Index of the disk written to. */
  readonly disks: Uint16Array;
  readonly durationNs: TimeNs;
  readonly startNs: TimeNs;
  readonly loop: boolean;
  /** Times are divided by `rate`; offsets are multiplied by `stretch`. */
  readonly rate: number;
  readonly stretch: number;
}

export type GuestSpec = SyntheticGuestSpec | TraceGuestSpec;

/** What becomes of the migration, where that is asked for (src/fate/): the same for all strategies. */
export type OutcomeSpec =
  /** A name of src/fate/outcomes.ts. */
  | { readonly kind: 'named'; readonly name: string }
  /** One fault, so long after the start of the migration: what it is depends on where the strategy has got to. */
  | { readonly kind: 'fault'; readonly fault: Fault; readonly atNs: TimeNs }
  /** Faults by the clock; `killShare`: how often the process that is left is killed later rather than shut down. */
  | { readonly kind: 'fault-rates'; readonly perS: FaultRates; readonly killShare: number };

/** How many VMs like this one leave the host, and how many at a time. */
export interface EvacuationSpec {
  readonly vms: number;
  readonly parallel: number;
  /** VMs of several kinds, which leave in turn; absent: all are alike. */
  readonly listed?: readonly Scenario[];
}

/** Every disk is copied to the destination by a mirror of its own, and its bitmaps travel in the stream. */
export interface MirrorSpec {
  readonly copyMode: 'background' | 'write-blocking';
  /** Where the copies lie; absent: on storage like the source's, of their own. */
  readonly target?: StorageSpec;
  readonly granularityBytes: number;
  readonly bytesPerS: number;
  /** Between an event of QEMU and what management answers to it. */
  readonly managementNs: TimeNs;
}

export interface Scenario {
  readonly disks: readonly DiskSpec[];
  readonly storage: StorageSpec;
  readonly host: HostSpec;
  readonly link: LinkSpec;
  readonly ram: RamSpec;
  readonly guest: GuestSpec;
  readonly qemu: QemuSpec;
  readonly migration: MigrationSpec;
  readonly whatIf: WhatIfSpec;
  readonly engine: 'auto' | 'per-write' | 'first-touch';
  /** Absent: source and destination share the storage. */
  readonly mirror?: MirrorSpec;
  /** Absent: it migrates alone. */
  readonly evacuation?: EvacuationSpec;
  /** Absent: the migration succeeds, and nobody asks what becomes of the bitmap's copies. */
  readonly outcome?: OutcomeSpec;
}
