/**
 * What QEMU itself takes on this machine: real stops where QEMU and nbdkit are installed, else a loop that imitates the
 * two longest of its works. Whatever is not told by them stays as it is for a machine that nobody measured.
 */
import { availableParallelism, loadavg } from 'node:os';
import { median, medianAbsoluteDeviation } from 'simple-statistics';
import type { HostFigure } from '../../sim/parameters/host.js';
import type { HostSpec } from '../../sim/scenario.js';
import { figureOf, uncertainFigures } from '../../sim/stop/host-share.js';
import { anyHost } from '../host.js';
import { hostFit, joined, type Observation } from '../hosts/fit.js';
import { withCleanup } from '../process/cleanup.js';
import { findProgram } from '../process/programs.js';
import { requireQemu } from '../qemu/qemu.js';
import { hostOfBenchmark } from './benchmark.js';
import type { CalibratedHost } from './calibrated.js';
import { onePass, type Pass, STOPS_PER_PASS } from './stops.js';

export interface CalibrateHostOptions {
  readonly probe: 'auto' | 'builtin' | 'qemu';
  readonly budgetMs: number;
  readonly onProgress?: (done: number) => void;
}

const PROGRAMS = ['qemu-system-x86_64', 'qemu-img', 'nbdkit'];
/** The median of more says little more. */
const PASSES_MAX = 5;
/** What the stops themselves add to the load. */
const OWN_LOAD = 1;
/** A figure is called measured where the stops leave less than this of the spread over all machines. */
const TOLD = 0.7;
/**
 * However well a figure is known now, it is known for the next hour to so much of it only, a standard deviation: what else
 * runs on a machine changes, and its clock does.
 */
const DRIFT = 0.05;
/**
 * The same where others wanted all processors, less in proportion: how long a stop waits for one is not how long the next
 * will. Of an image of 256 GiB the walk took 35 and 50 % less than hosts calibrated at a load of 7 on two processors said.
 */
const CROWDED_DRIFT = 0.25;

/** Of a normal distribution; one stop that was held up does not count in it. */
const MAD_TO_SD = 1.4826;

/** This machine as a host. */
export async function calibrateHost(options: CalibrateHostOptions): Promise<CalibratedHost> {
  const prior = await anyHost();
  const isThere = PROGRAMS.every((name) => findProgram(name) !== undefined);
  return options.probe === 'builtin' || (options.probe === 'auto' && !isThere)
    ? hostOfBenchmark(prior, options.budgetMs)
    : hostOfStops(prior, options);
}

async function hostOfStops(
  prior: HostSpec,
  { budgetMs, onProgress = () => {} }: CalibrateHostOptions,
): Promise<CalibratedHost> {
  const version = await requireQemu('calibrate --host', ['nbdkit']);
  const passes = await withCleanup(async (cleanup) => {
    const endMs = performance.now() + budgetMs;
    const beginMs = performance.now();
    const made: Pass[] = [];
    let stops = 0;
    let ofAll = 1 / STOPS_PER_PASS;
    const options = {
      prior,
      onStop: () => onProgress(Math.min(1, ++stops * ofAll)),
      isOver: () => performance.now() > endMs,
    };
    for (;;) {
      made.push(await onePass(cleanup, options));
      const passMs = (performance.now() - beginMs) / made.length;
      const possible = Math.min(PASSES_MAX, Math.floor(budgetMs / passMs));
      if (made.length >= possible) return made;
      ofAll = 1 / (possible * STOPS_PER_PASS);
    }
  });
  onProgress(1);
  const load = loadavg()[0]!;
  // Of all processors, how many others wanted.
  const wanted = Math.max(0, load - OWN_LOAD) / availableParallelism();
  return {
    ...fitted(prior, passes, Math.hypot(DRIFT, CROWDED_DRIFT * Math.min(1, wanted))),
    notes:
      wanted > 1
        ? [
            `the machine has a load of ${load.toFixed(1)}: stops that wait for a processor make its figures too long; calibrate again when it is as busy as usual`,
          ]
        : [],
    tool: `QEMU ${version}, ${passes.length} ${passes.length === 1 ? 'pass' : 'passes'} of ${STOPS_PER_PASS} stops`,
  };
}

/** Repeats of one stop: how well their median is known, from how they differ, and from what stops are known to differ by. */
function known(repeats: readonly Observation[], prior: HostSpec): Observation {
  const one = joined(repeats);
  const misses = repeats.map(({ measuredMs, predictMs }) => measuredMs - predictMs(prior));
  const seen = MAD_TO_SD * medianAbsoluteDeviation(misses);
  return {
    ...one,
    measuredMs: one.predictMs(prior) + median(misses),
    sdMs: Math.max(seen, one.sdMs) / Math.sqrt(repeats.length),
  };
}

/**
 * The host that these passes tell. `drift`: the least standard deviation of a figure, as a share of it.
 * @internal
 */
export function fitted(
  prior: HostSpec,
  passes: readonly Pass[],
  drift: number = DRIFT,
): Pick<CalibratedHost, 'host' | 'measured'> {
  const observations = passes[0]!.flatMap((_, stop) => {
    const repeats = passes.flatMap((pass) => pass[stop] ?? []);
    return repeats.length > 0 ? known(repeats, prior) : [];
  });
  const { host: fit, near } = hostFit(prior, observations, 'this machine');
  const figures = uncertainFigures(fit);
  const overMachines = (figure: HostFigure): number => near.spread![figure]!;
  const measured = figures.filter(([figure, spread]) => spread < TOLD * overMachines(figure));
  const spreads = figures.map(([figure, spread]) => [
    figure,
    Math.min(overMachines(figure), Math.hypot(spread, drift * figureOf(fit, figure))),
  ]);
  return {
    host: { ...fit, spread: { ...fit.spread, ...Object.fromEntries(spreads) } },
    measured: new Set(measured.map(([figure]) => figure)),
  };
}
