import { defineConfig } from 'vitest/config';
import { njkForVite } from './infra/njk-plugin.ts';

export default defineConfig({
  plugins: [njkForVite()],
  test: {
    include: ['test/{unit,infra,journeys}/**/*.test.ts'],
    env: { POWERTOOLS_LOG_LEVEL: 'SILENT' },
    // A test that checks nothing is a mistake.
    expect: { requireAssertions: true },
    // Compiled templates are not JavaScript files: they must pass through the plugin, wherever they lie.
    server: { deps: { inline: [/\.njk$/] } },
  },
});
