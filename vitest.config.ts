/** `npm test`: the rules, the handlers, the pages, the template, a hundred simulated services, and one journey over HTTP. */
import { defineConfig } from 'vitest/config';
import { njkForVite } from './infra/njk-plugin.ts';
import { first } from './test/first.ts';

/** What takes longest. */
const LONGEST = ['services', 'happy-path', 'edge', 'pages', 'template', 'sign-in'];

export default defineConfig({
  plugins: [njkForVite()],
  test: {
    include: [
      'test/{unit,infra}/**/*.test.ts',
      'test/simulation/services.test.ts',
      'test/journeys/happy-path.test.ts',
    ],
    // What is slow to load (the AWS SDK, the CDK) is loaded once in each process. Our own modules are loaded anew for each file.
    isolate: false,
    setupFiles: ['test/fresh.ts'],
    maxWorkers: 2,
    sequence: { sequencer: first(LONGEST) },
    // A journey lives through months, and the machine may be busy.
    testTimeout: 120_000,
    hookTimeout: 60_000,
    env: { POWERTOOLS_LOG_LEVEL: 'SILENT' },
    // A test that checks nothing is a mistake.
    expect: { requireAssertions: true },
    // Compiled templates are not JavaScript files: they must pass through the plugin, wherever they lie.
    server: { deps: { inline: [/\.njk$/] } },
  },
});
