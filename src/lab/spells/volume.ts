/** A volume with slow spells of a known law: nbdkit with a filter of ours (device.c), compiled where it is needed. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PACKAGE_ROOT } from '../../input/values/package-root.js';
import type { Cleanup } from '../process/cleanup.js';
import { LabError } from '../process/lab-error.js';
import { requirePrograms, runProgram } from '../process/programs.js';
import { Nbd } from '../qemu/nbd.js';
import type { Volume, VolumeOptions } from '../qemu/nbdkit.js';
import type { DeviceLaw } from './laws.js';

const SOURCE = fileURLToPath(new URL('src/lab/spells/device.c', PACKAGE_ROOT));
const COMPILER = 'cc';

/** Compiles the filter into the folder; the path of its shared object. */
export async function compileDevice(cleanup: Cleanup, folder: string): Promise<string> {
  requirePrograms([COMPILER], 'measure --spells');
  const object = 'nbdkit-spells-filter.so';
  const args = ['-shared', '-fPIC', '-O2', '-o', object, SOURCE, '-lm', '-pthread'];
  await runProgram(COMPILER, args, 60_000, cleanup, folder).catch((error: Error) => {
    throw new LabError(
      `${error.message} (the headers of nbdkit are needed; on Debian and Ubuntu: apt-get install nbdkit-plugin-dev libc6-dev)`,
    );
  });
  return join(folder, object);
}

/** A volume that begins at rest. `seed`: of its draws. */
export function volumeOf(path: string, law: DeviceLaw, seed: number): VolumeOptions {
  const params = {
    'request-us': law.requestUs,
    'flush-us': law.flushUs,
    'level-spread': law.levelSpread,
    'slow-factor': law.slowFactor,
    'slow-ms': law.slowMs,
    'fast-ms': law.fastMs,
    seed,
  };
  return { filter: { path, params: Object.entries(params).map(([key, value]) => `${key}=${value}`) } };
}

/**
 * How the volume works from now on: nothing takes time (`rest`), always at the mean speed (`plain`), or by its law, which draws
 * level and first spell anew (`spells`).
 */
export async function setMode(volume: Volume, mode: 'rest' | 'plain' | 'spells'): Promise<void> {
  const nbd = await Nbd.connect(volume.socket, mode);
  nbd.close();
}
