/**
 * The browser tier: every page and whole journeys in Chromium, with accessibility and markup checked on each page.
 *
 *   npm run test:browser                everything
 *   npm run test:browser -- journey     only the tests whose file has that in its name; `-t offer`: only those named so
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { missingChromium } from './chromium.ts';

const missing = missingChromium();
if (missing === undefined) {
  const config = join(import.meta.dirname, 'vitest.config.ts');
  const { status } = spawnSync('vitest', ['run', '--config', config, ...process.argv.slice(2)], {
    cwd: join(import.meta.dirname, '../..'),
    stdio: 'inherit',
  });
  process.exitCode = status ?? 1;
} else {
  console.error(missing);
  process.exitCode = 1;
}
