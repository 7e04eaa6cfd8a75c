/** How the migration is steered. */
import type { RampSpec } from './ramp.js';
import { rows, type Spec } from './row.js';

export const MIGRATION = rows({
  downtimeLimitNs: {
    path: 'migration.downtime-limit',
    label: 'downtime-limit',
    flag: 'downtime-limit',
    kind: 'time',
    default: '300ms',
    min: 0,
    max: 2000e9,
    allowed: 'from 0 to 2000s',
    help: "QEMU's downtime-limit: steers the switchover",
  },
  /** Infinity where management sets none. Does not hold in the stop. */
  maxBytesPerS: {
    path: 'migration.max-bandwidth',
    flag: 'max-bandwidth',
    kind: 'rate',
    default: '128MiB/s',
    help: "QEMU's max-bandwidth while the VM runs (its own default; management tools often lift it)",
  },
  /** The operator's word for what the link takes in the stop. */
  switchoverBytesPerS: {
    path: 'migration.switchover-bandwidth',
    flag: 'switchover-bandwidth',
    kind: 'rate',
    optional: true,
    help: "QEMU's avail-switchover-bandwidth (8.2 and later): what the threshold follows instead of the rate just measured",
  },
  /** Live update: RAM is handed over in place. */
  keepsRam: {
    path: 'migration.keep-ram',
    kind: 'switch',
    optional: true,
    help: 'RAM stays where it is (cpr-transfer, cpr-exec): only devices and bitmaps move',
  },
  /** Nova's live_migration_permit_post_copy, KubeVirt's allowPostCopy, virsh --postcopy. */
  postcopyRam: {
    path: 'migration.postcopy-ram',
    flag: 'postcopy-ram',
    kind: 'switch',
    optional: true,
    help: 'postcopy-ram: where RAM does not converge first, the guest is stopped without it and the rest follows after the resume',
  },
  postcopyAfterNs: {
    path: 'migration.postcopy-after',
    flag: 'postcopy-after',
    kind: 'time',
    optional: true,
    help: 'when management starts it, from the begin of the migration (left out: once all RAM was sent once, as virsh --postcopy-after-precopy)',
  },
  multifdChannels: {
    path: 'migration.multifd-channels',
    flag: 'multifd-channels',
    kind: 'count',
    optional: true,
    min: 1,
    max: 255,
    allowed: 'from 1 to 255',
    help: 'multifd: RAM goes over so many channels, each with a processor of its own; bitmaps go over the main one',
  },
  autoConverge: {
    path: 'migration.auto-converge',
    flag: 'auto-converge',
    kind: 'switch',
    optional: true,
    help: 'auto-converge: the guest is held back while it dirties its RAM too fast',
  },
  /** The source's stamp includes the start of the destination. */
  returnPath: {
    path: 'migration.return-path',
    flag: 'return-path',
    kind: 'switch',
    default: 'off',
    help: 'return-path capability: the source counts its downtime until the destination runs',
  },
  timeoutNs: {
    path: 'migration.timeout',
    flag: 'timeout',
    kind: 'time',
    default: '60s',
    help: 'give up once RAM has been ready for this long and bitmaps still keep the guest running',
  },
  warmUpNs: {
    path: 'migration.warm-up',
    flag: 'warm-up',
    kind: 'time',
    default: '0s',
    help: 'how long the guest runs before the migration starts',
  },
});

export type MigrationSpec = Spec<typeof MIGRATION> & {
  /** How management raises the limit meanwhile; null: not at all. */
  readonly ramp: RampSpec | null;
};
