import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { InputError } from '../../../src/base/errors.js';
import { atLeast, requirePrograms, requireVersion, versionIn } from '../../../src/lab/process/programs.js';
import { requireQemu } from '../../../src/lab/qemu/qemu.js';

const oldPath = process.env.PATH;
let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'stopgap-test-'));
});
afterEach(() => {
  process.env.PATH = oldPath;
  rmSync(directory, { recursive: true });
});

function install(name: string, prints: string): void {
  const path = join(directory, name);
  writeFileSync(path, `#!/bin/sh\necho '${prints}'\n`);
  chmodSync(path, 0o755);
}

describe('programs of others', () => {
  test('versions are compared number by number', () => {
    expect(versionIn('QEMU emulator version 7.2.22 (Debian 1:7.2+dfsg)')).toEqual([7, 2, 22]);
    expect(atLeast([10, 0, 0], [5, 2])).toBe(true);
    expect(atLeast([5, 1, 9], [5, 2])).toBe(false);
    expect(atLeast([5, 2], [5, 2, 0])).toBe(true);
  });

  test('what is missing is named with the packages that have it', () => {
    process.env.PATH = directory;
    install('qemu-img', 'qemu-img version 7.2');
    expect(() => requirePrograms(['qemu-img', 'qemu-system-x86_64', 'nbdkit'], 'measure')).toThrow(
      'measure: needs qemu-system-x86_64, nbdkit, not found in PATH; on Debian and Ubuntu: apt-get install qemu-system-x86 nbdkit',
    );
  });

  test('too old and not a version are errors of one line', async () => {
    process.env.PATH = `${directory}:${oldPath}`;
    install('qemu-img', 'qemu-img version 4.2.1');
    install('qemu-system-x86_64', 'QEMU emulator version 4.2.1');
    await expect(requireQemu('measure')).rejects.toThrow('version 4.2.1 is too old; 5.2 or newer is needed');
    install('qemu-system-x86_64', 'hello');
    await expect(requireVersion('qemu-system-x86_64', '5.2', 'because')).rejects.toThrow(InputError);
  });
});
