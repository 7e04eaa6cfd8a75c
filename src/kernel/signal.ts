/**
 * A one-shot signal: "the stop was asked for", "the write has ended". It fires once and stays fired.
 * A process waits for one by `yield signal`; plain code asks to be told by `onFire`.
 */
export class Signal {
  private isFired = false;
  /** In order of asking; a set, because `any` withdraws its question when another signal was first. */
  private listeners: Set<() => void> | undefined;

  get fired(): boolean {
    return this.isFired;
  }

  /** Fires: every listener is told at once, in order of asking. Firing again changes nothing. */
  fire(): void {
    if (this.isFired) return;
    this.isFired = true;
    const listeners = this.listeners;
    this.listeners = undefined;
    if (listeners) for (const listener of listeners) listener();
  }

  /** Calls the listener when the signal fires; at once where it has fired already. */
  onFire(listener: () => void): void {
    if (this.isFired) listener();
    else (this.listeners ??= new Set()).add(listener);
  }

  /** Withdraws a question, so that a signal which never fires does not collect listeners. */
  off(listener: () => void): void {
    this.listeners?.delete(listener);
  }
}

/** Fires with the first of the signals; at least one must be given. Ask `fired` of each to learn which it was. */
export function any(...signals: readonly Signal[]): Signal {
  if (signals.length === 0) throw new Error('any() of no signals would never fire');
  const result = new Signal();
  const listener = (): void => {
    for (const signal of signals) signal.off(listener);
    result.fire();
  };
  for (const signal of signals) {
    if (result.fired) break;
    signal.onFire(listener);
  }
  return result;
}

/** Fires when all of the signals have; at once where there are none. */
export function all(...signals: readonly Signal[]): Signal {
  const result = new Signal();
  const waiting = new Set(signals.filter((signal) => !signal.fired));
  if (waiting.size === 0) result.fire();
  for (const signal of waiting) {
    signal.onFire(() => {
      waiting.delete(signal);
      if (waiting.size === 0) result.fire();
    });
  }
  return result;
}
