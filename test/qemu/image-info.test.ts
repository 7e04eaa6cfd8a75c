/** What `--image` reads, of an image that the installed qemu-img made. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { resolve } from '../../src/input/resolve.js';
import { missing } from './available.js';

const folder = mkdtempSync(join(tmpdir(), 'stopgap-image-'));
afterAll(() => rmSync(folder, { recursive: true }));

test.skipIf(missing.length > 0)('an image made by qemu-img is read back as it was made', async () => {
  const disk = join(folder, 'disk.qcow2');
  const qemuImg = (...args: string[]): string => execFileSync('qemu-img', args, { encoding: 'utf8' });
  qemuImg('create', '-q', '-f', 'qcow2', '-o', 'cluster_size=2M', disk, '3T');
  qemuImg('bitmap', '--add', '-g', '128k', disk, 'a');
  qemuImg('bitmap', '--add', '-g', '128k', disk, 'b');
  qemuImg('bitmap', '--add', '-g', '1M', '--disable', disk, 'c');
  const image = join(folder, 'info.json');
  writeFileSync(image, qemuImg('info', '--output=json', disk));
  const { scenario, question } = await resolve({}, { image });
  expect(scenario.disks[0]).toMatchObject({ sizeBytes: 3 * 2 ** 40, clusterBytes: 2 ** 21 });
  expect(
    scenario.disks[0]!.bitmaps.map(({ granularityBytes, count, recording }) => [
      granularityBytes,
      count,
      recording,
    ]),
  ).toEqual([
    [131_072, 2, true],
    [2 ** 20, 1, false],
  ]);
  expect(question.bitmap_bytes).toBe(3 * 2 ** 20);
});
