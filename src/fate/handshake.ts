/**
 * One migration between two processes, with or without the `dirty-bitmaps` capability, in precopy or postcopy
 * (after migration/migration.c, 6.2 to 10.2; what differs between releases is asked of the rules).
 */
import { assert } from '../base/assert.js';
import { BitmapStream } from './bitmap-stream.js';
import { BlockError } from './image-file.js';
import type { MigrationStatus } from './journal.js';
import type { Qemu } from './qemu.js';

export interface HandshakeOptions {
  /** The `dirty-bitmaps` capability on the source; a destination takes what comes, whatever it was told. */
  readonly dirtyBitmaps: boolean;
  /** Bitmap contents follow after the destination runs. */
  readonly postcopy: boolean;
  /** Bitmaps are written to the image while the guest runs, the rest in the stop. */
  readonly preFlush: false | 'in-place' | 'shadow';
  /** The destination has no disk of the name that bitmaps come with: it forgets them (dirty_bitmap_load_header). */
  readonly unmapped: boolean;
}

export class Handshake {
  status: MigrationStatus = 'setup';
  /** The destination has the guest, or may take it. */
  handedOver = false;
  private readonly stream: BitmapStream;

  readonly source: Qemu;
  readonly destination: Qemu;
  readonly options: HandshakeOptions;

  constructor(source: Qemu, destination: Qemu, options: HandshakeOptions) {
    this.source = source;
    this.destination = destination;
    this.options = options;
    this.stream = new BitmapStream(source.node, destination.node);
    assert(source.state === 'running', 'only a running guest migrates');
    source.outgoing = this;
    destination.incoming = this;
  }

  /** `migrate`: setup, then pre-copy. False: setup failed and the guest has not noticed. */
  start(): boolean {
    this.become('setup');
    const unusable = this.options.dirtyBitmaps ? this.stream.setUp() : undefined;
    if (unusable) {
      const why = unusable.inconsistent ? 'inconsistent' : 'currently in use by another operation';
      this.source.message(`Bitmap '${unusable.name}' is ${why} and cannot be used`);
      this.endBeforeStop('failed');
      return false;
    }
    this.become('active');
    return this.preFlush();
  }

  /** The pre-flusher catches up with the guest. Storage that refuses ends the migration while the guest runs. */
  preFlush(): boolean {
    if (!this.options.preFlush || this.status !== 'active') return true;
    try {
      this.source.node.preFlush(this.options.preFlush);
    } catch (error) {
      if (!(error instanceof BlockError)) throw error;
      this.source.message(`Pre-flush of bitmaps failed: ${error.message}`);
      this.endBeforeStop('failed');
      return false;
    }
    return true;
  }

  /** RAM has converged: the guest stops; with pause-before-switchover management is asked. */
  stopGuest(): void {
    assert(this.status === 'active', `switchover of a migration that is ${this.status}`);
    this.source.stopGuest();
    this.become('pre-switchover');
  }

  /**
   * The rest of the stop. That the wire is broken shows only at its end, after the store, except from 8.2 to 9.2, where
   * the flush after the last RAM reports it (measured: results/validation/outcomes*.csv, dst-dies-preswitch).
   */
  switchOver(): void {
    if (this.status === 'active') this.stopGuest();
    assert(this.status === 'pre-switchover', `switchover of a migration that is ${this.status}`);
    const { source, destination } = this;
    const { postcopy } = this.options;
    const { storeFirst, brokenWireStores } = source.site.rules;
    this.become(postcopy && !storeFirst ? 'postcopy-active' : 'device');
    if (!storeFirst) this.sendState();
    if (!destination.alive && !brokenWireStores && !postcopy) {
      this.endBeforeStop('failed');
      source.runGuest(false);
      return;
    }
    try {
      source.node.inactivate();
    } catch (error) {
      if (!(error instanceof BlockError)) throw error;
      source.message(error.message);
      this.failStopped();
      return;
    }
    if (storeFirst) this.sendState();
    if (!destination.alive) this.failStopped();
    else if (postcopy) {
      if (storeFirst) this.become('postcopy-active');
      this.handOver(true);
    } else {
      this.become('completed');
      source.state = 'postmigrate';
      this.cleanUp();
      this.handOver(false);
    }
  }

  /** Contents of bitmaps that follow after the resume arrive, and are merged with what the guest has written meanwhile. */
  finishArrival(): void {
    if (this.status === 'postcopy-active') this.finishPostcopy();
    else if (this.status === 'completed') this.destination.node.mergeLoaded();
  }

  private finishPostcopy(): void {
    const { source } = this;
    source.site.journal.note({
      event: 'stream',
      process: source.name,
      bitmaps: this.stream.count,
      guestRuns: true,
    });
    this.stream.complete();
    this.become('completed');
    source.state = 'postmigrate';
    this.cleanUp();
  }

  /** `migrate_cancel`. Refused, bitmaps that follow after the resume go on to arrive. */
  cancel(): void {
    const inPostcopy = this.status === 'postcopy-active' || this.status === 'postcopy-paused';
    if (inPostcopy && this.source.site.rules.postcopyCancel === 'refused') {
      this.source.message('Postcopy migration in progress, cannot cancel.');
      this.finishArrival();
    } else this.abandon();
  }

