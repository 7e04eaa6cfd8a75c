/** The page of `stopgap explore` in a real browser, from a file: it answers as the command line does, and asks nobody. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { namedStream } from '../../src/kernel/rng.js';
import { fromHash, type Situation, toCommand, toHash } from '../../src/page/situation.js';
import type { Answer } from '../../src/study/answer/answer.js';
import { hasChromium, launchChromium } from '../support/chromium.js';
import { printed } from '../support/in-process.js';

const PAGE = new URL('../../dist/explore.html', import.meta.url).href;

/** Values that random situations are made of; cheap ones, since each is answered twice. */
const VALUES: Readonly<Record<string, readonly string[]>> = {
  'disk.size': ['64G', '256G', '768G'],
  'disk.granularity': ['64k', '128k', '1M'],
  'bitmaps.count': ['1', '2', '3'],
  'bitmaps.dirty': ['auto', '0%', '30%', '100%'],
  'bitmaps.history': ['new', 'stored'],
  'disk.discard': ['on', 'off'],
  storage: ['nvme-plp', 'ceph-nvme', 'hdd-7200', 'ideal-1ms', 'file-cache', 'raid-ssd'],
  'flush-latency': ['', '', '1ms', '200us'],
  workload: ['idle', 'cloud-average', 'log-append', 'oltp'],
  'workload.write-size': ['', '', '{4k: 60%, 64k: 40%}', '8k'],
  link: ['10gbit', '25gbit', '5Gbit/s'],
  stack: ['', '', 'libvirt-store', 'proxmox-pbs', 'kubevirt-cbt'],
  qemu: ['7.2', '10.0', 'fixed'],
  'migration.downtime-limit': ['', '50ms', '300ms'],
  budget: ['300ms', 'nova', '1s'],
  'pre-flush.chunk': ['', '4k'],
  'what-if.defer-punch': ['', 'on'],
  replications: ['2', '3'],
  seed: ['1', '7', '2018'],
};

function situationNo(index: number): Situation {
  const rng = namedStream(19, index, 'browser');
  const picked = Object.entries(VALUES).map(([path, values]): [string, string] => [
    path,
    values[Math.floor(values.length * rng.uniform())]!,
  ]);
  return Object.fromEntries(picked.filter(([, text]) => text !== ''));
}

