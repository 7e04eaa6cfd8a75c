/**
 * From what a user wrote (a scenario file, flags, settings of a sweep) to a Scenario: plain data in base units with
 * every default filled in. Layers, the later wins: defaults, VM preset, scenario file, overrides.
 */
import { InputError } from '../base/errors.js';
import type { Tree } from '../base/tree.js';
import { heldBackNotes } from '../sim/machine/guest-demand.js';
import { HOST } from '../sim/parameters/host.js';
import { LINK } from '../sim/parameters/link.js';
import type { Kind, Row, Specs } from '../sim/parameters/row.js';
import { howKnown, qemuSpec } from '../sim/qemu/releases.js';
import type { HostSpec, LinkSpec, MirrorSpec, RamSpec, Scenario, StorageSpec } from '../sim/scenario.js';
import type { StrategySpec } from '../sim/strategies/registry.js';
import { placeDisks } from './disk-plan.js';
import { areUnlike, unlikeQuestion } from './disk-question.js';
import { type Geometry, geometry } from './disks.js';
import { type Doubt, doubtsIn, isReplaced } from './doubt.js';
import { evacuationSpec } from './evacuation.js';
import { mirrorSpec, travelling, type Ways } from './mirror.js';
import { overrideStorage } from './models/storage.js';
import { extentBytes, GUEST_RAM } from './models/workload.js';
import { SITUATION } from './parameters/situation.js';
import { BASE, PARAMETERS, PRESET_PATHS, parameterAt } from './parameters.js';
import { type Planned, planDisks } from './planned-disks.js';
import { loadPreset } from './presets.js';
import { questionFrom } from './question.js';
import { rampFrom } from './ramp.js';
import type { Overrides, ParameterPath, ScenarioInput, Where } from './scenario-input.js';
import { loadStorage, loadWorkload, type WorkloadSource } from './sources.js';
import { loadStack, type Stack } from './stack.js';
import { strategiesFrom } from './strategies.js';
import { below, collect, type Layer, type Raw, readSpec, readSpecs, readSpreads } from './values/fields.js';
import { didYouMean } from './values/suggest.js';

export type { Overrides, ScenarioInput } from './scenario-input.js';

export interface ResolveOptions {
  /** Name of the scenario file, for messages. */
  readonly file?: string;
  /** How overrides were given, for messages: as flags, or as `path=value`. */
  readonly given?: 'flags' | 'settings';
  /** What `--set` says, over the overrides. */
  readonly settings?: Tree;
}

export interface Resolved {
  readonly scenario: Scenario;
  readonly strategies: readonly StrategySpec[];
  /** The way the bitmaps go in the stack asked about; null: none was named, it is plain QEMU. */
  readonly route: StrategySpec | null;
  /** Every resolved input in base units; keys are the CSV columns. */
  readonly question: Readonly<Record<string, unknown>>;
  readonly budgetNs: number;
  /** What the bitmaps alone may cost; null: not asked for. */
  readonly bitmapBudgetNs: number | null;
  readonly allowedShare: number;
  readonly replications: number;
  /** The user asked for so many, and not for what can be told without any. */
  readonly replicationsAsked: boolean;
  readonly seed: number;
  /** The figures of the presets that may be off, in the order of storage, link and host. */
  readonly doubts: () => readonly Doubt[];
  /** What was assumed and what the user should know, one line each; for stderr. */
  readonly notes: readonly string[];
}

const FILE_ROWS: readonly Row[] = [
  ...PARAMETERS,
  ...PRESET_PATHS.map((path): Row => ({ path: `${path}.preset`, kind: 'text', help: '', optional: true })),
];

function canonical(layer: Layer): Layer {
  return new Map([...layer].map(([path, raw]) => [parameterAt(path)?.path ?? path, raw]));
}

