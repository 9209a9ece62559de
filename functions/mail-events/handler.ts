/** SES says that an email came back, was complained about, refused or put off. Whatever fails is thrown: the event comes again. */
import { hear, isHeard } from '../../workflows/addresses.ts';
import { addressIdOf, changeAddress } from '../shared/addresses.ts';
import { loggedOf } from '../shared/email/tags.ts';
import { environment } from '../shared/environment.ts';
import { freshen } from '../shared/fresh.ts';
import { Message, note } from '../shared/log.ts';
import { measure } from '../shared/metrics.ts';
import { task } from '../shared/task.ts';
import { mailEventSchema, type Undelivery, undeliveriesIn } from './event.ts';
import { tellAbout, tellOffersOf } from './tell.ts';

export const handler = task(mailEventSchema, async ({ detail, time }) => {
  const { TABLE_NAME } = environment('writer');
  await freshen(time);
  for (const undelivery of undeliveriesIn(detail)) {
    await learnOf(TABLE_NAME, undelivery, detail.mail, time);
  }
  return {};
});

/** What is known of the address first: if this stops in between, the event comes again and finds the rest still to be done. */
async function learnOf(
  table: string,
  { address, event }: Undelivery,
  mail: { messageId: string; tags?: Record<string, string[]> | undefined },
  now: string,
): Promise<void> {
  const id = addressIdOf(address);
  let repeat = false;
  const known = await changeAddress(table, id, now, (before) => {
    repeat = isHeard(before, event);
    return hear(before, event);
  });
  note(Message.emailEvent, { ...loggedOf(mail.tags), reason: event.kind });
  if (!repeat) measure({ metric: 'EmailEvents', value: 1, by: { event: event.kind } }, now);
  const { dead, liftedAt } = known;
  if (!dead || (liftedAt !== undefined && event.sentAt < liftedAt)) return;
  await tellAbout(table, id, dead.why, mail, now);
  await tellOffersOf(table, id, dead.why, mail.messageId, now);
}
