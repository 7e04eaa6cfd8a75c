// Makes a fresh clone ready: installs the locked packages and builds, each only if its inputs changed.
// Plain JavaScript without dependencies, because it runs before anything is installed.
import { execSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const run = (command) => execSync(command, { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] });

const newest = (folder) =>
  readdirSync(folder, { withFileTypes: true }).reduce((latest, entry) => {
    const path = join(folder, entry.name);
    return Math.max(latest, entry.isDirectory() ? newest(path) : statSync(path).mtimeMs);
  }, 0);

const lock = readFileSync(join(root, 'package-lock.json'), 'utf8');
const stamp = join(root, 'node_modules', '.stopgap-lock');
if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== lock) {
  process.stderr.write('installing packages (once) …\n');
  run('npm ci --no-audit --no-fund --loglevel=error');
  writeFileSync(stamp, lock);
}

const built = join(root, 'dist', '.built');
const inputs = Math.max(
  newest(join(root, 'src')),
  statSync(join(root, 'tsconfig.json')).mtimeMs,
  newest(join(root, 'scripts')),
  newest(join(root, 'models')),
);
if (!existsSync(built) || statSync(built).mtimeMs < inputs) {
  process.stderr.write('building …\n');
  run('npm run --silent build');
  writeFileSync(built, '');
}
