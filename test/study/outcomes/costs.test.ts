import { describe, expect, it } from 'vitest';
import { parseFaultRates } from '../../../src/input/fault-rate.js';
import { breakEvens, crossing, exchanges } from '../../../src/study/outcomes/cost-break-even.js';
import { fleetCosts, type StrategyPaths } from '../../../src/study/outcomes/fleet.js';
import type { PathCost } from '../../../src/study/outcomes/path-cost.js';
import { type OutcomeProbability, parseProbabilities } from '../../../src/study/outcomes/probability.js';

const cost = (downtimeMs: number | null, fullBackups = 0, wrongBackups = 0): PathCost => ({
  downtimeMs,
  fullBackups,
  wrongBackups,
});
const exact = (outcome: string, value: number): OutcomeProbability => ({
  outcome,
  value,
  ci95: null,
  observed: null,
});
const strategy = (
  name: string,
  success: PathCost,
  failures: [OutcomeProbability, PathCost][],
): StrategyPaths => ({
  strategy: name,
  variant: null,
  success,
  failures: failures.map(([probability, path]) => ({ probability, cost: path })),
});
const fleet = { migrationsPerYear: 12, vms: 1000, backupBytes: 3600 * 2 ** 30, backupBytesPerS: 2 ** 30 };

describe('probabilities', () => {
  it('takes shares, percentages and counts, in one list or several', () => {
    const parsed = parseProbabilities(['cancel-quit=2%,ok-kill=0.01', 'store-eio=3/200']);
    expect(parsed.map(({ outcome, value }) => [outcome, value])).toEqual([
      ['cancel-quit', 0.02],
      ['ok-kill', 0.01],
      ['store-eio', 0.015],
    ]);
    expect(parsed[2]!.ci95![0]).toBeCloseTo(0.0051, 4);
    expect(parsed[2]!.ci95![1]).toBeCloseTo(0.0432, 4);
    expect(parsed[0]!.ci95).toBeNull();
  });

  it.each([
    ['cancel-quit', /not OUTCOME=P/],
    ['cancel-qiut=2%', /not an outcome.*cancel-quit/],
    ['cancel-quit=2', /not a share/],
    ['cancel-quit=5/4', /not a count/],
    ['cancel-quit=1%,cancel-quit=1%', /twice/],
    ['cancel-quit=60%,ok-kill=50%', /adds up/],
  ])('refuses %s', (text, message) => {
    expect(() => parseProbabilities([text])).toThrow(message);
  });

  it('reads fault rates', () => {
    expect(parseFaultRates(['cancel=36/h', 'destination-dies=1/s'])).toEqual({
      cancel: 0.01,
      'destination-dies': 1,
    });
    expect(() => parseFaultRates(['cancel=1'])).toThrow(/FAULT=N/);
    expect(() => parseFaultRates(['cancl=1/h'])).toThrow(/cancel/);
    expect(() => parseFaultRates(['cancel=1/constructor'])).toThrow(/FAULT=N/);
  });
});

