import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

const never = ['test/bench/**', 'node_modules/**'];
const SLOW = 'test/**/*.slow.test.ts';
const common = { pool: 'forks', testTimeout: 60_000 } as const;

/**
 * `npm test` runs `unit` and then `qemu`, which waits for real QEMU more than it works. STOPGAP_SLOW=1 runs the slow ones
 * instead (.ci/run does): they take long, or measure times and so must not compete with other tests.
 */
const unit = {
  ...common,
  name: 'unit',
  include: ['test/**/*.test.ts'],
  exclude: [...never, SLOW, 'test/qemu/**'],
  sequence: { groupOrder: 0 },
};
const qemu = {
  ...common,
  name: 'qemu',
  include: ['test/qemu/**/*.test.ts'],
  exclude: [...never, SLOW],
  sequence: { groupOrder: 1 },
};
const slow = {
  ...common,
  name: 'slow',
  include: [SLOW],
  exclude: never,
  fileParallelism: false,
  testTimeout: 600_000,
};

export default defineConfig({
  test: {
    reporters: ['default'],
    // By default one processor is left idle, which on two is half of them.
    maxWorkers: availableParallelism(),
    projects: (process.env.STOPGAP_SLOW ? [slow] : [unit, qemu]).map((test) => ({ test })),
  },
});
