/** Is what the suite needs installed? If not, it says so and what to install, and is skipped, unless it must run (.ci/run). */
import { missingPackages } from '../../src/lab/process/programs.js';
import { requireQemu } from '../../src/lab/qemu/qemu.js';
import { isRelease, qemuSpec } from '../../src/sim/qemu/releases.js';

const NEEDED = ['qemu-system-x86_64', 'qemu-img', 'nbdkit'];

export const missing = missingPackages(NEEDED);

const version = missing.length > 0 ? '7.2' : await requireQemu('the real-QEMU suite');
if (!isRelease(version)) throw new Error(`the real-QEMU suite knows QEMU from 6.2 to 11.x, not ${version}`);

/** What the installed QEMU does, by its version. */
export const installedQemu = qemuSpec(version);

if (missing.length > 0 && process.env.STOPGAP_REQUIRE_QEMU)
  throw new Error(`the real-QEMU suite must run here, but is not installed: ${missing.join(', ')}`);
if (missing.length > 0)
  process.stderr.write(
    `\nreal-QEMU suite SKIPPED: not installed: ${missing.join(', ')} (Debian, Ubuntu: apt-get install ${missing.join(' ')})\n`,
  );
