/** Traces as guests: what is replayed is what was recorded, or an error says why not. */
import { describe, expect, it } from 'vitest';
import { overridesFromArgv } from '../../src/cli/parameter-options.js';
import { resolve, resolveTree } from '../../src/input/resolve.js';
import { TraceSource } from '../../src/sim/guest/trace-source.js';
import type { TraceGuestSpec } from '../../src/sim/scenario.js';
import { loadTraceGuest } from '../../src/traces/replay.js';
import { traceFile } from './helpers.js';

const GIB = 2 ** 30;
const alibaba = traceFile(
  [
    '9,R,0,4096,1577808000000000',
    `7,W,${GIB},8192,1577808001000000`,
    '9,W,0,4096,1577808002000001',
    '7,W,4096,4096,1577808003000000',
    '7,R,0,4096,1577808004000000',
  ].join('\n'),
);

describe('loadTraceGuest', () => {
  it('gives the writes, disks in order of first write, times from the first record', async () => {
    const { guest, devices, extentsBytes } = await loadTraceGuest(alibaba);
    expect(devices).toEqual(['7', '9']);
    expect(extentsBytes).toEqual([GIB + 8192, 4096]);
    expect([...guest.timesNs]).toEqual([1e9, 2_000_001_000, 3e9]);
    expect([...guest.offsetsBytes]).toEqual([GIB, 0, 4096]);
    expect([...guest.lengthsBytes]).toEqual([8192, 4096, 4096]);
    expect([...guest.disks]).toEqual([0, 1, 0]);
    expect(guest).toMatchObject({
      kind: 'trace',
      durationNs: 4e9,
      startNs: 0,
      loop: true,
      rate: 1,
      stretch: 1,
    });
  });

  it('takes one device, and keeps the clock of the trace', async () => {
    const { guest, devices } = await loadTraceGuest(alibaba, { device: '9', startNs: 1e9, loop: false });
    expect(devices).toEqual(['9']);
    expect([...guest.timesNs]).toEqual([2_000_001_000]);
    expect(guest).toMatchObject({ durationNs: 4e9, startNs: 1e9, loop: false });
  });

  it('a whole second lasts until its end', async () => {
    const { guest } = await loadTraceGuest(traceFile('1538323200,8,8,1,1\n1538323200,16,8,1,1\n'));
    expect([guest.durationNs, ...guest.timesNs]).toEqual([1e9, 0, 5e8]);
  });

  it('reads the files of all CPUs of a blktrace together', async () => {
    const event = (ns: bigint, sector: bigint): Uint8Array => {
      const view = new DataView(new ArrayBuffer(48));
      view.setUint32(0, 0x65617407, true);
      view.setBigUint64(8, ns, true);
      view.setBigUint64(16, sector, true);
      view.setUint32(24, 4096, true);
      view.setUint32(28, 2 * 65536 + 7, true); // a write handed to the driver
      return new Uint8Array(view.buffer);
    };
    const path = traceFile(event(1_000n, 0n), 'vda.blktrace.0');
    traceFile(event(500n, 8n), 'vda.blktrace.1');
    traceFile(event(700n, 16n), 'vdb.blktrace.0');
    const { guest, notes } = await loadTraceGuest(path);
    expect([...guest.offsetsBytes]).toEqual([4096, 0]);
    expect(notes.join()).toContain('read together with 1 file(s) of other CPUs');
  });

  it('holds more writes than a piece of its columns', async () => {
    const rows = Array.from({ length: 70_000 }, (_, i) => `9,W,${i * 4096},4096,${1577808000000000 + i}`);
    const { guest } = await loadTraceGuest(traceFile(rows.join('\n')));
    expect(guest.offsetsBytes).toEqual(Float64Array.from({ length: 70_000 }, (_, i) => i * 4096));
    expect([guest.disks.length, guest.timesNs[69_999]]).toEqual([70_000, 69_999_000]);
  });

  it('refuses what has no write, and a start beyond the end', async () => {
    const reads = traceFile('9,R,0,4096,1577808000000000\n');
    await expect(loadTraceGuest(reads)).rejects.toThrow('has no write to replay');
    await expect(loadTraceGuest(alibaba, { device: '8' })).rejects.toThrow(
      "no write of device '8'; it has 9, 7",
    );
    await expect(loadTraceGuest(alibaba, { startNs: 4e9 })).rejects.toThrow('lasts 4 s');
  });
});

describe('a trace as the workload of a scenario', () => {
  it('is replayed as the flags of ask say', async () => {
    const flags = {
      disk: '8G',
      workload: alibaba,
      'trace-device': '9',
      'trace-start': '1s',
      'trace-loop': 'off',
    };
    const { scenario, notes } = await resolve({}, overridesFromArgv(flags));
    expect(scenario.guest).toMatchObject({ startNs: 1e9, loop: false, offsetsBytes: Float64Array.of(0) });
    expect(notes.join('\n')).toMatch(
      /1 writes to 1 disk.*, replayed from 1 s on; .*falls silent at its end[\s\S]*says nothing of RAM/,
    );
    await expect(resolve({}, overridesFromArgv({ ...flags, workload: 'oltp' }))).rejects.toThrow(
      "--trace-device: --workload is 'oltp', which is no trace of writes",
    );
  });

  const disks = { 'disk.size': '8G', 'disk.count': 2, workload: alibaba };

  it('reaches the engine as recorded', async () => {
    const { scenario, notes } = await resolve({}, { ...disks, 'workload.trace.rate': 2 });
    const guest = scenario.guest as TraceGuestSpec;
    expect(notes.join('\n')).toContain('3 writes to 2 disk(s) in 4 s, replayed 2 times as fast');
    const source = new TraceSource(guest, 8 * GIB, 0);
    const size = 4096;
    const block = {
      timesNs: new Float64Array(size),
      offsetsBytes: new Float64Array(size),
      lengthsBytes: new Float64Array(size),
    };
    source.fill(block);
    expect([...block.timesNs.subarray(0, 4)]).toEqual([0.5e9, 1.5e9, 2.5e9, 3.5e9]);
    expect([...block.offsetsBytes.subarray(0, 3)]).toEqual([GIB, 4096, GIB]);
  });

  it('is stretched by a whole factor, and says so', async () => {
    const { scenario, notes } = await resolve({}, { ...disks, 'workload.trace.stretch': 'on' });
    expect((scenario.guest as TraceGuestSpec).stretch).toBe(7);
    expect(notes.join('\n')).toContain('offsets are multiplied by 7');
  });

  it('that does not fit is an error', async () => {
    await expect(resolve({}, { ...disks, 'disk.count': 1 })).rejects.toThrow(
      /2 devices, but there are 1 disks/,
    );
    await expect(resolve({}, { ...disks, 'disk.size': '1G' })).rejects.toThrow(
      /up to 1 GiB of device '7'|but the disk has/,
    );
    await expect(resolveTree({}, { ...disks, 'write-size': '4k' })).rejects.toThrow();
    await expect(resolve({}, { ...disks, 'workload.write-size': '4k' })).rejects.toThrow(
      /cannot be set beside it/,
    );
  });
});
