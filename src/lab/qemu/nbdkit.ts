/**
 * A storage volume of known slowness: nbdkit's memory plugin behind its delay filter, with a log of every request.
 * The stock delay filter counts whole milliseconds (nbdkit 1.32) and does not delay flushes, so what a request
 * really takes is always calibrated. A filter of one's own can be put in its place.
 */

import { existsSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { InputError } from '../../base/errors.js';
import { parseTime } from '../../base/units.js';
import type { Cleanup } from '../process/cleanup.js';
import { LabError } from '../process/lab-error.js';
import { ended, lastLine, startServer } from '../process/programs.js';
import { type LoggedRequest, requestsBetween } from './requests.js';

const GIB = 1024 ** 3;
/** Memory is touched only where something is written, so a large volume costs nothing. */
const VOLUME_BYTES = 4_096 * GIB;
/** Beyond what any sparse image of ours reaches: the calibration writes here. */
export const CALIBRATION_OFFSET = 4_090 * GIB;

export interface VolumeOptions {
  readonly readDelayMs?: number;
  readonly writeDelayMs?: number;
  readonly trimDelayMs?: number;
  /** One request at a time, whoever asks. */
  readonly serialized?: boolean;
  /** Bytes a second of all reads, and of all writes. */
  readonly rateBytesPerS?: number;
  /** A filter (path of its shared object) with its parameters instead of the delay filter. */
  readonly filter?: { readonly path: string; readonly params: readonly string[] };
}

export interface Volume {
  readonly socket: string;
  readonly logFile: string;
  /** Address for qemu-img. */
  readonly uri: string;
  requests(fromUs: number, toUs: number): LoggedRequest[];
  stop(): Promise<void>;
}

/** Whole milliseconds of a delay such as `1ms`, or an InputError that says why only those. */
export function parseDelayMs(text: string, where: string): number {
  const ms = parseTime(text, where) / 1e6;
  if (Number.isInteger(ms) && ms <= 1000) return ms;
  throw new InputError(
    `${where}: '${text}' is not a whole number of milliseconds up to 1s (nbdkit's delay filter counts in those)`,
  );
}

/** What connections have in common. */
function sharedFilters({ serialized, rateBytesPerS }: VolumeOptions) {
  const filters = serialized ? ['--filter=noparallel'] : [];
  const params = serialized ? ['serialize=all-requests'] : [];
  if (rateBytesPerS === undefined) return { filters, params };
  return { filters: [...filters, '--filter=rate'], params: [...params, `rate=${8 * rateBytesPerS}`] };
}

/** Starts a volume and waits until it can be connected to. */
export async function startVolume(
  cleanup: Cleanup,
  runDir: string,
  name: string,
  options: VolumeOptions,
): Promise<Volume> {
  const socket = join(runDir, `${name}.sock`);
  const logFile = join(runDir, `${name}.log`);
  const delays = [
    ['rdelay', options.readDelayMs],
    ['wdelay', options.writeDelayMs],
    ['delay-trim', options.trimDelayMs],
  ] as const;
  const set = delays.filter(([, ms]) => ms !== undefined && ms > 0);
  const slow = options.filter
    ? [`--filter=${resolve(options.filter.path)}`]
    : set.length > 0
      ? ['--filter=delay']
      : [];
  const params = options.filter?.params ?? set.map(([key, ms]) => `${key}=${ms}ms`);
  const shared = sharedFilters(options);
  // The socket is there before anybody listens on it; this file is written when connections are taken.
  const ready = join(runDir, `${name}.pid`);
  const [socketName, readyName] = [basename(socket), basename(ready)];
  // nbdkit ends with this process, whichever way that ends.
  const base = ['--foreground', '--exit-with-parent', '--unix', socketName, '--pidfile', readyName];
  const plugin = ['--threads', '16', '--filter=log'];
  const memory = ['memory', String(VOLUME_BYTES), `logfile=${basename(logFile)}`];
  // The log's clock follows TZ; everything else here is in UTC.
  const server = startServer(
    cleanup,
    'nbdkit',
    [...base, ...plugin, ...shared.filters, ...slow, ...memory, ...params, ...shared.params],
    runDir,
    {
      TZ: 'UTC',
    },
  );
  for (let waited = 0; !existsSync(ready); waited += 5) {
    if (server.child.exitCode !== null || waited > 10_000) {
      server.kill();
      throw new LabError(`nbdkit did not start: ${lastLine(server.output.stderr)}`);
    }
    await sleep(5);
  }
  return {
    socket,
    logFile,
    uri: `nbd+unix:///?socket=${encodeURIComponent(socket)}`,
    requests: (fromUs, toUs) => requestsBetween(logFile, fromUs, toUs),
    stop: async () => {
      server.kill();
      await ended(server.child, 5000);
    },
  };
}
