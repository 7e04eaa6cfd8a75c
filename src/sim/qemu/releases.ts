/** From a release of QEMU to its traits, and how well each of them is known. */
import { remembered } from '../../base/remembered.js';
import { type Known, LAST_READ, type QemuTraits, type Step, TRAITS } from './table.js';

/** QEMU as the model takes it: its traits, and whether its known flaws are mended. */
export interface QemuSpec extends QemuTraits {
  /** What was asked for: `7.2`, `9.2.4`, `fixed`. */
  readonly name: string;
  /** True: none of the known flaws (pending counted in bits, skip_store left set, no generation check). */
  readonly fixed: boolean;
}

/** The newest release in the table, with the known flaws mended; in no QEMU. */
const FIXED = 'fixed';
const FIRST: Release = [6, 2];
const LAST: Release = [11, 2];
/** QEMU has three releases a year. */
const MINOR_MAX = 2;
/** Releases that tables show. */
export const RELEASES: readonly string[] = [
  ...['6.2', '7.0', '7.1', '7.2', '8.0', '8.1', '8.2', '9.0', '9.1', '9.2', '10.0', '10.1', '10.2', '11.0'],
];

type Release = readonly [major: number, minor: number];
type TraitName = keyof QemuTraits;

const TRAIT_NAMES = Object.keys(TRAITS) as readonly TraitName[];

const compare = (a: Release, b: Release): number => a[0] - b[0] || a[1] - b[1];

/** Major and minor of `9.2`, `9.2.4` or `10`; undefined: no release that the table covers. */
function parse(name: string): Release | undefined {
  const found = /^(\d{1,2})(?:\.(\d{1,2}))?(?:\.\d{1,3})?$/.exec(name);
  if (!found) return undefined;
  const release: Release = [Number(found[1]), Number(found[2] ?? 0)];
  const covered = compare(release, FIRST) >= 0 && compare(release, LAST) <= 0 && release[1] <= MINOR_MAX;
  return covered ? release : undefined;
}

/** Can `qemuSpec` be asked for this? */
export function isRelease(name: string): boolean {
  return name === FIXED || parse(name) !== undefined;
}

const releaseOf = (name: string): Release => parse(name === FIXED ? LAST_READ : name)!;

function stepOf<T extends TraitName>(trait: T, release: Release): Step<QemuTraits[T]> {
  const steps: readonly Step<QemuTraits[T]>[] = TRAITS[trait].steps;
  return steps.findLast(({ from }) => compare(parse(from)!, release) <= 0)!;
}

/** QEMU of this name, which must be a release (`isRelease`) or `fixed`. */
export function qemuSpec(name: string): QemuSpec {
  const release = releaseOf(name);
  const of = <T extends TraitName>(trait: T): QemuTraits[T] => stepOf(trait, release).value;
  return {
    name,
    fixed: name === FIXED,
    storeFirst: of('storeFirst'),
    stopFlushes: of('stopFlushes'),
    waitReadsLog: of('waitReadsLog'),
    equalSwitches: of('equalSwitches'),
    splitPending: of('splitPending'),
    switchoverAck: of('switchoverAck'),
    switchoverBandwidth: of('switchoverBandwidth'),
    postcopyCancel: of('postcopyCancel'),
    postcopyRunState: of('postcopyRunState'),
    postcopyFailure: of('postcopyFailure'),
    postcopyActivates: of('postcopyActivates'),
    brokenWireStores: of('brokenWireStores'),
  };
}

/** A trait of a release: its value, how that is known, and from what. */
export interface KnownTrait {
  readonly trait: TraitName;
  readonly value: boolean | number | string;
  readonly known: Known;
  readonly source: string;
  /** The releases it was watched on, of this and of others alike. */
  readonly measuredOn: readonly string[];
}

/** Every trait of a release. Measured: on a release of the same number; read: in a source up to the last one read. */
export function knownTraits(name: string): readonly KnownTrait[] {
  const release = releaseOf(name);
  return TRAIT_NAMES.map((trait) => {
    const { value, source, measured } = stepOf(trait, release);
    const same = measured.some((watched) => compare(parse(watched)!, release) === 0);
    const read = compare(release, parse(LAST_READ)!) <= 0;
    return {
      trait,
      value,
      source,
      measuredOn: measured,
      known: same ? 'measured' : read ? 'source read' : 'assumed',
    };
  });
}

const sameTraits = (a: string, b: string): boolean =>
  TRAIT_NAMES.every((trait) => stepOf(trait, releaseOf(a)).from === stepOf(trait, releaseOf(b)).from);

const alikeKnown = new Map<string, string>();

/** The releases that behave as this one does, first and last: `9.0 to 9.2`. */
export function alikeReleases(name: string): string {
  return remembered(alikeKnown, name, () => alikeFound(name));
}

function alikeFound(name: string): string {
  const alike = RELEASES.filter((release) => sameTraits(name, release));
  const [first, last] = [alike[0]!, alike.at(-1)!];
  return first === last ? first : `${first} to ${last}`;
}

/** How answers name it: a release that the model does not stand for by itself says which one does. */
export function qemuText(name: string): string {
  if (name === FIXED || alikeReleases(name) === alikeReleases('7.2')) return name;
  return `${name} (as ${alikeReleases(name)}: ${countsOf(name)})`;
}

function countsOf(name: string): string {
  const traits = knownTraits(name);
  return (['measured', 'source read', 'assumed'] as const)
    .map((known) => [traits.filter((each) => each.known === known).length, known] as const)
    .filter(([count]) => count > 0)
    .map(([count, known]) => `${count} ${known}`)
    .join(', ');
}

/** One line on how well the behaviour of this release is known. */
export function howKnown(name: string): string {
  if (name === FIXED)
    return `QEMU ${name} behaves as ${LAST_READ} with its known flaws mended; it is in no release`;
  return `QEMU ${name} behaves as ${alikeReleases(name)}; of its ${TRAIT_NAMES.length} traits ${countsOf(name)} (stopgap list qemu)`;
}
