/** The journeys, each on an embedded cloud of its own, and that cloud's own tests. */
import { defineConfig } from 'vitest/config';
import base from '../../vitest.config.ts';

export default defineConfig({
  ...base,
  test: {
    ...base.test,
    include: ['test/{journeys,local}/**/*.test.ts'],
    // It is in `npm test`.
    exclude: ['test/journeys/happy-path.test.ts'],
  },
});
