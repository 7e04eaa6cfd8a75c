/** `stopgap observe` as a user types it, on stubs of a VM that answer as a real one did. */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { InputError } from '../../src/base/errors.js';
import { qmpMonitor } from '../../src/lab/observe/monitor.js';
import { withCleanup } from '../../src/lab/process/cleanup.js';
import { inProcess } from '../support/in-process.js';
import { recordedVm, type StubVm, virshStub } from '../support/recorded-vm.js';
import type { Ran } from '../support/stopgap.js';

const SHOP = 'test/fixtures/observe/shop';

let folder: string;
let socket: string;
let vm: StubVm | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'stopgap-test-'));
  socket = join(folder, 'qmp');
});
afterEach(() => {
  vm?.die();
  vm = undefined;
  rmSync(folder, { recursive: true });
});

const observe = (...args: string[]): Promise<Ran> => inProcess('observe', ...args);

/** The same where programs are looked for in `path` only. */
async function observeIn(path: string, ...args: string[]): Promise<Ran> {
  const before = process.env.PATH;
  process.env.PATH = path;
  try {
    return await observe(...args);
  } finally {
    process.env.PATH = before;
  }
}

function expectOneLine({ code, out, err }: Ran, message: RegExp): void {
  expect(err).toMatch(message);
  expect(err.trim().split('\n')).toHaveLength(1);
  expect(code).toBe(2);
  expect(out).toBe('');
}

