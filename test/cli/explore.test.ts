/** `stopgap explore`: where the page is, a copy of it, and a server that this machine alone can ask. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { fromHash } from '../../src/page/situation.js';
import { inProcess, printed } from '../support/in-process.js';

const dir = mkdtempSync(join(tmpdir(), 'stopgap-explore-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const MIB = 2 ** 20;

/** The status of an answer; undefined where nobody answers. */
function statusOf(host: string, port: string, name: string, path = '/'): Promise<number | undefined> {
  return new Promise((resolve) => {
    const asked = request({ host, port, path, headers: { host: name } }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    asked.once('error', () => resolve(undefined));
    asked.end();
  });
}

describe('stopgap explore', () => {
  it('says where the page is, with a link that begins at the situation', async () => {
    const url = new URL((await printed('explore', '--disk', '4T', '--storage', 'ceph-nvme')).trim());
    expect(url.hash).toBe('#disk.size=4T&storage=ceph-nvme');
    const disks = await printed('explore', '--disk', '4T:bitmaps=3', '--disk', '500G');
    expect(fromHash(new URL(disks.trim()).hash)).toEqual({ disks: '4T:bitmaps=3\n500G' });
    const file = fileURLToPath(url.href.replace(url.hash, ''));
    expect(statSync(file).size).toBeLessThan(1.5 * MIB);
    const text = readFileSync(file, 'utf8');
    // One file: nothing in it is fetched from elsewhere.
    expect(text).not.toMatch(/<(?:script|img|iframe)[^>]*\ssrc=|<link[^>]*href="(?!data:)|@import|url\(/);
  });

  it('writes a copy, again and again, and over nothing else', async () => {
    const out = join(dir, 'page.html');
    for (let i = 0; i < 2; i++) expect(await printed('explore', '--out', out)).toBe(`file://${out}\n`);
    expect(readFileSync(out, 'utf8')).toContain('<title>stopgap: ');
    const other = join(dir, 'mine.html');
    writeFileSync(other, '<!doctype html>\n<title>mine</title>');
    const { code, err } = await inProcess('explore', '--out', other);
    expect([code, err]).toEqual([2, expect.stringMatching(/not an earlier output of this command/)]);
    expect(readFileSync(other, 'utf8')).toContain('mine');
  });

  it('puts the rows of a sweep into a copy, none of which can end the element they stand in', async () => {
    const out = join(dir, 'results.html');
    await printed('explore', '--results', 'results/06-granularity', '--out', out);
    const [, json = ''] = /id="results">(.*)<\/script>/.exec(readFileSync(out, 'utf8')) ?? [];
    const { title, rows } = JSON.parse(json) as { readonly title: string; readonly rows: readonly object[] };
    expect(title).toMatch(/granularity/);
    const lines = readFileSync('results/06-granularity/summary.csv', 'utf8').trim().split('\n');
    expect(rows.length).toBe(lines.length - 1);
    expect(json).not.toContain('<');
  });

  it('serves it to this machine alone, under no other name', async () => {
    const server = spawn(process.execPath, ['dist/cli/main.js', 'explore', '--serve', '--disk', '1T']);
    const [said] = (await once(server.stdout, 'data')) as [Buffer];
    const { hostname, port, hash } = new URL(String(said).trim());
    expect([hostname, hash]).toEqual(['127.0.0.1', '#disk.size=1T']);
    expect(await statusOf('127.0.0.1', port, `127.0.0.1:${port}`)).toBe(200);
    expect(await statusOf('127.0.0.1', port, `localhost:${port}`)).toBe(200);
    expect(await statusOf('127.0.0.1', port, 'evil.example')).toBe(404);
    expect(await statusOf('127.0.0.1', port, `127.0.0.1:${port}`, '/../package.json')).toBe(404);
    const outside = Object.values(networkInterfaces())
      .flatMap((all) => all ?? [])
      .find(({ family, internal }) => family === 'IPv4' && !internal);
    if (outside) expect(await statusOf(outside.address, port, outside.address)).toBe(undefined);
    server.kill('SIGINT');
    expect(await once(server, 'exit')).toEqual([null, 'SIGINT']);
  });

  it.each([
    [['--out', 'x.html', '--serve'], /--serve: beside --out/],
    [['--port', '80'], /--port: only with --serve/],
    [['--serve', '--port', '70000'], /port/],
    [['--results', 'results/06-granularity'], /--results: give --out FILE/],
    [['--results', 'nowhere', '--serve'], /nowhere/],
    [['--results', 'results/06-granularity', '--disk', '4T', '--serve'], /beside a situation/],
  ])('%j is bad input', async (flags, message) => {
    const { code, err } = await inProcess('explore', ...flags);
    expect([code, err.trim().split('\n').length]).toEqual([2, 1]);
    expect(err).toMatch(message);
  });
});
