// Runs the built program as a user does, and says what became of it.
import { spawn } from 'node:child_process';
import { createReadStream, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const MAIN = join(here, '../../dist/cli/main.js');
const METER = join(here, 'meter.mjs');
const WALL_MS = 300_000;
let started = 0;

/**
 * `killAfterMs`: SIGKILL then. `stdin`: a file whose bytes come through a pipe. The time is that of the processor: other
 * work on the machine is nobody's fault.
 */
export function stopgap(args, { cwd, env = {}, killAfterMs, stdin } = {}) {
  const meter = join(tmpdir(), `torture-meter-${process.pid}-${started++}`);
  return new Promise((resolve) => {
    const child = spawn(process.execPath, ['--import', METER, MAIN, ...args], {
      cwd,
      env: { ...process.env, NO_COLOR: '1', TORTURE_METER: meter, ...env },
      stdio: [stdin ? 'pipe' : 'ignore', 'pipe', 'pipe'],
    });
    // It may end before it has read all.
    if (stdin) createReadStream(stdin).pipe(child.stdin.on('error', () => {}));
    const text = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr'])
      child[name].setEncoding('utf8').on('data', (part) => {
        if (text[name].length < 2 ** 20) text[name] += part;
      });
    const timer = setTimeout(() => child.kill('SIGKILL'), killAfterMs ?? WALL_MS);
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      let used = {};
      try {
        used = JSON.parse(readFileSync(meter, 'utf8'));
      } catch {
        // Killed before it could tell.
      }
      rmSync(meter, { force: true });
      resolve({ code, signal, ...text, ...used });
    });
  });
}

// What no terminal shall get: control characters but line ends and tabs.
const CONTROL = /(?![\n\t])\p{Cc}/u;

/** What is wrong with an answer; undefined where nothing is. `codes`: what it may exit with. */
export function flawOf(answer, codes = [0, 1, 2]) {
  const { code, signal, stdout, stderr, cpuMs = 0, rssMiB = 0 } = answer;
  const lines = stderr.split('\n').filter((line) => line !== '');
  if (signal) return `ended by ${signal}: hung, or no memory`;
  if (!codes.includes(code)) return `exit ${code}: ${lines[0]?.slice(0, 200)}`;
  if (code === 2 && lines.length !== 1) return `${lines.length} lines of error`;
  if (code === 2 && !lines[0].startsWith('stopgap: '))
    return `not a line of stopgap: ${lines[0].slice(0, 100)}`;
  if (CONTROL.test(stdout + stderr)) return 'control characters';
  if (stderr.length > 20_000) return `${stderr.length} characters of error`;
  if (cpuMs > 20_000) return `${Math.round(cpuMs / 1000)} s of processor time`;
  return rssMiB > 1536 ? `${Math.round(rssMiB)} MiB of memory` : undefined;
}
