/**
 * A wire of known rate between two QEMUs: each in a network of its own, a cable between them, and the kernel's token
 * bucket on the sender's end. No process carries the bytes, so a busy machine does not slow the wire down. Needs root.
 */
import { execFileSync } from 'node:child_process';
import type { Cleanup } from '../process/cleanup.js';
import { runProgram } from '../process/programs.js';

export interface Wire {
  /** What to start the two QEMUs with. */
  readonly source: readonly string[];
  readonly target: readonly string[];
  /** Where the target listens. */
  readonly uri: string;
}

/** Of a full Ethernet frame, what TCP carries with time stamps: the wire's rate counts the frame. */
export const PAYLOAD_SHARE = 1448 / 1514;

const TIMEOUT_MS = 10_000;
/** The most that waits in the sender's socket: little, or the source would be done long before the target. */
const SEND_BUFFER_BYTES = 256 * 1024;
const PORT = 4444;
const ADDRESS = { source: '10.77.0.1', target: '10.77.0.2' } as const;
/** What may pass at once, and how long a packet may wait. */
const BURST = ['burst', '128k', 'latency', '100ms'] as const;

/** No wire: a unix socket, as fast as both processors. Both QEMUs run in the same folder. */
export const SOCKET: Wire = { source: [], target: [], uri: 'unix:migration.sock' };

/** Lays it; whatever was made is taken away in the end. */
export async function layWire(cleanup: Cleanup, bytesPerS: number): Promise<Wire> {
  const ip = (...args: string[]): Promise<unknown> => runProgram('ip', args, TIMEOUT_MS, cleanup);
  const name = (end: string): string => `stopgap-${process.pid}-${end}`;
  for (const end of ['source', 'target'] as const) {
    await ip('netns', 'add', name(end));
    cleanup.defer(() => execFileSync('ip', ['netns', 'del', name(end)]));
  }
  await ip(
    '-n',
    name('source'),
    'link',
    'add',
    'wire',
    'type',
    'veth',
    'peer',
    'name',
    'wire',
    'netns',
    name('target'),
  );
  for (const end of ['source', 'target'] as const) {
    await ip('-n', name(end), 'addr', 'add', `${ADDRESS[end]}/30`, 'dev', 'wire');
    await ip('-n', name(end), 'link', 'set', 'wire', 'up');
  }
  const inSource = (...args: string[]): Promise<unknown> => ip('netns', 'exec', name('source'), ...args);
  await inSource('sysctl', '-qw', `net.ipv4.tcp_wmem=4096 65536 ${SEND_BUFFER_BYTES}`);
  await inSource('tc', 'qdisc', 'add', 'dev', 'wire', 'root', 'tbf', 'rate', `${bytesPerS * 8}`, ...BURST);
  const into = (end: string): readonly string[] => ['ip', 'netns', 'exec', name(end)];
  return { source: into('source'), target: into('target'), uri: `tcp:${ADDRESS.target}:${PORT}` };
}
