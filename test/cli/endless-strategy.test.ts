/** A strategy with a bug that would make it wait for ever is told of, and the others are answered all the same. */
import { describe, expect, it, vi } from 'vitest';
import { EXIT } from '../../src/cli/exit.js';
import { inProcess, printed } from '../support/in-process.js';

vi.mock('../../src/sim/strategies/registry.js', async (original) => {
  const { Signal } = await import('../../src/kernel/signal.js');
  const { extra } = await import('../support/extra-strategy.js');
  const { STRATEGIES } = await original<typeof import('../../src/sim/strategies/registry.js')>();
  const endless = {
    ...extra,
    name: 'endless',
    hooks: () => ({
      delivers: true,
      loadsFromImage: false,
      *inStream() {
        yield new Signal();
      },
    }),
  };
  return { STRATEGIES: [...STRATEGIES, endless] };
});

const CALM = ['--workload', 'idle', '--dirty', '100%', '--disk', '256G'];

describe('ask', () => {
  it('says that it failed, and why', async () => {
    const { code, out } = await inProcess('ask', ...CALM, '--storage', 'ideal-1ms');
    expect(code).toBe(EXIT.no);
    expect(out).toMatch(/endless\/homing \(proposed\) .* FAILED .*waits for something that never happens/);
    expect(out).toMatch(/store-at-stop .* fits/);
  });

  it('does so where nothing else was asked for, and on several storages', async () => {
    const alone = ['--strategy', 'endless/homing'];
    expect(await printed('ask', ...CALM, '--storage', 'ideal-1ms', ...alone)).toMatch(
      /endless\/homing \(proposed\) failed: the strategy waits for/,
    );
    const several = ['--storage', 'ideal-1ms,nvme-plp', '--replications', '2'];
    expect(await printed('ask', ...CALM, ...several)).toMatch(
      /endless\/homing \(proposed\) failed: the strategy waits for/,
    );
  });
});
