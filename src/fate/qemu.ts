/** One QEMU process: whether its guest runs, its block node, and the commands management can send. */
import { assert } from '../base/assert.js';
import type { Granules } from './granules.js';
import { BlockError, type ImageFile } from './image-file.js';
import type { Journal } from './journal.js';
import { newBitmap } from './memory-bitmap.js';
import { BlockNode } from './node.js';
import type { FateRules } from './rules.js';

export type RunState = 'running' | 'paused' | 'inmigrate' | 'finish-migrate' | 'postmigrate' | 'dead';

/** What all processes on one image share. */
export interface Site {
  readonly image: ImageFile;
  readonly journal: Journal;
  readonly rules: FateRules;
}

/** How management starts a process. `late`: -S with late-block-activate, so that only `cont` takes the image. */
export type Start = 'boot' | 'incoming' | 'incoming-late';

/** What a migration is told by the process it leaves. */
interface Outgoing {
  sourceQuits(): void;
  sourceDied(): void;
}

/** What a migration is told by the process it arrives in. */
interface Incoming {
  dropUnfinished(): void;
  destinationDied(): void;
}

/** A process: commands come in as methods, what happens goes to the journal. */
export class Qemu {
  readonly node: BlockNode;
  state: RunState;
  outgoing: Outgoing | undefined;
  incoming: Incoming | undefined;
  readonly late: boolean;

  readonly name: string;
  readonly site: Site;

  constructor(name: string, site: Site, start: Start) {
    this.name = name;
    this.site = site;
    this.node = new BlockNode(name, site.image, site.rules, site.journal);
    this.late = start === 'incoming-late';
    this.state = start === 'boot' ? 'running' : 'inmigrate';
    if (start === 'boot') this.node.open();
  }

  get alive(): boolean {
    return this.state !== 'dead';
  }

  /** A guest write: nothing happens where no guest runs, and a failed one is the guest's to know. */
  write(granules: readonly number[]): void {
    if (this.state !== 'running') return;
    // A source of 9.0 to 9.2 that was cancelled in postcopy runs without its image (bdrv_co_write_req_prepare).
    if (this.node.state === 'inactive') {
      this.message("Assertion `!(bs->open_flags & BDRV_O_INACTIVE)' failed");
      this.kill();
      return;
    }
    try {
      this.node.write(granules);
    } catch (error) {
      if (!(error instanceof BlockError)) throw error;
      this.message(error.message);
    }
  }

  /** `block-dirty-bitmap-add`; a bitmap made at run time is not in the image before the first store. */
  addBitmap(name: string, persistent: boolean): void {
    assert(!this.node.bitmaps.has(name), `a bitmap ${name} exists`);
    this.node.bitmaps.set(name, newBitmap(name, persistent));
  }

  /** The work-around for a spoiled bitmap: add a fresh persistent one, merge the old one into it, remove the old one. */
  replaceBitmap(from: string, to: string): boolean {
    const old = this.node.bitmaps.get(from);
    if (!old || old.busy || old.inconsistent || this.node.bitmaps.has(to)) return false;
    this.node.bitmaps.set(to, newBitmap(to, true, old.bits.copy()));
    this.removeBitmap(from);
    return true;
  }

  /** `block-dirty-bitmap-remove`: from memory, and from the image where it is persistent. */
  private removeBitmap(name: string): void {
    const bitmap = this.node.bitmaps.get(name)!;
    this.node.bitmaps.delete(name);
    if (bitmap.persistent && !bitmap.skipStore) this.site.image.directory.delete(name);
  }

  /** The guest stops for a switchover. */
  stopGuest(): void {
    assert(this.state === 'running', `${this.name} stops a guest that does not run`);
    this.state = 'finish-migrate';
    this.site.journal.note({ event: 'stop', process: this.name });
  }

  /** The guest runs here from now on. */
  runGuest(byHand: boolean): void {
    this.state = 'running';
    this.site.journal.note({ event: 'resume', process: this.name, byHand });
  }

  /** Takes the image and runs; a failing activation leaves the guest stopped (process_incoming_migration_bh, 7.2). */
  activateAndRun(byHand: boolean): boolean {
    if (!this.activate()) {
      if (this.state === 'inmigrate') this.state = 'paused';
      return false;
    }
    this.runGuest(byHand);
    return true;
  }

  private activate(): boolean {
    try {
      this.node.activate();
      return true;
    } catch (error) {
      if (!(error instanceof BlockError)) throw error;
      this.message(error.message);
      return false;
    }
  }

  /** The guest is here and waits for `cont`; `takes`: its image does not. */
  arriveStopped(takes: boolean): void {
    this.state = 'paused';
    if (takes) this.activate();
  }

  /** `cont`: refused while a migration is between its two ends. */
  cont(): boolean {
    if (!this.alive || this.state === 'inmigrate') return false;
    if (this.state === 'running') return true;
    if (this.state === 'finish-migrate') {
      this.message('Migration is not finalized yet');
      return false;
    }
    return this.activateAndRun(true);
  }

  /** Clean end: a migration under way is cancelled, unfinished arrivals are dropped, the image is closed. */
  quit(): void {
    if (!this.alive) return;
    this.outgoing?.sourceQuits();
    this.incoming?.dropUnfinished();
    this.node.close();
    this.die();
    this.tellPeers();
  }

  /** kill -9, or the host is gone. */
  kill(): void {
    if (!this.alive) return;
    this.node.state = 'closed';
    this.die();
    this.tellPeers();
  }

  message(text: string): void {
    this.site.journal.note({ event: 'message', process: this.name, text });
  }

  private die(): void {
    if (this.state === 'running') this.site.journal.note({ event: 'guest-lost', process: this.name });
    this.state = 'dead';
  }

  private tellPeers(): void {
    this.outgoing?.sourceDied();
    this.incoming?.destinationDied();
  }
}

/** `query-block`: what management learns of a bitmap. */
export interface QueryBlock {
  readonly count: number;
  readonly recording: boolean;
  readonly busy: boolean;
  readonly inconsistent: boolean;
  /** As given at creation: a bitmap that will not be stored (skip_store) still says true. */
  readonly persistent: boolean;
}

/** What `query-block` says of the bitmap; undefined: it lists none. */
export function queryBlock(qemu: Qemu, name: string): QueryBlock | undefined {
  const bitmap = qemu.node.bitmaps.get(name);
  if (!bitmap || qemu.node.state === 'ejected' || !qemu.alive) return undefined;
  return {
    count: bitmap.bits.size,
    recording: (bitmap.enabled || bitmap.successor !== undefined) && !bitmap.inconsistent,
    busy: bitmap.busy,
    inconsistent: bitmap.inconsistent,
    persistent: bitmap.persistent,
  };
}

/** The bits QEMU would hash (x-debug-block-dirty-bitmap-sha256). */
export function bitsOf(qemu: Qemu, name: string): Granules | undefined {
  return qemu.node.bitmaps.get(name)?.bits;
}
