/**
 * The scripts of src/fate/outcomes.ts played on real QEMU: two processes, one qcow2 file, a migration over a unix
 * socket. What is looked at is what the model claims; contents are compared by QEMU's SHA-256 of the bits.
 */
import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { fateOf } from '../../src/fate/cells.js';
import { OUTCOMES } from '../../src/fate/outcomes.js';
import { fateRules } from '../../src/fate/rules.js';
import { BITMAP, DEFAULT_GROUPS } from '../../src/fate/stage.js';
import type { Group, History, Side, Step } from '../../src/fate/steps.js';
import type { Fate } from '../../src/fate/verdict.js';
import { type Cleanup, withCleanup } from '../../src/lab/process/cleanup.js';
import { runProgram } from '../../src/lab/process/programs.js';
import { type Qemu, startQemu } from '../../src/lab/qemu/qemu.js';
import { QmpError } from '../../src/lab/qemu/qmp.js';
import { createImage, diskNodes } from '../../src/lab/qemu/test-image.js';
import { type OwnedRoute, routeNamed } from '../../src/sim/strategies/lookup.js';
import { installedQemu } from './available.js';

const DISK_BYTES = 16 * 2 ** 30;
const GRANULARITY = 65_536;
const NODE = 'disk0';
const GUEST = '/machine/peripheral-anon/device[0]/virtio-backend';
const CAPABILITIES = ['dirty-bitmaps', 'late-block-activate', 'pause-before-switchover', 'events'];
const OVER = ['completed', 'failed', 'cancelled'];

interface Seen {
  readonly source: Fate;
  readonly destination: Fate;
  readonly imageAfterMigration: string;
  readonly imageAtEnd: string;
  readonly boot: Fate;
}

interface RealBitmap {
  readonly name?: string;
  readonly inconsistent?: boolean;
  readonly busy: boolean;
}

const alive = (qemu: Qemu): boolean => {
  try {
    return process.kill(qemu.pid, 0);
  } catch {
    return false;
  }
};

async function until(what: string, test: () => boolean | Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 2000; tries++) {
    if (await test()) return;
    await sleep(5);
  }
  throw new Error(`waited 10 s for ${what}`);
}

async function kill(qemu: Qemu | undefined): Promise<void> {
  if (!qemu || !alive(qemu)) return;
  process.kill(qemu.pid, 'SIGKILL');
  await until(`${qemu.name} to die`, () => !alive(qemu));
}

async function guestWrite(qemu: Qemu, group: Group): Promise<void> {
  for (const granule of DEFAULT_GROUPS[group]) {
    const command = `qemu-io -d ${GUEST} "write -q -P 1 ${granule * GRANULARITY} 4096"`;
    const said = await qemu.qmp.execute<string>('human-monitor-command', { 'command-line': command });
    if (said.trim()) throw new Error(`guest write: ${said}`);
  }
}

function hashOf(groups: readonly Group[]): string {
  const bits = Buffer.alloc(DISK_BYTES / GRANULARITY / 8);
  for (const group of groups)
    for (const granule of DEFAULT_GROUPS[group]) bits[granule >> 3]! |= 1 << (granule & 7);
  return createHash('sha256').update(bits).digest('hex');
}

const status = async (qemu: Qemu): Promise<string> =>
  (await qemu.qmp.execute<{ status: string }>('query-status')).status;

class OutcomeStage {
  private readonly cleanup: Cleanup;
  private readonly folder: string;
  private readonly strategy: OwnedRoute;
  private readonly written: Group[] = [];
  private readonly seen: { source?: Fate; destination?: Fate; image?: string } = {};
  private source!: Qemu;
  private destination: Qemu | undefined;
  private started = 0;
  private since = 0;

  constructor(cleanup: Cleanup, folder: string, strategy: string) {
    this.cleanup = cleanup;
    this.folder = folder;
    this.strategy = routeNamed(strategy);
  }

  /** Plays one cell from a fresh image to the look of a fresh QEMU. */
  async play(outcome: string, history: History): Promise<Seen> {
    await this.makeImage(history);
    this.source = await this.boot();
    if (history === 'new') {
      await this.addBitmap(this.source);
      await guestWrite(this.source, 'A');
    }
    this.written.push('A');
    await this.write(this.source, 'B');
    for (const step of OUTCOMES[outcome]!.steps) await this.step(step);
    await kill(this.source);
    await kill(this.destination);
    const imageAtEnd = await this.imageFlags();
    const fresh = await this.boot();
    const boot = await this.fate(fresh);
    await kill(fresh);
    return {
      source: this.seen.source ?? 'dead',
      destination: this.seen.destination ?? 'dead',
      imageAfterMigration: this.seen.image ?? '',
      imageAtEnd,
      boot,
    };
  }

