/**
 * The scripts of src/fate/outcomes.ts played on real QEMU: two processes, one qcow2 file or a mirror of it, a migration over a
 * unix socket. What is looked at is what the model claims; contents are compared by QEMU's SHA-256 of the bits.
 */
import { appendFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { fateOf } from '../../src/fate/cells.js';
import { OUTCOMES } from '../../src/fate/outcomes.js';
import { type FateRules, fateRules } from '../../src/fate/rules.js';
import { BITMAP, DEFAULT_GROUPS } from '../../src/fate/stage.js';
import type { Group, History, Side, Step } from '../../src/fate/steps.js';
import { backupFrom, type Fate } from '../../src/fate/verdict.js';
import { type Cleanup, withCleanup } from '../../src/lab/process/cleanup.js';
import { runProgram } from '../../src/lab/process/programs.js';
import { startQemu } from '../../src/lab/qemu/qemu.js';
import { QmpError } from '../../src/lab/qemu/qmp.js';
import { createImage, diskName, diskNodes, type ImagePlace } from '../../src/lab/qemu/test-image.js';
import { type OwnedRoute, routeNamed } from '../../src/sim/strategies/lookup.js';
import { SIDE } from '../../src/study/outcomes/cells.js';
import { installedQemu } from './available.js';
import { Link } from './outcome-link.js';
import {
  alive,
  DISK_BYTES,
  fateIn,
  GRANULARITY,
  guestWrite,
  type Host,
  imageFlags,
  kill,
  status,
  until,
} from './outcome-looks.js';
import { breakMirror, endMirror, forgetMirror, startMirror } from './outcome-mirror.js';

const CAPABILITIES = [
  'dirty-bitmaps',
  'late-block-activate',
  'pause-before-switchover',
  'postcopy-ram',
  'events',
];
const OVER = ['completed', 'failed', 'cancelled'];
/** So slow that it is not done before it is ended. */
const SLOW_BYTES_PER_S = 20_000;

/** How disks and RAM go: one image that both have, a copy of it, or RAM after the resume. */
export type Way = 'shared' | 'mirrored' | 'postcopy-ram';

export interface Seen {
  readonly source: Fate;
  readonly destination: Fate;
  readonly imageAfterMigration: string;
  readonly imageAtEnd: string;
  readonly boot: Fate;
  readonly survivor: Side | 'none';
}

class OutcomeStage {
  private readonly cleanup: Cleanup;
  private readonly folder: string;
  private readonly strategy: OwnedRoute;
  private readonly way: Way;
  private readonly seen: { source?: Fate; destination?: Fate; image?: string } = {};
  private source!: Host;
  private destination: Host | undefined;
  private survivor: Side | 'none' = 'none';
  private handedOver = false;
  private link: Link | undefined;
  private started = 0;
  private since = 0;

  constructor(cleanup: Cleanup, folder: string, strategy: string, way: Way) {
    this.cleanup = cleanup;
    this.folder = folder;
    this.strategy = routeNamed(strategy);
    this.way = way;
  }

  /** Plays one cell from a fresh image to the look of a fresh QEMU. */
  async play(outcome: string, history: History): Promise<Seen> {
    const image = await this.makeImage();
    await this.allocate(image);
    if (history !== 'new') {
      const before = await this.boot(image);
      await this.addBitmap(before);
      await guestWrite(before.qemu, 'A');
      await before.qemu.quit();
    }
    this.source = await this.boot(image);
    if (history === 'new') {
      await this.addBitmap(this.source);
      await guestWrite(this.source.qemu, 'A');
    }
    this.source.written.push('A');
    await this.write(this.source, 'B');
    for (const step of OUTCOMES[outcome]!.steps) await this.step(step);
    await kill(this.source.qemu);
    await kill(this.destination?.qemu);
    const last = this.lastHost;
    const imageAtEnd = await imageFlags(last.image);
    const fresh = { ...(await this.boot(last.image)), written: last.written };
    const boot = await fateIn(fresh, false);
    await kill(fresh.qemu);
    return {
      source: this.seen.source ?? 'dead',
      destination: this.seen.destination ?? 'dead',
      imageAfterMigration: this.seen.image ?? '',
      imageAtEnd,
      boot,
      survivor: this.survivor,
    };
  }

  private async makeImage(): Promise<string> {
    const path = join(this.folder, `image${this.started}.qcow2`);
    await createImage(this.cleanup, place(path), DISK_BYTES, 65_536);
    return path;
  }

  /** Guest data is allocated beforehand, so that writes change nothing but bitmaps. */
  private async allocate(image: string): Promise<void> {
    const writes = Object.values(DEFAULT_GROUPS)
      .flat()
      .flatMap((granule) => ['-c', `write -q ${granule * GRANULARITY} ${GRANULARITY}`]);
    await runProgram('qemu-io', ['-f', 'qcow2', ...writes, image], 60_000, this.cleanup);
  }

  private async addBitmap({ qemu, node }: Host): Promise<void> {
    const persistent = this.strategy.persistent === true;
    const args = { node, name: BITMAP, granularity: GRANULARITY, persistent };
    await qemu.qmp.execute('block-dirty-bitmap-add', args);
  }

  /** `copy`: the guest waits until its disk is exported no more. The node has another name there. */
  private async boot(image: string, arrival?: 'shared' | 'copy'): Promise<Host> {
    const name = `qemu${this.started++}`;
    const index = arrival === 'copy' ? 1 : 0;
    const options = {
      disks: [diskName(index)],
      incoming: arrival !== undefined,
      isPaused: arrival === 'copy',
    };
    const nodes = diskNodes(place(image), index, false);
    const qemu = await startQemu(this.cleanup, this.folder, name, nodes, options);
    return { qemu, image, node: diskName(index), written: [] };
  }

  /** The next destination, on the same image or with an export of an empty one that the disk is mirrored to. */
  private async arrive(copying = false): Promise<Host> {
    const { source } = this;
    await kill(this.destination?.qemu);
    if (this.way !== 'mirrored')
      return { ...(await this.boot(source.image, 'shared')), written: source.written };
    await forgetMirror(source);
    const to = await this.boot(await this.makeImage(), 'copy');
    await startMirror(source, to, this.folder, copying);
    return to;
  }

  private who(side: Side): Host | undefined {
    return side === 'source' ? this.source : this.destination;
  }

  /** Where the guest is, or would be started from. */
  private get lastHost(): Host {
    const { survivor } = this;
    const side = survivor !== 'none' ? survivor : this.handedOver ? 'destination' : 'source';
    return this.who(side) ?? this.source;
  }

  private async write(host: Host, group: Group): Promise<void> {
    await guestWrite(host.qemu, group);
    host.written.push(group);
  }

  private async step(step: Step): Promise<void> {
    switch (step.do) {
      case 'migrate':
        return this.migrate(step);
      case 'continue':
        return this.goOn(OVER);
      case 'cancel':
        await this.source.qemu.qmp.execute('migrate_cancel');
        return this.settle(['cancelled']);
      case 'write': {
        const host = this.who(step.on);
        if (host && alive(host.qemu) && (await status(host.qemu)) === 'running')
          await this.write(host, step.group);
        return;
      }
      case 'kill':
        await kill(this.who(step.who)?.qemu);
        if (step.who === 'destination') await this.noticed();
        return;
      case 'quit':
        await this.who(step.who)?.qemu.quit();
        return;
      case 'cont':
        return this.cont(this.who(step.who)!);
      case 'look': {
        const only = step.running && this.who(step.running);
        if (!only || (await status(only.qemu)) === 'running') await this.look(true);
        return;
      }
      case 'leave':
        return this.leave(step.who, step.how);
      case 'mirror':
        this.destination = await this.arrive(step.until === 'copying');
        return;
      case 'end-mirror':
        return this.endMirror(step.how);
      case 'cut-link':
        this.link!.cut();
        return this.paused();
      case 'mend-link':
        return this.recover();
      default:
        throw new Error(`the harness cannot do '${step.do}'`);
    }
  }

  private async leave(who: Side, how: 'quit' | 'kill'): Promise<void> {
    await this.look(this.seen.image === undefined);
    const qemu = this.who(who)?.qemu;
    this.survivor = qemu && alive(qemu) ? who : 'none';
    if (how === 'kill') await kill(qemu);
    else if (this.survivor !== 'none') await qemu!.quit();
  }

  private async endMirror(how: 'fails' | 'cancelled'): Promise<void> {
    const runs = (await status(this.source.qemu)) === 'running';
    if (how === 'fails') await breakMirror(this.source, this.destination!, runs);
    else await endMirror(this.source);
  }

  private async cont({ qemu }: Host): Promise<void> {
    await qemu.qmp.execute('cont').catch((error: Error) => {
      if (!(error instanceof QmpError)) throw error; // refused: the script goes on, and writes find no guest
    });
  }

  private async migrate(step: Extract<Step, { do: 'migrate' }>): Promise<void> {
    const to = await this.arrive();
    this.destination = to;
    const bitmaps = (step.capability ?? this.strategy.dirtyBitmaps) ? ['dirty-bitmaps'] : [];
    const pauses = step.until === 'pre-switchover' || this.way === 'mirrored';
    const follows = this.way === 'postcopy-ram' ? ['postcopy-ram'] : [];
    await capabilities(to, [...bitmaps, ...follows, ...(step.late ? ['late-block-activate'] : [])]);
    const ofSource = pauses ? ['pause-before-switchover'] : [];
    await capabilities(this.source, [...bitmaps, ...follows, ...ofSource]);
    if (this.way === 'mirrored') await this.map(to, step.unmapped === true);
    // Slow enough to stay in its running phase until it is ended, or done at once.
    const slow = step.until === 'active' || this.way === 'postcopy-ram';
    await this.source.qemu.qmp.execute('migrate-set-parameters', {
      'max-bandwidth': slow ? SLOW_BYTES_PER_S : 0,
      'max-postcopy-bandwidth': step.until === 'completed' ? 0 : SLOW_BYTES_PER_S,
      'downtime-limit': slow ? 300 : 2_000_000,
    });
    if (step.late) await to.qemu.qmp.execute('stop'); // before it arrives: as if started with -S
    await this.send(to);
    if (slow) await this.state(['active']);
    if (step.until === 'active') return;
    if (follows.length > 0) await this.source.qemu.qmp.execute('migrate-start-postcopy');
    if (pauses) await this.state(['pre-switchover']);
    if (step.until === 'pre-switchover') return;
    if (step.until === 'bitmaps-travelling') return this.ramFollows();
    if (pauses) await this.goOn(['completed']);
    await this.arrived(step.late === true);
  }

  /** Over a link of its own where it may be cut. */
  private async send(to: Host, resume = false): Promise<void> {
    const socket = join(this.folder, `${to.qemu.name}.migration${resume ? '2' : ''}`);
    const incoming = resume ? 'migrate-recover' : 'migrate-incoming';
    await to.qemu.qmp.execute(incoming, { uri: `unix:${socket}` });
    let path = socket;
    if (this.way === 'postcopy-ram') {
      path = `${socket}.link`;
      const link = await Link.lay(path, socket);
      this.link = link;
      this.cleanup.defer(() => link.cut());
    }
    this.since = this.source.qemu.qmp.events.length;
    await this.source.qemu.qmp.execute('migrate', { uri: `unix:${path}`, ...(resume && { resume }) });
  }

  private async ramFollows(): Promise<void> {
    await this.state(['postcopy-active']);
    await this.destination!.qemu.qmp.wait('RESUME', 0, 15_000);
    this.handedOver = true;
    await this.settled();
  }

  /**
   * Until the guest has asked for what it goes on using. A processor that waits for a page may hold QEMU's lock, and then
   * nobody is answered: without a source, for ever.
   */
  private async settled(): Promise<void> {
    type Told = { readonly ram: Readonly<Record<'postcopy-requests', number>> };
    let before = -1;
    let calm = 0;
    await until('the guest to have its pages', async () => {
      await sleep(50);
      const { ram } = await this.source.qemu.qmp.execute<Told>('query-migrate');
      calm = ram['postcopy-requests'] === before ? calm + 1 : 0;
      before = ram['postcopy-requests'];
      return calm >= 20;
    });
  }

  /** Until both know that the link is broken. */
  private async paused(): Promise<void> {
    await this.state(['postcopy-paused']);
    await this.destination!.qemu.qmp.wait(
      'MIGRATION',
      0,
      15_000,
      (data) => data.status === 'postcopy-paused',
    );
  }

  private async recover(): Promise<void> {
    await this.source.qemu.qmp.execute('migrate-set-parameters', { 'max-postcopy-bandwidth': 0 });
    await this.send(this.destination!, true);
    await this.arrived(true);
  }

  /** The names of the destination's disks are not the source's. */
  private async map(to: Host, unmapped: boolean): Promise<void> {
    const mapping = (node: string) => [
      { 'node-name': node, alias: 'disk', bitmaps: [{ name: BITMAP, alias: BITMAP }] },
    ];
    for (const { qemu, node } of unmapped ? [] : [this.source, to])
      await qemu.qmp.execute('migrate-set-parameters', { 'block-bitmap-mapping': mapping(node) });
  }

  /** From pre-switchover: where the disk is copied its mirror ends first. */
  private async goOn(states: readonly string[]): Promise<void> {
    if (this.way === 'mirrored') await endMirror(this.source);
    await this.source.qemu.qmp.execute('migrate-continue', { state: 'pre-switchover' });
    if (states.length > 1) return this.settle(states);
  }

  /** `still`: the guest waits there to be started. */
  private async arrived(still: boolean): Promise<void> {
    const to = this.destination!;
    await this.state(['completed']);
    await until('postmigrate', async () => (await status(this.source.qemu)) === 'postmigrate');
    await to.qemu.qmp.wait('MIGRATION', 0, 10_000, (data) => data.status === 'completed');
    this.handedOver = true;
    if (this.way !== 'mirrored') return;
    to.written = [...this.source.written];
    await to.qemu.qmp.execute('nbd-server-stop');
    if (!still) await to.qemu.qmp.execute('cont');
  }

  private async state(states: readonly string[]): Promise<void> {
    await this.source.qemu.qmp.wait('MIGRATION', this.since, 15_000, (data) =>
      states.includes(String(data.status)),
    );
  }

  /** After an end without success: the source runs, and the destination has exited by itself. */
  private async settle(states: readonly string[]): Promise<void> {
    await this.state(states);
    // A switch to post-copy that came to nothing leaves it to management to start the guest.
    const over = this.way === 'postcopy-ram' ? ['running', 'postmigrate'] : ['running'];
    await until('the source to go on', async () => over.includes(await status(this.source.qemu)));
    const { destination } = this;
    if (destination) await until('the destination to exit', () => !alive(destination.qemu));
  }

  /** A destination that dies is noticed at once only while the guest runs, or by post-copy. */
  private async noticed(): Promise<void> {
    const { qemu } = this.source;
    if (!alive(qemu)) return;
    if (this.handedOver && this.way === 'postcopy-ram') {
      const info = await qemu.qmp.execute<{ status: string }>('query-migrate');
      if (info.status !== 'completed') await this.state(['postcopy-paused']);
    } else if (qemu.qmp.find('MIGRATION', 0) && (await status(qemu)) === 'running')
      await this.settle(['failed']);
  }

  private async look(withImage: boolean): Promise<void> {
    for (const side of ['source', 'destination'] as const) {
      const host = this.who(side);
      if (!host || (!alive(host.qemu) && this.seen[side])) continue;
      this.seen[side] = alive(host.qemu) ? await fateIn(host, side === 'destination') : 'dead';
    }
    if (withImage) this.seen.image = await imageFlags(this.lastHost.image);
  }
}

const place = (path: string): ImagePlace => ({ kind: 'file', path, cache: 'writeback' });

async function capabilities({ qemu }: Host, on: readonly string[]): Promise<void> {
  const wanted = [...on, 'events'];
  await qemu.qmp.execute('migrate-set-capabilities', {
    capabilities: CAPABILITIES.map((capability) => ({ capability, state: wanted.includes(capability) })),
  });
}

/** What the model goes by. */
export const rulesOf = (way: Way): FateRules =>
  fateRules(installedQemu, { mirrored: way === 'mirrored', ramFollows: way === 'postcopy-ram' });

/** Plays a cell on real QEMU and in the model; everything seen must be the same. STOPGAP_OUTCOME_ROWS: a file for what was seen. */
export async function expectFate(
  outcome: string,
  strategy: string,
  history: History,
  way: Way = 'shared',
): Promise<void> {
  const seen = await withCleanup((cleanup) =>
    new OutcomeStage(cleanup, cleanup.tempDir(tmpdir(), 'outcomes'), strategy, way).play(outcome, history),
  );
  const rows = process.env.STOPGAP_OUTCOME_ROWS;
  if (rows) appendFileSync(rows, rowOf(outcome, strategy, history, way, seen));
  const { source, destination, imageAfterMigration, imageAtEnd, boot, survivor } = fateOf(
    { outcome, strategy, history },
    rulesOf(way),
  );
  expect(seen).toEqual({ source, destination, imageAfterMigration, imageAtEnd, boot, survivor });
}

/** As in results/validation/outcomes-ways.csv. */
function rowOf(outcome: string, strategy: string, history: History, way: Way, seen: Seen): string {
  const live = seen.survivor === 'none' ? null : backupFrom(seen[seen.survivor]);
  const images = [seen.imageAfterMigration, seen.imageAtEnd];
  const ends = [seen.boot, SIDE[seen.survivor], live ?? '', backupFrom(seen.boot) ?? ''];
  const config = `${way}:${outcome}/${strategy}/${history}`;
  const name = [installedQemu.name, config, way, outcome, strategy, history];
  return `${[...name, seen.source, seen.destination, ...images, ...ends].join(',')}\n`;
}
