/** Plays the script of one outcome with real processes and one image, and notes what is to be seen. */
import { assert, unreachable } from '../base/assert.js';
import type { Route } from '../sim/strategies/definition.js';
import { Granules } from './granules.js';
import { Handshake } from './handshake.js';
import { ImageFile, type ImageOptions, imageInfo } from './image-file.js';
import { Journal } from './journal.js';
import type { Outcome } from './outcome.js';
import { Qemu, type Site, type Start } from './qemu.js';
import type { FateRules } from './rules.js';
import type { Group, History, Side, Step } from './steps.js';
import { type Look, lookAt } from './verdict.js';

/** Granules of each group of writes; distinct groups, so that a bitmap's bits tell which groups it holds. */
export type WriteGroups = Readonly<Record<Group, readonly number[]>>;

const run = (from: number, count: number): number[] =>
  Array.from({ length: count }, (_, i) => from + 8192 * i);

/**
 * One granule per 512 MiB in each group, with offsets of their own.
 * @internal
 */
export const DEFAULT_GROUPS: WriteGroups = {
  A: run(5, 32),
  B: run(100, 10),
  M: run(200, 7),
  C: run(300, 6),
  D: run(400, 5),
  E: run(500, 4),
};

/** @internal */
export const BITMAP = 'b0';
const COPY = 'b1';

/** What is played: who copies the bitmap, what it has been through, what goes wrong, and by which rules. */
interface Setting {
  readonly route: Route;
  readonly history: History;
  readonly outcome: Outcome;
  readonly rules: FateRules;
  readonly imageOptions: ImageOptions;
  readonly groups?: WriteGroups | undefined;
}

export class Stage {
  readonly site: Site;
  readonly source: Qemu;
  destination: Qemu | undefined;
  /** The bitmap that counts: b0, or its copy after the work-around. */
  bitmap = BITMAP;
  survivor: Side | 'none' = 'none';
  /** The guest ran when the last process was ended on purpose. */
  guestRuns = false;
  ended: 'quit' | 'kill' = 'kill';
  imageAtLook: string | undefined;
  readonly looks: { source?: Look; destination?: Look } = {};
  private migration: Handshake | undefined;
  private arrivals = 0;
  private readonly imageOptions: ImageOptions;

  private readonly route: Route;
  private readonly outcome: Outcome;
  private readonly groups: WriteGroups;

  constructor({ route, history, outcome, rules, imageOptions, groups = DEFAULT_GROUPS }: Setting) {
    this.route = route;
    this.outcome = outcome;
    this.groups = groups;
    this.imageOptions = imageOptions;
    const full = outcome.full ?? false;
    const image = new ImageFile({ ...imageOptions, freeClusters: full ? 0 : imageOptions.freeClusters });
    this.site = { image, journal: new Journal(), rules };
    if (history !== 'new' && route.persistent) this.storedBefore(history === 'inconsistent');
    this.source = new Qemu('source', this.site, 'boot');
    if (history === 'new') {
      if (route.persistent !== null) this.source.addBitmap(BITMAP, route.persistent);
      this.source.write(groups.A);
    }
    if (history !== 'inconsistent') this.source.write(groups.B);
  }

  /** Plays the whole script. */
  play(): void {
    this.playSteps(this.outcome.steps);
    this.source.kill();
    this.destination?.kill();
  }

  /** True: go on; false: an alternative was played to its end. */
  private playSteps(steps: readonly Step[]): boolean {
    for (const step of steps) {
      const otherwise = this.playStep(step);
      if (otherwise) {
        this.playSteps(otherwise);
        return false;
      }
    }
    return true;
  }

