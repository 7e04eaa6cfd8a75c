import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Qemu, queryBlock } from '../../src/fate/qemu.js';
import { type FateRules, fateRules } from '../../src/fate/rules.js';
import { BITMAP } from '../../src/fate/stage.js';
import { lookAt } from '../../src/fate/verdict.js';
import { qemuSpec } from '../../src/sim/qemu/releases.js';
import { type Op, ops, World } from './world.js';

interface Before {
  readonly runner: Qemu | undefined;
  readonly fate: string | undefined;
  readonly persistent: boolean | undefined;
  readonly losses: number;
}

/** Checked after every operation of a random life; `who` is whom it was done to. Returns what is wrong, in words. */
type Check = (world: World, op: Op, who: Qemu | undefined, before: Before) => string | undefined;

const fateOf = (qemu: Qemu): string => lookAt(qemu, BITMAP, 'destination').fate;

const neverWrongInMemory: Check = (world) => {
  const { running } = world;
  return running && fateOf(running) === 'wrong'
    ? 'a running guest has a bitmap that misses writes'
    : undefined;
};

/** Nobody has the image: whoever starts from it now trusts every copy that is not in use. */
const neverWrongAfterBoot: Check = (world) => {
  const { directory, written } = world.site.image;
  const entry = directory.get(BITMAP);
  return !world.active && entry && !entry.inUse && written.without(entry.bits).length > 0
    ? 'a fresh start would trust a bitmap that misses writes'
    : undefined;
};

/** How often a process has said it. */
const said = (world: World, who: Qemu, text: string): number =>
  world.site.journal.messages(who.name).filter((message) => message.includes(text)).length;

const LOST = 'Lost persistent bitmaps';

/** Storage that refuses may lose it, but says so. */
const keptByCleanQuit: Check = (world, op, who, before) => {
  const healthy = before.persistent && before.fate === 'exact';
  if (op.op !== 'quit' || !who || who !== before.runner || !healthy) return undefined;
  if (said(world, who, LOST) > before.losses) return undefined;
  const entry = world.site.image.directory.get(BITMAP);
  return entry && !entry.inUse ? undefined : 'an exact persistent bitmap did not survive a clean quit';
};

const persistenceSurvives: Check = (world, op, _who, before) => {
  const { running } = world;
  const moved = ['migrate', 'proceed'].includes(op.op) && running !== before.runner;
  if (!moved || !running || !before.persistent || before.fate !== 'exact') return undefined;
  const after = queryBlock(running, BITMAP);
  return after && !after.persistent ? 'a persistent bitmap arrived as one that is not' : undefined;
};

const neverEjected: Check = (world, op, who) =>
  op.op === 'cont' && who?.node.state === 'ejected' && said(world, who, 'already exists') > 0
    ? 'a source that was resumed lost its disk'
    : undefined;

const CHECKS = {
  neverWrongInMemory,
  neverWrongAfterBoot,
  keptByCleanQuit,
  persistenceSurvives,
  neverEjected,
};

interface Life {
  readonly sequence: readonly Op[];
  readonly persistent: boolean;
  /** Room for no bitmap, for one that is small, or for all. */
  readonly freeClusters: number;
}

function live(rules: FateRules, { sequence, persistent, freeClusters }: Life, check: Check): void {
  const world = new World(rules, persistent, freeClusters);
  for (const op of sequence) {
    const runner = world.running;
    const before: Before = {
      runner,
      fate: runner && fateOf(runner),
      persistent: runner && queryBlock(runner, BITMAP)?.persistent,
      losses: runner ? said(world, runner, LOST) : 0,
    };
    const who = world.apply(op);
    const complaint = check(world, op, who, before);
    if (complaint) throw new Error(complaint);
  }
}

const lives: fc.Arbitrary<Life> = fc.record({
  sequence: ops,
  persistent: fc.boolean(),
  freeClusters: fc.constantFrom(Number.POSITIVE_INFINITY, 6, 0),
});

const property = (rules: FateRules, check: Check) => fc.property(lives, (life) => live(rules, life, check));

describe('random lives of a VM', () => {
  // Seeded, so a pass stays a pass. Written against 60 000 lives of another seed, all of which held.
  for (const [name, check] of Object.entries(CHECKS)) {
    for (const storeFirst of [false, true]) {
      it(`mended QEMU: ${name} (store first: ${storeFirst})`, () => {
        const rules = fateRules({ ...qemuSpec('fixed'), storeFirst });
        fc.assert(property(rules, check), { seed: 1, numRuns: 6000 });
      });
      it(`mended QEMU that reads after the resume: ${name} (store first: ${storeFirst})`, () => {
        const rules = fateRules({ ...qemuSpec('fixed'), storeFirst }, { loadAfterResume: true });
        fc.assert(property(rules, check), { seed: 1, numRuns: 6000 });
      });
    }
    it(`QEMU as it is: a life that breaks ${name} is found`, () => {
      const found = fc.check(property(fateRules(qemuSpec('7.2')), check), {
        seed: 1,
        numRuns: 20_000,
      });
      expect(found.failed).toBe(true);
      expect(found.counterexample![0].sequence.length).toBeLessThanOrEqual(8);
    });
  }

  it('one mend alone is not enough', () => {
    const half = (mend: Partial<FateRules>): FateRules => ({
      ...fateRules(qemuSpec('7.2')),
      ...mend,
    });
    const skip = half({ clearSkipStore: true });
    const count = half({ checkGeneration: true });
    const fails = (rules: FateRules, check: Check): boolean =>
      fc.check(property(rules, check), { seed: 1, numRuns: 20_000 }).failed;
    expect(fails(skip, neverWrongInMemory)).toBe(true);
    expect(fails(count, keptByCleanQuit)).toBe(true);
  });
});
