/** Before each test file: our modules are as nobody has loaded them yet. After it: nothing that it replaced stays so. */
import { afterAll, vi } from 'vitest';

vi.resetModules();
afterAll(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
  vi.unstubAllEnvs();
});
