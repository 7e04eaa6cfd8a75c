/**
 * Stops of one image on one volume, by its law, again and again. All that is made between them takes no time; each begins with
 * a level, a spell and a neighbour drawn anew, so that they are independent of one another.
 */
import { loadavg, tmpdir } from 'node:os';
import { median } from 'simple-statistics';
import { namedStream } from '../../kernel/rng.js';
import type { OpCounts } from '../../sim/qcow2/op-counts.js';
import { type Cleanup, withScope } from '../process/cleanup.js';
import { clustersTouched } from '../qemu/content.js';
import { CALIBRATION_OFFSET, type Volume } from '../qemu/nbdkit.js';
import { startQemu } from '../qemu/qemu.js';
import { countRequests } from '../qemu/requests.js';
import { resumeSource, setCapabilities, stopOnce } from '../qemu/stop.js';
import { makeDisks, type Situation, situationRuns } from '../qemu/store.js';
import { addBitmaps, diskName, diskNodes, paintPattern, patternNodes } from '../qemu/test-image.js';
import { calibrateVolume, type VolumeCalibration } from '../qemu/volume-probe.js';
import type { SpellsCell } from './grid.js';
import { meanSlowdown } from './laws.js';
import { type Neighbour, startNeighbour } from './neighbour.js';
import { compileDevice, setMode, volumeOf } from './volume.js';

export interface SpellStop {
  readonly repeat: number;
  readonly stopMs: number;
  /** QEMU's own requests in it. */
  readonly requests: OpCounts;
  readonly load1: number;
}

export interface PlayedCell {
  readonly cell: SpellsCell;
  /** Of each bitmap. */
  readonly setBits: number;
  readonly dirtyClusters: number;
  /** At the mean speed. */
  readonly calibration: VolumeCalibration;
  /** A stop without bitmaps, and without time for a request. */
  readonly baseMs: number;
  readonly budgetMs: number;
  readonly stops: readonly SpellStop[];
}

const BARE_STOPS = 5;
/** The budget is so much more than the requests take in the mean: some stops of most laws are over it. */
const BUDGET_OVER_MEAN = 1.25;

/** All stops of a cell, on a volume and a QEMU of its own. */
export function playSpellsCell(cleanup: Cleanup, cell: SpellsCell, repeats: number): Promise<PlayedCell> {
  return withScope(cleanup, (scope) => play(scope, cell, repeats));
}

async function play(cleanup: Cleanup, cell: SpellsCell, repeats: number): Promise<PlayedCell> {
  const { image, law, neighbour: neighbourLaw, seed } = cell;
  const runDir = cleanup.tempDir(tmpdir(), 'run');
  const filter = await compileDevice(cleanup, runDir);
  const storage = { kind: 'nbdkit', volume: volumeOf(filter, law, seed) } as const;
  const situation: Situation = { ...image, disks: 1, preallocated: false, repeats, seed, storage };
  const { places, volumes } = await makeDisks(cleanup, runDir, situation);
  const volume = volumes[0]!;
  const nodes = [...patternNodes(image.diskBytes), ...diskNodes(places[0]!, 0, image.discard)];
  const qemu = await startQemu(cleanup, runDir, 'source', nodes, { disks: [diskName(0)] });
  await setCapabilities(qemu);
  const runs = situationRuns(situation);
  const setBits = await paintPattern(qemu, runs, image.granularityBytes, image.diskBytes);
  let neighbour: Neighbour | undefined;
  const stop = async () => {
    const stopped = await stopOnce(qemu);
    neighbour?.halt();
    await setMode(volume, 'rest');
    await resumeSource(qemu);
    return stopped;
  };
  const bare: number[] = [];
  for (let i = 0; i < BARE_STOPS; i++) bare.push((await stop()).stopMs);
  await addBitmaps(qemu, 0, image.bitmaps, image.granularityBytes);
  // The first store, and one that replaces a copy as all that are timed.
  await stop();
  const usual = await stop();
  const budgetMs = budgetOf(cell, ownRequests(volume, usual.fromUs, usual.toUs));
  await setMode(volume, 'plain');
  // As in measureStore, the first requests of all are not those of a stop.
  await calibrateVolume(volume.socket);
  const calibration = await calibrateVolume(volume.socket);
  neighbour = neighbourLaw && (await startNeighbour(cleanup, runDir, volume, neighbourLaw));
  await setMode(volume, 'rest');
  const stops: SpellStop[] = [];
  for (let repeat = 0; repeat < repeats; repeat++) {
    await setMode(volume, 'spells');
    neighbour?.begin(namedStream(seed, repeat, 'neighbour'));
    const { fromUs, toUs, stopMs } = await stop();
    const requests = ownRequests(volume, fromUs, toUs);
    stops.push({ repeat, stopMs, requests, load1: loadavg()[0]! });
  }
  await qemu.quit();
  await volume.stop();
  const dirtyClusters = clustersTouched(runs, 8 * image.clusterBytes);
  return { cell, setBits, dirtyClusters, calibration, baseMs: median(bare), budgetMs, stops };
}

/** QEMU's requests in a stop: the neighbour and the calibration write beyond the image. */
function ownRequests(volume: Volume, fromUs: number, toUs: number): OpCounts {
  return countRequests(volume.requests(fromUs, toUs).filter(({ offset }) => offset < CALIBRATION_OFFSET));
}

function budgetOf({ law, neighbour }: SpellsCell, { writes, reads, trims, flushes }: OpCounts): number {
  const workUs = (writes + reads + trims) * law.requestUs + flushes * law.flushUs;
  const slowdown = neighbour ? meanSlowdown(neighbour) : 1;
  return Math.round((BUDGET_OVER_MEAN * slowdown * workUs) / 1000);
}
