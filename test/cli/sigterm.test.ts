/** A cluster that wants its node back sends SIGTERM and waits some seconds: also a run that takes minutes ends in time. */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, expect, test } from 'vitest';

const root = mkdtempSync(join(tmpdir(), 'stopgap-sigterm-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

test('ends a shard of one job within 5 s, whatever it is doing', async () => {
  const file = join(root, 'heavy.yaml');
  const out = join(root, 'out');
  // 300 million writes, each drawn by itself.
  writeFileSync(
    file,
    `question: heavy?
base: {engine: per-write, disk: {size: 1T}, link: 1gbit, ram: {used: 12G}, strategies: [store-at-stop], workload: {preset: idle, pattern: 'zipf:1.1', footprint: 100%, write-iops: 3000000}}
axes: {flush-latency: [1ms, 2ms]}
replications: 30
`,
  );
  const args = ['sweep', file, '--jobs', '1', '--shard', '1/2', '--out', out];
  const child = spawn(process.execPath, [resolve('dist/cli/main.js'), ...args], { stdio: 'ignore' });
  const closed = new Promise<number | null>((done) => child.on('close', done));
  while (!existsSync(join(out, 'runs.csv'))) await new Promise((wake) => setTimeout(wake, 10));
  // The first run is under way, or about to begin.
  await new Promise((wake) => setTimeout(wake, 400));
  const toldMs = performance.now();
  child.kill('SIGTERM');
  expect(await closed).toBe(130);
  expect(performance.now() - toldMs).toBeLessThan(5000);
  expect(existsSync(join(out, '.stopgap.lock'))).toBe(false);
  expect(JSON.parse(readFileSync(join(out, 'manifest.json'), 'utf8')).state).toBe('interrupted');
});
