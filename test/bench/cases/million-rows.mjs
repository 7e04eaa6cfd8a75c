// A million rows on two jobs, by the command, with summary and all columns. The peer is a limit: as many in a minute. `peak_mb`
// is the most memory that the process had, its threads included.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../../dist/cli/main.js', import.meta.url));
const METER = fileURLToPath(new URL('../../torture/meter.mjs', import.meta.url));
const POINTS = 10;
const LIMIT_S = 60;

function measure(size) {
  const rows = size === 'quick' ? 2_000 : 1_000_000;
  const folder = mkdtempSync(join(tmpdir(), 'stopgap-bench-'));
  try {
    const file = join(folder, 'rows.yaml');
    const meter = join(folder, 'meter');
    writeFileSync(
      file,
      `question: how fast?
base: {storage: ceph-nvme, bitmaps: {dirty: 100%}, strategies: [store-at-stop]}
axes: {disk.size: {from: 64G, to: 16T, steps: ${POINTS}, scale: log}}
replications: ${rows / 2 / POINTS}
`,
    );
    const args = [
      '--import',
      METER,
      MAIN,
      'sweep',
      file,
      '--jobs',
      '2',
      '--no-figures',
      '--out',
      join(folder, 'out'),
    ];
    const start = process.hrtime.bigint();
    const { status, stderr } = spawnSync(process.execPath, args, {
      encoding: 'utf8',
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, TORTURE_METER: meter },
    });
    const seconds = Number(process.hrtime.bigint() - start) / 1e9;
    if (status !== 0) throw new Error(`sweep: exit ${status}: ${stderr}`);
    const { rssMiB } = JSON.parse(readFileSync(meter, 'utf8'));
    const limit = rows / LIMIT_S;
    return [
      {
        name: 'million-rows',
        unit: 'rows',
        ours_per_s: Math.round(rows / seconds),
        peer: `${LIMIT_S} s`,
        peer_per_s: Math.round(limit),
        ratio: Number((rows / seconds / limit).toPrecision(4)),
        seconds: Number(seconds.toPrecision(4)),
        peak_mb: Math.round((rssMiB * 2 ** 20) / 1e6),
      },
    ];
  } finally {
    rmSync(folder, { recursive: true });
  }
}

export const benchmark = { name: 'million-rows', measure };
