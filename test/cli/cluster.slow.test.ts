/** docs/cluster without a cluster: the commands of the Kubernetes file as pods would run them, the Slurm file with a fake sbatch. */
import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { parseAllDocuments } from 'yaml';

const root = mkdtempSync(join(tmpdir(), 'stopgap cluster-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const bin = join(root, 'bin');
function program(name: string, script: string): void {
  writeFileSync(join(bin, name), `#!/bin/sh\n${script}\n`);
  chmodSync(join(bin, name), 0o755);
}
beforeAll(() => {
  mkdirSync(bin);
  program('stopgap', `exec "${process.execPath}" "${resolve('dist/cli/main.js')}" "$@"`);
});
const env = (more: Record<string, string>) => ({
  ...process.env,
  PATH: `${bin}:${process.env.PATH}`,
  ...more,
});

interface Job {
  kind: string;
  metadata: { name: string };
  data: Record<string, string>;
  spec: {
    completionMode: string;
    completions: number;
    parallelism: number;
    template: {
      spec: {
        volumes: { name: string }[];
        containers: {
          command: string[];
          args: string[];
          volumeMounts: { name: string; mountPath: string }[];
        }[];
      };
    };
  };
}

test('Kubernetes: pods in any order and the merge that waits for them give the sweep in one piece', async () => {
  const text = readFileSync('docs/cluster/kubernetes-job.yaml', 'utf8');
  const all = parseAllDocuments(text).map((document) => {
    expect(document.errors).toEqual([]);
    return document.toJS() as Job;
  });
  expect(all.map(({ kind }) => kind)).toEqual(['ConfigMap', 'PersistentVolumeClaim', 'Job', 'Job']);
  const [config, , sweep, merge] = all as [Job, Job, Job, Job];
  const shards = Number(config.data.SHARDS);
  expect(sweep.spec).toMatchObject({ completionMode: 'Indexed', completions: shards, parallelism: shards });
  const pod = (job: Job) => job.spec.template.spec.containers[0]!;
  for (const job of [sweep, merge]) {
    expect(pod(job).volumeMounts).toEqual([{ name: 'results', mountPath: '/results' }]);
    expect(job.spec.template.spec.volumes[0]!.name).toBe('results');
  }
  const volume = join(root, 'results');
  expect(config.data.OUT!.startsWith('/results/')).toBe(true);
  const out = config.data.OUT!.replace('/results', volume);
  const data = { ...config.data, EXPERIMENT: '02', OUT: out, WAIT_S: '0.2' };
  const command = (job: Job): [string, string[]] => [
    pod(job).command[0]!,
    [...pod(job).command.slice(1), ...pod(job).args],
  ];

  const waiting = spawn(...command(merge), { env: env(data) });
  let said = '';
  waiting.stderr.on('data', (piece: Buffer) => (said += piece.toString()));
  const ended = new Promise((done) => waiting.on('close', done));
  try {
    for (const index of Array.from({ length: shards }, (_, i) => shards - 1 - i)) {
      const ran = spawnSync(...command(sweep), {
        env: env({ ...data, JOB_COMPLETION_INDEX: String(index) }),
      });
      expect([ran.status, ran.stderr.toString()]).toEqual([0, '']);
      // The last shard is not run before the waiting pod has looked and named it, however busy the machine.
      if (index === 1)
        await vi.waitFor(() => expect(said).toMatch(/shard 1\/4 \(.*no such directory\) is missing/), 30_000);
    }
    expect(await ended).toBe(0);
  } finally {
    waiting.kill();
  }
  const whole = join(root, 'whole');
  const plain = spawnSync(
    'stopgap',
    ['sweep', '02', '--quick', '--jobs', '1', '--no-figures', '--out', whole],
    {
      env: env({}),
    },
  );
  expect(plain.status).toBe(0);
  for (const file of ['runs.csv', 'summary.csv'])
    expect(readFileSync(join(out, file), 'utf8')).toBe(readFileSync(join(whole, file), 'utf8'));
});

describe('Slurm', () => {
  const submit = (more: Record<string, string>, ...args: string[]) => {
    const log = join(root, 'sbatch.log');
    rmSync(log, { force: true });
    program('sbatch', `printf '%s\\n' "$@" END >>"${log}"; echo '7;cluster'`);
    const ran = spawnSync('bash', ['docs/cluster/slurm-array.sh', ...args], {
      env: env(more),
      encoding: 'utf8',
    });
    const calls = ran.status === 0 ? readFileSync(log, 'utf8').split('END\n').slice(0, -1) : [];
    return { ...ran, calls: calls.map((call) => call.trimEnd().split('\n')) };
  };

  test('submits the array with its arguments, and the merge behind it', () => {
    const out = join(root, 'my results');
    const { calls } = submit({}, 'my experiment.yaml', '3', out, '--set', 'seed=5 6');
    expect(calls).toHaveLength(2);
    expect(calls[0]).toContain('--array=1-3');
    expect(calls[0]!.slice(-6)).toEqual([
      'docs/cluster/slurm-array.sh',
      'my experiment.yaml',
      '3',
      out,
      '--set',
      'seed=5 6',
    ]);
    expect(calls[1]).toContain('--dependency=afterany:7');
    // What the merge job runs, with its words taken apart by the shell.
    program('stopgap-words', `printf '%s\\n' "$@"`);
    const wrapped = calls[1]!.at(-1)!.replace('stopgap merge', 'stopgap-words merge');
    const words = spawnSync('sh', ['-c', wrapped], { env: env({}), encoding: 'utf8' })
      .stdout.trimEnd()
      .split('\n');
    const parts = [1, 2, 3].map((index) => `${out}.shards/${index}-of-3`);
    expect(words).toEqual(['merge', ...parts, '--out', out]);
  });

  test('submits only the tasks asked for', () => {
    const { calls } = submit({ TASKS: '2' }, '02', '3', join(root, 'again'));
    expect(calls[0]).toContain('--array=2');
  });

  test.each([[['02', '3']], [['02', '0', 'x']], [['02', 'three', 'x']]])('refuses %j', (args) => {
    const { status, stderr } = submit({}, ...args);
    expect([status, stderr.split('\n').length]).toEqual([2, 2]);
  });
});
