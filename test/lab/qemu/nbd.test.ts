/** The NBD client against a server of our own: whatever pieces answers come in, and always into the same memory. */
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Nbd } from '../../../src/lab/qemu/nbd.js';

const folder = mkdtempSync(join(tmpdir(), 'nbd-'));
const path = join(folder, 'socket');
const REQUEST_BYTES = 28;
let server: Server;

/** What lies at a place: bytes that tell it from its neighbours. */
const contentAt = (offset: number, length: number): Buffer =>
  Buffer.from(Uint8Array.from({ length }, (_, i) => (offset + 7 * i) % 251));

/** Answers each request of a read, header and content in pieces of so many bytes. */
function serve(socket: Socket, pieceBytes: number): void {
  let come = Buffer.alloc(0);
  let isGreeted = false;
  socket.write(Buffer.concat([Buffer.from('NBDMAGICIHAVEOPT'), Buffer.from([0, 1])]));
  socket.on('data', (data) => {
    come = Buffer.concat([come, data]);
    if (!isGreeted) {
      // Flags of the client, the option GO and its body; the answer is an ACK.
      const whole = 4 + 16 + (come.length >= 20 ? come.readUInt32BE(16) : 0);
      if (come.length < whole) return;
      come = come.subarray(whole);
      isGreeted = true;
      const ack = Buffer.alloc(20);
      ack.writeUInt32BE(1, 12);
      socket.write(ack);
    }
    for (; come.length >= REQUEST_BYTES; come = come.subarray(REQUEST_BYTES)) {
      const [offset, length] = [Number(come.readBigUInt64BE(16)), come.readUInt32BE(24)];
      const answer = Buffer.concat([Buffer.alloc(16), contentAt(offset, length)]);
      for (let at = 0; at < answer.length; at += pieceBytes)
        socket.write(answer.subarray(at, at + pieceBytes));
    }
  });
}

beforeAll(async () => {
  server = createServer({ noDelay: true }, (socket) => serve(socket, 10_007));
  await new Promise<void>((resolve) => server.listen(path, resolve));
});
afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true });
});

test('reads what lies there, small and large, in the memory of the read before', async () => {
  const nbd = await Nbd.connect(path);
  try {
    const places = new Set<ArrayBufferLike>();
    for (const [offset, length] of [
      [0, 65_536],
      [65_536, 4096],
      [5, 65_536],
      [77, 2 ** 20],
      [1, 65_536],
    ] as const) {
      const data = await nbd.read(offset, length);
      expect(data.equals(contentAt(offset, length)), `${length} bytes at ${offset}`).toBe(true);
      places.add(data.buffer);
    }
    // One more where the first had no room for a megabyte.
    expect(places.size).toBe(2);
  } finally {
    nbd.close();
  }
});