/** Structured values as a file has them: flags and settings give them as text, `{4k: 60%, 64k: 40%}`. */
async function structured(raw: unknown, kind: Kind, where: string): Promise<unknown> {
  const isStructure = typeof raw === 'string' && kind !== 'text' && /^\s*[{[]/.test(raw);
  return isStructure ? await (await import('./values/yaml.js')).parseYaml(raw, where) : raw;
}

async function overrideLayer(overrides: Tree, given: 'flags' | 'settings'): Promise<Layer> {
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
    const flag = path === SITUATION.disks.path ? SITUATION.diskBytes.flag : parameter.flag;
    const where = given === 'flags' && flag !== undefined ? `--${flag}` : path;
    layer.set(parameter.path, { raw: await structured(raw, parameter.kind, where), where });
  }
  return layer;
}

/** Where the first of the parameters was given, or the path of the first where none was. */
function whereOf(layers: readonly Layer[]): Where {
  const given = (path: ParameterPath): string | undefined =>
    layers.findLast((layer) => layer.has(path))?.get(path)?.where;
  return (...paths) => paths.map(given).find((where) => where !== undefined) ?? paths[0]!;
}

function prefixed(layers: readonly Layer[], prefix: string): readonly Layer[] {
  return layers.map((layer) => below(layer, prefix));
}

/** What the base parameters say. */
type Told = Specs<typeof BASE>;

/** What a preset says, and the preset itself. */
interface Loaded<Spec> {
  readonly spec: Spec;
  readonly layer: Layer;
}

async function resolveLink(given: string, layers: readonly Layer[], where: Where): Promise<Loaded<LinkSpec>> {
  const isRate = /^[\d.]+\s?[a-zA-Z]+\/s$/.test(given) || given === 'unlimited';
  const rate: Layer = new Map([[LINK.bytesPerS.path, { raw: given, where: where('link') }]]);
  const name = isRate ? '10gbit' : given;
  const preset = await loadPreset('link', name, where('link'), ', or a rate such as 10Gbit/s');
  const layer: Layer = isRate ? new Map([...preset.layer, ...rate]) : preset.layer;
  return { layer, spec: { name: given, ...readSpec(LINK, [layer, ...prefixed(layers, 'link')], given) } };
}

async function resolveHost(name: string, layers: readonly Layer[], where: Where): Promise<Loaded<HostSpec>> {
  const { layer } = await loadPreset('host', name, where('host'));
  const own = [layer, ...prefixed(layers, 'host')];
  return { layer, spec: { name, ...readSpec(HOST, own, name), spread: readSpreads(HOST, own) } };
}

function resolveRam(sizeBytes: number, workload: WorkloadSource, layers: readonly Layer[]): RamSpec {
  const ram = readSpec(GUEST_RAM, [workload.layer, ...layers], workload.name);
  const usedBytes = extentBytes(ram.used, sizeBytes);
  const workingSetBytes = Math.min(usedBytes, extentBytes(ram.workingSet, sizeBytes));
  return { sizeBytes, usedBytes, workingSetBytes, dirtyBytesPerS: ram.dirtyBytesPerS };
}

interface Parts {
  readonly told: Told;
  readonly disks: Geometry;
  readonly storage: StorageSpec;
  readonly workload: WorkloadSource;
  readonly link: LinkSpec;
  readonly host: HostSpec;
  readonly ram: RamSpec;
  readonly mirror: MirrorSpec | undefined;
}

async function scenarioFrom(parts: Parts, where: Where): Promise<Scenario> {
  const { told, disks, storage, host, link, ram, mirror } = parts;
  const { qemu } = told.course;
  const guest = parts.workload.guest(disks);
  const spec = qemuSpec(qemu);
  if (told.migration.switchoverBytesPerS !== undefined && !spec.switchoverBandwidth)
    throw new InputError(
      `${where('migration.switchover-bandwidth')}: QEMU ${qemu} does not have avail-switchover-bandwidth; 8.2 and later do`,
    );
  const evacuation = evacuationSpec(told.evacuation, where);
  if (mirror && evacuation)
    throw new InputError(
      `${where('vms')}: evacuations are of VMs on shared storage; leave mirror.copy-mode out`,
    );
  const outcome =
    Object.keys(told.outcome).length > 0
      ? (await import('./outcome.js')).outcomeSpec(told.outcome, where)
      : undefined;
  return {
    disks: disks.disks,
    storage,
    host,
    link,
    ram,
    guest,
    qemu: spec,
    migration: { ...told.migration, ramp: rampFrom(told.ramp, ram.sizeBytes) },
    whatIf: told.whatIf,
    engine: told.study.engine,
    ...(mirror ? { mirror } : {}),
    ...(evacuation ? { evacuation } : {}),
    ...(outcome ? { outcome } : {}),
  };
}

interface Layers {
  readonly all: readonly Layer[];
  /** What the user wrote: the file, the overrides. */
  readonly given: readonly Layer[];
  readonly stack: Stack | null;
}

/** The layers of a scenario, the later wins: VM preset, stack, file, overrides. */
async function layersOf(input: unknown, overrides: Tree, options: ResolveOptions): Promise<Layers> {
  const file = canonical(collect(input, FILE_ROWS, options.file ?? 'scenario'));
  const given = [
    file,
    await overrideLayer(overrides, options.given ?? 'flags'),
    await overrideLayer(options.settings ?? {}, 'settings'),
  ];
  const named = (path: string): Raw | undefined => given.findLast((layer) => layer.has(path))?.get(path);
  const [vm, stack] = [named('vm'), named('stack')];
  const below = vm === undefined ? [] : [(await loadPreset('vm', String(vm.raw), vm.where)).layer];
  const above = stack === undefined ? null : await loadStack(String(stack.raw), stack.where);
  return { all: [...below, ...(above ? [above.layer] : []), ...given], given, stack: above };
}

/** The disks with what the question says of them. */
function geometryOf(
  planned: Planned,
  placed: Pick<Geometry, 'disks' | 'notes'>,
  storage: StorageSpec,
): Geometry {
  const { disks } = placed;
  const { notes, question } = geometry(disks, [...planned.notes, ...placed.notes]);
  const unlike = planned.listed || areUnlike(disks) ? unlikeQuestion({ disks, storage }) : {};
  return { disks, notes, question: { ...question, ...planned.question, ...unlike } };
}

/** The strategies asked for, and that of the stack. */
function waysOf(
  scenario: Scenario,
  names: readonly string[] | undefined,
  where: string,
  { all, given, stack }: Layers,
): Ways {
  const clusterBytes = Math.min(...scenario.disks.map((disk) => disk.clusterBytes));
  const named = (these: typeof names) => strategiesFrom({ names: these, where, layers: all, clusterBytes });
  const ways = { strategies: named(names), route: stack === null ? null : named([stack.route])[0]! };
  if (!scenario.mirror) return ways;
  return travelling(ways, given.some((layer) => layer.has('strategies')) ? where : null);
}

/** Resolves a scenario; InputError in one line where something given cannot be used. */
export function resolve(
  input: ScenarioInput = {},
  overrides: Overrides = {},
  options: ResolveOptions = {},
): Promise<Resolved> {
  return resolveTree({ ...input }, { ...overrides }, options);
}

/** The same from a parsed file and flags, whose paths nobody has checked yet. */
export async function resolveTree(
  input: unknown,
  overrides: Tree = {},
  options: ResolveOptions = {},
): Promise<Resolved> {
  const { all, given, stack } = await layersOf(input, overrides, options);
  const told = readSpecs(BASE, all, 'scenario');
  const { situation, study } = told;
  const where = whereOf(all);

  const planned = await planDisks(situation, { all, given }, where);
  const [stored, workload, link, host] = await Promise.all([
    loadStorage(situation.storage, prefixed(given, 'storage'), where('storage')),
    loadWorkload(situation.workload, prefixed(given, 'workload'), where('workload')),
    resolveLink(situation.link, given, where),
    resolveHost(situation.host, given, where),
  ]);
  const asTold = (spec: StorageSpec): StorageSpec =>
    overrideStorage(spec, situation.flushLatencyNs, situation.flushBytesPerS);
  const storage = asTold(stored.spec);
  const mirror = await mirrorSpec(told.mirror, where, asTold);
  const placed = await placeDisks(planned.plans, storage, situation);
  const disks = geometryOf(planned, placed, storage);
  const ram = resolveRam(situation.ramBytes, workload, given);
  const scenario = await scenarioFrom(
    { told, disks, storage, workload, link: link.spec, host: host.spec, ram, mirror },
    where,
  );
  const stackNotes = stack === null ? {} : { stack_notes: stack.notes };
  return {
    scenario,
    ...waysOf(scenario, told.course.strategies, where('strategies'), { all, given, stack }),
    question: { ...questionFrom(all, given, scenario, disks.question), ...stackNotes },
    budgetNs: study.budgetNs,
    bitmapBudgetNs: study.bitmapBudgetNs ?? null,
    allowedShare: study.allowedShare,
    replications: study.replications,
    replicationsAsked: all.some((layer) => layer.has('replications')),
    seed: study.seed,
    doubts: () =>
      Object.entries({ storage: stored.layer, link: link.layer, host: host.layer })
        .flatMap(([kind, layer]) => doubtsIn(kind, layer, prefixed(given, kind)))
        .filter((doubt) => !isReplaced(doubt, situation)),
    notes: [
      ...disks.notes,
      ...stored.notes,
      ...workload.notes,
      ...heldBackNotes(scenario),
      ...(all.some((layer) => layer.has('qemu')) ? [howKnown(told.course.qemu)] : []),
    ],
  };
}
