// Command lines without a process each: batches of them share one, with a heap of a bounded size.
// What hangs or ends the process is known by its input, and the next input gets a new process.
import { fork } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const BATCH = join(dirname(fileURLToPath(import.meta.url)), 'batch.mjs');
/** Of the heap; what is outside of it is looked at after each answer. */
const HEAP_MIB = 1400;
const BATCH_SIZE = 500;
/** For one answer, on a machine that may have much other work. Processor time is bounded more tightly (flawOf). */
const WALL_MS = 300_000;

const idle = [];

function start() {
  const child = fork(BATCH, {
    execArgv: [`--max-old-space-size=${HEAP_MIB}`],
    env: { ...process.env, NO_COLOR: '1' },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  const batch = { child, answered: 0, last: '' };
  child.stderr.setEncoding('utf8').on('data', (text) => {
    batch.last = (batch.last + text).slice(-2000);
  });
  return batch;
}

/** As `stopgap`, in a process that others had before. */
export async function inside(args, { cwd, wallMs = WALL_MS }) {
  const batch = idle.pop() ?? start();
  const { child } = batch;
  const timer = setTimeout(() => child.kill('SIGKILL'), wallMs);
  const answer = await new Promise((resolve) => {
    const ended = (code, signal) =>
      resolve({ code, signal: signal ?? `an exit ${code} of its own`, stdout: '', stderr: batch.last });
    child.once('exit', ended);
    child.once('message', (message) => {
      child.off('exit', ended);
      resolve(message);
    });
    child.send({ args, cwd });
  });
  clearTimeout(timer);
  batch.answered++;
  if (child.exitCode === null && child.signalCode === null && batch.answered < BATCH_SIZE) idle.push(batch);
  else if (child.connected) child.disconnect();
  return answer;
}

/** Lets the processes go. */
export function endInside() {
  for (const { child } of idle.splice(0)) child.disconnect();
}
