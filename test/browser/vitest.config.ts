/** The browser tier's tests. Started by run.ts, which looks for Chromium first. */
import { defineConfig } from 'vitest/config';
import base from '../../vitest.config.ts';
import { first } from '../first.ts';

/** What takes longest. */
const LONGEST = ['pages-phone', 'pages-desktop', 'refer'];

export default defineConfig({
  ...base,
  test: {
    ...base.test,
    include: ['test/browser/**/*.test.ts'],
    // Each file has a Chromium of its own, with processes of its own.
    maxWorkers: 2,
    sequence: { sequencer: first(LONGEST) },
  },
});
