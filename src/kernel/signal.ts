/**
 * A one-shot signal: "the stop was asked for", "the write has ended". It fires once and stays fired.
 * A process waits for one by `yield signal`; plain code asks to be told by `onFire`.
 */
export class Signal {
  private isFired = false;
  /** In order of asking. */
  private listeners: (() => void)[] = [];

  get fired(): boolean {
    return this.isFired;
  }

  /** Fires: every listener is told at once, in order of asking. Firing again changes nothing. */
  fire(): void {
    if (this.isFired) return;
    this.isFired = true;
    const { listeners } = this;
    this.listeners = [];
    for (const listener of listeners) listener();
  }

  /** Calls the listener when the signal fires; at once where it has fired already. */
  onFire(listener: () => void): void {
    if (this.isFired) listener();
    else this.listeners.push(listener);
  }
}
