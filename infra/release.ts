/** Which state of the repository is deployed: an output of the stack says so, for whoever has to go back to the one before. */
import { execFileSync } from 'node:child_process';

/** The context key by which `npm run deploy` tells the stack. */
export const RELEASE = 'release';

/**
 * What git calls the state of a working folder, such as "v1.2.0" or "1a2b3c4", with "-dirty" where a file of it is changed: one that git
 * cannot bring back. Undefined where there is no git, or no repository.
 */
export function releaseOf(folder: string): string | undefined {
  try {
    const words = ['describe', '--tags', '--always', '--dirty'];
    return execFileSync('git', words, {
      cwd: folder,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  } catch {
    return undefined;
  }
}
