/** Is what the suite needs installed? If not, it says so and what to install, and is skipped, unless it must run (.ci/run). */
import { missingPackages } from '../../src/lab/process/programs.js';

const NEEDED = ['qemu-system-x86_64', 'qemu-img', 'nbdkit'];

export const missing = missingPackages(NEEDED);

if (missing.length > 0 && process.env.STOPGAP_REQUIRE_QEMU)
  throw new Error(`the real-QEMU suite must run here, but is not installed: ${missing.join(', ')}`);
if (missing.length > 0)
  process.stderr.write(
    `\nreal-QEMU suite SKIPPED: not installed: ${missing.join(', ')} (Debian, Ubuntu: apt-get install ${missing.join(' ')})\n`,
  );
