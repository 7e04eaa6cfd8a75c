/** When worker threads pay: what is over before they would be there needs none. */

/** Starting two takes 0.7 s (docs/performance.md), and they compile everything again. */
const PATIENCE_MS = 1000;

/** Of one sweep or study, from its begin. */
export class Patience {
  private readonly jobs: number;
  private readonly startMs = performance.now();

  constructor(jobs: number) {
    this.jobs = jobs;
  }

  /** The work has gone on for so long that more threads are worth starting. */
  get isOver(): boolean {
    return this.jobs > 1 && performance.now() - this.startMs > PATIENCE_MS;
  }
}
