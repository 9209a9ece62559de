/** The folder in which everything is kept between starts. */
import { accessSync, constants, mkdirSync } from 'node:fs';
import { CloudError } from './errors.ts';

/** Makes the folder if it is missing. Throws a {@link CloudError} when it cannot be written to. */
export function openDataFolder(dataDir: string): void {
  try {
    mkdirSync(dataDir, { recursive: true });
    accessSync(dataDir, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why =
      {
        EEXIST: 'it is not a folder',
        ENOTDIR: 'it is inside something that is not a folder',
        EACCES: 'it may not be written to',
        EROFS: 'it is on a disk that may not be written to',
      }[code ?? ''] ?? code;
    throw new CloudError(
      `The data folder ${dataDir} cannot be used: ${why}. Set DATA_DIR to use another one`,
    );
  }
}
