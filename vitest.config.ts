import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

const SLOW = 'test/**/*.slow.test.ts';
/** Patience for a machine that has much else to do; texts are as wide as they are, whatever the terminal. */
const common = {
  pool: 'forks',
  testTimeout: 120_000,
  hookTimeout: 120_000,
  env: { COLUMNS: '' },
} as const;

/** They put something else in place of a module of src/, or listen to signals, and so must not share its modules with others. */
const ALONE = [
  'test/lab/process/cleanup.test.ts',
  'test/cli/endless-strategy.test.ts',
  'test/cli/strategies.test.ts',
  'test/sweep/results/new-metric.test.ts',
];

/**
 * `npm test` runs `unit`, which needs nothing but Node. The others are steps of .ci/run, which names them in STOPGAP_TESTS:
 * `qemu` needs real QEMU, `browser` Chromium, and `slow` is what takes long, or measures times and so must not compete with other tests.
 */
const PROJECTS = {
  unit: {
    ...common,
    name: 'unit',
    include: ['test/**/*.test.ts'],
    exclude: ['node_modules/**', SLOW, 'test/qemu/**', 'test/browser/**', ...ALONE],
    // To load src/ and compile it anew for each of some 160 files takes as long as the tests.
    isolate: false,
  },
  alone: { ...common, name: 'unit-alone', include: ALONE },
  qemu: {
    ...common,
    name: 'qemu',
    include: ['test/qemu/**/*.test.ts'],
    exclude: ['node_modules/**', SLOW],
  },
  browser: {
    ...common,
    name: 'browser',
    include: ['test/browser/**/*.test.ts'],
    exclude: ['node_modules/**', SLOW],
    fileParallelism: false,
    testTimeout: 600_000,
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

const STEPS: Readonly<Record<string, readonly object[]>> = {
  unit: [PROJECTS.unit, PROJECTS.alone],
  qemu: [PROJECTS.qemu],
  browser: [PROJECTS.browser],
  slow: [PROJECTS.slow],
};

const asked = process.env.STOPGAP_TESTS ?? 'unit';
const projects = STEPS[asked];
if (!projects) throw new Error(`STOPGAP_TESTS: '${asked}' is not one of ${Object.keys(STEPS).join(', ')}`);

export default defineConfig({
  test: {
    reporters: ['default'],
    // By default one processor is left idle, which on two is half of them.
    maxWorkers: availableParallelism(),
    projects: projects.map((test) => ({ test })),
  },
});
