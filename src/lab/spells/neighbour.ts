/** Somebody else on the volume: fio with so many writes in flight, which is halted and goes on by a law. */
import { setTimeout as sleep } from 'node:timers/promises';
import { exponential } from '../../kernel/distributions.js';
import type { Rng } from '../../kernel/rng.js';
import type { Cleanup } from '../process/cleanup.js';
import { LabError } from '../process/lab-error.js';
import { lastLine, startServer } from '../process/programs.js';
import { CALIBRATION_OFFSET, type Volume } from '../qemu/nbdkit.js';
import type { NeighbourLaw } from './laws.js';

const START_TIMEOUT_MS = 20_000;

export interface Neighbour {
  /** Begins to come and go, as at any moment of a long time. */
  begin(rng: Rng): void;
  /** Stays away until it begins again. */
  halt(): void;
}

/** Starts fio on the volume, where no image reaches, and halts it. The volume must not be at rest, or it would fill its log. */
export async function startNeighbour(
  cleanup: Cleanup,
  runDir: string,
  volume: Volume,
  law: NeighbourLaw,
): Promise<Neighbour> {
  const job = ['--name=neighbour', '--ioengine=nbd', `--uri=${volume.uri}`, '--rw=randwrite', '--bs=64k'];
  const place = [`--offset=${CALIBRATION_OFFSET}`, '--size=256m', `--iodepth=${law.depth}`];
  // One process, so that all of it is halted at once.
  const always = ['--thread', '--time_based', '--runtime=3600', '--norandommap'];
  const { child, output } = startServer(cleanup, 'fio', [...job, ...place, ...always], runDir);
  const fromUs = Date.now() * 1000;
  for (let waited = 0; volume.requests(fromUs, Number.POSITIVE_INFINITY).length === 0; waited += 20) {
    if (child.exitCode !== null || waited > START_TIMEOUT_MS)
      throw new LabError(`fio wrote nothing: ${lastLine(output.stderr || output.stdout)}`);
    await sleep(20);
  }
  let timer: NodeJS.Timeout | undefined;
  /** `atMs`: when it should have come or gone, so that a late timer does not make the law slower. */
  const turn = (isHere: boolean, atMs: number, rng: Rng): void => {
    child.kill(isHere ? 'SIGCONT' : 'SIGSTOP');
    if (law.awayMs === 0) return;
    const nextMs = atMs + exponential(rng, isHere ? law.hereMs : law.awayMs);
    timer = setTimeout(() => turn(!isHere, nextMs, rng), nextMs - performance.now());
  };
  const halt = (): void => {
    clearTimeout(timer);
    child.kill('SIGSTOP');
  };
  cleanup.defer(() => clearTimeout(timer));
  halt();
  return {
    begin: (rng) => turn(rng.uniform() < law.hereMs / (law.hereMs + law.awayMs), performance.now(), rng),
    halt,
  };
}
