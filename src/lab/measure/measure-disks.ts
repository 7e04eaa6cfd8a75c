/** Disks that differ, measured: one migration without their bitmaps and some with, beside the sum of what the model says of each file. */
import { median } from 'simple-statistics';
import type { HostSpec, Scenario, StorageSpec } from '../../sim/scenario.js';
import { expectedTime, type StopPlace } from '../../sim/stop/time.js';
import { type Cleanup, withScope } from '../process/cleanup.js';
import { DiskStage, type Sequences, type StagedStop } from '../qemu/disk-stage.js';
import { requireQemu } from '../qemu/qemu.js';
import { calibrateVolume } from '../qemu/volume-probe.js';
import { diskRequests, type FileWork, sequencesOf } from './disk-requests.js';
import { volumeStorage } from './predict-storage.js';

/** What the bitmaps added to one file's part of the stop, and the requests to it. */
export interface MeasuredFile {
  readonly file: string;
  readonly storage: string;
  readonly source: { readonly measured: string; readonly predicted: string };
  readonly destination: { readonly measured: string; readonly predicted: string };
  /** Of what its bitmaps add, by the model. */
  readonly predicted_ms: number;
}

export interface MeasuredDisks {
  readonly qemu_version: string;
  readonly files: readonly MeasuredFile[];
  readonly requests_equal: boolean;
  /** What the bitmaps added to the time from STOP to completed, and from STOP to RESUME; one value a repeat. */
  readonly source_ms: readonly number[];
  readonly blackout_ms: readonly number[];
  readonly predicted_source_ms: number;
  readonly predicted_blackout_ms: number;
}

interface MeasureDisksOptions {
  readonly repeats: number;
  /** QEMU's own time. */
  readonly host: HostSpec;
  readonly delayMs: (storage: StorageSpec) => number;
  readonly onStep?: (done: number, of: number) => void;
}

/** The same disks without a bitmap, those of images below included. */
function withoutBitmaps(scenario: Scenario): Scenario {
  const disks = scenario.disks.map(({ backing, ...disk }) => ({
    ...disk,
    bitmaps: [],
    ...(backing && { backing: backing.map((image) => ({ ...image, bitmaps: [] })) }),
  }));
  return { ...scenario, disks };
}

/** What the bitmaps of each file add on each side, by the model: with them less without any. */
export interface PredictedFile extends FileWork {
  readonly sourceMs: number;
  readonly destinationMs: number;
}

/**
 * `names`: as DiskStage has them; `placeOf`: a storage as it was calibrated, and the host.
 * @internal
 */
export function predictDisks(
  scenario: Scenario,
  names: ReadonlyMap<string, number>,
  placeOf: (storage: StorageSpec) => StopPlace,
): readonly PredictedFile[] {
  const without = diskRequests(withoutBitmaps(scenario), names);
  return diskRequests(scenario, names).map((file, i) => {
    const place = placeOf(file.storage);
    const addedMs = (side: 'source' | 'destination'): number => {
      const [all, bare] = [expectedTime(file[side], place), expectedTime(without[i]![side], place)];
      const fixedNs = file[side].bitmapBytes > 0 ? all.fixedNs : 0;
      return (all.requests.meanNs - bare.requests.meanNs + fixedNs) / 1e6;
    };
    return { ...file, sourceMs: addedMs('source'), destinationMs: addedMs('destination') };
  });
}

interface Staged extends StagedStop {
  readonly names: ReadonlyMap<string, number>;
  /** Each storage as it was just before, by its name. */
  readonly calibrated: ReadonlyMap<string, StorageSpec>;
}

async function stage(cleanup: Cleanup, scenario: Scenario, delayMs: DelayOf): Promise<Staged> {
  return withScope(cleanup, async (scope) => {
    const vm = new DiskStage(scope, scenario, { delayMs });
    await vm.start();
    const calibrated = new Map<string, StorageSpec>();
    for (const { name, storage } of diskRequests(scenario, new Map(vm.names)))
      if (!calibrated.has(storage.name))
        calibrated.set(storage.name, volumeStorage([await calibrateVolume(vm.volumes.get(name)!.socket)]));
    await vm.makeImages();
    return { ...(await vm.migrate()), names: vm.names, calibrated };
  });
}

type DelayOf = MeasureDisksOptions['delayMs'];

/** Measures and predicts. */
export async function measureDisks(
  cleanup: Cleanup,
  scenario: Scenario,
  { repeats, host, delayMs, onStep = () => {} }: MeasureDisksOptions,
): Promise<MeasuredDisks> {
  const version = await requireQemu('measure', ['nbdkit']);
  const bareScenario = withoutBitmaps(scenario);
  let done = 0;
  const staged = async (situation: Scenario): Promise<Staged> => {
    const seen = await stage(cleanup, situation, delayMs);
    onStep(++done, 2 * repeats);
    return seen;
  };
  const bare: Staged[] = [];
  const full: Staged[] = [];
  for (let repeat = 0; repeat < repeats; repeat++) {
    bare.push(await staged(bareScenario));
    full.push(await staged(scenario));
  }
  const { names, calibrated, sequences } = full.at(-1)!;
  const files = predictDisks(scenario, names, ({ name }) => ({ storage: calibrated.get(name)!, host }));
  const predicted = sequencesOf(files);
  const told = files.map((file) => fileOf(file, predicted[file.name]!, sequences[file.name]!));
  const sum = (of: (file: PredictedFile) => number): number =>
    files.reduce((total, file) => total + of(file), 0);
  const added = (key: 'sourceMs' | 'blackoutMs'): number[] => {
    const base = median(bare.map((stop) => stop[key]));
    return full.map((stop) => stop[key] - base);
  };
  return {
    qemu_version: version,
    files: told,
    requests_equal: told.every(
      ({ source, destination }) =>
        source.measured === source.predicted && destination.measured === destination.predicted,
    ),
    source_ms: added('sourceMs'),
    blackout_ms: added('blackoutMs'),
    predicted_source_ms: sum(({ sourceMs }) => sourceMs),
    predicted_blackout_ms: sum(({ sourceMs, destinationMs }) => sourceMs + destinationMs),
  };
}

function fileOf(
  { name, storage, sourceMs, destinationMs }: PredictedFile,
  predicted: Sequences[string],
  measured: Sequences[string],
): MeasuredFile {
  const both = (side: 'source' | 'destination') => ({ measured: measured[side], predicted: predicted[side] });
  return {
    file: name,
    storage: storage.name,
    source: both('source'),
    destination: both('destination'),
    predicted_ms: sourceMs + destinationMs,
  };
}
