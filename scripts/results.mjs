// Makes what is committed and made by a program, in place: `npm run results`, or of some of it, `npm run results -- 07 README`.
// Experiments are swept afresh. Ends with the checksums.
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { argv, execPath, exit } from 'node:process';
import { fileURLToPath } from 'node:url';
import { writeChecksums } from './checksums.mjs';
import { isAsked, makersOf } from './makers.mjs';

const root = fileURLToPath(new URL('../', import.meta.url));
const makers = makersOf(root).filter((maker) => isAsked(maker, argv.slice(2)));
for (const { what, command, paths, blocks } of makers) {
  process.stderr.write(`${what} …\n`);
  if (!blocks) for (const path of paths) rmSync(join(root, path), { recursive: true, force: true });
  const { status } = spawnSync(execPath, command, { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] });
  if (status !== 0) exit(status ?? 1);
}
writeChecksums(root);
