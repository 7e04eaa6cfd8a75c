/** What is played: volumes that serve one request at a time, as many as come, or so many bytes a second, and VMs that stop at once. */
import type { VolumeOptions } from '../qemu/nbdkit.js';

export interface TogetherCell {
  readonly config: string;
  readonly vms: number;
  /** Persistent bitmaps of each VM, all bits set. */
  readonly bitmaps: number;
  readonly volume: VolumeOptions;
  /** Requests that the volume serves at once. */
  readonly channels: number;
  /** Bytes a second that it takes from all together; undefined: no limit. */
  readonly rateBytesPerS?: number;
}

/** A disk whose bitmaps have eight clusters each. */
export const DISK_BYTES = 256 * 2 ** 30;
/** As many as come. */
const FREE = 64;
const RATE_BYTES_PER_S = 4e6;

const delays = (ms: number): VolumeOptions => ({ readDelayMs: ms, writeDelayMs: ms, trimDelayMs: ms });

/** All of them, the ones alone too. */
export function togetherCells(): readonly TogetherCell[] {
  const serialized = [1, 2].flatMap((ms) =>
    [1, 2, 3, 4].map(
      (vms): TogetherCell => ({
        config: `serialized:delay_ms=${ms},vms=${vms}`,
        vms,
        bitmaps: 3,
        volume: { ...delays(ms), serialized: true },
        channels: 1,
      }),
    ),
  );
  const free = [2, 4].map(
    (vms): TogetherCell => ({
      config: `free:delay_ms=2,vms=${vms}`,
      vms,
      bitmaps: 3,
      volume: delays(2),
      channels: FREE,
    }),
  );
  const limited = [1, 2, 3].map(
    (vms): TogetherCell => ({
      config: `rate:bytes_per_s=${RATE_BYTES_PER_S},vms=${vms}`,
      vms,
      bitmaps: 2,
      volume: { rateBytesPerS: RATE_BYTES_PER_S },
      channels: FREE,
      rateBytesPerS: RATE_BYTES_PER_S,
    }),
  );
  return [...serialized, ...free, ...limited];
}
