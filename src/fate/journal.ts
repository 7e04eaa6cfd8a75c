/**
 * What happened, in order: the stops and resumes of the guest, the work done on bitmaps, and what management
 * sees. Downtime is summed from it (downtime.ts); nothing in the protocol reads it back.
 */
export type MigrationStatus =
  | 'setup'
  | 'active'
  | 'pre-switchover'
  | 'device'
  | 'postcopy-active'
  | 'postcopy-paused'
  | 'cancelling'
  | 'completed'
  | 'failed'
  | 'cancelled';

export type JournalEntry =
  /** MIGRATION, as the source of that migration reports it. */
  | { readonly event: 'migration'; readonly process: string; readonly status: MigrationStatus }
  | { readonly event: 'stop'; readonly process: string }
  /** `byHand`: management had to send `cont`; how long it takes to decide is not ours to say. */
  | { readonly event: 'resume'; readonly process: string; readonly byHand: boolean }
  /** The running guest is gone with its process. */
  | { readonly event: 'guest-lost'; readonly process: string }
  /**
   * Bitmaps written to the image. `early`: most of it was written before, while the guest ran; `replaced`: so many
   * of them had a copy in the image.
   */
  | {
      readonly event: 'store';
      readonly process: string;
      readonly bitmaps: number;
      readonly early: boolean;
      readonly replaced: number;
    }
  /** A store that hit full or failing storage at its first request. */
  | { readonly event: 'store-failed'; readonly process: string }
  | { readonly event: 'early-store'; readonly process: string; readonly bitmaps: number }
  /** An inactive image is taken (back): its metadata are read anew, in every strategy. */
  | { readonly event: 'open'; readonly process: string }
  /** Stored bitmaps read back; `later`: only the directory, and their contents are merged while the guest runs. */
  | { readonly event: 'load'; readonly process: string; readonly bitmaps: number; readonly later: boolean }
  /** The contents of a stored bitmap were read and merged with what the guest had written meanwhile. */
  | { readonly event: 'merge'; readonly process: string; readonly bitmap: string }
  | { readonly event: 'mark-in-use'; readonly process: string }
  /** Contents through the migration channel; `guestRuns`: postcopy, costs no downtime. */
  | {
      readonly event: 'stream';
      readonly process: string;
      readonly bitmaps: number;
      readonly guestRuns: boolean;
    }
  /** Last RAM and devices: how much RAM is left at the stop depends on the bitmaps that travel too, and on when. */
  | {
      readonly event: 'device-state';
      readonly process: string;
      readonly bitmaps: 'none' | 'stream' | 'postcopy';
    }
  /** The destination is told to run first and to expect bitmaps later. */
  | { readonly event: 'postcopy-switch'; readonly process: string }
  /** A message on stderr, or the error of a QMP command. */
  | { readonly event: 'message'; readonly process: string; readonly text: string };

export class Journal {
  readonly entries: JournalEntry[] = [];

  note(entry: JournalEntry): void {
    this.entries.push(entry);
  }

  /** Texts of one process, in order. */
  messages(process: string): string[] {
    return this.entries.flatMap((e) => (e.event === 'message' && e.process === process ? [e.text] : []));
  }
}
