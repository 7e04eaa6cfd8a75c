/**
 * No dead knobs: each parameter, given another value, changes something in what is simulated, and a run reads what it
 * changed. A parameter that is documented and parsed but read by nobody fails here.
 */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Tree } from '../../src/base/tree.js';
import { PARAMETERS, type Parameter } from '../../src/input/parameters.js';
import { type Resolved, resolveTree } from '../../src/input/resolve.js';
import type { Kind } from '../../src/sim/parameters/row.js';
import { judge } from '../../src/study/answer/answer.js';
import { fatesOf } from '../../src/study/outcomes/fates.js';
import { runReplication } from '../../src/study/run.js';
import { leavesOf, recorded } from '../support/recorded-reads.js';

const folder = mkdtempSync(join(tmpdir(), 'stopgap-knobs-'));
function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const INFO = {
  filename: 'a.qcow2',
  format: 'qcow2',
  'virtual-size': 2 ** 30,
  'cluster-size': 65_536,
  'format-specific': { data: { bitmaps: [{ name: 'b', granularity: 65_536, flags: ['auto'] }] } },
};

/** Two devices: seconds, device, offset and size in sectors, write. */
const TRACE = Array.from({ length: 400 }, (_, i) => `${i / 10} ${i % 2} ${8 * i} 8 0\n`).join('');

/** Small, and with something for every part of the model to do. */
const BASE: Tree = {
  'disk.size': '2G',
  'disk.allocated': '50%',
  'ram.size': '256M',
  'bitmaps.count': 4,
  'bitmaps.frozen': 1,
  replications: 1,
};

/** Other values by kind; the first that changes what is simulated counts. */
const OTHERS: Readonly<Partial<Record<Kind, readonly unknown[]>>> = {
  size: ['3G', '8k'],
  'power-of-two': ['32k'],
  rate: ['30MB/s'],
  time: ['7ms'],
  share: ['13%'],
  number: ['17'],
  count: ['3', '0'],
  switch: ['on', 'off'],
  names: ['pre-flush'],
  files: [file('info.json', JSON.stringify(INFO))],
  extent: ['37%'],
  'share-or-auto': ['20%'],
  budget: ['123ms'],
  latency: ['1.7ms'],
  sizes: ['8k'],
  pattern: ['zipf:0.9', 'uniform'],
  arrivals: ['deterministic'],
  release: ['10.0'],
  disks: [['3G', '5G']],
  parts: [[{ weight: 1, pattern: 'sequential', 'write-size': '8k' }]],
};

/** Files, and texts, have no other value but those that mean something. */
const TEXTS: Readonly<Record<string, string>> = {
  vm: 'small',
  'disk.bitmap-storage': 'hdd-7200',
  storage: 'hdd-7200',
  workload: 'oltp',
  host: 'zero',
  link: '25gbit',
  stack: 'ovirt',
  'mirror.target': 'hdd-7200',
  fault: 'destination-dies@1s',
  'fault-rate': 'destination-dies=1/s',
  'workload.trace.format': 'ascii:s:4096:512',
  'workload.trace.device': '1',
};

const REPLAY = {
  workload: file('writes.ascii', TRACE),
  'workload.trace.format': 'ascii:s:512:512',
  'disk.count': 2,
};

/** All that a ramp may need. */
const LEVELLED: Tree = {
  'ramp.from': '50ms',
  'ramp.levels': 5,
  'ramp.wait': '1s',
  'ramp.iterations': 2,
  'ramp.poll': '100ms',
  'ramp.poll-soon': '50ms',
  'ramp.polls': 5,
};

/** Pre-copy does not get through with its RAM. */
const NEVER_READY: Tree = {
  'migration.postcopy-ram': 'on',
  'ram.used': '256M',
  'ram.working-set': '256M',
  'ram.dirty-rate': '1GB/s',
};

const MIRRORED: Tree = { 'mirror.copy-mode': 'background' };

const SPELLS: Tree = {
  'storage.spells.slow-factor': 3,
  'storage.spells.slow-time': '1s',
  'storage.spells.fast-time': '2s',
};

