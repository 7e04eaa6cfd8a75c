/** Binary formats, from records put together here field by field. */
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { readAll, rec, traceFile } from './helpers.js';

const MAGIC = 0x65617407;

interface Event {
  ns: bigint;
  sector: bigint;
  bytes: number;
  act: number;
  category: number;
  pdu?: Uint8Array;
}

function blktrace(events: readonly Event[], little = true): Uint8Array {
  const parts = events.map(({ ns, sector, bytes, act, category, pdu = new Uint8Array(0) }) => {
    const view = new DataView(new ArrayBuffer(48));
    view.setUint32(0, MAGIC, little);
    view.setBigUint64(8, ns, little);
    view.setBigUint64(16, sector, little);
    view.setUint32(24, bytes, little);
    view.setUint32(28, category * 65536 + act, little);
    view.setUint32(36, 8 * 2 ** 20 + 52, little);
    view.setUint16(46, pdu.length, little);
    return Buffer.concat([new Uint8Array(view.buffer), pdu]);
  });
  return Buffer.concat(parts);
}

const WRITE = 1 << 1;
const READ = 1 << 0;
const NOTIFY = 1 << 10;
const DISCARD = (1 << 13) | WRITE;

describe('blktrace', () => {
  const first = [
    {
      ns: 5_000_000_000_000_000_000n,
      sector: 0n,
      bytes: 0,
      act: 0,
      category: NOTIFY,
      pdu: new Uint8Array(7),
    },
    { ns: 5_000_000_000_000_000_001n, sector: 8n, bytes: 4096, act: 7, category: WRITE },
    {
      ns: 5_000_000_000_000_000_009n,
      sector: 16n,
      bytes: 4096,
      act: 0x107,
      category: WRITE,
      pdu: new Uint8Array(8),
    },
  ];
  const second = [
    { ns: 5_000_000_000_000_000_003n, sector: 24n, bytes: 512, act: 7, category: READ },
    { ns: 5_000_000_000_000_000_004n, sector: 32n, bytes: 512, act: 7, category: DISCARD },
    { ns: 5_000_000_000_000_000_005n, sector: 8n, bytes: 4096, act: 8, category: WRITE },
  ];
  const expected = [
    rec('write', 0, '8,52', 4096, 4096),
    rec('read', 2, '8,52', 24 * 512, 512),
    rec('discard', 3, '8,52', 32 * 512, 512),
    rec('mark', 4, '8,52', 0, 0),
    rec('write', 8, '8,52', 16 * 512, 4096),
  ];

  it('files of two CPUs are merged, with times beyond 2^53 exact', async () => {
    const result = await readAll([traceFile(blktrace(first)), traceFile(blktrace(second))]);
    expect(result).toMatchObject({ format: 'blktrace', notes: ['counting D events'] });
    expect(result.records).toEqual(expected);
  });

  it('files of other CPUs that lie beside it and are not named are missed', async () => {
    const [one, other] = [
      traceFile(blktrace(first), 'sda.blktrace.0'),
      traceFile(blktrace(second), 'sda.blktrace.1'),
    ];
    expect((await readAll(one)).notes[0]).toContain('sda.blktrace.1 lie beside it');
    expect((await readAll([one, other])).notes).toEqual(['counting D events']);
  });

  it('the other byte order, packed with gzip, gives the same', async () => {
    const paths = [traceFile(gzipSync(blktrace(first, false))), traceFile(blktrace(second, false))];
    expect((await readAll(paths)).records).toEqual(expected);
  });

  it('a file cut inside a record names the record', async () => {
    const path = traceFile(blktrace(first).subarray(0, -3));
    await expect(readAll(path)).rejects.toThrow(/record 3: the file ends inside a record/);
  });
});

function vscsi(
  version: 1 | 2,
  rows: readonly { op: number; length: number; block: bigint; micros: bigint }[],
): Uint8Array {
  const size = version === 1 ? 32 : 40;
  return Buffer.concat(
    rows.map(({ op, length, block, micros }) => {
      const view = new DataView(new ArrayBuffer(size));
      view.setUint32(version === 1 ? 4 : 8, length, true);
      view.setUint16(version === 1 ? 12 : 0, op, true);
      view.setUint16(version === 1 ? 14 : 2, version * 256, true);
      view.setBigUint64(16, block, true);
      view.setBigUint64(24, micros, true);
      return new Uint8Array(view.buffer);
    }),
  );
}

describe('vscsi', () => {
  const rows = [
    { op: 0x2a, length: 512, block: 42932745n, micros: 5633898368802n },
    { op: 0x28, length: 6656, block: 40409911n, micros: 5633898368803n },
    { op: 0x42, length: 65536, block: 0n, micros: 5633898967708n },
  ];
  it.each([1, 2] as const)('version %i', async (version) => {
    expect(await readAll(traceFile(vscsi(version, rows)))).toMatchObject({
      format: 'vscsi',
      records: [
        rec('write', 0, 'disk', 42932745 * 512, 512),
        rec('read', 1000, 'disk', 40409911 * 512, 6656),
        rec('discard', 598_906_000, 'disk', 0, 65536),
      ],
    });
  });
});

it('oracleGeneral is recognised and refused: it does not tell writes', async () => {
  const records = Array.from({ length: 4 }, (_, i) => {
    const view = new DataView(new ArrayBuffer(24));
    view.setUint32(0, 5633898 + i, true);
    view.setBigUint64(4, 42932745n, true);
    view.setUint32(12, 512, true);
    view.setBigInt64(16, -1n, true);
    return new Uint8Array(view.buffer);
  });
  await expect(readAll(traceFile(Buffer.concat(records)))).rejects.toThrow(/does not tell writes from reads/);
});
