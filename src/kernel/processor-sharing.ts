/**
 * A station whose customers are all served at once, each at the same speed: the more there are, the slower
 * (L. Kleinrock, Queueing Systems, vol. 2, 1976, ch. 4).
 */
import type { EventHandle, Kernel, TimeNs } from './kernel.js';

/** Somebody who is being served. */
export interface Customer {
  readonly workNs: TimeNs;
  /** What the station will have done for everybody by the time this one is done. */
  readonly endsAt: number;
  readonly done: () => void;
}

/** Work done per customer is summed in floating point; this much of a nanosecond is rounding. */
const ROUNDING_NS = 0.01;

export class ProcessorSharing {
  private readonly kernel: Kernel;
  private readonly speed: (customers: number) => number;
  private customers: Customer[] = [];
  /** Work done so far for a customer that was always there. */
  private progressNs = 0;
  private presentNs = 0;
  private settledNs: TimeNs = 0;
  private wakeUp: EventHandle | undefined;

  /** `speed`: nanoseconds of work that each of so many customers gets in a nanosecond, at most 1. */
  constructor(kernel: Kernel, speed: (customers: number) => number) {
    this.kernel = kernel;
    this.speed = speed;
  }

  /** Serves a customer that takes so long alone; `done` is called at its end. */
  serve(workNs: TimeNs, done: () => void): Customer {
    this.settle();
    const customer = { workNs, endsAt: this.progressNs + workNs, done };
    this.customers.push(customer);
    this.planNext();
    return customer;
  }

  /** The customer goes before its end; returns how much of its work is done. */
  leave(customer: Customer): TimeNs {
    this.settle();
    this.customers = this.customers.filter((other) => other !== customer);
    this.planNext();
    return Math.max(0, customer.workNs - (customer.endsAt - this.progressNs));
  }

  /** Time spent here so far, summed over all customers. */
  get customerNs(): TimeNs {
    this.settle();
    return this.presentNs;
  }

  private settle(): void {
    const elapsedNs = this.kernel.nowNs - this.settledNs;
    const { length } = this.customers;
    this.settledNs = this.kernel.nowNs;
    this.presentNs += elapsedNs * length;
    if (length > 0) this.progressNs += elapsedNs * this.speed(length);
  }

  private planNext(): void {
    if (this.wakeUp !== undefined) this.kernel.cancel(this.wakeUp);
    this.wakeUp = undefined;
    if (this.customers.length === 0) return;
    let first = Number.POSITIVE_INFINITY;
    for (const { endsAt } of this.customers) if (endsAt < first) first = endsAt;
    const leftNs = (first - this.progressNs - ROUNDING_NS) / this.speed(this.customers.length);
    this.wakeUp = this.kernel.schedule(Math.max(0, Math.ceil(leftNs)), this.finish);
  }

  private readonly finish = (): void => {
    this.wakeUp = undefined;
    this.settle();
    const ended: Customer[] = [];
    const left: Customer[] = [];
    for (const customer of this.customers)
      (customer.endsAt <= this.progressNs + ROUNDING_NS ? ended : left).push(customer);
    this.customers = left;
    this.planNext();
    for (const { done } of ended) done();
  };
}
