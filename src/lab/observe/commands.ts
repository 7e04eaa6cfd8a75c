/** All that is ever asked of a VM. Each only reads; `calc-dirty-rate`, which samples RAM, is asked where the user says so. */

/** Once. */
export const ABOUT_VM = [
  'query-version',
  'query-name',
  'query-cpus-fast',
  'query-memory-size-summary',
  'query-migrate-parameters',
  'query-migrate-capabilities',
] as const;

/** Twice: is it the same VM, does it run, and what moved meanwhile. */
export const SAMPLED = [
  'query-uuid',
  'query-status',
  'query-block',
  'query-named-block-nodes',
  'query-blockstats',
] as const;

/** Begins to sample RAM, and asks what was found. */
export const DIRTY_RATE = { begin: 'calc-dirty-rate', ask: 'query-dirty-rate' } as const;

export type Asked = (typeof ABOUT_VM)[number] | (typeof SAMPLED)[number] | (typeof DIRTY_RATE)['ask'];
