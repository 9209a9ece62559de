/** The browser: Chromium as the system has it. Nothing is downloaded. */
import { accessSync, constants, statSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

const path = process.env.CHROMIUM_PATH || '/usr/bin/chromium';

/** Says in one sentence how to get Chromium when there is none; undefined when there is. */
export function missingChromium(): string | undefined {
  try {
    accessSync(path, constants.X_OK);
    if (statSync(path).isFile()) return undefined;
  } catch {
    // Not there, or not to be run.
  }
  return `There is no Chromium at ${path}: install it (Debian, Ubuntu: apt-get install chromium) or say in CHROMIUM_PATH where it is.`;
}

/** Starts a browser that calls nobody by itself. */
export function launch(): Promise<Browser> {
  return chromium.launch({
    executablePath: path,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}
