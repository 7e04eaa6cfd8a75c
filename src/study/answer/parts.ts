/** What storing at the stop spends its time on: named parts that add up to what it adds, for the sentence of the answer. */
import { counted } from '../../base/counted.js';
import { formatTime } from '../../base/units.js';
import type { Resolved } from '../../input/resolve.js';
import { storagesOf } from '../../sim/storage/places.js';
import type { StrategyAnswer } from './summary.js';

export interface Part {
  /** As a sentence goes on after `12 ms for`. */
  readonly what: string;
  readonly ms: number;
}

/** Parts below this share of the largest are told together. */
const SMALL_SHARE = 0.01;

function clustersText({ scenario }: Resolved, store: StrategyAnswer): string {
  const clusters = Math.round(store.clusters_written);
  const { queueDepth } = scenario.whatIf;
  const pace = queueDepth === 1 ? 'one at a time' : `up to ${queueDepth} at a time`;
  const each = formatTime((store.phases_ms.store_data / Math.max(1, store.clusters_written)) * 1e6);
  return clusters === 1 ? '1 cluster written' : `${clusters} clusters written ${pace} at ${each} each`;
}

function loadText({ scenario: { disks } }: Resolved, store: StrategyAnswer): string {
  const below = disks.some(({ backing = [] }) => backing.some(({ bitmaps }) => bitmaps.length > 0));
  if (disks.every(({ bitmaps }) => bitmaps.length === 0))
    return 'the bitmaps of images below, read on the destination';
  const read = Math.round(store.clusters_written);
  const readBack = read === 0 ? 'bitmaps' : `${counted(read, 'cluster', 'clusters')} read back and`;
  const own = `${readBack} marked in use on the destination`;
  return below ? `${own}, those of images below read` : own;
}

/** Each part of what the bitmaps add, whatever its size. The flushes are those beyond the ones of any stop. */
function allParts(resolved: Resolved, store: StrategyAnswer): readonly Part[] {
  const { load, ram, stop, ...added } = store.added_phases_ms;
  const { store_data, store_punch, store_metadata, store_flush, store_scan, store_qemu, ...rest } = added;
  const punches = counted(Math.round(store.store_punches), 'hole', 'holes');
  const paid = storagesOf(resolved.scenario).some(({ flushNsPerByte }) => flushNsPerByte > 0)
    ? ', which pay for what was written before them'
    : '';
  return [
    { what: clustersText(resolved, store), ms: store_data },
    { what: loadText(resolved, store), ms: load },
    { what: `${punches} punched in the old copy`, ms: store_punch },
    { what: 'tables, directory and header', ms: store_metadata },
    { what: `flushes${paid}`, ms: store_flush + stop },
    { what: 'the search for free clusters', ms: store_scan },
    { what: "QEMU's own work on the bitmaps", ms: store_qemu },
    { what: 'a change in the RAM left', ms: ram },
    { what: 'other things', ms: Object.values(rest).reduce((sum, ms) => sum + ms, 0) },
  ];
}

/** The parts of what storing at the stop adds, largest first; small ones in a last one together. */
export function partsOf(resolved: Resolved, store: StrategyAnswer): readonly Part[] {
  const parts = [...allParts(resolved, store)].sort((a, b) => Math.abs(b.ms) - Math.abs(a.ms));
  const least = SMALL_SHARE * Math.abs(parts[0]!.ms);
  const told = parts.filter(({ ms }) => Math.abs(ms) > least);
  const small = parts.slice(told.length).filter(({ ms }) => ms !== 0);
  if (small.length < 2) return [...told, ...small];
  return [...told, { what: 'the rest', ms: small.reduce((sum, { ms }) => sum + ms, 0) }];
}
