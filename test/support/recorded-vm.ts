/**
 * A stub of a running VM: a QMP socket, or a program `virsh`, that answers from a recording of a real one. A command that
 * is asked again gets the second answer. What was asked is kept.
 */
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { join, resolve } from 'node:path';

export interface Request {
  readonly execute: string;
  readonly arguments?: Readonly<Record<string, unknown>>;
  readonly id?: number;
}

export interface StubVm {
  readonly asked: Request[];
  readonly server: Server;
  /** Ends all connections. */
  die(): void;
}

const GREETING = { QMP: { version: { qemu: { major: 7, minor: 2, micro: 22 } }, capabilities: [] } };

/** What the recording has for the `nth` time (from 0) that a command is asked. */
function recorded(directory: string, command: string, nth: number): unknown {
  for (const sample of nth === 0 ? ['first', 'second'] : ['second', 'first'])
    try {
      return JSON.parse(readFileSync(join(directory, sample, `${command}.json`), 'utf8'));
    } catch {
      // Asked in the other sample only.
    }
  return { error: { class: 'CommandNotFound', desc: `The command ${command} has not been found` } };
}

/** Listens on `path`. `onCommand`: called before each answer, which it may give itself (true). */
export async function recordedVm(
  directory: string,
  path: string,
  onCommand: (request: Request, vm: StubVm, socket: Socket) => boolean = () => false,
): Promise<StubVm> {
  const sockets = new Set<Socket>();
  const asked: Request[] = [];
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.write(`${JSON.stringify(GREETING)}\n`);
    socket.on('data', (data) => {
      for (const line of data.toString().trim().split('\n')) answer(JSON.parse(line) as Request, socket);
    });
  });
  const vm: StubVm = {
    asked,
    server,
    die: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
  const answer = (request: Request, socket: Socket): void => {
    const nth = asked.filter(({ execute }) => execute === request.execute).length;
    asked.push(request);
    if (onCommand(request, vm, socket)) return;
    const known = ['qmp_capabilities', 'calc-dirty-rate'].includes(request.execute);
    const reply = known ? { return: {} } : (recorded(directory, request.execute, nth) as object);
    socket.write(`${JSON.stringify({ ...reply, id: request.id })}\n`);
  };
  await new Promise<void>((done) => server.listen(path, done));
  return vm;
}

/** A folder with a stub called `virsh`; it notes its words in `asked.txt` there. */
export function virshStub(directory: string, folder: string): string {
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  const program = `#!${process.execPath}
const { appendFileSync, existsSync, readFileSync } = require('node:fs');
const [command, domain, cmd] = process.argv.slice(2);
const log = ${JSON.stringify(join(folder, 'asked.txt'))};
if (command !== 'qemu-monitor-command' || domain !== '--domain=shop') {
  process.stderr.write("error: failed to get domain '" + domain.slice(9) + "'\\n");
  process.exit(1);
}
const { execute } = JSON.parse(cmd.slice('--cmd='.length));
const before = existsSync(log) ? readFileSync(log, 'utf8').split('\\n').filter((line) => line === execute).length : 0;
appendFileSync(log, execute + '\\n');
const at = (sample) => ${JSON.stringify(resolve(directory))} + '/' + sample + '/' + execute + '.json';
const file = [before === 0 ? 'first' : 'second', 'first', 'second'].map(at).find(existsSync);
const reply = file ? JSON.parse(readFileSync(file, 'utf8')) : { return: {} };
process.stdout.write(JSON.stringify({ ...reply, id: 'libvirt-' + process.pid }) + '\\n\\n');
`;
  const path = join(bin, 'virsh');
  writeFileSync(path, program);
  chmodSync(path, 0o755);
  return bin;
}
