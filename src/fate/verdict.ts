/** What a copy of a bitmap is worth: its bits against everything the guest has written. */
import { bitsOf, type Qemu, queryBlock } from './qemu.js';

/**
 * `exact` holds precisely the writes; `lost` is absent; `inconsistent` is present and useless; `stale` lacks
 * writes, on a source that does not run; `wrong` lacks writes, is in use, and nobody notices; `incomplete` is
 * still arriving; `dead`: no process to look into, or one without a disk.
 */
export type Fate = 'exact' | 'lost' | 'inconsistent' | 'stale' | 'wrong' | 'incomplete' | 'dead';

/** The next backup: `incremental`, `full`, or `wrong` (an incremental that misses data, unnoticed). */
export type Backup = 'incremental' | 'full' | 'wrong';

export interface Look {
  readonly fate: Fate;
  /** Granules that were written and that the bitmap does not know of. */
  readonly missing: readonly number[];
  readonly persistent: boolean | undefined;
}

const nothing = (fate: Fate): Look => ({ fate, missing: [], persistent: undefined });

/** Looks at one bitmap in one process, as management could with query-block and a hash of the bits. */
export function lookAt(qemu: Qemu, name: string, role: 'source' | 'destination'): Look {
  if (!qemu.alive || qemu.state === 'inmigrate' || qemu.node.state === 'ejected') return nothing('dead');
  const seen = queryBlock(qemu, name);
  if (!seen) return nothing('lost');
  const { persistent } = seen;
  if (seen.inconsistent) return { fate: 'inconsistent', missing: [], persistent };
  const missing = qemu.site.image.written.without(bitsOf(qemu, name)!);
  if (seen.busy && role === 'destination') return { fate: 'incomplete', missing, persistent };
  if (missing.length === 0) return { fate: 'exact', missing, persistent };
  return { fate: qemu.state === 'running' ? 'wrong' : 'stale', missing, persistent };
}

/** The backup that follows from a bitmap's fate; null where nobody is left to take one, or it has to wait. */
export function backupFrom(fate: Fate): Backup | null {
  if (fate === 'exact') return 'incremental';
  if (fate === 'wrong') return 'wrong';
  return fate === 'dead' || fate === 'incomplete' ? null : 'full';
}
