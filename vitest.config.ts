import { defineConfig } from 'vitest/config';
import { njkForVite } from './infra/njk-plugin.ts';

export default defineConfig({
  plugins: [njkForVite()],
  test: {
    include: ['test/{unit,infra,journeys,simulation}/**/*.test.ts'],
    // Once for all embedded clouds of a run.
    globalSetup: ['test/journeys/assembly.ts'],
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
