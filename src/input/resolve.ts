/**
 * From what a user wrote (a scenario file, flags, settings of a sweep) to a Scenario: plain data in base units with
 * every default filled in. Layers, the later wins: defaults, VM preset, scenario file, overrides.
 */
import { InputError } from '../base/errors.js';
import type { Tree } from '../base/tree.js';
import type { HostSpec, LinkSpec, RamSpec, Scenario, StorageSpec, StrategySpec } from '../sim/scenario.js';
import { disksFrom, type Geometry, geometry } from './disks.js';
import { HOST_FIELDS, hostFrom } from './models/host.js';
import { LINK_FIELDS, linkFrom } from './models/link.js';
import { overrideStorage } from './models/storage.js';
import { extentBytes, GUEST_RAM_FIELDS } from './models/workload.js';
import { OUTCOME } from './parameters/outcome.js';
import { BASE_PARAMETERS, PARAMETERS, PRESET_PATHS, parameterAt } from './parameters.js';
import { loadPreset } from './presets.js';
import { questionFrom } from './question.js';
import { type LoadedStorage, loadStorage, loadWorkload, type WorkloadSource } from './sources.js';
import { strategiesFrom } from './strategies.js';
import { below, collect, type Layer, type Raw, readFields, type Values } from './values/fields.js';
import type { Extent, Field, Kind } from './values/kinds.js';
import { didYouMean } from './values/suggest.js';

/** A scenario file as parsed: a tree with the paths of parameters.ts. */
export type ScenarioInput = Tree;

/** Values by path (`disk.size`, `storage.write.latency`), as a user would write them. */
export type Overrides = Readonly<Record<string, unknown>>;

export interface ResolveOptions {
  /** Name of the scenario file, for messages. */
  readonly file?: string;
  /** How overrides were given, for messages: as flags, or as `path=value`. */
  readonly given?: 'flags' | 'settings';
}

export interface Resolved {
  readonly scenario: Scenario;
  readonly strategies: readonly StrategySpec[];
  /** Every resolved input in base units; keys are the CSV columns. */
  readonly question: Readonly<Record<string, unknown>>;
  readonly budgetNs: number;
  readonly replications: number;
  readonly seed: number;
  /** What was assumed and what the user should know, one line each; for stderr. */
  readonly notes: readonly string[];
}

const FILE_FIELDS: readonly Field[] = [
  ...PARAMETERS,
  ...PRESET_PATHS.map((path): Field => ({ path: `${path}.preset`, kind: 'text', help: '', optional: true })),
];

function canonical(layer: Layer): Layer {
  return new Map([...layer].map(([path, raw]) => [parameterAt(path)?.path ?? path, raw]));
}

