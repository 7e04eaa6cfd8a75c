/** What the form asks for: parameters in groups, what may be picked for each, and the steps of its slider. */
import { PARAMETERS, type Parameter } from '../input/parameters.js';
import { type PresetKind, presetNames } from '../input/presets.js';
import { RELEASES } from '../sim/qemu/releases.js';

export interface Field {
  readonly parameter: Parameter;
  readonly label: string;
  /** What may be picked; absent: anything may be written. */
  readonly choices?: readonly string[];
  /** Several values, one a line. */
  readonly lines?: boolean;
  /** Values that a slider goes through. */
  readonly steps?: readonly string[];
}

export interface FieldGroup {
  readonly title: string;
  /** Shown from the beginning. */
  readonly open: boolean;
  readonly fields: readonly Field[];
}

const PRESETS: Readonly<Record<string, PresetKind>> = {
  storage: 'storage',
  'mirror.target': 'storage',
  workload: 'workload',
  link: 'link',
  host: 'host',
  vm: 'vm',
  stack: 'stack',
};

const powers = (units: readonly string[], from: number, to: number): readonly string[] =>
  Array.from({ length: to - from + 1 }, (_, i) => {
    const exponent = from + i;
    return `${2 ** (exponent % 10)}${units[Math.floor(exponent / 10)]}`;
  });

const SIZES = ['', 'k', 'M', 'G', 'T', 'P'];

const STEPS: Readonly<Record<string, readonly string[]>> = {
  'disk.size': powers(SIZES, 30, 50),
  'disk.granularity': powers(SIZES, 12, 24),
  'bitmaps.count': ['1', '2', '3', '4', '6', '8', '12', '16', '24', '32', '64', '128'],
  'bitmaps.dirty': ['auto', '0%', '1%', '10%', '25%', '50%', '75%', '100%'],
  'flush-latency': ['50us', '100us', '200us', '500us', '1ms', '2ms', '5ms', '10ms', '20ms', '50ms'],
  'workload.write-iops': ['0', '10', '30', '100', '300', '1000', '3000', '10000', '30000', '100000'],
  'migration.downtime-limit': ['10ms', '30ms', '50ms', '100ms', '200ms', '300ms', '500ms', '1s', '2s', '5s'],
  budget: ['10ms', '30ms', '50ms', '100ms', '200ms', '300ms', '500ms', '1s', '2s', '5s', '10s'],
};

/** Groups by their paths, in the order of the form. */
const GROUPS: readonly (readonly [title: string, open: boolean, paths: readonly string[] | RegExp])[] = [
  ['Disk and bitmaps', true, ['disk.size', 'bitmaps.count', 'disk.granularity', 'bitmaps.dirty']],
  ['Storage', true, ['storage', 'flush-latency']],
  ['Guest and migration', true, ['workload', 'workload.write-iops', 'link', 'stack', 'qemu']],
  ['Limits', true, ['budget', 'migration.downtime-limit']],
  ['More of disk and bitmaps', false, /^(?:disks?|bitmaps|flush-bandwidth)\b/],
  ['More of guest, host and migration', false, /^(?:workload|ram|host|migration|mirror|vm)\b/],
  ['More VMs that leave the host', false, /^(?:vms|parallel)$/],
  ['Strategies', false, /^(?:strategies|pre-flush|dont-store)\b/],
  ['What would a patch of QEMU buy?', false, /^what-if\./],
  ['How it is simulated', false, /^(?:allowed|bitmap-budget|replications|seed|engine)$/],
];

/** Files are for the command line. */
const NOT_HERE: readonly string[] = ['files', 'parts'];

/** Shown though they have no flag of their own. */
const FLAGLESS = /^(?:disks$|what-if\.|pre-flush\.)/;

const LABELS: Readonly<Record<string, string>> = {
  disks: 'disks that differ, one a line',
  'bitmaps.count': 'bitmaps per disk',
  'bitmaps.dirty': 'bits set',
  'flush-latency': 'latency of one request',
  'workload.write-iops': 'guest writes per second',
  qemu: 'QEMU',
  stack: 'management stack',
};

/** Names as a reader says them. */
function labelOf({ path, label }: Parameter): string {
  return (
    LABELS[path] ?? label ?? path.replace(/^(?:disk|migration|what-if|workload)\./, '').replace(/[.-]/g, ' ')
  );
}

function choicesOf({ path, kind, choices }: Parameter): readonly string[] | undefined {
  if (Object.hasOwn(PRESETS, path)) return presetNames(PRESETS[path]!);
  if (kind === 'release') return [...RELEASES, 'fixed'];
  if (kind === 'switch') return ['on', 'off'];
  return choices;
}

function fieldOf(parameter: Parameter): Field {
  const choices = choicesOf(parameter);
  const steps = STEPS[parameter.path];
  const lines = parameter.kind === 'disks';
  return {
    parameter,
    label: labelOf(parameter),
    lines,
    ...(choices && { choices }),
    ...(steps && { steps }),
  };
}

/** All groups; a parameter stands in the first that takes it. */
export function fieldGroups(): readonly FieldGroup[] {
  const taken = new Set<string>();
  return GROUPS.map(([title, open, paths]) => {
    const here = ({ path, flag, kind }: Parameter): boolean => {
      if (taken.has(path) || NOT_HERE.includes(kind)) return false;
      if (!(paths instanceof RegExp)) return paths.includes(path);
      return paths.test(path) && (flag !== undefined || FLAGLESS.test(path));
    };
    const found = PARAMETERS.filter(here);
    for (const { path } of found) taken.add(path);
    return { title, open, fields: found.map(fieldOf) };
  });
}