  /** What a cancel does, and a clean quit of the source, which asks nobody. */
  private abandon(): void {
    if (this.status === 'active') {
      this.become('cancelling');
      this.endBeforeStop('cancelled');
    } else if (this.status === 'pre-switchover') {
      this.become('cancelling');
      this.endBeforeStop('cancelled');
      if (this.options.postcopy) this.backFromPostcopy();
      else this.source.runGuest(false);
    } else if (this.status === 'postcopy-active') {
      this.dropUnfinished();
      this.become('cancelling');
      this.cleanUp();
      this.become('cancelled');
      this.backFromPostcopy();
    } else if (this.status === 'postcopy-paused') {
      this.become('cancelling'); // and hangs there
    }
  }

  /** The destination's process has ended. While the guest runs the source notices at once; stopped, it does not. */
  destinationDied(): void {
    if (this.status === 'active' || this.status === 'setup') {
      this.source.message('Unable to write to socket: Broken pipe');
      this.endBeforeStop('failed');
    } else if (this.status === 'postcopy-active') {
      this.become('postcopy-paused');
    }
  }

  /** Post-copy of RAM waits to be recovered; bitmaps are released regardless (qemu_loadvm_state_main). */
  linkBreaks(): void {
    assert(this.status === 'postcopy-active', `a link that breaks in a migration that is ${this.status}`);
    this.dropUnfinished();
    this.become('postcopy-paused');
  }

  /** `migrate-recover` and `migrate` with `resume`: the rest of RAM follows. */
  recover(): void {
    assert(this.status === 'postcopy-paused', `recovery of a migration that is ${this.status}`);
    this.become('postcopy-active');
    this.finishPostcopy();
  }

  /** The source's process has ended. */
  sourceDied(): void {
    const before = this.status;
    this.dropUnfinished();
    if (before === 'completed') return;
    this.status = 'failed';
    if (before === 'active' || before === 'pre-switchover') this.destination.kill();
  }

  /** Clean quit of the source: its migration is cancelled first, with all that a cancel leaves behind. */
  sourceQuits(): void {
    if (this.status === 'active' || this.status === 'pre-switchover' || this.status === 'device') {
      this.become('cancelling');
      this.endBeforeStop('cancelled');
    } else if (this.status === 'postcopy-active') this.abandon();
  }

  /** Bitmaps that have not fully arrived are released (`cancel_incoming_locked`); the guest runs on. */
  dropUnfinished(): void {
    if (this.status === 'postcopy-active') this.stream.dropUnfinished();
  }

  /**
   * Last RAM, devices, and in precopy all contents of bitmaps. Into a broken wire nothing is
   * sent: the first write fails and the rest is skipped, unnoticed until the end.
   */
  private sendState(): void {
    const { source, destination, options } = this;
    const { journal } = source.site;
    if (!destination.alive) return;
    const bitmaps = this.stream.count;
    const way = options.postcopy ? 'postcopy' : 'stream';
    journal.note({ event: 'device-state', process: source.name, bitmaps: bitmaps > 0 ? way : 'none' });
    if (options.postcopy) journal.note({ event: 'postcopy-switch', process: source.name });
    else if (bitmaps > 0) journal.note({ event: 'stream', process: source.name, bitmaps, guestRuns: false });
  }

  /** The destination gets the bitmaps (in postcopy empty, with a successor for new writes), then image and guest. */
  private handOver(empty: boolean): void {
    this.handedOver = true;
    this.destination.site.image.copyOf(this.source.site.image);
    if (!this.options.unmapped) this.stream.handOver(empty);
    this.destination.node.expectedGeneration = this.source.node.expectedGeneration;
    const { late, site } = this.destination;
    if (!late) this.destination.activateAndRun(false);
    else this.destination.arriveStopped(this.options.postcopy && site.rules.postcopyActivates);
  }

  /** Failed in the stop: the source takes the image back and, in precopy, runs again by itself. */
  private failStopped(): void {
    const { source, destination, options } = this;
    destination.kill();
    if (options.postcopy && source.site.rules.postcopyFailure === 'hangs') {
      this.activateSource(); // and the migration stays in `device`
      return;
    }
    this.become('failed');
    this.cleanUp();
    source.state = 'postmigrate';
    if (!this.activateSource()) return;
    if (options.postcopy) this.backFromPostcopy();
    else source.runGuest(false);
  }

  /**
   * The source after a switch to postcopy that came to nothing. That it ran was noted for precopy alone up to 8.0; in 8.1
   * and 8.2 it is told to go back to a state that does not exist, and aborts.
   */
  private backFromPostcopy(): void {
    const { source } = this;
    const { postcopyRunState } = source.site.rules;
    if (postcopyRunState === 'kept') {
      source.runGuest(false);
      return;
    }
    source.state = 'postmigrate'; // until management sends `cont`
    if (postcopyRunState === 'forgotten') return;
    source.message('invalid runstate transition');
    source.kill();
  }

  private activateSource(): boolean {
    try {
      this.source.node.activate();
      return true;
    } catch (error) {
      if (!(error instanceof BlockError)) throw error;
      this.source.message(error.message);
      return false;
    }
  }

  /** Ended with the node never inactivated: nothing but clean-up. */
  private endBeforeStop(status: 'failed' | 'cancelled'): void {
    this.cleanUp();
    this.become(status);
    this.destination.kill();
  }

  /** The mended QEMU clears skip_store unless the migration completed; after a success only an activation may. */
  private cleanUp(): void {
    this.stream.cleanUp(this.source.site.rules.clearSkipStore && this.source.node.state === 'active');
    this.source.node.endPreFlush();
  }

  private become(status: MigrationStatus): void {
    this.status = status;
    this.source.site.journal.note({ event: 'migration', process: this.source.name, status });
  }
}