/** Structured values as a file has them: flags and settings give them as text, `{4k: 60%, 64k: 40%}`. */
async function structured(raw: unknown, kind: Kind, where: string): Promise<unknown> {
  const isStructure = typeof raw === 'string' && kind !== 'text' && /^\s*[{[]/.test(raw);
  return isStructure ? await (await import('./values/yaml.js')).parseYaml(raw, where) : raw;
}

async function overrideLayer(overrides: Overrides, given: 'flags' | 'settings'): Promise<Layer> {
  const layer = new Map<string, Raw>();
  for (const [path, raw] of Object.entries(overrides)) {
    if (raw === undefined) continue;
    const parameter = parameterAt(path);
    if (!parameter)
      throw new InputError(
        `unknown parameter '${path}'${didYouMean(
          path,
          PARAMETERS.map((each) => each.path),
        )} (see stopgap list parameters)`,
      );
    const flag = given === 'flags' && parameter.flag !== undefined;
    const where = flag ? `--${parameter.flag}` : path;
    layer.set(parameter.path, { raw: await structured(raw, parameter.kind, where), where });
  }
  return layer;
}

function givenWhere(layers: readonly Layer[], path: string): string | undefined {
  return layers.findLast((layer) => layer.has(path))?.get(path)?.where;
}

function whereOf(layers: readonly Layer[], path: string): string {
  return givenWhere(layers, path) ?? path;
}

function prefixed(layers: readonly Layer[], prefix: string): readonly Layer[] {
  return layers.map((layer) => below(layer, prefix));
}

async function resolveLink(values: Values, layers: readonly Layer[]): Promise<LinkSpec> {
  const given = values.text('link');
  const where = whereOf(layers, 'link');
  const isRate = /^[\d.]+\s?[a-zA-Z]+\/s$/.test(given) || given === 'unlimited';
  const rate: Layer = new Map([['bandwidth', { raw: given, where }]]);
  const preset = await loadPreset('link', isRate ? '10gbit' : given, where, ', or a rate such as 10Gbit/s');
  const own = isRate ? [preset.layer, rate] : [preset.layer];
  return linkFrom(readFields(LINK_FIELDS, [...own, ...prefixed(layers, 'link')], given), given);
}

async function resolveHost(values: Values, layers: readonly Layer[]): Promise<HostSpec> {
  const name = values.text('host');
  const preset = await loadPreset('host', name, whereOf(layers, 'host'));
  return hostFrom(readFields(HOST_FIELDS, [preset.layer, ...prefixed(layers, 'host')], name), name);
}

function resolveRam(values: Values, workload: WorkloadSource, layers: readonly Layer[]): RamSpec {
  const ram = readFields(GUEST_RAM_FIELDS, [workload.layer, ...layers], workload.name);
  const sizeBytes = values.number('ram.size');
  const usedBytes = extentBytes(ram.get<Extent>('ram.used'), sizeBytes);
  return {
    sizeBytes,
    usedBytes,
    workingSetBytes: Math.min(usedBytes, extentBytes(ram.get<Extent>('ram.working-set'), sizeBytes)),
    dirtyBytesPerS: ram.number('ram.dirty-rate'),
  };
}

interface Parts {
  readonly values: Values;
  readonly disks: Geometry;
  readonly storage: StorageSpec;
  readonly workload: WorkloadSource;
  readonly link: LinkSpec;
  readonly host: HostSpec;
  readonly ram: RamSpec;
}

function scenarioFrom(parts: Parts): Scenario {
  const { values, disks, link, ram } = parts;
  const qemu = values.text('qemu');
  return {
    disks: disks.disks,
    storage: parts.storage,
    host: parts.host,
    link,
    ram,
    guest: parts.workload.guest(disks),
    qemu: { name: qemu, storeFirst: qemu !== '7.2', fixed: qemu === 'fixed' },
    migration: {
      downtimeLimitNs: values.number('migration.downtime-limit'),
      maxBytesPerS: values.number('migration.max-bandwidth'),
      returnPath: values.get<boolean>('migration.return-path'),
      timeoutNs: values.number('migration.timeout'),
      warmUpNs: values.number('migration.warm-up'),
    },
    whatIf: {
      queueDepth: values.number('what-if.queue-depth'),
      skipUnchanged: values.get<boolean>('what-if.skip-unchanged'),
      deferPunch: values.get<boolean>('what-if.defer-punch'),
      encodeAllOnes: values.get<boolean>('what-if.encode-all-ones'),
      earlyAllocation: values.get<boolean>('what-if.early-allocation'),
      loadEarly: values.get<boolean>('what-if.load-early'),
    },
    engine: values.get<Scenario['engine']>('engine'),
  };
}

/** Resolves a scenario; InputError in one line where something given cannot be used. */
export async function resolve(
  input: ScenarioInput = {},
  overrides: Overrides = {},
  options: ResolveOptions = {},
): Promise<Resolved> {
  const file = canonical(collect(input, FILE_FIELDS, options.file ?? 'scenario'));
  const set = await overrideLayer(overrides, options.given ?? 'flags');
  const vmName = (set.get('vm') ?? file.get('vm'))?.raw;
  const vm =
    vmName === undefined ? [] : [(await loadPreset('vm', String(vmName), whereOf([file, set], 'vm'))).layer];
  const layers = [file, set];
  const values = readFields(BASE_PARAMETERS, [...vm, ...layers], 'scenario');
  const where = (...paths: string[]): string =>
    paths.map((path) => givenWhere([...vm, ...layers], path)).find((given) => given !== undefined) ??
    paths[0]!;

  const disks = values.has('image')
    ? await (await import('./image-info.js')).imageGeometry(values, layers, where('image'))
    : geometry(disksFrom(values, where));
  const [stored, workload, link, host] = await Promise.all([
    loadStorage(values.text('storage'), prefixed(layers, 'storage'), where('storage')),
    loadWorkload(values.text('workload'), prefixed(layers, 'workload'), where('workload')),
    resolveLink(values, layers),
    resolveHost(values, layers),
  ]);
  const loaded: LoadedStorage = stored;
  const storage = overrideStorage(
    loaded.spec,
    values.get<number | undefined>('flush-latency'),
    values.get<number | undefined>('flush-bandwidth'),
  );
  const ram = resolveRam(values, workload, layers);
  const asked = OUTCOME.some(({ path }) => values.has(path));
  const scenario: Scenario = {
    ...scenarioFrom({ values, disks, storage, workload, link, host, ram }),
    ...(asked ? { outcome: (await import('./outcome.js')).outcomeSpec(values, where) } : {}),
  };
  return {
    scenario,
    strategies: strategiesFrom(values, {
      clusterBytes: Math.min(...scenario.disks.map((disk) => disk.clusterBytes)),
      chunkGiven: layers.some((layer) => layer.has('pre-flush.chunk')),
      where: where('strategies'),
      whereChunk: where('pre-flush.chunk'),
    }),
    question: questionFrom(values, layers, scenario, disks.question),
    budgetNs: values.number('budget'),
    replications: values.number('replications'),
    seed: values.number('seed'),
    notes: [...disks.notes, ...loaded.notes, ...workload.notes],
  };
}
