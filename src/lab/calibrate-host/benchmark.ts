/**
 * A host without QEMU: two loops that do what the two longest works of a store do, the walk over refcounts and the look
 * through the L1 table before each write, timed here; PER_LOOP says what QEMU takes in their terms.
 *
 * What a processor does to these loops it does to QEMU's code about as much, which is all that it can tell: by how much the
 * two differ from machine to machine nobody has measured, and what a request takes has nothing to do with it.
 */
import { median } from 'simple-statistics';
import type { HostFigure } from '../../sim/parameters/host.js';
import type { HostSpec } from '../../sim/scenario.js';
import type { CalibratedHost } from './calibrated.js';

/** Of one loop: per cluster walked over, per entry of the table. */
export interface LoopTimes {
  readonly walkNs: number;
  readonly scanNs: number;
}

/**
 * What QEMU 7.2.22 takes for a cluster and for an entry, in times of the loops: the least of 16 stops in images of 32 and
 * 128 GiB, and with tables of 1 K and 256 K entries, beside the least of the loops in the same minutes (AMD EPYC, busy).
 */
const PER_LOOP = { walk: 1.25, scan: 0.25 } as const;

/** Other work of the processor, taken to be as much slower or faster than on any machine as those two are. */
const ALIKE = [
  'perBitmapMiBNs',
  'perStreamPieceNs',
  'perZeroPieceNs',
  'perReceivedMiBNs',
  'perRecountedWordNs',
] as const satisfies readonly HostFigure[];

/** Judgements, standard deviations as a share: of the two works that the loops imitate, and of the others. */
const ERROR = { imitated: 0.4, other: 0.5 } as const;

const ROUNDS = 15;
const CLUSTERS_PER_BLOCK = 32_768;
const BLOCKS = 32;
/** As QEMU has it: four blocks of refcounts in memory. */
const CACHED = 4;
const TABLE_ENTRIES = 131_072;
/** Looks through the table in a round. */
const SCANS = 16;

/** Called through a table, as QEMU calls it through a pointer (`get_refcount`): so it is never inlined. */
const refcountOf = [(block: Uint16Array, index: number): number => block[index]!];

/** As QEMU finds the refcount of a cluster: which block, is it cached, what does it say. */
function walk(blocks: readonly Uint16Array[], cached: Int32Array): number {
  let used = 0;
  for (let cluster = 0; cluster < BLOCKS * CLUSTERS_PER_BLOCK; cluster++) {
    const block = Math.floor(cluster / CLUSTERS_PER_BLOCK);
    let slot = (block * 4) % CACHED;
    while (cached[slot] !== block) {
      slot = (slot + 1) % CACHED;
      if (slot === (block * 4) % CACHED) cached[(slot = block % CACHED)] = block;
    }
    if (refcountOf[slot & 0]!(blocks[block]!, cluster % CLUSTERS_PER_BLOCK) !== 0) used++;
  }
  return used;
}

/** As QEMU looks whether a write would fall on a table: is any entry's place that of the write? */
function scan(table: Float64Array, place: number): number {
  let overlaps = 0;
  for (let i = 0; i < table.length; i++) {
    const entry = table[i]!;
    if (entry !== 0 && entry <= place && place < entry + 65_536) overlaps++;
  }
  return overlaps;
}

function medianNs(units: number, loop: () => number, deadlineMs: number): number {
  const times: number[] = [];
  let seen = 0;
  while (times.length < ROUNDS && (times.length < 3 || performance.now() < deadlineMs)) {
    const begin = performance.now();
    seen += loop();
    times.push(((performance.now() - begin) * 1e6) / units);
  }
  // What is found must be looked at, or a compiler may leave the loop out.
  return seen >= 0 ? median(times) : Number.NaN;
}

/**
 * The loops on this machine.
 * @internal
 */
export function timeLoops(budgetMs: number): LoopTimes {
  const blocks = Array.from({ length: BLOCKS }, () => new Uint16Array(CLUSTERS_PER_BLOCK).fill(1));
  const cached = new Int32Array(CACHED).fill(-1);
  const table = Float64Array.from({ length: TABLE_ENTRIES }, (_, i) => (i % 2) * i * 2 ** 29);
  const begin = performance.now();
  const walkNs = medianNs(BLOCKS * CLUSTERS_PER_BLOCK, () => walk(blocks, cached), begin + budgetMs / 2);
  const scans = (): number => {
    let sum = 0;
    for (let i = 0; i < SCANS; i++) sum += scan(table, -1 - i);
    return sum;
  };
  const scanNs = medianNs(SCANS * TABLE_ENTRIES, scans, begin + budgetMs);
  return { walkNs, scanNs };
}

/**
 * The host that these times tell.
 * @internal
 */
export function hostOfLoops(prior: HostSpec, { walkNs, scanNs }: LoopTimes): CalibratedHost {
  const walk = PER_LOOP.walk * walkNs;
  const scan = PER_LOOP.scan * scanNs;
  const slower = Math.sqrt((walk / prior.perScannedClusterNs) * (scan / prior.perL1EntryNs));
  const figure = (name: HostFigure, value: number, error: number) => ({
    figure: name,
    value,
    spread: error * value,
  });
  const told = [
    figure('perScannedClusterNs', walk, ERROR.imitated),
    figure('perL1EntryNs', scan, ERROR.imitated),
    ...ALIKE.map((name) => figure(name, slower * prior[name], ERROR.other)),
  ];
  return {
    host: {
      ...prior,
      name: 'this machine',
      ...Object.fromEntries(told.map(({ figure, value }) => [figure, value])),
      spread: { ...prior.spread, ...Object.fromEntries(told.map(({ figure, spread }) => [figure, spread])) },
    },
    measured: new Set(told.map(({ figure }) => figure)),
    notes: [
      'QEMU or nbdkit is not installed (or --probe builtin): two loops stand in for them, and requests are those of any machine',
    ],
    tool: `two loops in place of QEMU (${walkNs.toPrecision(3)} ns a cluster, ${scanNs.toPrecision(3)} ns an entry; right to about ${100 * ERROR.imitated} %)`,
  };
}

/** This machine by its loops alone. */
export function hostOfBenchmark(prior: HostSpec, budgetMs: number): CalibratedHost {
  return hostOfLoops(prior, timeLoops(Math.min(budgetMs, 2000)));
}
