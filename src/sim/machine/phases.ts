/**
 * The parts of the stop, in the order in which a reader meets them. Their means add up to the mean downtime.
 * Times are taken by the controller alone; a strategy cannot report its own.
 */
import type { TimeNs } from '../../kernel/kernel.js';
import type { StoreOp } from '../types.js';

export const PHASES = [
  'stop',
  'mirror',
  'ram',
  'devices',
  'stream',
  'store_qemu',
  'store_scan',
  'store_data',
  'store_metadata',
  'store_flush',
  'store_punch',
  'switch',
  'load',
  'start',
] as const;

export type PhaseName = (typeof PHASES)[number];

/** What each phase is, for help, CSV columns and docs. */
export const PHASE_MEANING: Readonly<Record<PhaseName, string>> = {
  stop: 'vCPUs halt, requests drain (a pre-flush write in flight included), images are flushed',
  mirror: 'mirrored disks: what is left of them is copied, the mirrors end, the copies are flushed',
  ram: 'last RAM pages',
  devices: 'device state',
  stream: 'bitmaps sent in the migration stream',
  store_qemu: "QEMU's own time: the bitmaps in memory are scanned, serialized and given back",
  store_scan: 'search for free clusters: refcounts read and walked',
  store_data: 'bitmap clusters written, one at a time',
  store_metadata: 'tables, directory, refcount blocks, header; old tables read',
  store_flush: 'flushes of the store',
  store_punch: 'holes punched for the clusters of the replaced copy',
  switch: 'the source hands over to the destination',
  load: 'the destination opens the image and reads the bitmaps back',
  start: 'vCPUs start on the destination',
};

const PHASE_OF: Readonly<Record<StoreOp['purpose'], PhaseName>> = {
  scan: 'store_scan',
  data: 'store_data',
  table: 'store_metadata',
  directory: 'store_metadata',
  refcount: 'store_metadata',
  header: 'store_metadata',
  'old-directory': 'store_metadata',
  'old-table': 'store_metadata',
  punch: 'store_punch',
  flush: 'store_flush',
  load: 'load',
  'mark-in-use': 'load',
};

/** The phase that a request of the source's store belongs to. */
export function phaseOfOp(op: StoreOp): PhaseName {
  return PHASE_OF[op.purpose];
}

export type PhaseTimes = Record<PhaseName, TimeNs>;

/**
 * A number for each phase, which has its place in PHASES. Written out: each run ends with some of these, and an object that
 * gets its keys by name costs more than what is in it.
 */
export function mapPhases(numberOf: (phase: PhaseName, index: number) => number): PhaseTimes {
  return {
    stop: numberOf('stop', 0),
    mirror: numberOf('mirror', 1),
    ram: numberOf('ram', 2),
    devices: numberOf('devices', 3),
    stream: numberOf('stream', 4),
    store_qemu: numberOf('store_qemu', 5),
    store_scan: numberOf('store_scan', 6),
    store_data: numberOf('store_data', 7),
    store_metadata: numberOf('store_metadata', 8),
    store_flush: numberOf('store_flush', 9),
    store_punch: numberOf('store_punch', 10),
    switch: numberOf('switch', 11),
    load: numberOf('load', 12),
    start: numberOf('start', 13),
  };
}

/** All phases at zero. */
export const noPhases = (): PhaseTimes => mapPhases(() => 0);
