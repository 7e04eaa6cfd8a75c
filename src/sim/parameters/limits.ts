/** Sizes that qcow2 allows, as bounds of parameters. Source: QEMU 7.2, block/qcow2.h and block/qcow2-bitmap.c. */

/** Clusters; chunks of pre-flush keep to the same. */
export const CLUSTER_LIMITS = { min: 512, max: 2 ** 21, allowed: 'from 512 to 2M' } as const;

/** Disk bytes per bit of a bitmap. */
export const GRANULARITY_LIMITS = { min: 512, max: 2 ** 31, allowed: 'from 512 to 2G' } as const;