  /** Plays one step; returns the alternative script if the step says so. */
  private playStep(step: Step): readonly Step[] | undefined {
    switch (step.do) {
      case 'migrate':
        return this.migrate(step) ? undefined : (step.otherwise ?? []);
      case 'continue':
        this.migration!.switchOver();
        this.migration!.finishArrival();
        return this.migration!.status === 'completed' ? undefined : step.otherwise;
      case 'cancel':
        this.migration!.cancel();
        return undefined;
      case 'write':
        this.process(step.on)?.write(this.groups[step.group]);
        this.migration?.preFlush();
        return undefined;
      case 'kill':
        this.process(step.who)?.kill();
        return undefined;
      case 'quit':
        this.process(step.who)?.quit();
        return undefined;
      case 'cont':
        this.process(step.who)?.cont();
        return undefined;
      case 'look':
        if (!step.running || this.process(step.running)?.state === 'running') this.look(true);
        return undefined;
      case 'storage':
        for (const { site } of [this.source, this.destination ?? this.source])
          site.image.writesFail = step.fails;
        return undefined;
      case 'read-bitmaps':
        this.site.image.readsFail = step.fails;
        this.destination?.node.mergeLoaded();
        return undefined;
      case 'copy-bitmap':
        if (this.source.replaceBitmap(BITMAP, COPY)) this.bitmap = COPY;
        return undefined;
      case 'mirror':
        this.destination = this.arrival('incoming');
        return undefined;
      case 'end-mirror': // a job of the disk: it holds no bitmap that has a name
        return undefined;
      case 'cut-link':
        this.migration!.linkBreaks();
        return undefined;
      case 'mend-link':
        this.migration!.recover();
        return undefined;
      case 'leave':
        this.leave(step.who, step.how);
        return undefined;
      default:
        return unreachable(step);
    }
  }

  private process(side: Side): Qemu | undefined {
    return side === 'source' ? this.source : this.destination;
  }

  private migrate(step: Extract<Step, { do: 'migrate' }>): boolean {
    const from = this.process(step.from ?? 'source');
    assert(from, 'a migration needs a source');
    const to = this.arrival(step.late ? 'incoming-late' : 'incoming');
    const dirtyBitmaps = step.capability ?? this.route.dirtyBitmaps;
    // A second hop is always precopy: postcopy is what the first migration was asked to do.
    const { ramFollows } = this.site.rules;
    const postcopy = step.from !== 'destination' && (ramFollows || (this.route.postcopy && dirtyBitmaps));
    const preFlush = dirtyBitmaps ? false : this.route.preFlush;
    const unmapped = step.unmapped ?? false;
    const migration = new Handshake(from, to, { dirtyBitmaps, postcopy, preFlush, unmapped });
    this.migration = migration;
    this.destination = to;
    if (!migration.start()) {
      if (step.from === 'destination') this.destination = from;
      return false;
    }
    if (step.until === 'active') return true;
    migration.stopGuest();
    if (step.until === 'pre-switchover') return true;
    migration.switchOver();
    if (step.until === 'bitmaps-travelling') return migration.status === 'postcopy-active';
    if (step.until === 'merging') return to.node.merging;
    migration.finishArrival();
    return migration.status === 'completed';
  }

  /** The next destination, on the same image, or with mirrored disks on an empty one. */
  private arrival(start: Start): Qemu {
    const name = this.arrivals++ === 0 ? 'destination' : 'destination2';
    const { site } = this;
    const own = site.rules.mirrored ? { ...site, image: new ImageFile(this.imageOptions) } : site;
    return new Qemu(name, own, start);
  }

  /** The image that the guest is on, or would be started from: the last survivor's, else where it was handed over. */
  get lastImage(): ImageFile {
    const { survivor, migration, source, destination } = this;
    const side = survivor === 'none' ? (migration?.handedOver ? 'destination' : 'source') : survivor;
    return (side === 'destination' ? (destination ?? source) : source).site.image;
  }

  /** The last look at each process that lives counts. */
  private look(withImage: boolean): void {
    for (const side of ['source', 'destination'] as const) {
      const qemu = this.process(side);
      if (!qemu || (!qemu.alive && this.looks[side])) continue;
      this.looks[side] = lookAt(qemu, this.bitmap, side);
    }
    if (withImage) this.imageAtLook = imageInfo(this.lastImage, this.bitmap);
  }

  private leave(who: Side, how: 'quit' | 'kill'): void {
    this.look(this.imageAtLook === undefined);
    const alive = this.process(who)?.alive === true;
    this.survivor = alive ? who : 'none';
    this.guestRuns = this.process(who)?.state === 'running';
    this.ended = how;
    this.process(who)?.[how]();
  }

  /** An earlier life of the VM: the bitmap stored with A in it; `unclean`: killed after one more start. */
  private storedBefore(unclean: boolean): void {
    const { image, rules } = this.site;
    const before: Site = { image, rules, journal: new Journal() };
    image.directory.set(BITMAP, { inUse: false, auto: true, bits: new Granules(this.groups.A) });
    if (unclean) new Qemu('before', before, 'boot').kill();
    else image.writeData(this.groups.A);
  }
}