  private get image(): string {
    return join(this.folder, 'image.qcow2');
  }

  /** Guest data is allocated beforehand, so that writes change nothing but bitmaps. */
  private async makeImage(history: History): Promise<void> {
    const place = { kind: 'file', path: this.image, cache: 'writeback' } as const;
    await createImage(this.cleanup, place, DISK_BYTES, 65_536);
    const writes = Object.values(DEFAULT_GROUPS)
      .flat()
      .flatMap((granule) => ['-c', `write -q ${granule * GRANULARITY} ${GRANULARITY}`]);
    await runProgram('qemu-io', ['-f', 'qcow2', ...writes, this.image], 60_000, this.cleanup);
    if (history === 'new') return;
    const before = await this.boot();
    await this.addBitmap(before);
    await guestWrite(before, 'A');
    await before.quit();
  }

  private async addBitmap(qemu: Qemu): Promise<void> {
    const persistent = this.strategy.persistent === true;
    const args = { node: NODE, name: BITMAP, granularity: GRANULARITY, persistent };
    await qemu.qmp.execute('block-dirty-bitmap-add', args);
  }

  private boot(incoming = false): Promise<Qemu> {
    const place = { kind: 'file', path: this.image, cache: 'writeback' } as const;
    const name = `qemu${this.started++}`;
    const options = { disks: [NODE], incoming };
    return startQemu(this.cleanup, this.folder, name, diskNodes(place, 0, false), options);
  }

  private who(side: Side): Qemu | undefined {
    return side === 'source' ? this.source : this.destination;
  }

  private async write(qemu: Qemu, group: Group): Promise<void> {
    await guestWrite(qemu, group);
    this.written.push(group);
  }

  private async step(step: Step): Promise<void> {
    switch (step.do) {
      case 'migrate':
        return this.migrate(step);
      case 'continue':
        await this.source.qmp.execute('migrate-continue', { state: 'pre-switchover' });
        return this.settle(OVER);
      case 'cancel':
        await this.source.qmp.execute('migrate_cancel');
        return this.settle(['cancelled']);
      case 'write': {
        const qemu = this.who(step.on);
        if (qemu && alive(qemu) && (await status(qemu)) === 'running') await this.write(qemu, step.group);
        return;
      }
      case 'kill':
        await kill(this.who(step.who));
        if (step.who === 'destination') await this.noticed();
        return;
      case 'quit':
        await this.who(step.who)?.quit();
        return;
      case 'cont':
        return this.cont(this.who(step.who)!);
      case 'look':
        if (!step.running || (await status(this.who(step.running)!)) === 'running') await this.look(true);
        return;
      case 'leave':
        await this.look(this.seen.image === undefined);
        if (step.how === 'quit') await this.who(step.who)?.quit();
        else await kill(this.who(step.who));
        return;
      default:
        throw new Error(`the harness cannot do '${step.do}'`);
    }
  }

  private async cont(qemu: Qemu): Promise<void> {
    await qemu.qmp.execute('cont').catch((error: Error) => {
      if (!(error instanceof QmpError)) throw error; // refused: the script goes on, and writes find no guest
    });
  }

