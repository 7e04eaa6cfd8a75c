/** The table of a report in a real browser: a click on a head sorts by what the cells mean, not by how they are written. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { reportHtml } from '../../src/output/figures/report.js';
import type { Row } from '../../src/sweep/results/csv.js';
import { readManifest } from '../../src/sweep/results/manifest.js';
import { hasChromium, launchChromium } from '../support/chromium.js';

/** Disk, strategy, verdict, mean downtime. Written as text 1.2 s comes before 400 ms and 90 us, and 16 TiB before 2 TiB. */
const ROWS = [
  ['2199023255552', 'store-at-stop', 'too-much', '1200'],
  ['17592186044416', 'pre-flush', 'fits', '0.09'],
  ['549755813888', 'store-at-stop', 'borderline', '400'],
  ['4398046511104', 'pre-flush', 'not-converged', ''],
  ['17592186044416', 'store-at-stop', 'too-much', '1200'],
] as const;

const summary: Row[] = ROWS.map(([disk_bytes, strategy, verdict, downtime_mean_ms], point) => ({
  point: String(point),
  strategy,
  variant: strategy === 'pre-flush' ? 'in-place' : '',
  disk_bytes,
  verdict,
  downtime_mean_ms,
  budget_ms: '300',
}));

describe.skipIf(!hasChromium)('the table of a report in Chromium', () => {
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    browser = await launchChromium();
    page = await browser.newPage();
    await page.setContent(
      reportHtml(readManifest('results/06-granularity'), { summary, runs: () => [] }, []),
    );
  });
  afterAll(() => browser?.close());

  /** A column from the first row to the last, after a click on its head. */
  async function sortedBy(head: string): Promise<string[]> {
    // By its text: the name of a head that is sorted by has an arrow.
    await page.locator('th button', { hasText: new RegExp(`^${head}$`) }).click();
    const heads = await page.locator('th').allTextContents();
    return page.locator(`tbody td:nth-child(${heads.indexOf(head) + 1})`).allTextContents();
  }

  it('sorts sizes and times by value, and turns round at the second click', async () => {
    expect(await sortedBy('disk size')).toEqual(['512 GiB', '2 TiB', '4 TiB', '16 TiB', '16 TiB']);
    expect(await sortedBy('disk size')).toEqual(['16 TiB', '16 TiB', '4 TiB', '2 TiB', '512 GiB']);
  });

  it('leaves what has no value at the end, either way: a guest that never stops is not the quickest', async () => {
    expect(await sortedBy('downtime, mean')).toEqual(['90 µs', '400 ms', '1.2 s', '1.2 s', '']);
    expect(await sortedBy('downtime, mean')).toEqual(['1.2 s', '1.2 s', '400 ms', '90 µs', '']);
  });

  it('sorts words by the alphabet, says which column it is sorted by, and keeps rows whole', async () => {
    expect(await sortedBy('verdict')).toEqual([
      'borderline',
      'fits',
      'not-converged',
      'too-much',
      'too-much',
    ]);
    expect(await page.locator('th[aria-sort="ascending"]').allTextContents()).toEqual(['verdict']);
    expect(await page.locator('th[aria-sort="descending"]').count()).toBe(0);
    const first = await page.locator('tbody tr:first-child td').allTextContents();
    expect(first.slice(0, 3)).toEqual(['borderline', 'store-at-stop', '512 GiB']);
  });
});
