/**
 * Whom to ask about a running VM: QEMU itself on its QMP socket, or libvirt, which holds that socket and passes
 * commands on. What cannot be reached, or ends while it is asked, is one line.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { InputError } from '../../base/errors.js';
import { isTree, type Tree } from '../../base/tree.js';
import { unreadable } from '../../input/values/files.js';
import type { Cleanup } from '../process/cleanup.js';
import { LabError } from '../process/lab-error.js';
import { requirePrograms, runProgram } from '../process/programs.js';
import { Qmp, QmpRefusal } from '../qemu/qmp.js';
import type { Reply } from './recording.js';

export interface Monitor {
  /** Begins the messages. */
  readonly where: string;
  ask(command: string, args?: Tree): Promise<Reply>;
  /** Lets time pass; rejects at once where the end of the VM is seen. */
  pass(timeMs: number): Promise<void>;
}

/** A VM that answers, answers at once; a QMP socket that another program holds says nothing at all. */
const GREETING_MS = 10_000;
const ANSWER_MS = 60_000;

/** What went wrong outside, as one line of bad input. */
async function inWords<T>(where: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof LabError) throw new InputError(`${where}: ${error.message}`);
    throw error;
  }
}

async function connect(path: string, where: string, greetingMs: number): Promise<Qmp> {
  try {
    return await Qmp.connect(path, greetingMs, () => false);
  } catch (error) {
    if (error instanceof QmpRefusal)
      throw new InputError(`${where}: not the QMP socket of a VM (${error.message})`);
    if (error instanceof LabError)
      throw new InputError(
        `${where}: ${error.message}; a QMP socket serves one client at a time: is another one connected? (libvirt: use --virsh)`,
      );
    const { code } = error as NodeJS.ErrnoException;
    throw new InputError(`${where}: ${code === 'ECONNREFUSED' ? 'no VM listens there' : unreadable(error)}`);
  }
}

/** QEMU on a unix socket, which has so long to begin with. */
export async function qmpMonitor(cleanup: Cleanup, path: string, greetingMs = GREETING_MS): Promise<Monitor> {
  const where = `--qmp: '${path}'`;
  const qmp = await connect(path, where, greetingMs);
  cleanup.defer(() => qmp.close());
  const ask = async (command: string, args?: Tree): Promise<Reply> => {
    try {
      return { return: await qmp.execute(command, args, ANSWER_MS) };
    } catch (error) {
      if (error instanceof QmpRefusal) return { error: { desc: error.message } };
      throw error;
    }
  };
  return {
    where,
    ask: (command, args) => inWords(where, ask(command, args)),
    pass: (timeMs) => inWords(where, qmp.pass(timeMs)),
  };
}

/** Libvirt's virsh, which passes commands to a domain's QEMU. The connection is virsh's default (LIBVIRT_DEFAULT_URI). */
export function virshMonitor(cleanup: Cleanup, domain: string): Monitor {
  requirePrograms(['virsh'], '--virsh');
  const where = `--virsh: '${domain}'`;
  const ask = async (command: string, args?: Tree): Promise<Reply> => {
    const cmd = JSON.stringify({ execute: command, ...(args ? { arguments: args } : {}) });
    const words = ['qemu-monitor-command', `--domain=${domain}`, `--cmd=${cmd}`];
    const { stdout } = await runProgram('virsh', words, ANSWER_MS, cleanup);
    return replyOf(stdout, `virsh, ${command}`);
  };
  return {
    where,
    ask: (command, args) => inWords(where, ask(command, args)),
    pass: (timeMs) => sleep(timeMs),
  };
}

/** A reply as QEMU or virsh prints it. */
function replyOf(text: string, what: string): Reply {
  let reply: unknown;
  try {
    reply = JSON.parse(text);
  } catch {
    reply = undefined;
  }
  if (isTree(reply) && ('return' in reply || 'error' in reply)) return reply;
  throw new LabError(`${what}: not a reply of QEMU, {"return": …}`);
}
