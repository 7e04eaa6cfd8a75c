/** Which QEMU it is, what is compared, and how often it is simulated. */
import { rows } from '../../sim/parameters/row.js';

/** The QEMU on both sides, and the strategies. */
export const COURSE = rows({
  stack: {
    path: 'stack',
    flag: 'stack',
    kind: 'text',
    optional: true,
    help: 'software above QEMU whose route for bitmaps and whose settings are taken (list stacks); all: each of them (ask only)',
  },
  qemu: {
    path: 'qemu',
    label: 'QEMU',
    flag: 'qemu',
    kind: 'release',
    default: '7.2',
    allowed: 'a release of QEMU from 6.2 to 11.x, or fixed',
    help: 'release, such as 9.2 (list qemu says what differs); fixed: the newest, with its known flaws mended',
  },
  strategies: {
    path: 'strategies',
    flag: 'strategy',
    kind: 'names',
    optional: true,
    help: 'strategies to compare (default: all; list strategies says which are only proposed)',
  },
});

/** How it is simulated, and what it is held against. */
export const STUDY = rows({
  engine: {
    path: 'engine',
    flag: 'engine',
    kind: 'choice',
    choices: ['auto', 'per-write', 'first-touch'],
    default: 'auto',
    help: 'how guest writes are simulated; both are exact',
  },
  budgetNs: {
    path: 'budget',
    flag: 'budget',
    kind: 'budget',
    default: 'qemu',
    help: 'downtime that can be borne: a time, or qemu, nova, proxmox, vmotion, nfv; if given, exit 1 unless the verdict is fits',
  },
  bitmapBudgetNs: {
    path: 'bitmap-budget',
    flag: 'bitmap-budget',
    kind: 'budget',
    optional: true,
    help: 'what the bitmaps alone may add to it; if given, exit 1 unless the verdict is fits',
  },
  allowedShare: {
    path: 'allowed',
    flag: 'allowed',
    kind: 'share',
    default: '5%',
    max: 0.5,
    allowed: 'from 0% to 50%',
    help: 'share of the migrations that may be over the budget',
  },
  replications: {
    path: 'replications',
    flag: 'replications',
    kind: 'count',
    default: 30,
    min: 1,
    max: 1e6,
    allowed: 'from 1 to 1000000',
    help: 'runs with their own random numbers; ask adds more, up to 1000, while the verdict hangs on chance',
  },
  seed: {
    path: 'seed',
    flag: 'seed',
    kind: 'count',
    default: 1,
    min: 0,
    max: Number.MAX_SAFE_INTEGER,
    allowed: `from 0 to ${Number.MAX_SAFE_INTEGER}`,
    help: 'seed of all random numbers',
  },
});
