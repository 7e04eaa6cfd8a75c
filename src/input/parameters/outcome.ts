import { OUTCOMES } from '../../fate/outcomes.js';
import { rows } from '../../sim/parameters/row.js';

/**
 * What becomes of the migration: at most one of the three. They have no flags, since `ask` compares downtimes of
 * migrations that succeed; `outcomes` has flags of its own.
 */
export const OUTCOME = rows({
  outcome: {
    path: 'outcome',
    kind: 'choice',
    choices: Object.keys(OUTCOMES),
    optional: true,
    help: 'how the migration ends; every copy of the bitmap is then followed',
  },
  fault: {
    path: 'fault',
    kind: 'text',
    optional: true,
    help: 'FAULT@TIME from the start of the migration, such as destination-dies@2s: the outcome follows',
  },
  faultRate: {
    path: 'fault-rate',
    kind: 'text',
    optional: true,
    help: 'FAULT=N/s (or min, h, d, y), several with commas: each replication draws its own outcome',
  },
  killShare: {
    path: 'kill-share',
    kind: 'share',
    optional: true,
    help: 'with fault-rate: share of the surviving processes that are later killed, not shut down',
  },
});
