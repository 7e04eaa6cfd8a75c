/**
 * A wire of known rate between two QEMUs, played by this process: what comes in at one socket goes out at another no
 * faster than that. It catches up on a little lateness, as timers are late, and holds next to nothing itself.
 */
import { connect, createServer, type Socket } from 'node:net';
import type { Cleanup } from '../process/cleanup.js';

/** So much lateness is caught up on. */
const CREDIT_MS = 2;
const PIECE_BYTES = 16 * 1024;

/** Listens at `from`; whoever connects talks to `to`. One connection is what a migration needs. */
export function startWire(cleanup: Cleanup, from: string, to: string, bytesPerS: number): Promise<void> {
  const server = createServer({ allowHalfOpen: true, highWaterMark: PIECE_BYTES }, (sender) => {
    const receiver = connect({ path: to, allowHalfOpen: true });
    cleanup.defer(() => receiver.destroy());
    cleanup.defer(() => sender.destroy());
    sender.on('error', () => receiver.destroy());
    receiver.on('error', () => sender.destroy());
    receiver.pipe(sender);
    void pass(sender, receiver, bytesPerS);
  });
  cleanup.defer(() => server.close());
  return new Promise((resolve, reject) => {
    server.on('error', reject);
    server.listen(from, resolve);
  });
}

async function pass(sender: Socket, receiver: Socket, bytesPerS: number): Promise<void> {
  const bytesPerMs = bytesPerS / 1000;
  /** When the wire will have taken all that was given to it. */
  let freeMs = performance.now();
  try {
    for await (const piece of sender as AsyncIterable<Buffer>) {
      const nowMs = performance.now();
      freeMs = Math.max(freeMs, nowMs - CREDIT_MS) + piece.length / bytesPerMs;
      if (freeMs > nowMs + 1) await new Promise((resolve) => setTimeout(resolve, freeMs - nowMs));
      if (!receiver.write(piece)) await new Promise((resolve) => receiver.once('drain', resolve));
    }
    receiver.end();
  } catch {
    receiver.destroy(); // a QEMU is gone, which whoever waits for it will see
  }
}
