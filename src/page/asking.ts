/** Asks the worker; a question that is overtaken is dropped, and where the worker is still at it, the worker with it. */
import type { Asked, Told } from './protocol.js';
import type { Situation } from './situation.js';

/** A worker that is busy for longer is ended: another one starts sooner than it ends. */
const PATIENCE_MS = 120;

/** After these nothing more comes. */
const ENDS: readonly Told['kind'][] = ['done', 'doubt', 'error'];

export class Asking {
  private readonly source: string;
  private readonly heard: (told: Told) => void;
  private worker: Worker;
  private last = 0;
  private busySinceMs: number | undefined;

  /** `script`: the text of this page's program, which a worker runs as well. */
  constructor(script: string, heard: (told: Told) => void) {
    this.source = URL.createObjectURL(new Blob([script], { type: 'text/javascript' }));
    this.heard = heard;
    this.worker = this.started();
  }

  private started(): Worker {
    const worker = new Worker(this.source);
    worker.addEventListener('message', ({ data }: MessageEvent<Told>) => {
      if (data.id !== this.last) return;
      if (ENDS.includes(data.kind)) this.busySinceMs = undefined;
      this.heard(data);
    });
    worker.addEventListener('error', ({ message }) =>
      this.heard({ id: this.last, kind: 'error', text: `a fault of this page: ${message}` }),
    );
    return worker;
  }

  /** Asks for the answer, or in its place for how sure it is. */
  ask(situation: Situation, doubt = false): void {
    if (this.busySinceMs !== undefined && performance.now() - this.busySinceMs > PATIENCE_MS) {
      this.worker.terminate();
      this.worker = this.started();
    }
    this.busySinceMs = performance.now();
    const asked: Asked = { id: ++this.last, situation, doubt };
    this.worker.postMessage(asked);
  }
}
