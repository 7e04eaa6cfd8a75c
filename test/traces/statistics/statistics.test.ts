/** Statistics of random small traces against an oracle that is slow and obviously right. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { measureWorkload } from '../../../src/traces/statistics/statistics.js';
import { openTrace } from '../../../src/traces/trace.js';
import { traceFile } from '../helpers.js';

interface Request {
  us: number;
  op: 'R' | 'W' | 'D';
  device: number;
  offset: number;
  length: number;
}

/** Sets of granules, window by window, straight from the definitions. */
function oracle(
  requests: readonly Request[],
  granularity: number,
  chunkSizes: readonly number[],
  windowUs: number,
  device?: number,
) {
  const t0 = Math.min(...requests.map((r) => r.us));
  const sorted = [...requests].sort((a, b) => a.us - b.us);
  const windowCount = Math.floor((sorted.at(-1)!.us - t0) / windowUs) + 1;
  const touched = new Set<string>();
  const windows = [];
  for (let k = 0; k < windowCount; k++) {
    const chunks = chunkSizes.map(() => new Set<string>());
    let fresh = 0;
    const inside = sorted.filter(
      (r) =>
        r.us >= t0 + k * windowUs &&
        r.us < t0 + (k + 1) * windowUs &&
        r.op === 'W' &&
        r.length > 0 &&
        (device === undefined || r.device === device),
    );
    for (const r of inside)
      for (let byte = r.offset; byte < r.offset + r.length; byte++) {
        const granule = Math.floor(byte / granularity);
        if (touched.has(`${r.device}/${granule}`)) continue;
        touched.add(`${r.device}/${granule}`);
        fresh++;
        chunkSizes.forEach(
          (chunk, c) => void chunks[c]!.add(`${r.device}/${Math.floor(granule / (8 * chunk))}`),
        );
      }
    windows.push({ writes: inside.length, granules: fresh, chunks: chunks.map((set) => set.size) });
  }
  return { windows, footprint: touched.size, durationUs: sorted.at(-1)!.us - t0 };
}

const request: fc.Arbitrary<Request> = fc.record({
  us: fc.integer({ min: 0, max: 5_000 }),
  op: fc.constantFrom('R', 'W', 'W', 'W', 'D'),
  device: fc.integer({ min: 0, max: 2 }),
  offset: fc.oneof(
    fc.integer({ min: 0, max: 20_000 }),
    fc.integer({ min: 2 ** 45, max: 2 ** 45 + 5_000_000 }),
  ),
  length: fc.integer({ min: 0, max: 3_000 }),
});

describe('measureWorkload', () => {
  it('equals the oracle for random requests in random order', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(request, { minLength: 1, maxLength: 40 }),
        fc.constantFrom(1000, 337, 10_000),
        fc.option(fc.constant(1), { nil: undefined }),
        async (requests, windowUs, device) => {
          fc.pre(device === undefined || requests.some((r) => r.device === device));
          const rows = requests.map((r) => `${r.us},${r.op},${r.device},${r.offset},${r.length}`);
          const path = traceFile(`time_us,op,device,offset_bytes,length_bytes\n${rows.join('\n')}\n`);
          // 512 bytes a bit and 64 bytes a chunk: the two regions spread over dozens of chunks.
          const stats = await measureWorkload(await openTrace([path]), {
            granularityBytes: 512,
            // A part of a page of the bitmap, half of one, and several.
            chunksBytes: [64, 2048, 32_768],
            windowNs: windowUs * 1000,
            device: device?.toString(),
          });
          const expected = oracle(requests, 512, [64, 2048, 32_768], windowUs, device);
          const { writes, newGranules, newChunks } = stats.windows;
          const windows = Array.from(writes, (count, k) => ({
            writes: count,
            granules: newGranules[k],
            chunks: newChunks.map((column) => column[k]),
          }));
          expect(windows).toEqual(expected.windows);
          expect(stats.footprintGranules).toBe(expected.footprint);
          expect(stats.durationNs).toBe(expected.durationUs * 1000);
        },
      ),
      { numRuns: 60, seed: 20180523 },
    );
  });

  it('begins its windows at the first record of any kind and device', async () => {
    const path = traceFile(
      '5,R,0,4096,1577808000000000\n7,W,0,4096,1577808000999999\n7,W,65536,4096,1577808001000000\n',
    );
    const stats = await measureWorkload(await openTrace([path]), {
      granularityBytes: 65536,
      chunksBytes: [65536],
      windowNs: 1e9,
      device: '7',
    });
    expect([...stats.windows.writes]).toEqual([1, 1]);
    expect([...stats.windows.newChunks[0]!]).toEqual([1, 1]);
    expect([stats.records, stats.writes, stats.durationNs]).toEqual([2, 2, 1e9]);
  });

  it('keeps one bitmap a device', async () => {
    const path = traceFile('5,W,0,4096,1577808000000000\n7,W,0,4096,1577808000000001\n');
    const options = { granularityBytes: 65536, chunksBytes: [512], windowNs: 1e9 };
    const stats = await measureWorkload(await openTrace([path]), options);
    expect([stats.footprintGranules, stats.windows.newChunks[0]![0]]).toEqual([2, 2]);
    await expect(measureWorkload(await openTrace([path]), { ...options, device: '6' })).rejects.toThrow(
      "'6' is not in the trace; it has 5, 7",
    );
  });

  it('duration of whole seconds is that of the record, not of the spreading', async () => {
    const path = traceFile('1538323200,8,8,1,1\n1538323201,8,8,1,1\n1538323201,16,8,1,1\n');
    const options = { granularityBytes: 4096, chunksBytes: [65536], windowNs: 0.5e9 };
    const stats = await measureWorkload(await openTrace([path]), options);
    expect([stats.durationNs, ...stats.windows.writes]).toEqual([1e9, 1, 0, 1, 1]);
  });

  it('reads a 25 MB stream of a thousand terabyte volumes within bounded memory', async () => {
    const lines: string[] = [];
    let us = 1577808000000000;
    for (let i = 0; i < 600_000; i++) {
      us += (i * 7919) % 2001;
      const granule = Math.imul(i, 0x9e3779b1) >>> 8;
      lines.push(`${(i * 7919) % 1000},${i % 4 ? 'W' : 'R'},${granule * 65_536},4096,${us}`);
    }
    const path = traceFile(`${lines.join('\n')}\n`);
    lines.length = 0;
    const before = process.memoryUsage().rss;
    // The sizes of chunks of the table that a user sees.
    const options = { granularityBytes: 65536, chunksBytes: [65536, 512, 4096], windowNs: 1e9 };
    const stats = await measureWorkload(await openTrace([path]), options);
    expect([stats.records, stats.writes]).toEqual([600_000, 450_000]);
    expect(stats.footprintGranules).toBeGreaterThan(440_000);
    expect(process.memoryUsage().rss - before).toBeLessThan(150e6);
  });
});
