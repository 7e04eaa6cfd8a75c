import { rows } from '../../sim/parameters/row.js';

/** How many VMs like this one leave the host together. */
export const EVACUATION = rows({
  vms: {
    path: 'vms',
    label: 'VMs that leave the host',
    flag: 'vms',
    kind: 'count',
    optional: true,
    min: 1,
    max: 1000,
    allowed: 'from 1 to 1000',
    help: 'VMs like this one that leave the host and share its storage and link; each replication is one of them (default: 1)',
  },
  /** Nova's max_concurrent_live_migrations is 1. */
  parallel: {
    path: 'parallel',
    label: 'migrations at a time',
    flag: 'parallel',
    kind: 'count',
    optional: true,
    min: 1,
    max: 1000,
    atMost: 'vms',
    allowed: 'from 1 to 1000',
    help: 'how many of them migrate at a time; the next begins when one has ended (default: 1)',
  },
});
