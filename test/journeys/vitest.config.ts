/** The journeys, each on an embedded cloud of its own, that cloud's own tests, and what is in the bundles that are deployed. */
import { defineConfig } from 'vitest/config';
import base from '../../vitest.config.ts';

export default defineConfig({
  ...base,
  test: {
    ...base.test,
    include: ['test/{journeys,local,bundles}/**/*.test.ts'],
    // It is in `npm test`.
    exclude: ['test/journeys/happy-path.test.ts'],
  },
});