  private async migrate(step: Extract<Step, { do: 'migrate' }>): Promise<void> {
    await kill(this.destination);
    const to = await this.boot(true);
    this.destination = to;
    const travel = step.capability ?? this.strategy.dirtyBitmaps;
    const pause = step.until === 'pre-switchover';
    const socket = join(this.folder, `${to.name}.migration`);
    await this.capabilities(to, [
      ...(travel ? ['dirty-bitmaps'] : []),
      ...(step.late ? ['late-block-activate'] : []),
    ]);
    await this.capabilities(this.source, [
      ...(travel ? ['dirty-bitmaps'] : []),
      ...(pause ? ['pause-before-switchover'] : []),
    ]);
    // Slow enough to stay in its running phase until it is ended, or done at once.
    const slow = step.until === 'active';
    await this.source.qmp.execute('migrate-set-parameters', {
      'max-bandwidth': slow ? 20_000 : 0,
      'downtime-limit': slow ? 300 : 2_000_000,
    });
    if (step.late) await to.qmp.execute('stop'); // before it arrives: as if started with -S
    await to.qmp.execute('migrate-incoming', { uri: `unix:${socket}` });
    this.since = this.source.qmp.events.length;
    await this.source.qmp.execute('migrate', { uri: `unix:${socket}` });
    if (slow) await this.state(['active']);
    else if (pause) await this.state(['pre-switchover']);
    else {
      await this.state(['completed']);
      await until('postmigrate', async () => (await status(this.source)) === 'postmigrate');
      await to.qmp.wait('MIGRATION', 0, 10_000, (data) => data.status === 'completed');
    }
  }

  private async capabilities(qemu: Qemu, on: readonly string[]): Promise<void> {
    const wanted = [...on, 'events'];
    await qemu.qmp.execute('migrate-set-capabilities', {
      capabilities: CAPABILITIES.map((capability) => ({ capability, state: wanted.includes(capability) })),
    });
  }

  private async state(states: readonly string[]): Promise<void> {
    await this.source.qmp.wait('MIGRATION', this.since, 15_000, (data) =>
      states.includes(String(data.status)),
    );
  }

  /** After an end without success: the source runs, and the destination has exited by itself. */
  private async settle(states: readonly string[]): Promise<void> {
    await this.state(states);
    await until('the source to run', async () => (await status(this.source)) === 'running');
    const { destination } = this;
    if (destination) await until('the destination to exit', () => !alive(destination));
  }

  /** A destination that dies is noticed at once only while the guest runs. */
  private async noticed(): Promise<void> {
    if (alive(this.source) && (await status(this.source)) === 'running') await this.settle(['failed']);
  }

  private async look(withImage: boolean): Promise<void> {
    for (const side of ['source', 'destination'] as const) {
      const qemu = this.who(side);
      if (!qemu || (!alive(qemu) && this.seen[side])) continue;
      this.seen[side] = alive(qemu) ? await this.fate(qemu) : 'dead';
    }
    if (withImage) this.seen.image = await this.imageFlags();
  }

  private async fate(qemu: Qemu): Promise<Fate> {
    const state = await status(qemu);
    if (state === 'inmigrate') return 'dead';
    const nodes = await qemu.qmp
      .execute<{ 'node-name': string; 'dirty-bitmaps'?: RealBitmap[] }[]>('query-named-block-nodes', {
        flat: true,
      })
      .catch((error: Error) => {
        if (error.message.includes('ejected')) return undefined;
        throw error;
      });
    if (!nodes) return 'dead';
    const node = nodes.find((each) => each['node-name'] === NODE);
    const bitmap = node?.['dirty-bitmaps']?.find((each) => each.name === BITMAP);
    if (!bitmap) return 'lost';
    if (bitmap.inconsistent) return 'inconsistent';
    const { sha256 } = await qemu.qmp.execute<{ sha256: string }>('x-debug-block-dirty-bitmap-sha256', {
      node: NODE,
      name: BITMAP,
    });
    if (sha256 === hashOf(this.written)) return 'exact';
    return state === 'running' ? 'wrong' : 'stale';
  }

  private async imageFlags(): Promise<string> {
    const { stdout } = await runProgram('qemu-img', ['info', '-U', '--output=json', this.image], 30_000);
    const bitmaps: { name: string; flags: string[] }[] =
      JSON.parse(stdout)['format-specific'].data.bitmaps ?? [];
    const found = bitmaps.find((each) => each.name === BITMAP);
    return found ? found.flags.join('+') || 'none' : 'absent';
  }
}

/** Plays a cell on real QEMU and in the model; everything seen must be the same. */
export async function expectFate(outcome: string, strategy: string, history: History): Promise<void> {
  const seen = await withCleanup((cleanup) =>
    new OutcomeStage(cleanup, cleanup.tempDir(tmpdir(), 'outcomes'), strategy).play(outcome, history),
  );
  const { source, destination, imageAfterMigration, imageAtEnd, boot } = fateOf(
    { outcome, strategy, history },
    fateRules(installedQemu),
  );
  expect(seen).toEqual({ source, destination, imageAfterMigration, imageAtEnd, boot });
}
