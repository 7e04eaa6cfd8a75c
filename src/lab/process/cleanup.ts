/**
 * Whatever a measurement starts is ended and whatever it makes is removed: on success, on failure, on SIGINT, SIGTERM
 * and SIGHUP (the terminal was closed), and as a last resort when the process exits some other way. Steps are
 * synchronous, because nothing else runs any more in an exit handler.
 */
import { rmSync } from 'node:fs';
import { makeTemporary, removeOrphans } from './temporary.js';

/** The user (or the system) ended the measurement. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** The steps that undo what was done so far. */
export class Cleanup {
  readonly #steps: (() => void)[] = [];

  /** Remembers how to undo what was just done. Returns a function that undoes it now, once. */
  defer(step: () => void): () => void {
    let done = false;
    const once = (): void => {
      if (done) return;
      done = true;
      step();
    };
    this.#steps.push(once);
    return once;
  }

  /** A fresh directory that is removed with all it holds, as are those that killed runs left beside it. */
  tempDir(parent: string, purpose: string): string {
    removeOrphans(parent);
    const path = makeTemporary(parent, purpose);
    this.defer(() => rmSync(path, { recursive: true, force: true }));
    return path;
  }

  /** Undoes everything, newest first. A step that fails does not keep the others from running. */
  undoAll(): void {
    for (let step = this.#steps.pop(); step; step = this.#steps.pop()) {
      try {
        step();
      } catch {
        // The rest must still be undone, and there is nobody left to tell.
      }
    }
  }
}

/** A part of a measurement that ends what it started before the next part begins. */
export async function withScope<T>(outer: Cleanup, body: (scope: Cleanup) => Promise<T>): Promise<T> {
  const scope = new Cleanup();
  const leave = outer.defer(() => scope.undoAll());
  try {
    return await body(scope);
  } finally {
    leave();
  }
}

/** Runs `body` and then undoes what it deferred, whichever way it ends. A signal ends it with `Interrupted`. */
export async function withCleanup<T>(body: (cleanup: Cleanup) => Promise<T>): Promise<T> {
  const cleanup = new Cleanup();
  let interrupt: (reason: Error) => void = () => {};
  const interrupted = new Promise<never>((_, reject) => {
    interrupt = reject;
  });
  const onSignal = (signal: NodeJS.Signals): void => interrupt(new Interrupted(`interrupted by ${signal}`));
  const onExit = (): void => cleanup.undoAll();
  for (const signal of SIGNALS) process.on(signal, onSignal);
  process.on('exit', onExit);
  const work = body(cleanup);
  work.catch(() => {}); // once interrupted, the body fails on its dead processes: nobody waits for that
  try {
    return await Promise.race([work, interrupted]);
  } finally {
    cleanup.undoAll();
    for (const signal of SIGNALS) process.off(signal, onSignal);
    process.off('exit', onExit);
  }
}
