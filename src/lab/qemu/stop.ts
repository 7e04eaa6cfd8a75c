/** One migration and what its stop took, by QEMU's own event times. */

import { setTimeout as sleep } from 'node:timers/promises';
import { LabError } from '../process/lab-error.js';
import type { Qemu } from './qemu.js';

export interface Stop {
  /** STOP event and end of the stop, microseconds since the Unix epoch. */
  readonly fromUs: number;
  readonly toUs: number;
  readonly stopMs: number;
  /** What query-migrate reports, whole milliseconds. */
  readonly downtimeMs: number;
}

const MIGRATION_TIMEOUT_MS = 300_000;
/** A stream that nobody reads slowly: the stop is then the bitmaps' and the idle guest's. */
const INTO_NOTHING = 'exec:cat >/dev/null';
const ENDED = new Set(['completed', 'failed', 'cancelled']);

/** Switches migration events on, and other capabilities with them. */
export async function setCapabilities(qemu: Qemu, names: readonly string[] = []): Promise<void> {
  await qemu.qmp.execute('migrate-set-capabilities', {
    capabilities: ['events', ...names].map((capability) => ({ capability, state: true })),
  });
}

/** Migrates into nothing: STOP event to migration completed. The source is left in postmigrate. */
export async function stopOnce(qemu: Qemu): Promise<Stop> {
  const since = qemu.qmp.events.length;
  await qemu.qmp.execute('migrate', { uri: INTO_NOTHING });
  return finishMigration(qemu, since);
}

/** Waits for the end of a migration begun after event `since`. */
export async function finishMigration(qemu: Qemu, since: number): Promise<Stop> {
  const { qmp } = qemu;
  const end = await qmp.wait('MIGRATION', since, MIGRATION_TIMEOUT_MS, (data) =>
    ENDED.has(String(data.status)),
  );
  if (end.data.status !== 'completed') {
    const info = await qmp.execute<{ 'error-desc'?: string }>('query-migrate');
    throw new LabError(
      `the migration ended as ${end.data.status}: ${info['error-desc'] ?? 'no reason given'}`,
    );
  }
  // The event comes a little before QEMU has worked out its own downtime.
  while ((await qmp.execute<{ status: string }>('query-status')).status !== 'postmigrate') await sleep(2);
  const info = await qmp.execute<{ downtime?: number }>('query-migrate');
  const fromUs = qmp.find('STOP', since)?.timeUs;
  if (fromUs === undefined) throw new LabError('QEMU completed a migration without a STOP event');
  return {
    fromUs,
    toUs: end.timeUs,
    stopMs: (end.timeUs - fromUs) / 1000,
    downtimeMs: info.downtime ?? Number.NaN,
  };
}

/** The source takes its image back and runs again; its bitmaps are loaded from the image. */
export async function resumeSource(qemu: Qemu): Promise<void> {
  await qemu.qmp.execute('cont');
}
