/** Where parsers put what they read: the devices by name, and the records in the order of the file. */
import { BadRecord } from './cursor.js';
import { Kind, RecordBuffer } from './record.js';

const decoder = new TextDecoder('latin1');

/** The disks of a trace: each has a bitmap of its own. */
export class DeviceTable {
  readonly names: string[] = [];
  private readonly index = new Map<string, number>();
  private readonly byHash = new Map<number, { key: Uint8Array; device: number }>();

  named(name: string): number {
    let device = this.index.get(name);
    if (device === undefined) {
      device = this.names.length;
      this.names.push(name);
      this.index.set(name, device);
    }
    return device;
  }

  /** As `named`, without making a string for every line. */
  ofBytes(bytes: Uint8Array, from: number, to: number): number {
    let hash = 0;
    for (let i = from; i < to; i++) hash = (Math.imul(hash, 31) + bytes[i]!) | 0;
    const known = this.byHash.get(hash);
    if (known && known.key.length === to - from) {
      let i = 0;
      while (i < known.key.length && known.key[i] === bytes[from + i]) i++;
      if (i === known.key.length) return known.device;
    }
    const key = bytes.slice(from, to);
    const device = this.named(decoder.decode(key));
    if (!known) this.byHash.set(hash, { key, device });
    return device;
  }
}

/** No format or device seen takes a longer single write; a longer one is a misread field. */
const WRITE_BYTES_MAX = 2 ** 32;

/** The zero of a trace's clock, shared by its files: the second of the first record. */
export interface Clock {
  baseSeconds: number | undefined;
}

/** Takes the records of one file; the reader empties `buffer` piece by piece. */
export class RecordSink {
  readonly buffer = new RecordBuffer();
  private readonly clock: Clock;
  readonly devices: DeviceTable;

  constructor(clock: Clock, devices: DeviceTable) {
    this.clock = clock;
    this.devices = devices;
  }

  /**
   * One record. Time = seconds + nanos, both whole; the difference to the base is exact because it is taken
   * before the two are joined. Called for every line of a trace, millions of times: words in a row, since an object each
   * would take longer than reading the line.
   */
  add(
    kind: number,
    device: number,
    seconds: number,
    nanos: number,
    offsetBytes: number,
    lengthBytes: number,
  ): void {
    const base = (this.clock.baseSeconds ??= seconds);
    const timeNs = (seconds - base) * 1e9 + nanos;
    if (!Number.isSafeInteger(timeNs))
      throw new BadRecord('time lies more than 104 days from the first record');
    if (!Number.isSafeInteger(offsetBytes + lengthBytes))
      throw new BadRecord('offset lies beyond 2^53 bytes');
    if (kind === Kind.write && lengthBytes > WRITE_BYTES_MAX)
      throw new BadRecord('a write of more than 4 GiB');
    const sets = kind === Kind.write && lengthBytes === 0 ? Kind.flush : kind;
    this.buffer.push(timeNs, sets, device, offsetBytes, lengthBytes);
  }
}
