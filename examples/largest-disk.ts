/**
 * The library in one page: up to which disk size does storing the bitmap in the stop fit a budget, on which storage?
 *
 *   resolve(scenario, overrides) ──▶ judge(resolved) ──▶ strategies[].verdict
 *
 * Disk sizes are tried by doubling, so the result is a power of two. Node 22.18 or newer runs this file as it is:
 *
 *   node examples/largest-disk.ts
 */
import { judge, resolve } from 'stopgap';

const STORAGES = ['nvme-plp', 'ceph-nvme', 'hdd-7200'];
const BUDGET = '300ms';
const LARGEST_TIB = 64;

/** Does the whole stop fit the budget, with every bit of the bitmap set? */
async function fits(storage: string, diskTib: number): Promise<boolean> {
  const resolved = await resolve(
    { disk: { size: `${diskTib}T` }, bitmaps: { dirty: '100%' }, strategies: ['store-at-stop'] },
    { storage, budget: BUDGET, replications: 4 },
  );
  return judge(resolved).strategies.every(({ verdict }) => verdict === 'fits');
}

for (const storage of STORAGES) {
  let largest = 0;
  for (let size = 1; size <= LARGEST_TIB && (await fits(storage, size)); size *= 2) largest = size;
  console.log(`${storage}: ${largest === 0 ? 'less than 1 TiB' : `${largest} TiB`} within ${BUDGET}`);
}
