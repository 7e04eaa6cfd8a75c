/** The disk of an outcome copied along as libvirt does it: an export at the destination, a mirror to it, its end. */
import { join } from 'node:path';
import { QmpRefusal } from '../../src/lab/qemu/qmp.js';
import { guestWrite, type Host } from './outcome-looks.js';

const JOB = 'mirror0';
const COPY = 'copy';
const TIMEOUT_MS = 15_000;
/** So slow that it copies for as long as anybody looks. */
const SLOW_BYTES_PER_S = 65_536;

/** Until it is ready, or (`slow`) only until it copies. */
export async function startMirror(from: Host, to: Host, folder: string, slow: boolean): Promise<void> {
  const path = join(folder, `${to.qemu.name}.export`);
  await to.qemu.qmp.execute('nbd-server-start', { addr: { type: 'unix', data: { path } } });
  await to.qemu.qmp.execute('block-export-add', {
    type: 'nbd',
    id: COPY,
    'node-name': to.node,
    name: COPY,
    writable: true,
  });
  const { qmp } = from.qemu;
  await qmp.execute('blockdev-add', {
    driver: 'nbd',
    'node-name': COPY,
    server: { type: 'unix', path },
    export: COPY,
    discard: 'unmap',
  });
  const since = qmp.events.length;
  await qmp.execute('blockdev-mirror', {
    'job-id': JOB,
    device: from.node,
    target: COPY,
    sync: 'full',
    ...(slow && { speed: SLOW_BYTES_PER_S }),
  });
  if (!slow) await qmp.wait('BLOCK_JOB_READY', since, TIMEOUT_MS);
  else await qmp.wait('JOB_STATUS_CHANGE', since, TIMEOUT_MS, (data) => data.status === 'running');
}

const jobOf = async ({ qemu }: Host): Promise<string | undefined> =>
  (await qemu.qmp.execute<{ device: string; status: string }[]>('query-block-jobs')).find(
    ({ device }) => device === JOB,
  )?.status;

/** Its error, if it had one. */
async function ended({ qemu }: Host, since: number): Promise<unknown> {
  const over = await qemu.qmp.wait(
    'JOB_STATUS_CHANGE',
    since,
    TIMEOUT_MS,
    (data) => data.id === JOB && data.status === 'null',
  );
  return over && qemu.qmp.find('BLOCK_JOB_COMPLETED', since)?.data.error;
}

/** Management ends it where it is; `force`: without a look at what is left to copy. Its error, if it had one. */
export async function endMirror(from: Host, force = false): Promise<unknown> {
  const since = from.qemu.qmp.events.length;
  if ((await jobOf(from)) === undefined) return undefined;
  await from.qemu.qmp.execute('block-job-cancel', { device: JOB, force }).catch((error: unknown) => {
    // It may end by itself meanwhile, where its copy is gone.
    if (!(error instanceof QmpRefusal)) throw error;
  });
  return ended(from, since);
}

/** The copy is out of reach: the mirror notices at its next request, of which there is one if the guest runs or it is ended. */
export async function breakMirror(from: Host, to: Host, guestRuns: boolean): Promise<void> {
  const since = from.qemu.qmp.events.length;
  await to.qemu.qmp.execute('nbd-server-stop');
  if (guestRuns) await guestWrite(from.qemu, from.written.at(-1)!); // again: no bit changes
  const error = guestRuns ? await ended(from, since) : await endMirror(from);
  if (error === undefined) throw new Error('a mirror without its copy ended as if it had one');
}

/** Nothing of an earlier mirror is left. */
export async function forgetMirror(from: Host): Promise<void> {
  await endMirror(from, true);
  const nodes = await from.qemu.qmp.execute<{ 'node-name': string }[]>('query-named-block-nodes', {
    flat: true,
  });
  if (nodes.some((node) => node['node-name'] === COPY))
    await from.qemu.qmp.execute('blockdev-del', { 'node-name': COPY });
}
