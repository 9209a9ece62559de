/** The journeys, each on an embedded cloud of its own, that cloud's own tests, what is in the bundles that are deployed, an operator's commands on a full table, and the simulations that are not in `npm test`. */
import { defineConfig } from 'vitest/config';
import base from '../../vitest.config.ts';
import { first } from '../first.ts';
import { startsAt } from '../starts-at.ts';

/** What takes longest. */
const LONGEST = ['programme', 'drills', 'cohort', 'provider', 'killed', 'start', 'scanner', 'watched'];

const aheadMs = (startsAt()?.getTime() ?? Date.now()) - Date.now();

export default defineConfig({
  ...base,
  test: {
    ...base.test,
    // Once for all embedded clouds of a run.
    globalSetup: ['test/journeys/assembly.ts'],
    sequence: { sequencer: first(LONGEST) },
    env: { ...base.test?.env, CLOCK_AHEAD_MS: String(aheadMs) },
    include: ['test/{journeys,local,bundles,operator,simulation}/**/*.test.ts'],
    // They are in `npm test`.
    exclude: ['test/journeys/happy-path.test.ts', 'test/simulation/services.test.ts'],
  },
});
