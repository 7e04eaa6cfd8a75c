/** The page of `stopgap explore` as the build made it, and a server that gives it to this machine alone. */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { InputError } from '../base/errors.js';
import { PACKAGE_ROOT } from '../input/values/package-root.js';
import type { Results } from '../page/protocol.js';

const PAGE = new URL('dist/explore.html', PACKAGE_ROOT);
const LOOPBACK = '127.0.0.1';
const HEADERS = { 'Content-Type': 'text/html; charset=utf-8', 'X-Content-Type-Options': 'nosniff' } as const;

/** Where it lies, as an address that a browser opens. */
export const pageUrl = (): string => PAGE.href;

const NO_RESULTS = '<script type="application/json" id="results">null</script>';

/** Its text; with results, those are what it shows. */
export function pageText(results?: Results): string {
  const text = readFileSync(PAGE, 'utf8');
  if (results === undefined) return text;
  // `</script` would end the element; a function, since `$` means something in a replacement.
  const json = JSON.stringify(results).replaceAll('<', '\\u003c');
  return text.replace(NO_RESULTS, () => NO_RESULTS.replace('null', () => json));
}

/** What a directory of results puts into the page: the rows of its summary.csv. */
export async function resultsIn(directory: string): Promise<Results> {
  const [{ figureData }, { readManifest }] = await Promise.all([
    import('../output/figures/draw-all.js'),
    import('../sweep/results/manifest.js'),
  ]);
  const { file, name } = readManifest(directory).experiment;
  const { summary } = figureData(directory);
  return { title: file.title ?? name, question: file.question.trim(), rows: summary };
}

/** A page that another name leads here is none that this machine asked for: names may be made to point at a loopback address. */
const isOurs = (host: string | undefined, port: number): boolean =>
  host === `${LOOPBACK}:${port}` || host === `localhost:${port}`;

/** Serves it until the process is ended. `started` is told the address. */
export async function servePage(
  text: string,
  port: number,
  started: (address: string) => void,
): Promise<void> {
  const server = createServer(({ method, url, headers }, response) => {
    const { port: own } = server.address() as AddressInfo;
    const isPage = url === '/' && (method === 'GET' || method === 'HEAD') && isOurs(headers.host, own);
    response.writeHead(isPage ? 200 : 404, isPage ? HEADERS : {});
    response.end(isPage && method === 'GET' ? text : undefined);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', ({ code }: NodeJS.ErrnoException) =>
      reject(new InputError(`--port: ${port} cannot be served on (${code})`)),
    );
    server.listen(port, LOOPBACK, resolve);
  });
  started(`http://${LOOPBACK}:${(server.address() as AddressInfo).port}/`);
}
