/**
 * One migration as a stack steers it, played against real QEMU: its capabilities and parameters over QMP, its ramp beside
 * the migration, an empty bitmap of the disk's size in an image without data. Told: which way the bitmap went, whether
 * the guest was ever stopped, and the limit at which it was.
 */
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Cleanup, withScope } from '../process/cleanup.js';
import type { Qemu } from '../qemu/qemu.js';
import { finishMigration, setCapabilities } from '../qemu/stop.js';
import { createImage, diskName, diskNodes, type ImagePlace } from '../qemu/test-image.js';
import { startDirtyGuest, writesOf } from '../ram/dirty-guest.js';
import { layWire, SOCKET } from '../ram/wire.js';
import { Management } from './management.js';
import { type Route, routeTaken } from './route.js';
import { granularityOf, type StackSituation, type Steering } from './steering.js';

export interface StackRow {
  /** The guest's writes a second while it was migrated, by its own count. */
  readonly writesPerS: number;
  /** Readings of the dirty log a second while it only waited; null where it did not. */
  readonly waitRoundsPerS: number | null;
  /** What QEMU sent in the fastest window of the last second of such a wait, by its own count. */
  readonly peakBytesPerS: number | null;
  /** Null where the guest was never stopped. */
  readonly route: Route | null;
  /** downtime-limit as QEMU had it at the end. */
  readonly limitMs: number;
  /** From the start of the migration to STOP, or until it was given up. */
  readonly runningMs: number;
  readonly load1: number;
}

const RESUME_TIMEOUT_MS = 120_000;
/** What a unix socket carries at least. */
const SOCKET_BYTES_PER_S = 100e6;
/** A file of 128 TiB, which holds nothing: ext4 has none above 16 TiB. */
const FOLDER_FOR_DATA = '/dev/shm';
const CLUSTER_BYTES = 65_536;
const BITMAP = 'bitmap0';

/** Migrates once, between two fresh QEMUs. */
export async function playStack(
  cleanup: Cleanup,
  situation: StackSituation,
  steering: Steering,
): Promise<StackRow> {
  return await withScope(cleanup, (scope) => oneMigration(scope, situation, steering));
}

async function oneMigration(
  cleanup: Cleanup,
  situation: StackSituation,
  steering: Steering,
): Promise<StackRow> {
  const runDir = cleanup.tempDir(tmpdir(), 'run');
  const wire = situation.wireBytesPerS > 0 ? await layWire(cleanup, situation.wireBytesPerS) : SOCKET;
  const place = placeOf(cleanup, runDir, steering);
  await createImage(cleanup, place, situation.diskBytes, CLUSTER_BYTES);
  const disk = diskName(0);
  const nodes = diskNodes(place, 0, true);
  const { source, target } = await startDirtyGuest(cleanup, runDir, situation.guest, {
    nodes,
    disks: [disk],
    wire,
  });
  await steer(source, target, steering);
  await target.qmp.execute('migrate-incoming', { uri: wire.uri });
  const since = source.qmp.events.length;
  const load1 = loadavg()[0]!;
  const writesBefore = await writesOf(source);
  const fromUs = Date.now() * 1000;
  const management = new Management(source, steering.scenario.migration);
  const ramMs = longestRamMs(situation, steering);
  await source.qmp.execute('migrate', { uri: wire.uri });
  const converged = await management.untilStopped(ramMs);
  const untilUs = converged ? source.qmp.find('STOP', since)!.timeUs : Date.now() * 1000;
  const writes = (await writesOf(source)) - writesBefore;
  const { 'downtime-limit': limitMs } =
    await source.qmp.execute<Readonly<Record<'downtime-limit', number>>>('query-migrate-parameters');
  const row = {
    writesPerS: (writes / (untilUs - fromUs)) * 1e6,
    waitRoundsPerS: management.waitRoundsPerS,
    peakBytesPerS: management.peakBytesPerS,
    limitMs,
    runningMs: (untilUs - fromUs) / 1000,
    load1,
  };
  if (!converged) return { ...row, route: null };
  await finishMigration(source, since);
  await target.qmp.wait('RESUME', 0, RESUME_TIMEOUT_MS);
  const route = await routeTaken(cleanup, target, { disk, bitmap: BITMAP, image: place.path });
  await source.quit();
  await target.quit();
  return { ...row, route };
}

/** Three times what it takes to send what the guest uses once. */
function longestRamMs({ guest, wireBytesPerS }: StackSituation, { scenario }: Steering): number {
  const { maxBytesPerS } = scenario.migration;
  const rate = Math.min(maxBytesPerS, wireBytesPerS > 0 ? wireBytesPerS : SOCKET_BYTES_PER_S);
  return (3 * guest.usedBytes * 1000) / rate;
}

function placeOf(
  cleanup: Cleanup,
  runDir: string,
  { scenario }: Steering,
): ImagePlace & { readonly path: string } {
  const file = (folder: string, name: string) =>
    ({ kind: 'file', path: join(folder, name), cache: 'writeback' }) as const;
  const image = file(runDir, 'disk.qcow2');
  if (scenario.disks[0]!.dataFile === undefined) return image;
  const folder = cleanup.tempDir(FOLDER_FOR_DATA, 'run');
  // With data_file_raw qemu-img would write all L2 tables, 16 GiB for 128 TiB; the stop is the same without.
  return { ...image, data: { ...file(folder, 'disk.raw'), raw: false } };
}

/** What the stack tells both QEMUs before the migration. */
async function steer(source: Qemu, target: Qemu, steering: Steering): Promise<void> {
  const { persistent, streams } = steering;
  const { migration } = steering.scenario;
  const capabilities = [
    ...(streams ? ['dirty-bitmaps'] : []),
    ...(migration.returnPath ? ['return-path'] : []),
  ];
  for (const qemu of [source, target]) await setCapabilities(qemu, capabilities);
  await source.qmp.execute('block-dirty-bitmap-add', {
    node: diskName(0),
    name: BITMAP,
    granularity: granularityOf(steering),
    persistent,
  });
  const { maxBytesPerS, switchoverBytesPerS } = migration;
  await source.qmp.execute('migrate-set-parameters', {
    'max-bandwidth': Number.isFinite(maxBytesPerS) ? Math.round(maxBytesPerS) : 0,
    ...(switchoverBytesPerS !== undefined && {
      'avail-switchover-bandwidth': Math.round(switchoverBytesPerS),
    }),
  });
}