/** The words of a command line as a shell makes them. */
const wordsOf = (command: string): string[] =>
  (command.match(/'[^']*'|\S+/g) ?? []).slice(1).map((text) => text.replace(/^'(.*)'$/, '$1'));

const asked = async (situation: Situation): Promise<Answer> =>
  JSON.parse(await printed(...wordsOf(toCommand(situation)), '--json')) as Answer;

/** Waits for the whole answer of the page to a situation. (Text to be run there, since these tests are compiled for Node.) */
async function answerTo(page: Page, situation: Situation): Promise<Answer> {
  await page.locator(`#answer[data-answered="${toHash(situation)}"]`).waitFor({ timeout: 120_000 });
  return (await page.evaluate('globalThis.stopgap.answer')) as Answer;
}

/** Follows a link to a situation. */
async function follow(page: Page, situation: Situation): Promise<Answer> {
  await page.evaluate(`location.hash = ${JSON.stringify(toHash(situation))}`);
  return answerTo(page, situation);
}

describe.skipIf(!hasChromium)('the page in Chromium', () => {
  let browser: Browser;
  let page: Page;
  const trouble: string[] = [];

  beforeAll(async () => {
    browser = await launchChromium();
    page = await browser.newPage();
    page.on('console', (message) => trouble.push(`console: ${message.text()}`));
    page.on('pageerror', (error) => trouble.push(`error: ${error.message}`));
    page.on('request', (request) => {
      if (!/^(?:blob:|data:)/.test(request.url()) && !request.url().startsWith(PAGE))
        trouble.push(request.url());
    });
    await page.goto(`${PAGE}#${toHash(situationNo(0))}`);
  });
  afterAll(() => browser?.close());

  it('answers 100 random situations figure for figure as `ask --json`', async () => {
    for (let i = 0; i < 100; i++) {
      const situation = situationNo(i);
      expect(await follow(page, situation), toCommand(situation)).toEqual(await asked(situation));
    }
  });

  it('shows what it answers: the table of the command line, and the form of the link', async () => {
    const situation = situationNo(3);
    await follow(page, situation);
    const text = await printed(...wordsOf(toCommand(situation)));
    const cells = await page.locator('#strategies td, #strategies th').allTextContents();
    expect(cells.length).toBeGreaterThan(20);
    for (const cell of cells) expect(text).toContain(cell);
    expect(await page.locator('#command').inputValue()).toBe(toCommand(situation));
    expect(await page.getByLabel('disk size', { exact: true }).inputValue()).toBe(situation['disk.size']);
  });

  it('takes a change of the form into the link, with the keyboard too', async () => {
    await page.getByLabel('disk size', { exact: true }).fill('128G');
    await page.getByLabel('disk size, slider').press('ArrowRight');
    const { question } = await answerTo(page, { ...situationNo(3), 'disk.size': '256G' });
    expect(fromHash(new URL(page.url()).hash)['disk.size']).toBe('256G');
    expect(question.disk_bytes).toBe(256 * 2 ** 30);
  });

  it('says what is wrong, at the field that it is about', async () => {
    const field = page.getByLabel('disk size', { exact: true });
    await field.fill('12 elephants');
    await page.locator('#error:not([hidden])').waitFor();
    expect(await page.locator('#error').textContent()).toMatch(/^disk\.size: '12 elephants' is not a size/);
    expect(await field.getAttribute('aria-invalid')).not.toBeNull();
    await field.fill('64G');
    await page.locator('#error').waitFor({ state: 'hidden' });
  });

  it.each([360, 1400])('at %d px nothing stands out of the page', async (width) => {
    await page.setViewportSize({ width, height: 900 });
    await page.locator('#answer[data-done]').waitFor();
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
    for (const place of ['#phases svg', '#sizes svg', '#timeline svg'])
      expect(await page.locator(place).getAttribute('aria-label')).toMatch(/\w/);
  });

  it('at 1400 px the table is whole', async () => {
    await page.setViewportSize({ width: 1400, height: 900 });
    await follow(page, {});
    const cut =
      "(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth)(document.querySelector('#strategies'))";
    expect(await page.evaluate(cut)).toBeLessThanOrEqual(0);
  });

  it('answers disks that differ as the command line does, and has no curve over their size', async () => {
    const disks = '64G:bitmaps=2,granularity=16k\n32G:storage=nvme-plp';
    const situation = { disks, storage: 'ceph-nvme', replications: '2' };
    expect(await follow(page, situation)).toEqual(await asked(situation));
    await page.locator('#answer[data-done]').waitFor();
    expect(await page.locator('#sizes-figure').isVisible()).toBe(false);
  });

  it('says how sure the answer is, as `--uncertainty` does', async () => {
    const situation = { 'disk.size': '64G', storage: 'hdd-7200', replications: '2' };
    await follow(page, situation);
    await page.locator('#answer[data-done]').waitFor();
    await page.getByRole('button', { name: 'How sure is that?' }).click();
    await page.locator('#doubt table').waitFor();
    const text = await printed(...wordsOf(toCommand(situation)), '--uncertainty');
    const told = await page.locator('#doubt p, #doubt td').allTextContents();
    expect(told.length).toBeGreaterThan(5);
    for (const each of told) expect(text).toContain(each);
  });

  it('answers what is not random within 50 ms', async () => {
    const calm = { storage: 'ideal-1ms', workload: 'idle', 'bitmaps.dirty': '100%', host: 'zero' };
    const sizes = ['1T', '2T', '4T', '8T', '3T', '5T', '6T'];
    const elapsedMs: number[] = [];
    for (const size of sizes) {
      await page.locator('#answer[data-done]').waitFor();
      const { strategies } = await follow(page, { ...calm, 'disk.size': size });
      expect(strategies.every(({ deterministic, exact }) => deterministic || exact)).toBe(true);
      elapsedMs.push(Number(await page.locator('#status').getAttribute('data-elapsed-ms')));
    }
    // The first ones are compiled while they run.
    expect(Math.min(...elapsedMs)).toBeLessThan(50);
  });

  // The pictures of docs/explore.md, where they are asked for.
  const pictures = process.env.STOPGAP_SCREENSHOTS;
  it('opens the results of a sweep: filters, axes, a table to sort, rows to save', async () => {
    const out = join(mkdtempSync(join(tmpdir(), 'stopgap-browser-')), 'page.html');
    await printed('explore', '--results', 'results/06-granularity', '--out', out);
    const own = await browser.newPage({ viewport: { width: 1400, height: 900 } });
    own.on('pageerror', (error) => trouble.push(`error: ${error.message}`));
    own.on('console', (message) => trouble.push(`console: ${message.text()}`));
    await own.goto(pathToFileURL(out).href);
    const [, all] = /^(\d+) of \1 rows/.exec((await own.locator('#count').textContent()) ?? '') ?? [];
    expect(Number(all)).toBeGreaterThan(10);
    await own.getByLabel('only strategy').selectOption('store-at-stop');
    const kept = Number(/^\d+/.exec((await own.locator('#count').textContent()) ?? '')?.[0]);
    expect(kept).toBeGreaterThan(2);
    expect(kept).toBeLessThan(Number(all));
    // No mean is missing here, so each row is a point.
    expect(await own.locator('#chart circle').count()).toBe(kept);
    expect(await own.locator('#chart circle title').first().textContent()).toMatch(
      /^store-at-stop, .*(?:ms|s), /,
    );
    await own.getByRole('button', { name: 'downtime mean' }).click();
    await own.getByRole('button', { name: 'downtime mean' }).click();
    expect(await own.locator('th[aria-sort="descending"]').count()).toBe(1);
    await own.getByLabel('up', { exact: true }).selectOption('downtime_p95_ms');
    const saved = own.waitForEvent('download');
    await own.getByRole('button', { name: 'Save these rows as CSV' }).click();
    const text = readFileSync(await (await saved).path(), 'utf8');
    expect(text.trim().split('\n').length).toBe(kept + 1);
    if (pictures) await own.screenshot({ path: `${pictures}/explore-results.png` });
    await own.close();
    rmSync(dirname(out), { recursive: true });
  });

  it('draws the budget and the guests that never stop', async () => {
    const out = join(mkdtempSync(join(tmpdir(), 'stopgap-browser-')), 'page.html');
    await printed('explore', '--results', 'results/05-pending', '--out', out);
    const own = await browser.newPage({ viewport: { width: 1400, height: 900 } });
    await own.goto(pathToFileURL(out).href);
    expect(await own.locator('#chart line.budget').count()).toBe(1);
    expect(await own.locator('#chart svg').textContent()).toContain('✕');
    await own.getByLabel('up', { exact: true }).selectOption('guest_slowdown_mean');
    expect(await own.locator('#chart line.budget').count()).toBe(0);
    await own.close();
    rmSync(dirname(out), { recursive: true });
  });

  it.runIf(pictures).each([
    ['explore-1400', 1400, 'light'],
    ['explore-360', 360, 'light'],
    ['explore-dark', 1400, 'dark'],
  ] as const)('takes the picture %s', async (name, width, colorScheme) => {
    const own = await browser.newPage({ viewport: { width, height: 900 }, colorScheme });
    await own.goto(PAGE);
    await own.locator('#answer[data-done]').waitFor();
    await own.screenshot({ path: `${pictures}/${name}.png`, fullPage: true });
    await own.close();
  });

  it('asked nobody and complained of nothing', () => {
    expect(trouble).toEqual([]);
  });
});
