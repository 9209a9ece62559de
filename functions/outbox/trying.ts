/** Does one entry of an outbox. Each owner of an outbox claims its own entries and takes away what is done. */
import { Message, note, warn } from '../shared/log.ts';
import type { FieldsOf } from '../shared/log-fields.ts';
import { measure } from '../shared/metrics.ts';
import { noteHeld, SendingHeldError } from './post.ts';

/** What became of an entry. `held`: SES takes no email at present; the entry is not at fault. */
export type Tried<R> = { state: 'done'; result: R } | { state: 'held' | 'failed' };

/** An entry that somebody is at: it is known how often, and since when it was to be done. */
export function claimOf<E extends { attempts: number; notBefore: string; since?: string | undefined }>(
  entry: E,
): E {
  return { ...entry, attempts: entry.attempts + 1, since: entry.since ?? entry.notBefore };
}

/** Tries it, and logs what became of it. Never rejects: one entry's failure leaves the others to be done. */
export async function tryEntry<R>(
  table: string,
  act: () => Promise<R>,
  about: FieldsOf['OUTBOX_ENTRY_DONE'],
  now: string,
): Promise<Tried<R>> {
  try {
    const result = await act();
    note(Message.outboxEntryDone, about);
    return { state: 'done', result };
  } catch (error) {
    warn(Message.outboxEntryFailed, error, about);
    measure({ metric: 'OutboxTriesFailed', value: 1, by: {} }, now);
    if (!(error instanceof SendingHeldError)) return { state: 'failed' };
    await noteHeld(table, now);
    return { state: 'held' };
  }
}
