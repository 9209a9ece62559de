/**
 * The directory of programmes: what this service was deployed with (programmes.json), and over it what people have entered since. It is read
 * from a warm copy, which is freshened at the door of every function that has this module.
 */
import * as z from 'zod/mini';
import { isOffered, type Programme, programmeSchema } from '../../../workflows/directory.ts';
import { environment } from '../environment.ts';
import { keptFresh } from '../fresh.ts';
import { Message, warn } from '../log.ts';
import { directoryItems } from './items.ts';
import programmes from './programmes.json' with { type: 'json' };

const deployed: readonly Programme[] = z.array(programmeSchema).parse(programmes);

/** A warm copy is no older than this, in milliseconds. */
const FRESH_MS = 60_000;

let directory = deployed;
let readAt: string | undefined;

/** Every programme that may be asked for. */
export function allProgrammes(): readonly Programme[] {
  return directory.filter(isOffered);
}

/** Every programme, also those that are offered no more, which referrals may name. */
export function everyProgramme(): readonly Programme[] {
  return directory;
}

/** The programme with this id, also one that is offered no more; undefined when the directory has none. */
export function findProgramme(id: string | undefined): Programme | undefined {
  return directory.find((programme) => programme.id === id);
}

/** The programme with this id as this service was deployed with it; undefined when it was deployed without. */
export function deployedProgramme(id: string): Programme | undefined {
  return deployed.find((programme) => programme.id === id);
}

/** What was deployed with entries laid over it, in the order of the alphabet after those that were deployed. */
export function withEntries(entries: readonly { programme: Programme }[]): readonly Programme[] {
  const entered = new Map(entries.map(({ programme }) => [programme.id, programme]));
  const others = [...entered.values()].filter(({ id }) => deployedProgramme(id) === undefined);
  return [
    ...deployed.map((programme) => entered.get(programme.id) ?? programme),
    ...others.sort((a, b) => a.name.localeCompare(b.name)),
  ];
}

/** Reads the table again where that is over a minute ago. When it cannot be read, the copy that is there goes on. Never throws. */
async function freshenDirectory(now: string): Promise<void> {
  // Tests, and a laptop's clock, may go anywhere.
  if (readAt !== undefined && Math.abs(Date.parse(now) - Date.parse(readAt)) < FRESH_MS) return;
  try {
    const items = await directoryItems(environment('record').TABLE_NAME, 'PROGRAMME#');
    directory = withEntries(items.flatMap(readItem));
    readAt = now;
  } catch (error) {
    warn(Message.directoryNotRead, error);
  }
}

/** The programme of an item. One that cannot be read is left out, and the log says so. */
function readItem({ programme }: Record<string, unknown>): { programme: Programme }[] {
  const read = programmeSchema.safeParse(programme);
  if (read.success) return [{ programme: read.data }];
  warn(Message.directoryNotRead, read.error);
  return [];
}

keptFresh(freshenDirectory);
