/**
 * Pictures of every sample page and email, whole, as wide as a phone and as a desktop: to be looked at.
 *
 *   npm run screenshots                            all of them, into screenshots/
 *   npm run screenshots -- --out DIR offer sent    those with "offer" or "sent" in their name, into DIR
 */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';
import { njkForEsbuild } from '../../infra/njk-plugin.ts';
import { launch, missingChromium } from './chromium.ts';

const root = join(import.meta.dirname, '../..');

const missing = missingChromium();
if (missing === undefined) await takeAll();
else {
  console.error(missing);
  process.exitCode = 1;
}

async function takeAll(): Promise<void> {
  const { values, positionals } = parseArgs({
    options: { out: { type: 'string', default: join(root, 'screenshots') } },
    allowPositionals: true,
  });
  const out = resolve(values.out);
  await mkdir(out, { recursive: true });
  const { samples, serveSamples } = await loadSamples();
  const names = Object.keys(samples()).filter(
    (name) => positionals.length === 0 || positionals.some((part) => name.includes(part)),
  );
  const server = await serveSamples();
  const browser = await launch();
  for (const width of [375, 1280]) {
    const page = await browser.newPage({ viewport: { width, height: 800 }, locale: 'en-GB' });
    for (const name of names) {
      await page.goto(`${server.baseUrl}/sample/${name}`);
      await page.screenshot({ path: join(out, `${name}-${width}.png`), fullPage: true });
    }
  }
  await browser.close();
  await server.stop();
  console.log(`${names.length * 2} pictures in ${out}`);
}

/** The samples, bundled as the functions are, since their templates must be compiled. */
async function loadSamples(): Promise<typeof import('./samples.ts')> {
  const folder = await mkdtemp(join(tmpdir(), 'osp-samples-'));
  const outfile = join(folder, 'samples.mjs');
  try {
    await build({
      entryPoints: [join(import.meta.dirname, 'samples.ts')],
      outfile,
      bundle: true,
      platform: 'node',
      format: 'esm',
      mainFields: ['module', 'main'],
      banner: { js: "import{createRequire}from'node:module';const require=createRequire(import.meta.url);" },
      plugins: [njkForEsbuild()],
      logLevel: 'warning',
    });
    return await import(pathToFileURL(outfile).href);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
