/** What a request to a volume takes of its turn, with others waiting: the rest of its time passes before and after it. */
import { randomFillSync } from 'node:crypto';
import { Nbd } from '../qemu/nbd.js';
import { CALIBRATION_OFFSET } from '../qemu/nbdkit.js';

const LARGE = 64 * 1024;
const SMALL = 4 * 1024;
const DEPTH = 16;
const REQUESTS = 128;
/** Behind what is calibrated one request at a time. */
const OFFSET = CALIBRATION_OFFSET + 2 ** 30;

/** Microseconds a request, sixteen in flight. */
export interface VolumeLoad {
  readonly write64kUs: number;
  readonly write4kUs: number;
  readonly trim64kUs: number;
}

/** Probes the volume with requests in flight. */
export async function probeLoaded(socket: string): Promise<VolumeLoad> {
  const nbd = await Nbd.connect(socket);
  try {
    const offsets = Array.from({ length: REQUESTS }, (_, i) => OFFSET + i * LARGE);
    const large = randomFillSync(Buffer.alloc(LARGE));
    const small = randomFillSync(Buffer.alloc(SMALL));
    const each = async (work: () => Promise<void>): Promise<number> => {
      const fromMs = performance.now();
      await work();
      return ((performance.now() - fromMs) * 1000) / REQUESTS;
    };
    // Memory is touched for the first time here.
    await nbd.writeAll(offsets.slice(0, DEPTH), large, DEPTH);
    const write64kUs = await each(() => nbd.writeAll(offsets, large, DEPTH));
    const write4kUs = await each(() => nbd.writeAll(offsets, small, DEPTH));
    const trim64kUs = await each(() => nbd.trimAll(offsets.map((offset) => ({ offset, length: LARGE }))));
    return { write64kUs, write4kUs, trim64kUs };
  } finally {
    nbd.close();
  }
}

/** Uses up what a limited volume has saved while nobody wrote: two seconds of its rate at most (nbdkit's bucket). */
export async function drain(socket: string, bytesPerS: number): Promise<void> {
  const nbd = await Nbd.connect(socket);
  try {
    const block = randomFillSync(Buffer.alloc(LARGE));
    const blocks = Math.ceil((2.2 * bytesPerS) / LARGE);
    for (let i = 0; i < blocks; i++) await nbd.write(OFFSET + i * LARGE, block);
  } finally {
    nbd.close();
  }
}