describe('a VM by its QMP socket', () => {
  test('asks for nothing but what only reads; the dirty rate only where it is told to', async () => {
    vm = await recordedVm(SHOP, socket);
    expect((await observe('--qmp', socket, '--for', '1s')).code).toBe(0);
    const asked = vm.asked.map(({ execute }) => execute);
    expect(asked.filter((command) => !/^query-/.test(command))).toEqual(['qmp_capabilities']);
    expect(asked.filter((command) => command === 'query-blockstats')).toHaveLength(2);
    vm.asked.length = 0;
    expect((await observe('--qmp', socket, '--for', '1s', '--dirty-rate')).code).toBe(0);
    const more = vm.asked.filter(({ execute }) => !/^query-/.test(execute));
    expect(more).toMatchObject([
      { execute: 'qmp_capabilities' },
      { execute: 'calc-dirty-rate', arguments: { 'calc-time': 1 } },
    ]);
  });

  test('the recording that it keeps gives the same file again', async () => {
    vm = await recordedVm(SHOP, socket);
    const record = join(folder, 'kept');
    const live = await observe('--qmp', socket, '--for', '1s', '--record', record);
    const again = await observe('--from', record);
    expect(live.out).toMatch(/^# Made by stopgap observe: shop, /);
    expect(again.out).toBe(live.out);
    expect(readdirSync(folder).sort()).toEqual(['kept', 'qmp']);
    expectOneLine(
      await observe('--qmp', socket, '--for', '1s', '--record', record),
      /--record: cannot make the folder '.*kept': it is there and not empty/,
    );
  });

  test('it dies while it is observed: one line at once, and no file', async () => {
    vm = await recordedVm(SHOP, socket, ({ execute }, stub) => {
      if (execute === 'query-blockstats') setTimeout(() => stub.die(), 200);
      return false;
    });
    const startMs = Date.now();
    const out = join(folder, 'vm.yaml');
    const ran = await observe('--qmp', socket, '--for', '50s', '--out', out);
    expectOneLine(ran, /--qmp: '.*': QEMU closed the control connection/);
    expect(Date.now() - startMs).toBeLessThan(30_000);
    expect(existsSync(out)).toBe(false);
  });

  test('Ctrl-C while it is observed: exit 130, and nothing is left', async () => {
    vm = await recordedVm(SHOP, socket);
    const names = ['--out', join(folder, 'vm.yaml'), '--record', join(folder, 'kept')];
    const words = ['observe', '--qmp', socket, '--for', '50s', ...names];
    const child = spawn(process.execPath, ['dist/cli/main.js', ...words]);
    let out = '';
    child.stdout.on('data', (text) => (out += text));
    const ended = new Promise<number | null>((done) => child.on('close', done));
    // The last command of a look: then it waits.
    await vi.waitUntil(() => vm!.asked.some(({ execute }) => execute === 'query-blockstats'), {
      timeout: 100_000,
    });
    child.kill('SIGINT');
    expect([await ended, out]).toEqual([130, '']);
    expect(readdirSync(folder)).toEqual(['qmp']);
  });

  test('no socket, none that listens, none that speaks QMP, one that says nothing', async () => {
    expectOneLine(await observe('--qmp', socket), /--qmp: '.*': there is no such file/);
    writeFileSync(socket, '');
    expectOneLine(await observe('--qmp', socket), /--qmp: '.*': no VM listens there/);
    rmSync(socket);
    const other = createServer((peer) => peer.on('error', () => {}).write('220 mail.example ESMTP\r\n'));
    await new Promise<void>((done) => other.listen(socket, done));
    try {
      expectOneLine(await observe('--qmp', socket), /what it says is not QMP/);
    } finally {
      other.close();
    }
    vm = await recordedVm(SHOP, join(folder, 'busy'), () => true);
    const silent = withCleanup((cleanup) => qmpMonitor(cleanup, join(folder, 'busy'), 100));
    await expect(silent).rejects.toThrow(/no answer within \d+ ms; a QMP socket serves one client at a time/);
    await expect(silent).rejects.toThrow(InputError);
  });

  test('an old QEMU that lacks what can be done without', async () => {
    vm = await recordedVm(SHOP, socket, ({ execute, arguments: args, id }, _, peer) => {
      if (execute !== 'query-memory-size-summary' && !args?.flat) return false;
      peer.write(`${JSON.stringify({ error: { class: 'CommandNotFound', desc: 'no' }, id })}\n`);
      return true;
    });
    const { code, out } = await observe('--qmp', socket, '--for', '1s');
    expect(code).toBe(0);
    expect(out).toMatch(/size: 16G # assumed: this QEMU does not say/);
  });
});

describe('a VM by libvirt', () => {
  test('the same file as from its recording, through a stub of virsh', async () => {
    const path = `${virshStub(SHOP, folder)}:${process.env.PATH}`;
    const { code, out } = await observeIn(path, '--virsh', 'shop', '--for', '1s');
    expect(code).toBe(0);
    const values = (text: string): string[] =>
      text.split('\n').filter((line) => /^\s+(- )?(size|dirty|granularity):/.test(line));
    const unrated = (lines: string[]): string[] =>
      lines.map((line) => line.replace(/, \S+ newly set a second/, ''));
    expect(unrated(values(out))).toEqual(unrated(values((await observe('--from', SHOP)).out)));
    const asked = readFileSync(join(folder, 'asked.txt'), 'utf8').trim().split('\n');
    expect(asked.every((command) => command.startsWith('query-'))).toBe(true);
  });

  test('no such domain, no virsh', async () => {
    const path = `${virshStub(SHOP, folder)}:${process.env.PATH}`;
    expectOneLine(
      await observeIn(path, '--virsh', 'nope'),
      /--virsh: 'nope': virsh .*failed to get domain 'nope'/,
    );
    expectOneLine(
      await observeIn(folder, '--virsh', 'shop'),
      /--virsh: needs virsh, not found in PATH; .*libvirt-clients/,
    );
  });
});

describe('what is asked for', () => {
  test.each([
    [[], /no VM named; give one of --qmp SOCKET, --virsh DOMAIN, --from DIR/],
    [['--from', SHOP, '--qmp', 'x'], /more than one VM named/],
    [['--from', SHOP, '--for', '5s'], /--for: a recording \(--from\) is as it is/],
    [['--from', SHOP, '--record', 'y'], /--record: a recording/],
    [['--qmp', 'x', '--for', '1ms'], /--for: '1ms' is not a time from 1s to 24h/],
    [['--qmp', 'x', '--for', 'soon'], /--for: 'soon'/],
    [['--from', 'test/fixtures'], /is no recording: that is two folders, 'first' and 'second'/],
    [['--from', 'README.md'], /--from: README\.md: /],
    [['--from', SHOP, '--storage', 'nvmee'], /--storage: 'nvmee' is no file and not/],
    [['--from', SHOP, '--out', 'package.json'], /--out: 'package\.json' is there and not an earlier output/],
    [['--from', SHOP, '--out', 'nowhere/vm.yaml'], /--out: cannot write 'nowhere\/vm\.yaml'/],
  ])('%j is refused', async (args, message) => {
    expectOneLine(await observe(...(args as string[])), message);
  });

  test('the file answers the question', async () => {
    const out = join(folder, 'vm.yaml');
    const { code, out: said } = await observe('--from', SHOP, '--out', out);
    expect(code).toBe(0);
    expect(said).toMatch(
      /a, bitmap fine: \d+ of 16777216 granules of 4 KiB set, 1\d\d\.\d+ newly set a second/,
    );
    const answer = JSON.parse((await inProcess('run', out, '--json', '--set', 'replications=2')).out);
    expect(answer.question.bitmap_bytes).toBeGreaterThan(0);
    expect(answer.strategies.length).toBeGreaterThan(3);
    // A second look replaces the first.
    expect((await observe('--from', SHOP, '--out', out)).code).toBe(0);
  });

  test('--json: what was seen, the scenario, and of each value how it is known', async () => {
    const seen = JSON.parse((await observe('--from', SHOP, '--json')).out);
    expect(seen.vm).toMatchObject({ name: 'shop', qemu: '7.2.22', cpus: 2 });
    const bitmap = seen.disks[0].bitmaps.find(({ name }: { name: string }) => name === 'fine');
    expect(bitmap.scenario_first_touches_per_s / bitmap.first_touches_per_s).toBeCloseTo(1, 2);
    expect(seen.scenario.disks).toHaveLength(2);
    expect(seen.values.every(({ known }: { known: string }) => ['observed', 'assumed'].includes(known))).toBe(
      true,
    );
  });
});
