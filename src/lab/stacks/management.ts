/**
 * Management beside a real migration. Its ramp is the very process of the model (sim/migration/ramp.ts), but it looks at
 * what QEMU tells, sets what QEMU obeys, and its pauses are real.
 */
import type { TimeNs } from '../../kernel/kernel.js';
import { firstLimit, RampState, raiseLimit, type Watched } from '../../sim/migration/ramp.js';
import type { MigrationSpec } from '../../sim/scenario.js';
import type { Qemu } from '../qemu/qemu.js';

const MS = 1e6;
const LOOK_MS = 20;
/** A window lasts 100 ms: none is missed. */
const LOOKS_A_COUNT = 4;
const LOOKS_A_SECOND = 12;
const COUNTS_LAST = 40;

interface Told {
  /** `mbps`: of the last window, 10^6 bits a second; what the threshold is made of. */
  readonly ram?: Readonly<Record<'remaining' | 'transferred' | 'dirty-sync-count' | 'mbps', number>>;
}

/** Steers one migration, which begins now. */
export class Management {
  private readonly source: Qemu;
  private readonly migration: MigrationSpec;
  private readonly isStopped: () => boolean;
  private readonly ramp = new RampState();
  private readonly watched: { -readonly [K in keyof Watched]: Watched[K] };
  private readonly fromMs = Date.now();
  /** Readings of the dirty log, at the looks of the wait. */
  private readonly waits: { readonly atNs: TimeNs; readonly syncs: number; readonly bytesPerS: number }[] =
    [];
  private bytesPerS = 0;

  constructor(source: Qemu, migration: MigrationSpec) {
    this.source = source;
    this.migration = migration;
    const since = source.qmp.events.length;
    this.isStopped = () => source.qmp.find('STOP', since) !== undefined;
    const limitNs = firstLimit(migration.ramp, migration.downtimeLimitNs);
    this.watched = { limitNs, remainingBytes: 0, sentBytes: 0, syncs: 0 };
  }

  /**
   * False: RAM, which takes `ramMs` at most, could have been sent for as long as the scenario's timeout, no raise is on
   * its way, and the guest runs on.
   */
  async untilStopped(ramMs: number): Promise<boolean> {
    const raising = this.raise();
    for (let looks = 0; !this.isStopped() && this.isPatient(ramMs); looks++) {
      await this.source.qmp.pass(LOOK_MS);
      if (looks % LOOKS_A_COUNT === 0 && this.nowNs() > ramMs * MS) await this.countRounds();
    }
    this.ramp.ended = true;
    await raising;
    return this.isStopped();
  }

  /** Over the last seconds of the wait; null where there was none, or no log was read in it. */
  get waitRoundsPerS(): number | null {
    const [first, last] = [this.waits.at(-COUNTS_LAST) ?? this.waits[0], this.waits.at(-1)];
    if (first === undefined || last === undefined || last.syncs <= first.syncs) return null;
    return (last.syncs - first.syncs) / ((last.atNs - first.atNs) / 1e9);
  }

  /** Of the fastest window of the last second of the wait; null where there was none. */
  get peakBytesPerS(): number | null {
    // The first may still be one in which RAM was sent.
    const waits = this.waits.slice(1).slice(-LOOKS_A_SECOND);
    return waits.length === 0 ? null : Math.max(...waits.map(({ bytesPerS }) => bytesPerS));
  }

  private async countRounds(): Promise<void> {
    await this.look();
    if (!this.isStopped())
      this.waits.push({ atNs: this.nowNs(), syncs: this.watched.syncs, bytesPerS: this.bytesPerS });
  }

  private isPatient(ramMs: number): boolean {
    const sinceNs = Math.max(this.ramp.raisedNs, ramMs * MS);
    return this.ramp.goesOn || this.nowNs() - sinceNs < this.migration.timeoutNs;
  }

  /** Sets the first limit, and raises it as the stack does. */
  private async raise(): Promise<void> {
    const { ramp, downtimeLimitNs } = this.migration;
    await this.setLimit();
    if (ramp === null) return;
    const steps = raiseLimit(ramp, downtimeLimitNs, this.watched, this.ramp, () => this.nowNs());
    for (;;) {
      await this.look();
      const before = this.watched.limitNs;
      const step = steps.next();
      if (this.watched.limitNs !== before) await this.setLimit();
      if (step.done === true) return;
      const untilNs = this.nowNs() + Number(step.value);
      while (this.nowNs() < untilNs) {
        if (this.ramp.ended || this.isStopped()) return;
        await this.source.qmp.pass(Math.min(LOOK_MS, (untilNs - this.nowNs()) / MS));
      }
    }
  }

  private async look(): Promise<void> {
    const { ram } = await this.source.qmp.execute<Told>('query-migrate');
    if (ram === undefined) return;
    this.watched.remainingBytes = ram.remaining;
    this.watched.sentBytes = ram.transferred;
    this.watched.syncs = ram['dirty-sync-count'];
    this.bytesPerS = (ram.mbps * 1e6) / 8;
  }

  private async setLimit(): Promise<void> {
    const limitMs = Math.round(this.watched.limitNs / MS);
    await this.source.qmp.execute('migrate-set-parameters', { 'downtime-limit': limitMs });
  }

  private nowNs(): TimeNs {
    return (Date.now() - this.fromMs) * MS;
  }
}
