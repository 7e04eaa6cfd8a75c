/** The browser that pages are tried in: Debian's Chromium, where it is installed. */
import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

const PATH = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync);
if (PATH === undefined && process.env.STOPGAP_REQUIRE_CHROMIUM)
  throw new Error('the browser suite must run here, but chromium is not installed');

export const hasChromium = PATH !== undefined;

/** A browser; the caller closes it. */
export function launchChromium(): Promise<Browser> {
  return chromium.launch({ executablePath: PATH!, args: ['--no-sandbox'] });
}
