/** Disks that are copied along, from the command line. */
import { describe, expect, it } from 'vitest';
import { inProcess, printed } from '../support/in-process.js';

const DISK = ['--disk', '256G', '--storage', 'ideal-1ms', '--workload', 'idle', '--replications', '2'];

describe('--mirror', () => {
  it('refuses strategies that write to the image of the source: one line, exit 2', async () => {
    const { code, err } = await inProcess(
      'ask',
      ...DISK,
      '--mirror',
      'background',
      '--strategy',
      'store-at-stop',
    );
    expect(code).toBe(2);
    expect(err.trimEnd().split('\n')).toHaveLength(1);
    expect(err).toMatch(/--strategy: store-at-stop writes bitmaps to the image of the source/);
  });

  it('tells what the mirror adds to the stop, beside the same on shared storage', async () => {
    const ask = async (...words: string[]) =>
      JSON.parse(await printed('ask', ...DISK, '--allocated', '50%', '--json', ...words));
    const mirrored = await ask('--mirror', 'write-blocking');
    const stream = mirrored.strategies.find(({ variant }: { variant: string }) => variant === 'stream');
    expect(mirrored.verdict).toBe(stream.verdict);
    expect(stream.phases_ms.mirror).toBeGreaterThanOrEqual(3);
    expect(stream.phases_ms.load).toBe(0);
    expect(stream.mirror_ms).toBeGreaterThan(1000);
    expect(stream.mirror_bytes).toBe(128 * 2 ** 30);
    expect(mirrored.question.mirror_copy_mode).toBe('write-blocking');
    const shared = await ask('--strategy', 'dont-store/stream');
    expect(shared.strategies[0].phases_ms.mirror).toBe(0);
    expect(shared.strategies[0].phases_ms.load).toBeGreaterThan(0);
  });

  it('says in words when they are ready, and that nothing durable can be left', async () => {
    const out = await printed(
      'ask',
      ...DISK,
      '--allocated',
      '50%',
      '--mirror',
      'background',
      '--link',
      '100gbit',
    );
    expect(out).toMatch(/^1 disk of 256 GiB copied along, /);
    expect(out).toMatch(/Mirrors \(background\): ready after .* with 128 GiB copied.* of the stop is theirs/);
    expect(out).not.toContain('Floor:');
  });

  it('has outcomes of its own', async () => {
    const words = [...DISK, '--strategy', 'dont-store/stream', '--json'];
    const outcomesOf = async (...more: string[]): Promise<Set<string>> => {
      const { cells } = JSON.parse(await printed('outcomes', ...words, ...more));
      return new Set(cells.map(({ outcome }: { outcome: string }) => outcome));
    };
    expect([...(await outcomesOf('--mirror', 'background'))]).toContain('mirror-fails-preswitch');
    expect([...(await outcomesOf())]).not.toContain('mirror-fails-preswitch');
  });
});
