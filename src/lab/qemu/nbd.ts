/**
 * A small NBD client (fixed newstyle, simple replies): calibrates a volume at queue depth 1, and sets dirty bits by
 * trimming, the cheapest way there is. Protocol: https://github.com/NetworkBlockDevice/nbd/blob/master/doc/proto.md
 */

import { connect, type Socket } from 'node:net';
import { LabError } from '../process/lab-error.js';

const COMMAND = { read: 0, write: 1, disconnect: 2, flush: 3, trim: 4 } as const;
const REQUEST_MAGIC = 0x25609513;
const REPLY_BYTES = 16;
const OPTION_MAGIC = Buffer.from('IHAVEOPT');
const OPT_GO = 7;
const REPLY_ACK = 1;
/** Replies with this bit are refusals. */
const REPLY_ERROR_BIT = 0x80000000;
/** Requests in flight while trimming: enough to hide the round trip, below every server's limit. */
const TRIMS_IN_FLIGHT = 256;

export interface ByteRange {
  readonly offset: number;
  readonly length: number;
}

/** What a socket is asked for at once. */
const RECEIVE_BYTES = 2 ** 18;

export class Nbd {
  readonly #socket: Socket;
  /** What has come lies here, always in the same memory: new memory for each answer would take longer than a quick volume does. */
  #received = Buffer.alloc(2 * RECEIVE_BYTES);
  #from = 0;
  #to = 0;
  #wanted = 0;
  #wake: (() => void) | undefined;
  #failure: Error | undefined;

  private constructor(path: string) {
    const buffer = Buffer.alloc(RECEIVE_BYTES);
    const socket = connect({
      path,
      onread: {
        buffer,
        callback: (bytes) => {
          this.#keep(buffer.subarray(0, bytes));
          return true;
        },
      },
    });
    this.#socket = socket;
    const fail = (error?: Error): void => {
      this.#failure ??= error ?? new LabError('the NBD server closed the connection');
      this.#wake?.();
    };
    socket.on('error', fail);
    socket.on('close', () => fail());
  }

  static async connect(path: string, exportName = ''): Promise<Nbd> {
    const nbd = new Nbd(path);
    await new Promise<void>((resolve, reject) => nbd.#socket.once('connect', resolve).once('error', reject));
    await nbd.#negotiate(exportName);
    return nbd;
  }

  /** What is read is there until the next request. */
  async read(offset: number, length: number): Promise<Buffer> {
    this.#send(COMMAND.read, offset, length);
    await this.#reply();
    return this.#take(length);
  }

  async write(offset: number, data: Buffer): Promise<void> {
    this.#send(COMMAND.write, offset, data.length, data);
    await this.#reply();
  }

  async flush(): Promise<void> {
    this.#send(COMMAND.flush, 0, 0);
    await this.#reply();
  }

  async trim(offset: number, length: number): Promise<void> {
    this.#send(COMMAND.trim, offset, length);
    await this.#reply();
  }

  /** Trims many ranges with many requests in flight. */
  async trimAll(ranges: Iterable<ByteRange>): Promise<void> {
    await this.#pipeline(ranges, TRIMS_IN_FLIGHT, ({ offset, length }) => [
      request(COMMAND.trim, offset, length),
    ]);
  }

  /** Writes the same data to many places, `depth` requests in flight. */
  async writeAll(offsets: Iterable<number>, data: Buffer, depth: number): Promise<void> {
    await this.#pipeline(offsets, depth, (offset) => [request(COMMAND.write, offset, data.length), data]);
  }

  /** Writes the same data to places as they come, whatever is still on its way. Returns how many. */
  async writeAsTheyCome(offsets: AsyncIterable<number>, data: Buffer): Promise<number> {
    let answered: Promise<void> = Promise.resolve();
    let count = 0;
    for await (const offset of offsets) {
      this.#send(COMMAND.write, offset, data.length, data);
      answered = answered.then(() => this.#reply());
      count++;
    }
    await answered;
    return count;
  }

  async #pipeline<T>(items: Iterable<T>, depth: number, send: (item: T) => Buffer[]): Promise<void> {
    let inFlight = 0;
    for (const item of items) {
      if (inFlight >= depth) {
        // Half of the window at a time: the server stays busy and few small packets are sent.
        for (; inFlight > depth / 2; inFlight--) await this.#reply();
      }
      this.#socket.cork();
      for (const part of send(item)) this.#socket.write(part);
      process.nextTick(() => this.#socket.uncork());
      inFlight++;
    }
    for (; inFlight > 0; inFlight--) await this.#reply();
  }

  close(): void {
    if (!this.#failure) this.#send(COMMAND.disconnect, 0, 0);
    this.#failure ??= new LabError('the NBD connection was closed here');
    this.#socket.end();
  }

  async #negotiate(exportName: string): Promise<void> {
    await this.#take(18); // NBDMAGIC, IHAVEOPT, handshake flags
    const name = Buffer.from(exportName);
    const body = Buffer.alloc(4 + name.length + 2);
    body.writeUInt32BE(name.length, 0);
    name.copy(body, 4);
    const head = Buffer.alloc(8);
    head.writeUInt32BE(OPT_GO, 0);
    head.writeUInt32BE(body.length, 4);
    const clientFlags = Buffer.from([0, 0, 0, 1]); // fixed newstyle
    this.#socket.write(Buffer.concat([clientFlags, OPTION_MAGIC, head, body]));
    for (;;) {
      const reply = await this.#take(20);
      const type = reply.readUInt32BE(12);
      const text = await this.#take(reply.readUInt32BE(16));
      if (type === REPLY_ACK) return;
      if (type >= REPLY_ERROR_BIT)
        throw new LabError(`NBD export '${exportName}' refused: ${text.toString()}`);
    }
  }

  #send(command: number, offset: number, length: number, data?: Buffer): void {
    this.#socket.cork();
    this.#socket.write(request(command, offset, length));
    if (data) this.#socket.write(data);
    this.#socket.uncork();
  }

  async #reply(): Promise<void> {
    const reply = await this.#take(REPLY_BYTES);
    const error = reply.readUInt32BE(4);
    if (error !== 0) throw new LabError(`the NBD server answered with error ${error}`);
  }

  #keep(data: Buffer): void {
    const kept = this.#received.subarray(this.#from, this.#to);
    if (this.#to + data.length > this.#received.length) {
      const needed = kept.length + data.length;
      const target = needed > this.#received.length ? Buffer.alloc(2 * needed) : this.#received;
      kept.copy(target);
      this.#received = target;
      this.#from = 0;
      this.#to = kept.length;
    }
    data.copy(this.#received, this.#to);
    this.#to += data.length;
    if (this.#to - this.#from >= this.#wanted) this.#wake?.();
  }

  async #take(bytes: number): Promise<Buffer> {
    while (this.#to - this.#from < bytes) {
      if (this.#failure) throw this.#failure;
      this.#wanted = bytes;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    this.#wanted = 0;
    const taken = this.#received.subarray(this.#from, this.#from + bytes);
    this.#from += bytes;
    if (this.#from === this.#to) this.#from = this.#to = 0;
    return taken;
  }
}

function request(command: number, offset: number, length: number): Buffer {
  const header = Buffer.alloc(28);
  header.writeUInt32BE(REQUEST_MAGIC, 0);
  header.writeUInt16BE(command, 6);
  header.writeBigUInt64BE(BigInt(offset), 16);
  header.writeUInt32BE(length, 24);
  return header;
}
