import { isTree } from '../base/tree.js';
import type { Extent } from '../sim/parameters/value-types.js';
import { alikeReleases, knownTraits } from '../sim/qemu/releases.js';
import type { Scenario } from '../sim/scenario.js';
import { companionOf, shareOf } from './companion.js';
import { extentBytes } from './models/workload.js';
import { diskPath } from './parameters/disk-list.js';
import {
  BASE_PARAMETERS,
  columnValue,
  OVERRIDE_PARAMETERS,
  type Parameter,
  parameterAt,
} from './parameters.js';
import { type Layer, readRow } from './values/fields.js';

/** JSON has no Infinity: `unlimited` in its place, at any depth. */
function finite(node: unknown): unknown {
  if (node === Number.POSITIVE_INFINITY) return 'unlimited';
  if (Array.isArray(node)) return node.map(finite);
  if (!isTree(node)) return node;
  return Object.fromEntries(Object.entries(node).map(([key, value]) => [key, finite(value)]));
}

/** Of what an extent is a share: RAM, or a disk; undefined where the disks differ, so that a share is no number of bytes. */
function wholeBytes(path: string, { ram, disks }: Scenario): number | undefined {
  if (path.startsWith('ram.')) return ram.sizeBytes;
  const [first, ...others] = disks;
  return others.every(({ sizeBytes }) => sizeBytes === first!.sizeBytes) ? first!.sizeBytes : undefined;
}

/** A value with what its companion says, by column. */
function shownPair(
  parameter: Parameter,
  value: unknown,
  raw: unknown,
  scenario: Scenario,
): Readonly<Record<string, unknown>> {
  const { kind, column, path } = parameter;
  const beside = companionOf(parameter)?.column ?? '';
  if (kind === 'extent') {
    const extent = value as Extent;
    const share = shareOf(extent);
    if (share === undefined) return { [column]: columnValue(parameter, value) };
    const whole = wholeBytes(path, scenario);
    return { [column]: whole === undefined ? null : extentBytes(extent, whole), [beside]: share };
  }
  const shown = { [column]: columnValue(parameter, value, raw) };
  const isMix = kind === 'sizes' && typeof raw === 'object';
  return isMix ? { ...shown, [beside]: JSON.stringify(raw) } : shown;
}

/** Single values of presets that the user set, by column. */
function overridesOf(layers: readonly Layer[], scenario: Scenario): Readonly<Record<string, unknown>> {
  const ofDisks = layers.flatMap((layer) => [...layer.keys()].filter((path) => diskPath(path)));
  const set = [
    ...OVERRIDE_PARAMETERS.filter((parameter) => layers.some((layer) => layer.has(parameter.path))),
    ...new Set(ofDisks.map((path) => parameterAt(path)!)),
  ];
  const raw = (path: string): unknown => layers.findLast((layer) => layer.has(path))?.get(path)?.raw;
  const shown = (parameter: Parameter): Readonly<Record<string, unknown>> =>
    shownPair(parameter, readRow(parameter, layers, 'scenario'), raw(parameter.path), scenario);
  return Object.assign({}, ...set.map(shown));
}

/**
 * Every resolved input in base units, for `ask --json` and the CSV: parameters by their columns, what follows from
 * them (`geometry`: bits and bytes of the bitmaps), and under `models` the presets as the simulation takes them.
 */
export function questionFrom(
  layers: readonly Layer[],
  given: readonly Layer[],
  scenario: Scenario,
  geometry: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const parameters = BASE_PARAMETERS.flatMap((parameter) => {
    const value = readRow(parameter, layers, 'scenario');
    return value === undefined ? [] : [[parameter.column, columnValue(parameter, value)] as const];
  });
  const { storage, host, link, ram, migration, qemu } = scenario;
  const { timesNs, offsetsBytes, lengthsBytes, disks, ...guest } = scenario.guest as typeof scenario.guest &
    Readonly<Record<string, unknown>>;
  const writes = timesNs instanceof Float64Array ? { writes: timesNs.length } : {};
  return {
    ...Object.fromEntries(parameters),
    ...overridesOf(given, scenario),
    ...geometry,
    migration_timeout_ms: migration.timeoutNs / 1e6,
    ram_used_bytes: ram.usedBytes,
    ram_working_set_bytes: ram.workingSetBytes,
    ram_dirty_rate_bytes_per_s: ram.dirtyBytesPerS,
    models: finite({
      storage,
      host,
      link,
      guest: { ...guest, ...writes },
      qemu: { ...qemu, behaves_as: alikeReleases(qemu.name), traits: knownTraits(qemu.name) },
    }),
  };
}
