import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

const SLOW = 'test/**/*.slow.test.ts';
/** Patience for a machine that has much else to do. */
const common = { pool: 'forks', testTimeout: 120_000, hookTimeout: 120_000 } as const;

/**
 * `npm test` runs `unit`, which needs nothing but Node. The others are steps of .ci/run, which names them in STOPGAP_TESTS:
 * `qemu` needs real QEMU, and `slow` is what takes long, or measures times and so must not compete with other tests.
 */
const PROJECTS = {
  unit: {
    ...common,
    name: 'unit',
    include: ['test/**/*.test.ts'],
    exclude: ['node_modules/**', SLOW, 'test/qemu/**'],
  },
  qemu: {
    ...common,
    name: 'qemu',
    include: ['test/qemu/**/*.test.ts'],
    exclude: ['node_modules/**', SLOW],
  },
  slow: {
    ...common,
    name: 'slow',
    include: [SLOW],
    exclude: ['node_modules/**'],
    fileParallelism: false,
    testTimeout: 600_000,
  },
};

const asked = process.env.STOPGAP_TESTS ?? 'unit';
const project = Object.values(PROJECTS).find(({ name }) => name === asked);
if (!project) throw new Error(`STOPGAP_TESTS: '${asked}' is not one of ${Object.keys(PROJECTS).join(', ')}`);

export default defineConfig({
  test: {
    reporters: ['default'],
    // By default one processor is left idle, which on two is half of them.
    maxWorkers: availableParallelism(),
    projects: [{ test: project }],
  },
});
