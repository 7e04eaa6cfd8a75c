/** Asks a VM twice, some time apart. */
import { setTimeout as sleep } from 'node:timers/promises';
import { InputError } from '../../base/errors.js';
import { treeOf } from '../../base/tree.js';
import { ABOUT_VM, DIRTY_RATE, SAMPLED } from './commands.js';
import type { Monitor } from './monitor.js';
import type { Recording, Reply, Sample } from './recording.js';

export interface ListenOptions {
  readonly forMs: number;
  readonly dirtyRate: boolean;
  readonly onProgress?: (doneS: number, ofS: number) => void;
}

/** What QEMU takes for `calc-time`, in seconds. */
const CALC_TIME_S = { least: 1, most: 60 } as const;
/** RAM is hashed twice, which a busy host takes time for. */
const SLACK_S = 30;
const POLL_MS = 200;
const STEP_MS = 1000;

/** Time since the epoch that no clock correction moves. */
const nowMs = (): number => performance.timeOrigin + performance.now();

/** `{flat: true}` since QEMU 5.0: without it each node holds all images below it once more. */
async function askNodes(monitor: Monitor): Promise<Reply> {
  const flat = await monitor.ask('query-named-block-nodes', { flat: true });
  return 'error' in flat ? monitor.ask('query-named-block-nodes') : flat;
}

async function sample(monitor: Monitor, once: readonly string[]): Promise<Sample> {
  const replies = new Map<string, Reply>();
  for (const command of once) replies.set(command, await monitor.ask(command));
  // As exact as a recording keeps it, so that it says the same again.
  const timeS = Math.round(nowMs() * 1000) / 1e6;
  for (const command of SAMPLED)
    replies.set(
      command,
      command === 'query-named-block-nodes' ? await askNodes(monitor) : await monitor.ask(command),
    );
  return { timeS, replies };
}

async function beginDirtyRate(monitor: Monitor, forMs: number): Promise<number> {
  const { least, most } = CALC_TIME_S;
  const seconds = Math.min(most, Math.max(least, Math.floor(forMs / 1000)));
  const reply = await monitor.ask(DIRTY_RATE.begin, { 'calc-time': seconds });
  if ('error' in reply)
    throw new InputError(
      `--dirty-rate: ${DIRTY_RATE.begin}: ${String(treeOf(reply.error).desc)}; QEMU 5.2 or newer has it`,
    );
  return seconds;
}

async function askDirtyRate(monitor: Monitor, calcTimeS: number): Promise<Reply> {
  const endMs = nowMs() + (calcTimeS + SLACK_S) * 1000;
  for (;;) {
    const reply = await monitor.ask(DIRTY_RATE.ask);
    if (treeOf(reply.return).status !== 'measuring') return reply;
    if (nowMs() > endMs) throw new InputError(`--dirty-rate: still measuring after ${calcTimeS + SLACK_S} s`);
    await sleep(POLL_MS);
  }
}

/** Two samples of the VM. */
export async function listen(
  monitor: Monitor,
  { forMs, dirtyRate, onProgress }: ListenOptions,
): Promise<Recording> {
  const first = await sample(monitor, ABOUT_VM);
  const calcTimeS = dirtyRate ? await beginDirtyRate(monitor, forMs) : 0;
  const endMs = first.timeS * 1000 + forMs;
  for (let leftMs = forMs; leftMs > 0; leftMs = endMs - nowMs()) {
    onProgress?.((forMs - leftMs) / 1000, forMs / 1000);
    await monitor.pass(Math.min(STEP_MS, leftMs));
  }
  const second = await sample(monitor, []);
  if (!dirtyRate) return { where: monitor.where, first, second };
  const replies = new Map(second.replies).set(DIRTY_RATE.ask, await askDirtyRate(monitor, calcTimeS));
  return { where: monitor.where, first, second: { timeS: second.timeS, replies } };
}
