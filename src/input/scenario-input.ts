/** The parameters of a scenario as types, for those who write one in a program. */
import type { GUEST_RAM } from './models/workload.js';
import type { Below, ByPath, Nested } from './parameters/written.js';
import type { BASE, OVERRIDES, PRESET_PATHS } from './parameters.js';

type FiguresOf<Head extends keyof typeof OVERRIDES> = Below<Head, ByPath<(typeof OVERRIDES)[Head]>>;

type PresetNames = {
  readonly [Head in (typeof PRESET_PATHS)[number] as `${Head}.preset`]?: string | undefined;
};

/** Values by path (`disk.size`, `storage.write.latency`), as a user would write them. */
export interface Overrides
  extends ByPath<typeof BASE>,
    ByPath<{ readonly ram: typeof GUEST_RAM }>,
    FiguresOf<'storage'>,
    FiguresOf<'workload'>,
    FiguresOf<'link'>,
    FiguresOf<'host'>,
    PresetNames {}

/** A path of a parameter. */
export type ParameterPath = keyof Overrides;

/** A scenario file as a tree: `{ disk: { size: '4T' }, storage: 'ceph-nvme' }`. */
export interface ScenarioInput extends Nested<Overrides> {}

/** Names the first of the parameters that was given as the user gave it, for messages. */
export type Where = (...paths: readonly ParameterPath[]) => string;
