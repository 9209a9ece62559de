/** The simulation by itself. */
import { defineConfig } from 'vitest/config';
import base from '../../vitest.config.ts';

export default defineConfig({
  ...base,
  test: {
    ...base.test,
    include: ['test/simulation/**/*.test.ts'],
    // No cloud is needed.
    globalSetup: [],
  },
});
