/**
 * A queue in front of k equal servers: whoever comes first is served first, within its priority class; a class
 * with a smaller number goes before all greater ones. A service that has begun is not interrupted.
 *
 *   submit ──► class 0 ▯▯▯ ─┐   ┌─► server 1 ─┐
 *              class 1 ▯▯   ├──►┤             ├──► done()
 *              class 2 ▯    ┘   └─► server k ─┘
 *
 * The requests of one migration go one at a time and need none (storage/timer.ts); those of several migrations at once meet
 * here (storage/shared-storage.ts).
 */
import { assert } from '../base/assert.js';
import type { Kernel, TimeNs } from './kernel.js';
import type { Process } from './process.js';
import { Signal } from './signal.js';

/** How long a service takes: known beforehand, or asked at the moment it begins (a flush pays for what came before). */
export type ServiceTime = TimeNs | (() => TimeNs);

interface Job {
  readonly service: ServiceTime;
  readonly done: () => void;
  readonly arrivedNs: TimeNs;
}

/** First in, first out: an array with a moving head, cut when half of it is used up. */
class Line {
  private jobs: Job[] = [];
  private head = 0;

  get length(): number {
    return this.jobs.length - this.head;
  }

  add(job: Job): void {
    this.jobs.push(job);
  }

  take(): Job {
    const job = this.jobs[this.head++]!;
    if (this.head > 32 && this.head * 2 > this.jobs.length) {
      this.jobs = this.jobs.slice(this.head);
      this.head = 0;
    }
    return job;
  }
}

/** k servers, one waiting line per priority class. */
export class Server {
  private readonly lines: Line[] = [];
  private busyCount = 0;
  private waitingCount = 0;
  private startedCount = 0;
  private endedCount = 0;
  private waitSumNs = 0;
  private serviceSumNs = 0;
  private busySumNs = 0;
  private busySinceNs = 0;
  private readonly kernel: Kernel;
  /** How many jobs are served at once. */
  readonly servers: number;

  constructor(kernel: Kernel, servers: number) {
    assert(Number.isInteger(servers) && servers >= 1, `a Server needs 1 or more servers, not ${servers}`);
    this.kernel = kernel;
    this.servers = servers;
  }

  /** Jobs in service now. */
  get busy(): number {
    return this.busyCount;
  }

  /** Jobs waiting now, over all classes. */
  get waiting(): number {
    return this.waitingCount;
  }

  /** Jobs whose service has begun, and those whose service has ended. */
  get started(): number {
    return this.startedCount;
  }

  get ended(): number {
    return this.endedCount;
  }

  /** Sum of waits (arrival to start of service) over the jobs started. */
  get waitNs(): TimeNs {
    return this.waitSumNs;
  }

  /** Sum of service times over the jobs started, each counted in full when it starts. */
  get serviceNs(): TimeNs {
    return this.serviceSumNs;
  }

  /** Server time spent busy up to now: divided by (servers * elapsed) it is the utilisation. */
  get busyNs(): TimeNs {
    return this.busySumNs + this.busyCount * (this.kernel.nowNs - this.busySinceNs);
  }

  /** Queues a job; `done` is called at the end of its service. Smaller priority numbers go first. */
  submit(service: ServiceTime, priority: number, done: () => void): void {
    assert(Number.isInteger(priority) && priority >= 0 && priority < 64, `priority class ${priority}`);
    const job = { service, done, arrivedNs: this.kernel.nowNs };
    if (this.busyCount < this.servers) {
      this.begin(job);
      return;
    }
    while (this.lines.length <= priority) this.lines.push(new Line());
    this.lines[priority]!.add(job);
    this.waitingCount++;
  }

  /** The same for a process: returns when the service has ended. */
  *use(service: ServiceTime, priority = 0): Process {
    const served = new Signal();
    this.submit(service, priority, () => served.fire());
    yield served;
  }

  private begin(job: Job): void {
    const nowNs = this.kernel.nowNs;
    this.countBusy(1);
    this.startedCount++;
    this.waitSumNs += nowNs - job.arrivedNs;
    const serviceNs = typeof job.service === 'number' ? job.service : job.service();
    this.serviceSumNs += serviceNs;
    this.kernel.schedule(serviceNs, () => this.end(job));
  }

  /** The next job begins before `done` is told, so that whoever submits from there cannot jump the queue. */
  private end(job: Job): void {
    this.countBusy(-1);
    this.endedCount++;
    const next = this.lines.find((line) => line.length > 0);
    if (next) {
      this.waitingCount--;
      this.begin(next.take());
    }
    job.done();
  }

  private countBusy(change: 1 | -1): void {
    this.busySumNs = this.busyNs;
    this.busySinceNs = this.kernel.nowNs;
    this.busyCount += change;
  }
}
