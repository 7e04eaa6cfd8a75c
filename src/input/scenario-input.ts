/** The parameters of a scenario as types, for those who write one in a program. */
import type { GUEST_RAM } from './models/workload.js';
import type { Below, ByPath, Nested } from './parameters/written.js';
import type { BASE, OVERRIDES, PRESET_PATHS } from './parameters.js';

type FiguresOf<Head extends keyof typeof OVERRIDES> = Below<Head, ByPath<(typeof OVERRIDES)[Head]>>;

type PresetNames = {
  readonly [Head in (typeof PRESET_PATHS)[number] as `${Head}.preset`]?: string | undefined;
};

/** Values by path (`disk.size`, `storage.write.latency`), as a user would write them. */
interface ByParameter
  extends ByPath<typeof BASE>,
    ByPath<{ readonly ram: typeof GUEST_RAM }>,
    FiguresOf<'storage'>,
    FiguresOf<'workload'>,
    FiguresOf<'link'>,
    FiguresOf<'host'>,
    PresetNames {}

/** The same, and values of single disks: `disks.0.size`, `disks.1.bitmaps.0.granularity`. */
export interface Overrides extends ByParameter {
  readonly [ofOneDisk: `disks.${number}.${string}`]: unknown;
}

/** A path of a parameter. */
export type ParameterPath = keyof ByParameter;

/** A scenario file as a tree: `{ disk: { size: '4T' }, storage: 'ceph-nvme' }`. */
export interface ScenarioInput extends Nested<ByParameter> {}

/** Names the first of the parameters that was given as the user gave it, for messages. */
export type Where = (...paths: readonly ParameterPath[]) => string;
