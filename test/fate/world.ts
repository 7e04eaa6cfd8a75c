/** A random life of one VM: any order of writes, migrations, faults, and management that makes mistakes. */
import fc from 'fast-check';
import { DEFAULT_IMAGE } from '../../src/fate/cells.js';
import { Handshake } from '../../src/fate/handshake.js';
import { ImageFile } from '../../src/fate/image-file.js';
import { Journal } from '../../src/fate/journal.js';
import { Qemu, type Site } from '../../src/fate/qemu.js';
import type { FateRules } from '../../src/fate/rules.js';
import { BITMAP } from '../../src/fate/stage.js';

type Way = 'plain' | 'stream' | 'postcopy' | 'in-place' | 'shadow';
type Until = 'started' | 'stopped' | 'switched' | 'finished';
/** Whom management or fate picks: the process with the guest, or the n-th of those alive without. */
type Pick = 'runner' | number;

export type Op =
  | { readonly op: 'write'; readonly granules: readonly number[] }
  | { readonly op: 'migrate'; readonly way: Way; readonly late: boolean; readonly until: Until }
  | { readonly op: 'proceed'; readonly until: Until }
  | { readonly op: 'cancel' | 'boot' }
  | { readonly op: 'kill' | 'quit'; readonly who: Pick }
  | { readonly op: 'cont'; readonly who: number }
  | { readonly op: 'storage'; readonly fails: boolean };

const until = fc.constantFrom<Until>('finished', 'switched', 'stopped', 'started');
const idle = fc.nat({ max: 1 });
const who = fc.oneof(fc.constant<Pick>('runner'), idle);
const op = <T extends Op['op']>(name: T): fc.Arbitrary<T> => fc.constant(name);

/** Weighted so that most migrations get somewhere and most lives meet a fault. */
export const ops: fc.Arbitrary<Op[]> = fc.array(
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({
        op: op('write'),
        granules: fc.array(fc.nat({ max: 2_000_000 }), { minLength: 1, maxLength: 3 }),
      }),
    },
    {
      weight: 4,
      arbitrary: fc.record({
        op: op('migrate'),
        way: fc.constantFrom<Way>('plain', 'stream', 'postcopy', 'in-place', 'shadow'),
        late: fc.boolean(),
        until,
      }),
    },
    { weight: 2, arbitrary: fc.record({ op: op('proceed'), until }) },
    { weight: 2, arbitrary: fc.record({ op: fc.constantFrom('cancel' as const, 'boot' as const) }) },
    { weight: 2, arbitrary: fc.record({ op: fc.constantFrom('kill' as const, 'quit' as const), who }) },
    { weight: 3, arbitrary: fc.record({ op: op('cont'), who: idle }) },
    { weight: 1, arbitrary: fc.record({ op: op('storage'), fails: fc.boolean() }) },
  ),
  { minLength: 3, maxLength: 24, size: 'max' },
);

const UNFINISHED = ['setup', 'active', 'pre-switchover', 'device', 'postcopy-active'];

export class World {
  readonly site: Site;
  readonly processes: Qemu[] = [];
  private migration: Handshake | undefined;

  constructor(rules: FateRules, persistent: boolean, freeClusters: number) {
    const image = new ImageFile({ ...DEFAULT_IMAGE, freeClusters });
    this.site = { image, journal: new Journal(), rules };
    const first = this.launch('boot');
    first.addBitmap(BITMAP, persistent);
  }

  /** The process that holds the image, if any: image locking lets there be one. */
  get active(): Qemu | undefined {
    return this.processes.find((each) => each.node.state === 'active');
  }

  get running(): Qemu | undefined {
    return this.processes.find((each) => each.state === 'running');
  }

  /** Does what can be done; an operation that management could not give is ignored. Returns whom it was done to. */
  apply(op: Op): Qemu | undefined {
    switch (op.op) {
      case 'write':
        this.running?.write(op.granules);
        this.migration?.preFlush();
        return this.running;
      case 'migrate':
        return this.migrate(op.way, op.late, op.until);
      case 'proceed':
        this.proceed(op.until);
        return undefined;
      case 'cancel':
        this.migration?.cancel();
        return undefined;
      case 'boot':
        return this.active || this.site.image.writesFail ? undefined : this.launch('boot');
      case 'storage':
        this.site.image.writesFail = op.fails;
        return undefined;
      case 'kill':
      case 'quit': {
        const who = this.pick(op.who);
        who?.[op.op]();
        return who;
      }
      case 'cont': {
        const who = this.pick(op.who);
        if (!who || (this.active && this.active !== who)) return undefined;
        who.cont();
        return who;
      }
    }
  }

  private pick(who: Pick): Qemu | undefined {
    if (who === 'runner') return this.running;
    return this.processes.filter((each) => each.alive && each.state !== 'running').at(who);
  }

  private migrate(way: Way, late: boolean, until: Until): Qemu | undefined {
    const from = this.running;
    if (!from || (this.migration && UNFINISHED.includes(this.migration.status))) return undefined;
    this.migration = new Handshake(from, this.launch(late ? 'incoming-late' : 'incoming'), {
      dirtyBitmaps: way === 'stream' || way === 'postcopy',
      postcopy: way === 'postcopy',
      preFlush: way === 'in-place' || way === 'shadow' ? way : false,
      unmapped: false,
    });
    if (this.migration.start()) this.proceed(until);
    return from;
  }

  private proceed(until: Until): void {
    const { migration } = this;
    if (!migration || until === 'started') return;
    if (migration.status === 'active') migration.stopGuest();
    if (until === 'stopped') return;
    if (migration.status === 'pre-switchover') migration.switchOver();
    if (until === 'finished') migration.finishArrival();
  }

  private launch(start: 'boot' | 'incoming' | 'incoming-late'): Qemu {
    const qemu = new Qemu(`qemu${this.processes.length}`, this.site, start);
    this.processes.push(qemu);
    return qemu;
  }
}
