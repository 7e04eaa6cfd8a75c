/**
 * What differs between releases of QEMU, as far as bitmaps and their stop can tell: a trait a row, each with the
 * releases at which it changes, what changed it, and the releases on which it was watched. A release that is in no row
 * behaves as the last one before it. Sources were read at the tags of 6.2 to 10.2; commits are those of upstream.
 */

/** How a trait of a release is known. */
export type Known = 'measured' | 'source read' | 'assumed';

/** From this release on the trait has this value. */
export interface Step<T> {
  readonly from: string;
  readonly value: T;
  /** The commit that changed it, or what was found. */
  readonly source: string;
  /** Releases on which real QEMU was watched doing this. */
  readonly measured: readonly string[];
}

export interface Trait<T> {
  readonly meaning: string;
  readonly steps: readonly [Step<T>, ...Step<T>[]];
}

/** What a switch to postcopy remembers of the guest having run, and so what the source does if it ends in the stop. */
export type PostcopyRunState =
  /** Nothing: the guest stays stopped until management sends `cont`. */
  | 'forgotten'
  /** A state that does not exist: QEMU aborts when it goes back to it. */
  | 'invalid'
  /** That it ran: the source resumes by itself. */
  | 'kept';

export interface QemuTraits {
  readonly storeFirst: boolean;
  readonly stopFlushes: 1 | 2;
  readonly waitReadsLog: boolean;
  readonly equalSwitches: boolean;
  readonly splitPending: boolean;
  readonly switchoverAck: boolean;
  readonly switchoverBandwidth: boolean;
  readonly postcopyCancel: 'cancelled' | 'refused';
  readonly postcopyRunState: PostcopyRunState;
  readonly postcopyFailure: 'ends' | 'hangs';
  readonly postcopyActivates: boolean;
  readonly brokenWireStores: boolean;
}

export const LAST_READ = '10.2';

export const TRAITS: { readonly [T in keyof QemuTraits]: Trait<QemuTraits[T]> } = {
  storeFirst: {
    meaning: 'order of the stop: bitmaps are stored before the last RAM is sent',
    steps: [
      {
        from: '6.2',
        value: false,
        source: 'qemu_savevm_state_complete_precopy',
        measured: ['7.2.22', '9.2.0'],
      },
      { from: '10.0', value: true, source: '4822128693, 3dde8fdbad', measured: ['10.1.0', '10.2.0'] },
    ],
  },
  stopFlushes: {
    meaning: 'flushes of each disk before anything is stored',
    steps: [
      {
        from: '6.2',
        value: 2,
        source: 'bdrv_flush_all visits the protocol node too',
        measured: ['7.2.22', '8.2.0'],
      },
      {
        from: '9.0',
        value: 1,
        source: 'f6d38c9f6d (bdrv_next)',
        measured: ['9.2.0', '10.0.2', '10.1.0', '10.2.0'],
      },
    ],
  },
  waitReadsLog: {
    meaning:
      'a migration that only waits reads the dirty log in every round: it sends 18 bytes 8,000 to 30,000 times a second, else a million times, and RAM dirtied meanwhile is found at the end',
    steps: [
      { from: '6.2', value: true, source: 'migration_iteration_run', measured: ['7.2.22', '8.2.0'] },
      { from: '9.0', value: false, source: '910c164736', measured: ['9.2.0', '10.1.0', '10.2.0'] },
    ],
  },
  equalSwitches: {
    meaning: 'pending equal to the threshold is little enough (<=, not <)',
    steps: [
      { from: '6.2', value: false, source: 'migration_iteration_run', measured: [] },
      { from: '10.1', value: true, source: '7aaa1fc072', measured: [] },
    ],
  },
  splitPending: {
    meaning:
      'pending is asked for as an estimate, and exactly only near the threshold; told, not modelled apart',
    steps: [
      { from: '6.2', value: false, source: 'qemu_savevm_state_pending', measured: [] },
      { from: '8.0', value: true, source: 'c8df4a7aef', measured: [] },
    ],
  },
  switchoverAck: {
    meaning:
      'the destination can hold the switchover back (a capability, off by default); told, not modelled',
    steps: [
      { from: '6.2', value: false, source: 'qapi/migration.json', measured: [] },
      { from: '8.1', value: true, source: '6574232fff', measured: [] },
    ],
  },
  switchoverBandwidth: {
    meaning:
      'avail-switchover-bandwidth can take the place of the measured one (off by default); told, not modelled',
    steps: [
      { from: '6.2', value: false, source: 'qapi/migration.json', measured: [] },
      { from: '8.2', value: true, source: '8b2395970a', measured: [] },
    ],
  },
  postcopyCancel: {
    meaning: 'migrate_cancel while bitmaps follow after the resume',
    steps: [
      { from: '6.2', value: 'cancelled', source: 'migrate_fd_cancel', measured: ['7.2.22', '9.2.0'] },
      { from: '10.0', value: 'refused', source: '646119088f', measured: ['10.1.0', '10.2.0'] },
    ],
  },
  postcopyRunState: {
    meaning: 'the guest after a switch to postcopy that was cancelled, or failed, in the stop',
    steps: [
      {
        from: '6.2',
        value: 'forgotten',
        source: 'vm_was_running is not set in postcopy_start',
        measured: ['7.2.22'],
      },
      { from: '8.1', value: 'invalid', source: 'f4584076fc (vm_old_state is -1)', measured: ['8.2.0'] },
      {
        from: '9.0',
        value: 'kept',
        source: '9867d4ddd0 (migration_stop_vm)',
        measured: ['9.2.0', '10.1.0', '10.2.0'],
      },
    ],
  },
  postcopyFailure: {
    meaning: 'a switch to postcopy that fails in the stop',
    steps: [
      { from: '6.2', value: 'ends', source: 'postcopy_start', measured: ['7.2.22', '8.2.0', '9.2.0'] },
      { from: '10.0', value: 'hangs', source: '3dde8fdbad (stays in `device`)', measured: ['10.1.0'] },
      { from: '10.2', value: 'ends', source: '725a9e5f78', measured: ['10.2.0'] },
    ],
  },
  postcopyActivates: {
    meaning:
      'the destination of a post-copy takes the image as soon as the guest is there, though told to wait (late-block-activate)',
    steps: [
      { from: '6.2', value: true, source: 'loadvm_postcopy_handle_run_bh', measured: ['7.2.22'] },
      { from: '10.0', value: false, source: '61f2b48998', measured: [] },
    ],
  },
  brokenWireStores: {
    meaning: 'bitmaps are stored although the destination died in the stop, before the store',
    steps: [
      { from: '6.2', value: true, source: 'qemu_fflush returns nothing', measured: ['7.2.22'] },
      { from: '8.2', value: false, source: 'be07a0ed22', measured: ['8.2.0', '9.2.0'] },
      {
        from: '10.0',
        value: true,
        source: '3dde8fdbad (the store comes first)',
        measured: ['10.0.2', '10.1.0', '10.2.0'],
      },
    ],
  },
};
