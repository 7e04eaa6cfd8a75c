/**
 * A QEMU process with its guest (firmware only and 32 MiB unless told otherwise; no acceleration: an idle guest costs
 * least that way) and the block nodes it is given. Driven over QMP.
 */

import { join } from 'node:path';
import type { Cleanup } from '../process/cleanup.js';
import { LabError } from '../process/lab-error.js';
import { ended, lastLine, requirePrograms, requireVersion, startServer } from '../process/programs.js';
import { Nbd } from './nbd.js';
import { Qmp, QmpError } from './qmp.js';

const QEMU = 'qemu-system-x86_64';
/** block-export-add and nbd-server-start's max-connections are of 5.2. */
const OLDEST = '5.2';
const IDLE_RAM_BYTES = 32 * 2 ** 20;
const QUIT_TIMEOUT_MS = 120_000;

/** A block node as -blockdev takes it. */
export type BlockNode = Readonly<Record<string, unknown>>;

export interface Qemu {
  readonly name: string;
  readonly pid: number;
  readonly qmp: Qmp;
  /** Exports a node writable over NBD, hands a client to `use`, and takes the export down again. */
  withExport<T>(node: string, use: (nbd: Nbd) => Promise<T>): Promise<T>;
  quit(): Promise<void>;
}

/** Refuses with the packages to install, or because QEMU is too old. Returns QEMU's version. */
export async function requireQemu(purpose: string, others: readonly string[] = []): Promise<string> {
  requirePrograms([QEMU, 'qemu-img', ...others], purpose);
  return requireVersion(QEMU, OLDEST, 'block exports over QMP');
}

export interface QemuOptions {
  /** Nodes that are given to the guest. */
  readonly disks: readonly string[];
  readonly incoming?: boolean;
  /** Others write to its disks, too: an export stands for the guest. */
  readonly sharesWrites?: boolean;
  /** It waits for `cont`. */
  readonly isPaused?: boolean;
  /** What QEMU is started with: a program that becomes it, and its arguments. */
  readonly within?: readonly string[];
  /** Memory that the host gives before the guest starts, not page by page as it is touched. */
  readonly ramBytes?: number;
}

/** Starts QEMU in `runDir` with these nodes and waits for its greeting. */
export async function startQemu(
  cleanup: Cleanup,
  runDir: string,
  name: string,
  nodes: readonly BlockNode[],
  options: QemuOptions,
): Promise<Qemu> {
  const control = `${name}.qmp`;
  const args = ['-accel', 'tcg', '-M', 'pc', '-nodefaults', '-vga', 'none', '-display', 'none'];
  args.push('-m', `${(options.ramBytes ?? IDLE_RAM_BYTES) / 2 ** 20}`);
  if (options.ramBytes !== undefined) args.push('-mem-prealloc');
  args.push('-qmp', `unix:${control},server=on,wait=off`);
  for (const node of nodes) args.push('-blockdev', JSON.stringify(node));
  const shared = options.sharesWrites ? ',share-rw=on' : '';
  for (const disk of options.disks) args.push('-device', `virtio-blk-pci,drive=${disk}${shared}`);
  if (options.isPaused) args.push('-S');
  if (options.incoming) args.push('-incoming', 'defer');
  const [program, ...words] = [...(options.within ?? []), QEMU, ...args];
  const server = startServer(cleanup, program!, words, runDir);
  const alive = (): boolean => server.child.exitCode === null && server.child.signalCode === null;
  const qmp = await Qmp.connect(join(runDir, control), 30_000, alive).catch((error: Error) => {
    server.kill();
    throw new LabError(`QEMU did not start: ${alive() ? error.message : lastLine(server.output.stderr)}`);
  });
  cleanup.defer(() => qmp.close());
  const exportSocket = join(runDir, `${name}.nbd`);
  return {
    name,
    pid: server.child.pid!,
    qmp,
    withExport: (node, use) => withExport(qmp, exportSocket, node, use),
    quit: async () => {
      await qmp.execute('quit').catch((error: Error) => {
        if (!(error instanceof QmpError)) throw error; // it may close before it answers
      });
      await ended(server.child, QUIT_TIMEOUT_MS);
      qmp.close();
    },
  };
}

async function withExport<T>(
  qmp: Qmp,
  path: string,
  node: string,
  use: (nbd: Nbd) => Promise<T>,
): Promise<T> {
  await qmp.execute('nbd-server-start', { addr: { type: 'unix', data: { path } }, 'max-connections': 4 });
  await qmp.execute('block-export-add', {
    type: 'nbd',
    id: 'lab',
    'node-name': node,
    name: 'lab',
    writable: true,
  });
  const nbd = await Nbd.connect(path, 'lab');
  try {
    return await use(nbd);
  } finally {
    nbd.close();
    await qmp.execute('block-export-del', { id: 'lab', mode: 'hard' });
    await qmp.execute('nbd-server-stop');
  }
}
