/** A guest that dirties its memory at a known rate, migrated to a second QEMU: what of it is left to the stop. */
import { loadavg, tmpdir } from 'node:os';
import { type Cleanup, withScope } from '../process/cleanup.js';
import type { BlockNode, Qemu } from '../qemu/qemu.js';
import { finishMigration, setCapabilities } from '../qemu/stop.js';
import { type BothQemus, startDirtyGuest, writesOf } from './dirty-guest.js';
import { layWire, SOCKET, type Wire } from './wire.js';

/** Sizes in bytes. */
export interface RamSituation {
  /** The guest's memory but for the first MiB. */
  readonly spanBytes: number;
  readonly usedBytes: number;
  readonly workingSetBytes: number;
  readonly pagesPerS: number;
  /** QEMU's max-bandwidth; 0: none. */
  readonly maxBytesPerS: number;
  readonly limitMs: number;
  /** Rate of the wire; 0: a unix socket. */
  readonly wireBytesPerS: number;
  /** An empty bitmap of so many bits in the stream, each of which QEMU counts as a pending byte; 0: none. */
  readonly bitmapBits: number;
  /** A capability that changes how RAM goes; left out: plain pre-copy. */
  readonly way?: RamWay;
}

/** Post-copy begins once all RAM has been sent once. */
export type RamWay = 'postcopy-ram' | 'auto-converge' | 'multifd';

export interface RamRow {
  readonly situation: RamSituation;
  readonly repeat: number;
  readonly converged: boolean;
  /** The guest's writes a second while it was migrated, by its own count. */
  readonly writesPerS: number;
  readonly load1: number;
  /** Absent where it never stopped. */
  readonly stop?: RamStop;
}

export interface RamStop {
  /** STOP to completed on the source, and STOP to RESUME. */
  readonly sourceMs: number;
  readonly blackoutMs: number;
  /** From the start of the migration to STOP. */
  readonly runningMs: number;
  /** Bytes on the wire before the stop and in it, as query-migrate tells them. */
  readonly precopyBytes: number;
  readonly downtimeBytes: number;
  readonly syncs: number;
  /** Post-copy: bytes on the wire after the resume, and until when they came. */
  readonly postcopyBytes: number;
  readonly followsMs: number | undefined;
}

const GRANULARITY_BYTES = 65_536;
const DISK = 'disk0';
const RESUME_TIMEOUT_MS = 60_000;
const LOOK_MS = 5;
/** A guest that is still running so long after RAM could have been sent is said never to stop. */
const PATIENCE_MS = 10_000;

/** Migrates once, between two fresh QEMUs. */
export async function measureRam(cleanup: Cleanup, situation: RamSituation, repeat: number): Promise<RamRow> {
  return await withScope(cleanup, (scope) => oneMigration(scope, situation, repeat));
}

async function oneMigration(cleanup: Cleanup, situation: RamSituation, repeat: number): Promise<RamRow> {
  const runDir = cleanup.tempDir(tmpdir(), 'run');
  const wire = situation.wireBytesPerS > 0 ? await layWire(cleanup, situation.wireBytesPerS) : SOCKET;
  const { source, target } = await startBoth(cleanup, runDir, situation, wire);
  const { way } = situation;
  const bitmaps = situation.bitmapBits > 0;
  const capabilities = [...(bitmaps ? ['dirty-bitmaps'] : []), ...(way ? [way] : [])];
  for (const qemu of [source, target]) await setCapabilities(qemu, capabilities);
  if (bitmaps)
    await source.qmp.execute('block-dirty-bitmap-add', {
      node: DISK,
      name: 'bitmap0',
      granularity: GRANULARITY_BYTES,
    });
  await source.qmp.execute('migrate-set-parameters', {
    'max-bandwidth': situation.maxBytesPerS,
    'downtime-limit': situation.limitMs,
  });
  await target.qmp.execute('migrate-incoming', { uri: wire.uri });
  const since = source.qmp.events.length;
  const load1 = loadavg()[0]!;
  const writesBefore = await writesOf(source);
  const fromUs = Date.now() * 1000;
  await source.qmp.execute('migrate', { uri: wire.uri });
  if (way === 'postcopy-ram') await turnToPostcopy(source, since);
  const converged = await stopped(source, since, situation);
  const untilUs = converged ? source.qmp.find('STOP', since)!.timeUs : Date.now() * 1000;
  const writes = (await writesOf(source)) - writesBefore;
  const common = {
    situation,
    repeat,
    converged,
    load1,
    writesPerS: (writes / (untilUs - fromUs)) * 1e6,
  };
  if (!converged) return common;
  const stop = await finishMigration(source, since);
  const resume = await target.qmp.wait('RESUME', 0, RESUME_TIMEOUT_MS);
  const follows = source.qmp.find('MIGRATION', since, ({ status }) => status === 'postcopy-active');
  const { ram } = await source.qmp.execute<{ ram: Record<string, number> }>('query-migrate');
  await source.quit();
  await target.quit();
  return {
    ...common,
    stop: {
      sourceMs: stop.stopMs,
      blackoutMs: (resume.timeUs - stop.fromUs) / 1000,
      runningMs: (stop.fromUs - fromUs) / 1000,
      precopyBytes: ram['precopy-bytes'] ?? 0,
      downtimeBytes: ram['downtime-bytes'] ?? 0,
      syncs: ram['dirty-sync-count'] ?? 0,
      postcopyBytes: ram['postcopy-bytes'] ?? 0,
      followsMs: follows && (stop.toUs - resume.timeUs) / 1000,
    },
  };
}

/** As management does it that waits for all RAM to have been sent once; nothing, where the guest is stopped before. */
async function turnToPostcopy({ qmp }: Qemu, since: number): Promise<void> {
  type Told = { readonly ram?: Readonly<Record<'dirty-sync-count', number>> };
  while (qmp.find('STOP', since) === undefined) {
    const { ram } = await qmp.execute<Told>('query-migrate');
    if (ram && ram['dirty-sync-count'] >= 2) {
      await qmp.execute('migrate-start-postcopy');
      return;
    }
    await qmp.pass(LOOK_MS);
  }
}

async function startBoth(
  cleanup: Cleanup,
  runDir: string,
  situation: RamSituation,
  wire: Wire,
): Promise<BothQemus> {
  const size = Math.max(1, situation.bitmapBits) * GRANULARITY_BYTES;
  const disk: BlockNode = { driver: 'null-co', 'node-name': DISK, size, 'read-zeroes': true };
  return await startDirtyGuest(cleanup, runDir, situation, { nodes: [disk], disks: [DISK], wire });
}

/** False: it runs on, and would for ever. */
async function stopped(source: Qemu, since: number, situation: RamSituation): Promise<boolean> {
  const rates = [situation.maxBytesPerS, situation.wireBytesPerS].filter((rate) => rate > 0);
  const onceMs = (situation.usedBytes / Math.min(...rates, 1e9)) * 1000;
  try {
    await source.qmp.wait('STOP', since, 3 * onceMs + PATIENCE_MS);
    return true;
  } catch {
    return false;
  }
}
