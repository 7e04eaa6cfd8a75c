/** What is wrong with a file is said in one line that names file and line; nothing is guessed. */
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../src/base/errors.js';
import { readAll, rec, traceFile } from './helpers.js';

const MSR = '128166385295514663,hm,0,Write,9056014336,2048,2833\n';

describe('bad lines', () => {
  const path = traceFile(`${MSR}\n128166385295514664,hm,0,Wrote,1,2,3\n${MSR}`);

  it('are an InputError with file and line', async () => {
    const error = await readAll(path).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(InputError);
    expect((error as Error).message).toContain(`${path}: line 3: Read or Write expected at column 25`);
    expect((error as Error).message).not.toContain('\n');
  });

  it('are counted and left out with skipBad', async () => {
    const { records, skipped } = await readAll(path, { skipBad: true });
    expect([records.length, skipped]).toEqual([2, 1]);
  });

  it.each([
    ['128166385295514663,hm,0,Write,90560143369999999999,2048,2833', /an offset in bytes expected/],
    ['128166385295514663,hm,0,Write,9007199254740991,2048,2833', /beyond 2\^53/],
    ['128166385295514663,hm,0,Write,0,9999999999,2833', /more than 4 GiB/],
    ['228166385295514663,hm,0,Write,0,512,2833', /more than 104 days/],
    ['-1,hm,0,Write,0,512,2833', /a time expected/],
    ['128166385295514663,hm,0,Write,', /an offset in bytes expected/],
  ])('%s', async (line, message) => {
    await expect(readAll(traceFile(`${MSR}${line}\n`))).rejects.toThrow(message);
  });
});

describe('files', () => {
  it('gzip is told from its first bytes', async () => {
    expect((await readAll(traceFile(gzipSync(MSR), 'no-suffix'))).records).toHaveLength(1);
  });

  it('a last line without a newline, CRLF and a byte order mark do no harm', async () => {
    const { records } = await readAll(traceFile(`\uFEFF${MSR.replace('\n', '\r\n')}${MSR.trimEnd()}`));
    expect(records).toHaveLength(2);
  });

  it('a line across two pieces of the file is one line', async () => {
    const lines = Array.from({ length: 20_000 }, (_, i) => `0,W,${i * 4096},4096,${1577808000000000 + i}`);
    const { records } = await readAll(traceFile(`${lines.join('\n')}\n`));
    expect(records).toHaveLength(20_000);
    expect(records.every(({ offset, ns }, i) => offset === i * 4096 && ns === i * 1000)).toBe(true);
  });

  it.each([
    ['cut gzip', gzipSync(MSR.repeat(5000)).subarray(0, -20), /ends inside its gzip data/],
    ['bzip2', Buffer.from('BZh91AY'), /packed with bzip2/],
    ['zstd', Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0]), /packed with zstd/],
    ['empty', '', /is empty/],
    ['blkparse -f', '8,0 1.000 W 1234 8\n8,0 2.000 W 1234 8\n', /with -f, .*: print it again/],
    [
      'ftrace',
      'qemu-1 [003] .. 1.5: block_rq_issue: 8,0 WS 4096 () 24 + 8 [q]\n',
      /blktrace -d .* \| blkparse/,
    ],
    [
      'simpletrace',
      'blk_co_pwritev 3.126 pid=2 blk=0x5 bs=0x6 offset=0x3 bytes=0x1 flags=0x0\n',
      /-msg timestamp=on/,
    ],
    ['biosnoop', 'TIME(s)     COMM  PID  DISK  T  SECTOR  BYTES  LAT(ms)\n', /awk .* FILE >trace\.csv/],
    ['blkparse -f, another', ' 0.000000000, 12, qemu, Q, 24, 8, 4096\n', /without -f \(blkparse -i/],
    ['iostat', 'Device            r/s     w/s   wareq-sz\nvda 1 2 3\n', /--write-iops W\/S/],
    ['domstats', "Domain: 'vm1'\n  block.0.name=vda\n  block.0.wr.reqs=1\n", /--write-iops N/],
    ['fio latency log', '5, 4849493, 1, 65536, 0\n', /--write_iolog=FILE/],
    [
      'a header',
      'device_id,opcode,offset,length,timestamp\n0,W,4096,4096,1577808000000626\n',
      /alibaba below .*tail -n \+2/,
    ],
    ['prose', 'It was a dark and stormy night.\n', /no known trace format; name one with --format/],
    ['iolog v2', 'fio version 2 iolog\nguest.img add\n', /iolog version 2 has waits/],
    ['iolog v1', '1, 4096, 4096\n0, 0, 512\n', /iolog version 1 has no times/],
    [
      'two runs',
      'fio version 3 iolog\n1 a write 0 512\nfio version 3 iolog\n',
      /line 3: a second run begins here/,
    ],
    [
      'qemu without time',
      'blk_co_pwritev blk 0x1 bs 0x2 offset 0 bytes 512 flags 0x0\n',
      /line 1: line has no time/,
    ],
    ['blkparse -f', 'W 8 8\n Writes Queued:           3,        4KiB\n', /print it again without -f/],
  ])('%s', async (_, content, message) => {
    await expect(readAll(traceFile(content))).rejects.toThrow(message);
  });

  it('missing file, unknown name, files of two formats', async () => {
    await expect(readAll('/no/such/file')).rejects.toThrow('/no/such/file: no such file');
    await expect(readAll(traceFile(MSR), { format: 'nope' })).rejects.toThrow(
      /'nope' is not one of auto, qemu/,
    );
    const spc = traceFile('0,303567,3584,w,0.000000\n');
    await expect(readAll([traceFile(MSR), spc])).rejects.toThrow(/files of one trace have one format/);
  });
});

describe('order of time', () => {
  const text = (times: readonly number[]) =>
    times.map((t, i) => `${i},W,${i * 4096},4096,${1577808000000000 + t}\n`).join('');

  it('is stable', async () => {
    const { records } = await readAll(traceFile(text([5, 3, 5, 3, 4, 3])));
    expect(records.map(({ device }) => device)).toEqual(['1', '3', '5', '4', '0', '2']);
  });

  it('is an error where the window is too small, and exact where it is not', async () => {
    // Long enough for several pieces of the file; the last record is the earliest.
    const count = 20_000;
    const path = traceFile(text(Array.from({ length: count }, (_, i) => (i === count - 1 ? 0 : i + 1))));
    await expect(readAll(path, { reorderRecords: 2 })).rejects.toThrow(/allow more with --reorder/);
    const { records } = await readAll(path, { reorderRecords: count });
    expect(records[0]!.device).toBe(String(count - 1));
    expect(records.every(({ ns }, i) => ns === i * 1000)).toBe(true);
  });

  it('files of several volumes are merged', async () => {
    const a = traceFile('128166385295514663,hm,0,Write,0,512,1\n128166385295514665,hm,0,Write,0,512,1\n');
    const b = traceFile('128166385295514662,hm,1,Write,0,512,1\n128166385295514664,hm,1,Write,0,512,1\n');
    expect((await readAll([a, b])).records).toEqual([
      rec('write', 0, 'hm,1', 0, 512),
      rec('write', 100, 'hm,0', 0, 512),
      rec('write', 200, 'hm,1', 0, 512),
      rec('write', 300, 'hm,0', 0, 512),
    ]);
  });
});
