/** What the ± of a table leaves out is said below it, and only where something is left out. */
import { expect, test } from 'vitest';
import { type Overrides, resolve } from '../../src/input/resolve.js';
import { answerText } from '../../src/output/answer-text.js';
import { chanceAloneText } from '../../src/output/chance-alone-text.js';
import { doubtSentence } from '../../src/output/uncertainty-text.js';
import { answer } from '../../src/study/answer/answer.js';

const NOTE = /of chance alone: (up to )?\d+ figures? of the presets/;

async function asked(overrides: Overrides) {
  return answer(await resolve({}, { strategies: 'store-at-stop', replications: 2, ...overrides }));
}

test('as many figures as are in doubt, fewer where the user gave some', async () => {
  const preset = await asked({ storage: 'ceph-nvme' });
  const given = await asked({ 'flush-latency': '1ms' });
  expect(preset.doubtful_figures).toBeGreaterThan(given.doubtful_figures);
  expect(given.doubtful_figures).toBeGreaterThan(0);
  expect(answerText(preset)).toMatch(NOTE);
  expect(answerText(preset)).toContain(`${preset.doubtful_figures} figures`);
  expect(chanceAloneText([given, preset])).toContain(`up to ${preset.doubtful_figures} figures`);
});

test('nothing where none is, or where the doubt is told', async () => {
  const told = await asked({ storage: 'ceph-nvme' });
  expect(chanceAloneText([{ ...told, doubtful_figures: 0 }])).toBe('');
  const uncertainty = {} as NonNullable<typeof told.uncertainty>;
  expect(chanceAloneText([{ ...told, uncertainty }])).toBe('');
});

test('several answers tell their doubt in a sentence', async () => {
  const one = await asked({ storage: 'ceph-nvme' });
  expect(doubtSentence([one], 'storage')).toBe('');
  const share = { input: 0.9, monte_carlo: 0.05, model: 0.05 };
  const strategy = {
    stop_ms: { mean: 15, ci95: [10, 20] },
    variance_share: share,
    p_over_budget: { value: 0, ci95: [0, 0.1] },
    unfinished_share: 0,
  };
  const uncertainty = { strategies: [strategy] } as unknown as NonNullable<typeof one.uncertainty>;
  const sentence = doubtSentence([{ ...one, uncertainty }], 'storage');
  expect(sentence).toContain('95 % of the stops of store-at-stop last');
  expect(sentence).toContain('10 ms to 20 ms on ceph-nvme');
});