/** What must be given beside a parameter for it to mean anything. */
const BESIDE: Readonly<Record<string, Tree>> = {
  vm: { 'ram.size': undefined },
  disks: { 'disk.size': undefined, 'bitmaps.count': undefined, 'bitmaps.frozen': undefined },
  image: { 'disk.size': undefined, 'bitmaps.count': undefined, 'bitmaps.frozen': undefined },
  'storage.spells.slow-factor': SPELLS,
  'storage.spells.slow-time': SPELLS,
  'storage.spells.fast-time': SPELLS,
  // So many bits that streaming them holds the stop back.
  'migration.timeout': { 'disk.size': '1T' },
  'migration.switchover-bandwidth': { qemu: '9.2' },
  'mirror.target': MIRRORED,
  'mirror.granularity': MIRRORED,
  'mirror.speed': MIRRORED,
  'mirror.management': MIRRORED,
  'host.mirror-request': MIRRORED,
  'host.mirror-hop': MIRRORED,
  'host.postcopy-ram': NEVER_READY,
  'ramp.law': LEVELLED,
  'ramp.from': { ...LEVELLED, 'ramp.law': 'timed' },
  'ramp.shape': { ...LEVELLED, 'ramp.law': 'timed' },
  'ramp.levels': { ...LEVELLED, 'ramp.law': 'timed' },
  'ramp.wait': { ...LEVELLED, 'ramp.law': 'timed' },
  'ramp.wait-per-gib': { ...LEVELLED, 'ramp.law': 'timed' },
  'ramp.wait-most': { ...LEVELLED, 'ramp.law': 'timed' },
  'ramp.iterations': { ...LEVELLED, 'ramp.law': 'iterated' },
  'ramp.poll': { ...LEVELLED, 'ramp.law': 'iterated' },
  'ramp.poll-soon': { ...LEVELLED, 'ramp.law': 'stuck' },
  'ramp.polls': { ...LEVELLED, 'ramp.law': 'stuck' },
  parallel: { vms: 3 },
  'bitmaps.layout': { 'bitmaps.dirty': '50%' },
  'kill-share': { 'fault-rate': 'destination-dies=1/s' },
  'storage.small-write.at': { 'storage.small-write.latency': '1ms' },
  'storage.small-write.bandwidth': { 'storage.small-write.latency': '1ms' },
  'storage.read.at': { 'storage.read.latency': '1ms' },
  'storage.read.bandwidth': { 'storage.read.latency': '1ms' },
};

const besideOf = ({ path }: Parameter): Tree =>
  path.startsWith('workload.trace.') ? REPLAY : (BESIDE[path] ?? {});

function othersOf({ path, kind, choices }: Parameter): readonly unknown[] {
  if (choices) return choices;
  const others = kind === 'text' ? TEXTS[path] && [TEXTS[path]] : OTHERS[kind];
  if (!others) throw new Error(`no other value of ${path} is known; give one above`);
  return others;
}

const situation = (tree: Tree): Promise<Resolved> => resolveTree({}, { ...BASE, ...tree });

/** What a run may read of a question; the rest of it is for reports. */
const told = ({ question: _, notes: __, ...rest }: Resolved): ReadonlyMap<string, string> => leavesOf(rest);

function changed(before: Resolved, after: Resolved): readonly string[] {
  const [a, b] = [told(before), told(after)];
  return [...new Set([...a.keys(), ...b.keys()])].filter((leaf) => a.get(leaf) !== b.get(leaf));
}

/** Those of the leaves that are read: by one replication, or else by all that a verdict is made of. */
function readBy(resolved: Resolved, leaves: readonly string[]): readonly string[] {
  const reads = new Set<string>();
  const watched = recorded(resolved, reads);
  const read = (): readonly string[] => leaves.filter((leaf) => reads.has(leaf));
  const { scenario, strategies, seed } = watched;
  runReplication(scenario, strategies, seed, 0);
  if (read().length > 0) return read();
  judge(watched);
  if (resolved.scenario.outcome) fatesOf(watched);
  return read();
}

/** The leaves that the parameter changes, and those of them that a run reads. */
async function effectOf(
  parameter: Parameter,
): Promise<{ changes: readonly string[]; read: readonly string[] }> {
  const beside = besideOf(parameter);
  const before = await situation(beside);
  for (const other of othersOf(parameter)) {
    const after = await situation({ ...beside, [parameter.path]: other });
    const changes = changed(before, after);
    if (changes.length === 0) continue;
    return { changes, read: readBy(after, changes) };
  }
  return { changes: [], read: [] };
}

describe('no dead knobs', () => {
  it.each(PARAMETERS.map((parameter) => [parameter.path, parameter] as const))('%s', async (_, parameter) => {
    const { changes, read } = await effectOf(parameter);
    expect(changes, 'changes nothing of what is simulated').not.toEqual([]);
    expect(read, `no run reads ${changes.join(', ')}`).not.toEqual([]);
  });
});

describe('the recorder', () => {
  it('sees what is read, at any depth, and nothing else', () => {
    const reads = new Set<string>();
    const data = recorded({ a: { b: 1, c: [2, 3] }, d: 4 }, reads);
    expect(data.a.b + data.a.c[1]!).toBe(4);
    expect([...reads]).toEqual(['a.b', 'a.c.1']);
    expect(data.a).toBe(data.a);
  });
});
