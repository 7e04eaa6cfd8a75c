// Every committed number again, from what is committed: `npm run evidence`. In a copy of the project, with the numbers taken
// out first, everything that a program made is made anew; each file must come out as it is here, byte for byte. Then the
// shipped rows of real QEMU are held against the model, and the checksums against the files. Needs no network.
//
//   npm run evidence              all of it, ten minutes on two processors
//   npm run evidence -- 07 store  only what has one of these words in its name
import { spawn } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { argv, execPath, exit, stdout } from 'node:process';
import { fileURLToPath } from 'node:url';
import { checksums, SUMS } from './checksums.mjs';
import { isAsked, makersOf, rowsOf } from './makers.mjs';

const root = fileURLToPath(new URL('../', import.meta.url));
const copy = mkdtempSync(join(tmpdir(), 'stopgap-evidence-'));
process.on('exit', () => rmSync(copy, { recursive: true, force: true }));
let running;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
  process.on(signal, () => {
    if (running === undefined) exit(130);
    // It writes into the copy, which is removed only when it has ended.
    running.once('close', () => exit(130));
    running.kill();
  });

/** Of a manifest: who made the results, when, and how fast; the rest of it must be the same. */
const OF_THE_RUN = ['commit', 'argv', 'host', 'started', 'wall_s'];

const asked = (made) => isAsked(made, argv.slice(2));

function filesBelow(place, path) {
  const from = join(place, path);
  if (!existsSync(from)) return [];
  if (!statSync(from).isDirectory()) return [path];
  return readdirSync(from, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(place, join(entry.parentPath, entry.name)))
    .sort();
}

function contentOf(path) {
  if (!existsSync(path)) return Buffer.alloc(0);
  const content = readFileSync(path);
  if (!path.endsWith('manifest.json')) return content;
  const manifest = JSON.parse(content.toString('utf8'));
  for (const key of OF_THE_RUN) delete manifest[key];
  return Buffer.from(JSON.stringify(manifest));
}

/** Bytes in which two files differ, those that only one has with them. */
function bytesApart(path) {
  const [ours, made] = [root, copy].map((place) => contentOf(join(place, path)));
  if (ours.equals(made)) return 0;
  let apart = Math.abs(ours.length - made.length);
  for (let i = 0; i < Math.min(ours.length, made.length); i++) if (ours[i] !== made[i]) apart++;
  return Math.max(1, apart);
}

/** A page whose marked blocks have no numbers left: what is there afterwards was made. */
function withoutNumbers(path) {
  const text = readFileSync(path, 'utf8');
  const block = /(<!-- ([\w:-]+):begin -->)([\s\S]*?)(<!-- \2:end -->)/g;
  writeFileSync(
    path,
    text.replace(block, (_, begin, __, inside, end) => begin + inside.replace(/\d/g, '#') + end),
  );
}

/** Runs it there; what it says of errors is passed on. */
const node = (command, place) =>
  new Promise((resolve) => {
    running = spawn(execPath, command, { cwd: place, stdio: ['ignore', 'ignore', 'inherit'] });
    running.once('close', (status) => {
      running = undefined;
      resolve(status);
    });
  });
const typed = (command) => command.join(' ').replace(/^dist\/cli\/main\.js/, 'stopgap');
let wrong = 0;
function say(what, how, found, isRight) {
  if (!isRight) wrong++;
  stdout.write(`${isRight ? 'same ' : 'WRONG'}  ${what}: ${found}  (${how})\n`);
}

cpSync(root, copy, {
  recursive: true,
  filter: (from) => !['node_modules', '.git'].includes(relative(root, from).split('/')[0]),
});
symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));

const began = Date.now();
let [files, bytes, apart] = [0, 0, 0];
for (const { what, command, paths, blocks } of makersOf(root).filter(asked)) {
  for (const path of paths) {
    if (!blocks) rmSync(join(copy, path), { recursive: true });
    else if (path.endsWith('.md')) withoutNumbers(join(copy, path));
  }
  const status = await node(command, copy);
  const all = [...new Set(paths.flatMap((path) => [...filesBelow(root, path), ...filesBelow(copy, path)]))];
  const differing = all.map((path) => [path, bytesApart(path)]).filter(([, count]) => count > 0);
  const size = all.reduce((sum, path) => sum + contentOf(join(root, path)).length, 0);
  const differ = differing.reduce((sum, [, count]) => sum + count, 0);
  [files, bytes, apart] = [files + all.length, bytes + size, apart + differ];
  const found = `${all.length} ${all.length === 1 ? 'file' : 'files'}, ${size} bytes, ${differ} different`;
  say(what, typed(command), found, status === 0 && differ === 0);
  for (const [path, count] of differing) stdout.write(`         ${path}: ${count} bytes\n`);
}
for (const { what, command } of rowsOf(root).filter(asked)) {
  const status = await node(command, copy);
  say(
    what,
    typed(command),
    status === 0 ? 'requests, sequences and fates as the model says' : 'differs',
    status === 0,
  );
}
if (asked({ what: SUMS })) {
  const isRight = existsSync(join(root, SUMS)) && readFileSync(join(root, SUMS), 'utf8') === checksums(root);
  say(
    SUMS,
    'sha256sum --check',
    isRight ? 'every file below results/ has its sum' : 'is not of these files',
    isRight,
  );
}
const seconds = Math.round((Date.now() - began) / 1000);
stdout.write(
  `\n${files} files, ${bytes} bytes made again, ${apart} bytes different; ${wrong} of the above wrong; ${seconds} s\n`,
);
exit(wrong === 0 ? 0 : 1);
