/** The journeys as the deployed tier runs them: on the cloud at BASE_URL, one after the other, since they share its clock. */
import { defineConfig } from 'vitest/config';
import base from '../../vitest.config.ts';
import { first } from '../first.ts';

/**
 * Those that move the clock by months come first, the longest before the others: later every referral that a journey has left open is
 * reminded of again and again on the way, which takes minutes.
 */
const FIRST = [
  'cohort',
  'scanner',
  'programme',
  'happy-path',
  'api',
  'provider',
  'canary',
  'bad-input',
  'link-worker',
];

export default defineConfig({
  ...base,
  test: {
    ...base.test,
    include: ['test/journeys/**/*.test.ts'],
    fileParallelism: false,
    sequence: { sequencer: first(FIRST) },
    // Vite has a BASE_URL of its own and puts it into every test's environment, unless it is told again here.
    env: { ...base.test?.env, BASE_URL: process.env.BASE_URL ?? '' },
    testTimeout: 600_000,
    hookTimeout: 600_000,
  },
});
