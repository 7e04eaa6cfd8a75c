/** Each format: a few lines, told from their look alone, to exactly these records. */
import { describe, expect, it } from 'vitest';
import { KINDS, readAll, rec, traceFile } from './helpers.js';

const fixture = (name: string): string => new URL(`../fixtures/traces/${name}`, import.meta.url).pathname;

describe('text formats', () => {
  it('msr: filetime beyond 2^53 keeps its last digit, times fall within a volume pair', async () => {
    const path = traceFile(
      '128166385295514663,hm,0,Write,9056014336,2048,2833\n' +
        '128166385295514878,hm,0,Write,11855351808,512,2617\n' +
        '128166385368421959,hm,1,Read,1898643456,4096,63820\n',
    );
    expect(await readAll(path)).toMatchObject({
      format: 'msr',
      records: [
        rec('write', 0, 'hm,0', 9056014336, 2048),
        rec('write', 21_500, 'hm,0', 11855351808, 512),
        rec('read', 7_290_729_600, 'hm,1', 1898643456, 4096),
      ],
    });
  });

  it('blkparse: one event kind, wrapped times, flushes without sector, summary passed over', async () => {
    const path = traceFile(
      [
        '#Maj,Mn CPU   SeqNo     Seconds     PID  Evt Typ Sector   +Len Description',
        '259,0    3        1     0.000000000  1867  A   W 746579600 + 8 <- (253,3) 578805392',
        '259,0    3        3     0.000000299  1867  Q   W 763360912 + 8 [dmcrypt_write/2]',
        '259,0    3        4     0.000005301  1867  G   W 763360912 + 8 [dmcrypt_write/2]',
        '259,0    3       10     0.000009435  1867  D   W 763360912 + 16 [dmcrypt_write/2]',
        '259,0   11        2     0.024124474  1889  Q FWFS [jbd2/dm-4-8]',
        '259,0   11        6     0.024903271     0  C WFS 575480360 [0]',
        '259,0    3        5     0.025000000  1867  P   N [dmcrypt_write/2]',
        '259,0    3        6     0.025000001  1867  Q   D 8 + 16 [fstrim]',
        '259,0    3        7     0.025000002  1867  m   N cfq schedule dispatch',
        '259,0    1        1  1266874889.670077392  99  Q   W 0 + 1 [early]',
        'CPU0 (nvme0n1):',
        ' Reads Queued:           0,        0KiB\t Writes Queued:           3,        4KiB',
        'Input file nvme0n1.blktrace.0 added',
      ].join('\n'),
    );
    const { format, records, notes } = await readAll(path);
    expect(format).toBe('blkparse');
    expect(notes).toEqual(['counting Q events']);
    expect(records.filter(({ kind }) => kind !== 'mark')).toEqual([
      rec('write', 0, '259,0', 0, 512),
      rec('write', 39_474_224 + 299, '259,0', 763360912 * 512, 4096),
      rec('flush', 39_474_224 + 24_124_474, '259,0', 0, 0),
      rec('discard', 39_474_224 + 25_000_001, '259,0', 4096, 8192),
    ]);
  });

  it('blkparse: falls back to D, then C', async () => {
    const line = (event: string, t: number) =>
      `  8,52   3        3     ${t}.000000000   226  ${event}   W 8 + 8 [k]\n`;
    const counted = async (text: string) => (await readAll(traceFile(text))).notes;
    expect(await counted(line('D', 1) + line('C', 2))).toEqual(['counting D events']);
    expect(await counted(line('C', 1) + line('C', 2))).toEqual(['counting C events']);
  });

  it('alibaba: microseconds of the epoch', async () => {
    const path = traceFile(
      '0,R,126703644672,4096,1577808000000626\n7,W,126703648768,8192,1577808000001200\n',
    );
    expect(await readAll(path)).toMatchObject({
      format: 'alibaba',
      records: [rec('read', 0, '0', 126703644672, 4096), rec('write', 574_000, '7', 126703648768, 8192)],
    });
  });

  it('tencent: whole seconds step back, are sorted and spread evenly', async () => {
    const path = traceFile(
      '1538323200,4247200,128,1,1058\n1538323199,13896880,128,0,1063\n1538323199,49518656,1024,1,1063\n1538323200,8,8,1,1\n',
    );
    expect(await readAll(path)).toMatchObject({
      format: 'tencent',
      records: [
        rec('read', 0, '1063', 13896880 * 512, 65536),
        rec('write', 5e8, '1063', 49518656 * 512, 524288),
        rec('write', 1e9, '1058', 4247200 * 512, 65536),
        rec('write', 1.5e9, '1', 4096, 4096),
      ],
    });
  });

  it('spc: blocks and bytes in one line, blanks, further fields, either case', async () => {
    const path = traceFile(
      '0,303567,3584,w,0.000000\n1 , 55590, 3072 ,R, 0.078643 ,x,y\n0,303574,3584,W,0.026214\n',
    );
    expect(await readAll(path)).toMatchObject({
      format: 'spc',
      records: [
        rec('write', 0, '0', 303567 * 512, 3584),
        rec('write', 26_214_000, '0', 303574 * 512, 3584),
        rec('read', 78_643_000, '1', 55590 * 512, 3072),
      ],
    });
  });

  it('systor: order of completion, epoch with nine decimals, an empty type writes nothing', async () => {
    const path = traceFile(
      'Timestamp,Response,IOType,LUN,Offset,Size\n' +
        '1456095145.133076000,0.000806000,R,0,899056122368,131072\n' +
        '1456095145.126285000,0.008044000,W,0,4256049987072,122880\n' +
        '1456095145.167685000,0.000106000,,3,2787503703040,4096\n',
    );
    expect(await readAll(path)).toMatchObject({
      format: 'systor',
      records: [
        rec('write', 0, '0', 4256049987072, 122880),
        rec('read', 6_791_000, '0', 899056122368, 131072),
        rec('read', 41_400_000, '3', 2787503703040, 4096),
      ],
    });
  });

  it('cloudphysics: header, hex opcodes, whole seconds', async () => {
    const path = traceFile(
      'version,time,op,size,lbn\n1,5633898,2a,512,42932745\n1,5633898,28,6656,40409911\n1,5633899,8a,1024,1\n',
    );
    expect(await readAll(path)).toMatchObject({
      format: 'cloudphysics',
      records: [
        rec('write', 0, 'disk', 42932745 * 512, 512),
        rec('read', 5e8, 'disk', 40409911 * 512, 6656),
        rec('write', 1e9, 'disk', 512, 1024),
      ],
    });
  });

  it('ascii: units as named; refused without', async () => {
    const path = traceFile('0.000 5 174224064 16 1\n223.412 0 3159347200 36864 0\n');
    expect((await readAll(path, { format: 'ascii:ms:1:1' })).records[1]).toEqual(
      rec('write', 223_412_000, '0', 3159347200, 36864),
    );
    expect((await readAll(path, { format: 'ascii:ns:512:512' })).records[1]).toEqual(
      rec('write', 223, '0', 3159347200 * 512, 36864 * 512),
    );
    await expect(readAll(path)).rejects.toThrow(/name them: --format ascii/);
    await expect(readAll(path, { format: 'ascii:min:1:1' })).rejects.toThrow(/one of s, ms, us, ns/);
  });

  it('csv: units in the names of the columns, or named columns', async () => {
    const path = traceFile(
      'op,time_us,device,offset_sectors,length_bytes\nW,1577808000000626,"vda",8,4096\nr,1577808000000627,vdb,0,512\n',
    );
    expect(await readAll(path)).toMatchObject({
      format: 'csv',
      records: [rec('write', 0, 'vda', 4096, 4096), rec('read', 1000, 'vdb', 0, 512)],
    });
    const other = traceFile('when,junk,where,size\n1.5,x,100,7\n2,y,0,1\n');
    const mapped = await readAll(other, { format: 'csv:time_s=when,offset_bytes=where,length_bytes=size' });
    expect(mapped.records).toEqual([rec('write', 0, 'disk', 100, 7), rec('write', 5e8, 'disk', 0, 1)]);
    await expect(readAll(other, { format: 'csv' })).rejects.toThrow(
      /line 1: the header must name one column of time_s/,
    );
    await expect(readAll(other, { format: 'csv:time_s=nope' })).rejects.toThrow(/no column 'nope'/);
  });
});

