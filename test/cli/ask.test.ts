import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { inProcess } from '../support/in-process.js';

const folder = mkdtempSync(join(tmpdir(), 'stopgap-ask-'));
afterAll(() => rmSync(folder, { recursive: true }));

const QUICK = ['--disk', '1T', '--replications', '3', '--storage', 'ceph-nvme'];

describe('ask', () => {
  it('prints a table, a verdict with its reason, and the break-even', async () => {
    const { code, out } = await inProcess('ask', ...QUICK, '--dirty', '100%');
    expect(code).toBe(0);
    expect(out).toMatch(/store-at-stop .* ms/);
    expect(out).toMatch(/^(Yes|No), 2 MiB is (not )?too much here: .*one at a time.*$/m);
    expect(out).toMatch(/^Break-even/m);
    expect(out).toMatch(/bitmaps add +their work +RAM +whole stop/);
    expect(out).toMatch(/^Floor: .* adds at least [\d.]+ ms here .*store-at-stop [\d.]+ ms, pre-flush/m);
  });

  it('says in words, JSON and CSV where the replications are too few for an interval', async () => {
    const sentence = /^Too few runs for the ± of [^:]*dont-store\/drop/m;
    const drop = ['--disk', '1T', '--storage', 'raid-ssd', '--strategy', 'dont-store/drop'];
    const asked = (...more: string[]) => inProcess('ask', ...drop, ...more);
    const few = ['--replications', '3'];
    expect((await asked(...few)).out).toMatch(sentence);
    expect((await asked('--replications', '40')).out).not.toMatch(sentence);
    const { strategies } = JSON.parse((await asked(...few, '--json')).out);
    expect(strategies.at(-1)).toMatchObject({ replications: 3, too_few: true });
    const [head, ...rows] = (await asked(...few, '--format', 'csv')).out.split('\n');
    expect(rows[0]!.split(',')[head!.split(',').indexOf('too_few')]).toBe('true');
  });

  it('keeps the JSON contract, to the byte', async () => {
    const args = ['ask', ...QUICK, '--json', '--seed', '7'];
    const { out } = await inProcess(...args);
    expect((await inProcess(...args)).out).toBe(out);
    const answer = JSON.parse(out);
    expect(answer.question).toMatchObject({ disk_bytes: 2 ** 40, bitmap_bytes: 2 ** 21, bitmaps: 1 });
    expect(Object.keys(answer)).toEqual(
      expect.arrayContaining([
        'budget_ms',
        'strategies',
        'verdict',
        'best',
        'because',
        'break_even',
        'floor_ms',
        'doubtful_figures',
      ]),
    );
    expect(
      answer.strategies.map((s: { strategy: string; variant: string }) => [s.strategy, s.variant]),
    ).toEqual([
      ['dont-store', 'drop'],
      ['dont-store', 'stream'],
      ['dont-store', 'postcopy'],
      ['store-at-stop', null],
      ['pre-flush', 'in-place'],
    ]);
    for (const strategy of answer.strategies) {
      const phases = Object.values(strategy.phases_ms as Record<string, number>).reduce((a, b) => a + b, 0);
      expect(phases).toBeCloseTo(strategy.downtime_ms.mean, 4);
      expect(strategy.downtime_ms).toMatchObject({ p99: null });
      expect(strategy.p_over_budget.ci95).toHaveLength(2);
      expect(strategy.bitmap_work_ms + strategy.ram_change_ms).toBeCloseTo(
        strategy.bitmap_downtime_ms.mean,
        4,
      );
      expect(strategy.bitmap_work_ms - strategy.above_floor_ms).toBeCloseTo(answer.floor_ms, 4);
    }
  });

  it('says over budget with exit 1 only where the budget was asked about', async () => {
    const full = ['ask', ...QUICK, '--dirty', '100%'];
    expect((await inProcess(...full, '--budget', '10ms')).code).toBe(1);
    expect((await inProcess(...full, '--budget', '10s')).code).toBe(0);
    expect((await inProcess(...full)).code).toBe(0);
  });

  it('compares several storages', async () => {
    const { out } = await inProcess(
      'ask',
      '--disk',
      '1T',
      '--dirty',
      '100%',
      '--storage',
      'ideal-1ms,ram-disk',
      '--replications',
      '2',
    );
    expect(out).toMatch(/^ideal-1ms .* no /m);
    expect(out).toMatch(/^ram-disk .* no /m);
    expect(out).toMatch(/^- Latency decides, not bytes: /m);
  });

  it('says what several storages have in common only where they have it', async () => {
    const many = ['--storage', 'ram-disk,hdd-7200', '--disk', '1T', '--bitmaps', '7', '--replications', '2'];
    const { out } = await inProcess('ask', ...many, '--flush-bandwidth', '10MB/s', '--workload', 'oltp');
    expect(out).toMatch(/^Is 7 x 2 MiB of bitmap too much/);
    expect(out).not.toMatch(/Latency decides/);
  });

  it('names every figure of a preset that was set otherwise', async () => {
    const changed = ['--flush-latency', '2ms', '--write-iops', '7', '--write-size', '{4k: 60%, 64k: 40%}'];
    const { out } = await inProcess('ask', ...QUICK, ...changed, '--link', '1Gbit/s');
    expect(out.split('\n')[0]).toMatch(/storage ceph-nvme \(flush_latency_ms 2\), workload/);
    expect(out.split('\n')[0]).toMatch(/\(write_iops 7, write_size \{"4k":"60%","64k":"40%"\}\), link/);
  });

  it('does not blame the bitmaps for a guest whose RAM never converges', async () => {
    const { out } = await inProcess('ask', ...QUICK, '--link', '100Mbit/s');
    expect(out).toMatch(
      /^No answer: the migration never stops the guest by itself: the guest dirties its RAM faster/m,
    );
    expect(out).not.toMatch(/too much here|Break-even/);
  });

  it('says of a stop that is too long without bitmaps that no break-even can help', async () => {
    const { out } = await inProcess('ask', ...QUICK, '--budget', '1ms');
    expect(out).toMatch(/^Break-even: none; without any bitmap the stop already takes .* ms of 1 ms\.$/m);
  });

  it('answers bad input with exit 2 and one line that helps', async () => {
    const bad: [string[], RegExp][] = [
      [['ask', '--storage', 'ceph-nvm'], /did you mean 'ceph-nvme'/],
      [['ask', '--granularity', '63k'], /--granularity: '63k' is not a power of two/],
      [['ask', '--disk', '16T', '--granularity', '512'], /granularity of 4 KiB or more/],
      [['ask', '--budgt', '1s'], /did you mean 'budget'/],
      [['ask', '--disk'], /--disk needs a value/],
      [['ask', '--format', 'auto'], /--format: 'auto' is not one of table, json, markdown, csv$/m],
      [['ask', '--disk', '300T'], /--disk: .*granularity of 128 KiB or more/],
      [['ask', '--strategy='], /--strategy needs a value/],
      [['ask', '--chunk', '128k'], /--chunk: .*more than a cluster/],
      [['ask', '--dirty', 'most'], /a share from 0% to 100%, or auto/],
      [['ask', '--link', '10'], /or a rate such as 10Gbit\/s/],
      [['ask', '--write-size', '{4k: 60%'], /--write-size: not valid YAML/],
      [['aks'], /did you mean 'ask'/],
      [['ask', '-x'], /unknown option or argument 'x' \(see --help\)/],
      [[], /a command is needed/],
    ];
    for (const [args, message] of bad) {
      const { code, err, out } = await inProcess(...args);
      expect([args, code, out]).toEqual([args, 2, '']);
      expect(err).toMatch(message);
      expect(err.trim().split('\n')).toHaveLength(1);
    }
  });
});

