/** The directory of programmes that this service was deployed with (programmes.json), checked when it is first read. */
import * as z from 'zod/mini';
import { type Programme, programmeSchema } from '../../../workflows/directory.ts';
import programmes from './programmes.json' with { type: 'json' };

const directory: readonly Programme[] = z.array(programmeSchema).parse(programmes);

/** Every programme. */
export function allProgrammes(): readonly Programme[] {
  return directory;
}

/** The programme with this id; undefined when the directory has none. */
export function findProgramme(id: string | undefined): Programme | undefined {
  return directory.find((programme) => programme.id === id);
}
