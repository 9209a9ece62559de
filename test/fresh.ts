/** Before each test file: our modules are as nobody has loaded them yet. After it: nothing that it replaced stays so. */
import fc from 'fast-check';
import { afterAll, vi } from 'vitest';

// Properties are tried with the same values every time, so that no change fails for what it did not touch; with others every night.
if (process.env.CI_NIGHTLY !== '1') fc.configureGlobal({ seed: 1 });

vi.resetModules();
afterAll(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
  vi.unstubAllEnvs();
});
