/**
 * What is measured: laws of a device, neighbours on it, and images. Requests take milliseconds, so that a stop waits for the
 * volume and hardly for the processor; stops are short, since there are many.
 */
import type { Situation } from '../qemu/store.js';
import type { DeviceLaw, NeighbourLaw } from './laws.js';

export type SpellsImage = Pick<
  Situation,
  'diskBytes' | 'clusterBytes' | 'granularityBytes' | 'bitmaps' | 'bits' | 'layout' | 'discard'
>;

export interface SpellsCell {
  readonly name: string;
  readonly image: SpellsImage;
  readonly law: DeviceLaw;
  readonly neighbour?: NeighbourLaw;
  readonly seed: number;
}

const GIB = 2 ** 30;
const KIB_64 = 65_536;

/** Every bit is set. */
function full(diskGib: number, bitmaps: number, discard: boolean): SpellsImage {
  const diskBytes = diskGib * GIB;
  const bits = diskBytes / KIB_64;
  const alike = { clusterBytes: KIB_64, granularityBytes: KIB_64, layout: 'uniform' } as const;
  return { ...alike, diskBytes, bitmaps, bits, discard };
}

/** Images with how long a request takes on their volumes, in microseconds. */
const PLACES: Readonly<Record<string, { readonly image: SpellsImage; readonly requestUs: number }>> = {
  '1T': { image: full(1024, 1, true), requestUs: 1500 },
  '512G:bitmaps=2': { image: full(512, 2, false), requestUs: 2500 },
  '256G': { image: full(256, 1, true), requestUs: 4000 },
};

type Spells = Omit<DeviceLaw, 'requestUs' | 'flushUs'>;

const NONE: Spells = { levelSpread: 0, slowFactor: 1, slowMs: 0, fastMs: 0 };
const level = (levelSpread: number): Spells => ({ ...NONE, levelSpread });
const turns = (slowFactor: number, slowMs: number, fastMs: number, levelSpread = 0): Spells => ({
  levelSpread,
  slowFactor,
  slowMs,
  fastMs,
});
const stays = (depth: number): NeighbourLaw => ({ depth, hereMs: 1, awayMs: 0 });
const comes = (depth: number, hereMs: number, awayMs: number): NeighbourLaw => ({ depth, hereMs, awayMs });

/** Each is played on every image. */
const LAWS: readonly { readonly spells: Spells; readonly neighbour?: NeighbourLaw }[] = [
  { spells: NONE },
  ...[0.1, 0.25, 0.5].map((spread) => ({ spells: level(spread) })),
  ...[
    turns(3, 20, 60),
    turns(3, 100, 300),
    turns(5, 200, 200),
    turns(3, 850, 900),
    turns(10, 50, 950),
    turns(2, 2000, 2000),
    turns(3, 100, 300, 0.2),
    turns(5, 200, 200, 0.2),
  ].map((spells) => ({ spells })),
  ...[stays(1), stays(3), comes(1, 200, 200), comes(3, 100, 300), comes(3, 400, 400)].map((neighbour) => ({
    spells: NONE,
    neighbour,
  })),
  { spells: level(0.2), neighbour: comes(1, 200, 200) },
  { spells: turns(3, 100, 300), neighbour: stays(1) },
];

/** What a flush takes in requests. */
const FLUSH_REQUESTS = 2;

export const SPELLS_GRID: readonly SpellsCell[] = LAWS.flatMap((law) =>
  Object.entries(PLACES).map(([image, place]) => ({ law, image, place })),
).map(({ law: { spells, neighbour }, image, place }, i) => ({
  name: `${groupOf(spells, neighbour)}:${image},${textOf(spells, neighbour)}`,
  image: place.image,
  law: { requestUs: place.requestUs, flushUs: FLUSH_REQUESTS * place.requestUs, ...spells },
  ...(neighbour && { neighbour }),
  seed: i + 1,
}));

/** The first word of a name is what the table of `validate` groups by. */
function groupOf({ levelSpread, slowFactor }: Spells, neighbour: NeighbourLaw | undefined): string {
  const device = [...(levelSpread > 0 ? ['level'] : []), ...(slowFactor > 1 ? ['spells'] : [])].join(' and ');
  const beside = neighbour && (neighbour.awayMs === 0 ? 'neighbour' : 'neighbour by turns');
  return [device, beside].filter(Boolean).join(', ') || 'steady';
}

function textOf(
  { levelSpread, slowFactor, slowMs, fastMs }: Spells,
  neighbour: NeighbourLaw | undefined,
): string {
  return [
    `level=${levelSpread}`,
    `slow=${slowFactor}x${slowMs}/${fastMs}`,
    ...(neighbour ? [`beside=${neighbour.depth}x${neighbour.hereMs}/${neighbour.awayMs}`] : []),
  ].join(',');
}
