/**
 * One migration between two processes, with or without the `dirty-bitmaps` capability, in precopy or postcopy
 * (after migration/migration.c, 7.2).
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
}

export class Handshake {
  status: MigrationStatus = 'setup';
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
      this.source.message(`Bitmap '${unusable.name}' is inconsistent and cannot be used`);
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
   * The rest of the stop. Whether the wire still works shows only at its end, after the store
   * (measured: results/validation/outcomes.csv, dst-dies-preswitch).
   */
  switchOver(): void {
    if (this.status === 'active') this.stopGuest();
    assert(this.status === 'pre-switchover', `switchover of a migration that is ${this.status}`);
    this.become(this.options.postcopy ? 'postcopy-active' : 'device');
    const { source, destination } = this;
    const { storeFirst } = source.site.rules;
    if (!storeFirst) this.sendState();
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
    else if (this.options.postcopy) this.handOver(true);
    else {
      this.become('completed');
      source.state = 'postmigrate';
      this.cleanUp();
      this.handOver(false);
    }
  }

  /** Postcopy: the contents arrive and are merged with what the destination's guest has written meanwhile. */
  finishPostcopy(): void {
    if (this.status !== 'postcopy-active') return;
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

  /** `migrate_cancel`. */
  cancel(): void {
    if (this.status === 'active') {
      this.become('cancelling');
      this.endBeforeStop('cancelled');
    } else if (this.status === 'pre-switchover') {
      this.become('cancelling');
      this.endBeforeStop('cancelled');
      // A started postcopy does not go back by itself; management has to send `cont`.
      if (this.options.postcopy) this.source.state = 'postmigrate';
      else this.source.runGuest(false);
    } else if (this.status === 'postcopy-active') {
      this.dropUnfinished();
      this.become('cancelling');
      this.source.state = 'postmigrate';
      this.cleanUp();
      this.become('cancelled');
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
    if (this.status === 'active' || this.status === 'pre-switchover') {
      this.become('cancelling');
      this.endBeforeStop('cancelled');
    } else if (this.status === 'postcopy-active') this.cancel();
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
    this.stream.handOver(empty);
    this.destination.node.expectedGeneration = this.source.node.expectedGeneration;
    if (this.destination.late) this.destination.state = 'paused';
    else this.destination.activateAndRun(false);
  }

  /** Failed in the stop: the source takes the image back and, in precopy, runs again by itself. */
  private failStopped(): void {
    const { source, destination, options } = this;
    this.become('failed');
    destination.kill();
    this.cleanUp();
    source.state = 'postmigrate';
    if (this.activateSource() && !options.postcopy) source.runGuest(false);
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