describe('run', () => {
  it('shows the phases of a scenario file, with settings over it', async () => {
    const file = join(folder, 'scenario.yaml');
    writeFileSync(file, 'disk: { size: 1T }\nstorage: ideal-1ms\nbitmaps: { dirty: 100% }\nworkload: idle\n');
    const { code, out } = await inProcess('run', file, '--set', 'bitmaps.count=2');
    expect(code).toBe(0);
    expect(out).toMatch(/store_data .*64 ms/);
    expect(out).toMatch(/whole stop/);
    const json = JSON.parse((await inProcess('run', file, '--json')).out);
    expect(json.strategies[3].clusters_written).toBe(32);
  });

  it('writes a trace that Perfetto opens', async () => {
    const { readFileSync } = await import('node:fs');
    const trace = join(folder, 'trace.json');
    const file = join(folder, 'traced.yaml');
    writeFileSync(file, 'disk: { size: 1T }\nstorage: ideal-1ms\nbitmaps: { dirty: 100% }\nworkload: idle\n');
    expect((await inProcess('run', file, '--trace', trace)).code).toBe(0);
    const { traceEvents } = JSON.parse(readFileSync(trace, 'utf8'));
    const punches = traceEvents.find((event: { name: string }) => /32 x punch 65536 B/.test(event.name));
    expect(punches.dur).toBe(32_000);
  });

  it('refuses a file with an unknown key, naming the nearest', async () => {
    const file = join(folder, 'unknown.yaml');
    writeFileSync(file, 'disk: { siz: 1T }\n');
    const { code, err } = await inProcess('run', file);
    expect(code).toBe(2);
    expect(err).toMatch(/disk\.siz'.*did you mean 'disk\.size'/);
  });
});
