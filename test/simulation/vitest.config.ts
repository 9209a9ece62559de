/** The simulation by itself. */
import { defineConfig } from 'vitest/config';
import base from '../../vitest.config.ts';
import { mutationForVite } from './mutations.ts';

export default defineConfig({
  ...base,
  plugins: [...(base.plugins ?? []), ...mutationForVite(process.env.SIMULATE_MUTATION)],
  test: {
    ...base.test,
    include: ['test/simulation/**/*.test.ts'],
  },
});
