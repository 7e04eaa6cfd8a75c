/** A guest that dirties its memory at a known rate, migrated to a second QEMU: what of it is left to the stop. */
import { writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Cleanup, withScope } from '../process/cleanup.js';
import { LabError } from '../process/lab-error.js';
import { type BlockNode, type Qemu, startQemu } from '../qemu/qemu.js';
import { finishMigration, setCapabilities } from '../qemu/stop.js';
import { bootSector, COUNTER_ADDRESS } from './boot-sector.js';
import { layWire, type Wire } from './wire.js';

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
}

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
}

const SOCKET: Wire = { source: [], target: [], uri: 'unix:migration.sock' };
const GRANULARITY_BYTES = 65_536;
const DISK = 'disk0';
/** The firmware does not boot from a disk of less than a cylinder. */
const DISK_BYTES = 2 ** 20;
const RESUME_TIMEOUT_MS = 60_000;
/** A guest that is still running so long after RAM could have been sent is said never to stop. */
const PATIENCE_MS = 10_000;
/** For the guest to fill its memory. */
const BOOT_TIMEOUT_MS = 60_000;
const STARTED_WRITES = 1;

/** All of its memory, the first MiB with it. */
export const guestBytes = ({ spanBytes }: RamSituation): number => spanBytes + 2 ** 20;

/** Migrates once, between two fresh QEMUs. */
export async function measureRam(cleanup: Cleanup, situation: RamSituation, repeat: number): Promise<RamRow> {
  return await withScope(cleanup, (scope) => oneMigration(scope, situation, repeat));
}

async function oneMigration(cleanup: Cleanup, situation: RamSituation, repeat: number): Promise<RamRow> {
  const runDir = cleanup.tempDir(tmpdir(), 'run');
  const wire = situation.wireBytesPerS > 0 ? await layWire(cleanup, situation.wireBytesPerS) : SOCKET;
  const { source, target } = await startBoth(cleanup, runDir, situation, wire);
  const bitmaps = situation.bitmapBits > 0;
  for (const qemu of [source, target]) await setCapabilities(qemu, bitmaps ? ['dirty-bitmaps'] : []);
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
    },
  };
}

async function startBoth(
  cleanup: Cleanup,
  runDir: string,
  situation: RamSituation,
  wire: Wire,
): Promise<{ source: Qemu; target: Qemu }> {
  writeFileSync(join(runDir, 'boot'), Buffer.concat([bootSector(situation), Buffer.alloc(DISK_BYTES)]));
  const nodes: BlockNode[] = [
    { driver: 'file', 'node-name': 'boot', filename: 'boot', 'read-only': true },
    {
      driver: 'null-co',
      'node-name': DISK,
      size: Math.max(1, situation.bitmapBits) * GRANULARITY_BYTES,
      'read-zeroes': true,
    },
  ];
  const options = { disks: ['boot', DISK], ramBytes: guestBytes(situation) };
  const target = await startQemu(cleanup, runDir, 'target', nodes, {
    ...options,
    incoming: true,
    within: wire.target,
  });
  const source = await startQemu(cleanup, runDir, 'source', nodes, { ...options, within: wire.source });
  const endMs = Date.now() + BOOT_TIMEOUT_MS;
  const wanted = situation.pagesPerS > 0 ? STARTED_WRITES : 0;
  while ((await writesOf(source)) < wanted) {
    if (Date.now() > endMs) throw new LabError('the guest does not begin to write');
    await sleep(20);
  }
  // A guest that writes nothing tells nobody when it has filled its memory.
  if (wanted === 0) await sleep(2000);
  return { source, target };
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

/** How often the guest has written. The firmware leaves something else there before it starts. */
async function writesOf(qemu: Qemu): Promise<number> {
  const text = await qemu.qmp.execute<string>('human-monitor-command', {
    'command-line': `xp /1wx 0x${COUNTER_ADDRESS.toString(16)}`,
  });
  return Number.parseInt(text.split(':')[1] ?? '', 16);
}