describe('costs of a fleet', () => {
  const p = exact('cancel-quit', 0.02);
  const store = strategy('store-at-stop', cost(700), [[p, cost(0)]]);
  const stream = strategy('dont-store', cost(40), [[p, cost(0, 1)]]);

  it('expectations are sums', () => {
    const [a, b] = fleetCosts([store, stream], fleet, 1);
    expect(a!.per_migration.downtime_ms!.value).toBeCloseTo(0.98 * 700, 9);
    expect(b!.per_migration).toMatchObject({ full_backups: { value: 0.02, range: null } });
    expect(b!.per_year.full_backups.mean).toBeCloseTo(240, 9);
    expect(b!.per_year.full_backup_hours!.mean).toBeCloseTo(240, 9);
    expect(a!.per_year.full_backups).toEqual({ mean: 0, years95: [0, 0] });
  });

  it('years scatter as the binomial does', () => {
    const [, b] = fleetCosts([store, stream], fleet, 1);
    const [low, high] = b!.per_year.full_backups.years95;
    // 240 +- 1.96 sqrt(12000 0.02 0.98) = 240 +- 30.1; ends of 1000 drawn years err by about 2.
    expect(low).toBeGreaterThan(202);
    expect(low).toBeLessThan(218);
    expect(high).toBeGreaterThan(262);
    expect(high).toBeLessThan(279);
  });

  it('counts widen the expectation and the years', () => {
    const [seen] = parseProbabilities(['cancel-quit=4/200']);
    const uncertain = strategy('dont-store', cost(40), [[seen!, cost(0, 1)]]);
    const [u] = fleetCosts([uncertain], fleet, 1);
    const [c] = fleetCosts([stream], fleet, 1);
    expect(u!.per_migration.full_backups.range).toEqual(seen!.ci95);
    const width = ([low, high]: readonly [number, number]): number => high - low;
    expect(width(u!.per_year.full_backups.years95)).toBeGreaterThan(
      3 * width(c!.per_year.full_backups.years95),
    );
  });

  it('the same failures for all strategies: the seed alone decides', () => {
    expect(fleetCosts([store, stream], fleet, 1)).toEqual(fleetCosts([store, stream], fleet, 1));
    const twin = { ...stream, strategy: 'twin' };
    const [a, b] = fleetCosts([stream, twin], fleet, 1);
    expect(b!.per_year).toEqual(a!.per_year);
  });

  it('a small fleet migrates every other year, not never', () => {
    const [a] = fleetCosts([stream], { ...fleet, migrationsPerYear: 0.4, vms: 1 }, 1);
    expect(a!.per_year.downtime_vm_s!.mean).toBeCloseTo(0.4 * 0.98 * 0.04, 12);
    expect(a!.per_year.downtime_vm_s!.years95).toEqual([0, 0.04]);
  });

  it('without times or rates there are no figures', () => {
    const unknown = strategy('store-at-stop', cost(null), [[p, cost(null, 1)]]);
    const [u] = fleetCosts([unknown], { ...fleet, backupBytesPerS: null }, 1);
    expect(u!.per_migration.downtime_ms).toBeNull();
    expect(u!.per_year).toMatchObject({ downtime_vm_s: null, full_backup_hours: null });
  });
});

describe('break-even', () => {
  const p = exact('dst-dies-preswitch', 0.1);
  const a = strategy('a', cost(100), [[p, cost(500, 0)]]);
  const b = strategy('b', cost(200), [[p, cost(300, 0)]]);

  it('is where both expectations meet', () => {
    expect(crossing(100, 500, 200, 300)).toBeCloseTo(1 / 3, 12);
    expect(crossing(100, 300, 200, 500)).toBeUndefined();
    expect(crossing(100, 100, 100, 100)).toBeUndefined();
    expect(breakEvens([a, b], null)).toEqual([
      {
        below: 'a',
        above: 'b',
        outcome: 'dst-dies-preswitch',
        measure: 'downtime',
        probability: expect.closeTo(1 / 3, 12),
      },
    ]);
  });

  it('a full backup counts where it is given a worth', () => {
    const loses = strategy('loses', cost(40), [[p, cost(0, 1)]]);
    const keeps = strategy('keeps', cost(700), [[p, cost(0, 0)]]);
    expect(breakEvens([loses, keeps], null)).toEqual([]);
    const [point] = breakEvens([loses, keeps], 1000);
    // (1-p) 40 + 1000 p = (1-p) 700
    expect(point).toMatchObject({
      below: 'loses',
      above: 'keeps',
      probability: expect.closeTo(660 / 1660, 12),
    });
  });

  it('a backup that is wrong has no price, so nobody wins by it', () => {
    const wrong = strategy('wrong', cost(200), [[p, cost(200, 0, 1)]]);
    const safe = strategy('safe', cost(100), [[p, cost(700, 1, 0)]]);
    expect(breakEvens([wrong, safe], 1000)).toEqual([]);
    expect(exchanges([wrong, safe])).toEqual([]);
    const both = strategy('both', cost(100), [[p, cost(700, 0, 1)]]);
    expect(breakEvens([wrong, both], null)).toMatchObject([{ below: 'both', above: 'wrong' }]);
  });

  it('the price of a full backup spared', () => {
    const loses = strategy('loses', cost(40), [[p, cost(0, 1)]]);
    const keeps = strategy('keeps', cost(700), [[p, cost(0, 0)]]);
    expect(exchanges([loses, keeps])).toEqual([
      { spares: 'keeps', than: 'loses', downtime_ms_per_full_backup: expect.closeTo((0.9 * 660) / 0.1, 9) },
    ]);
    expect(exchanges([a, b])).toEqual([]);
  });
});