describe('outputs of the tools themselves', () => {
  const counts = async (name: string) => {
    const { format, records } = await readAll(fixture(name));
    const by = Object.fromEntries(KINDS.map((kind) => [kind, records.filter((r) => r.kind === kind).length]));
    return { format, records, by };
  };

  it('an iolog lasts until its files are closed', async () => {
    const log = (...lines: string[]): string => `fio version 3 iolog\n${lines.join('\n')}\n`;
    const writes = ['2 a add', '3 a open', '878 a write 0 16384', '891 a write 0 16384'];
    const last = async (...lines: string[]): Promise<number | undefined> =>
      (await readAll(traceFile(log(...lines)))).records.at(-1)?.ns;
    expect(await last(...writes, '10001677 a close')).toBe(10_000_799_000);
    // Closed before the first request: the file was laid out, and nothing was recorded.
    expect(await last('1 a close', ...writes)).toBe(13_000);
  });

  it('fio iolog version 3: 100 writes at 50 a second, a sync after each tenth', async () => {
    const { format, records, by } = await counts('iolog-v3.log');
    expect({ format, ...by }).toEqual({
      format: 'iolog',
      read: 0,
      write: 100,
      discard: 0,
      flush: 10,
      mark: 1,
    });
    expect(records[0]).toEqual(rec('write', 0, 'guest.img', 1011712, 4096));
    expect(records[1]!.ns).toBe((20_193 - 197) * 1000);
  });

  it('QEMU trace: 21 writes to one disk', async () => {
    const { format, records, by } = await counts('qemu-trace-blk_co_pwritev.log');
    expect({ format, writes: by.write }).toEqual({ format: 'qemu', writes: 21 });
    expect(records[0]).toEqual(rec('write', 0, '0x5612f92c4c00', 4046848, 4096));
    expect(records[1]!.ns).toBe(50_578_000);
  });

  it('nbdkit log: zeroing writes, trim discards, completions are not counted', async () => {
    const { format, records, by } = await counts('nbdkit-log.txt');
    expect({ format, ...by }).toEqual({
      format: 'nbdkit',
      read: 0,
      write: 22,
      discard: 1,
      flush: 2,
      mark: 0,
    });
    expect(records[1]).toEqual(rec('write', 51_811_000, 'export', 0x2f60000, 0x10000));
  });
});
