/** What a form of the person's page says to the team, kept and told: once, however often it is sent. */
import { isRefusal, type Outcome } from '../../workflows/change.ts';
import { clean } from '../../workflows/checks.ts';
import { type About, type Told, tellUs } from '../../workflows/feedback.ts';
import { LIMITS } from '../../workflows/fields.ts';
import type { FieldErrors, Fields } from '../../workflows/form.ts';
import { RATINGS, type Referral } from '../../workflows/referral.ts';
import { saysTooMuch, sentTooMuch } from '../shared/admission.ts';
import { deliver } from '../shared/deliver.ts';
import { environment } from '../shared/environment.ts';
import { keepFeedback } from '../shared/feedback.ts';
import { Message, note } from '../shared/log.ts';
import { noteKeyOf } from '../shared/notes.ts';
import { referrals } from '../shared/record.ts';
import type { Opened, PageResult, Visit } from '../shared/web.ts';

/** The longest text of which nothing is cut off. */
const MOST_CHARACTERS = LIMITS.text;

export type Said = Omit<Told, 'key'> & { text?: string };

/** The boxes that every such form has. */
export function readSaid(fields: Fields, about: About): Said | { errors: FieldErrors } {
  const text = clean(fields.text);
  if (text.length > MOST_CHARACTERS) {
    return { errors: { text: `Use ${MOST_CHARACTERS} characters or fewer` } };
  }
  const rating = RATINGS.find((known) => known === fields.rating);
  const concern = fields.unsafe === 'yes' ? 'unsafe' : fields.contactMe === 'yes' ? 'contact' : undefined;
  return {
    about,
    ...(rating === undefined ? {} : { rating }),
    ...(concern === undefined ? {} : { concern }),
    ...(text === '' ? {} : { text }),
  };
}

/** Done, or why not: too often, or under a key that something else has, or with a form that is too old; then it is to be shown anew. */
export type Telling = { state: 'told' } | { state: 'refused'; page: PageResult } | { state: 'again' };

/** Keeps what was said, and tells the team. `rule`: what else it changes. */
export async function tell(
  visit: Visit,
  { referral: { id } }: Opened,
  { text, ...said }: Said,
  rule: (referral: Referral) => Outcome = (referral) => referral,
): Promise<Telling> {
  const { now, fields } = visit;
  const key = noteKeyOf(fields.key, now);
  if (key === undefined) return { state: 'again' };
  const page = (await sentTooMuch(visit)) ?? (await saysTooMuch(id, now));
  if (page) return { state: 'refused', page };
  const { TABLE_NAME, OUTBOX_FUNCTION } = environment('page');
  const item = { key, at: now, ...said, ...(text === undefined ? {} : { text }) };
  if ((await keepFeedback(TABLE_NAME, id, item)) === 'other') return { state: 'again' };
  const changed = await referrals(TABLE_NAME).change(id, now, (referral) => {
    const changed = rule(referral);
    // What they said counts, whatever has become of the rest meanwhile.
    return tellUs(isRefusal(changed) ? referral : changed, { key, ...said }, now);
  });
  if (changed.state === 'missing') return { state: 'again' };
  note(Message.referralChanged, { referralId: id, stage: changed.referral.stage });
  await deliver(OUTBOX_FUNCTION, changed.referral, now);
  return { state: 'told' };
}

/** Why a form is shown again that was not wrong. */
export const AGAIN =
  'This page had been open for too long, or was sent before with something else. Check what you entered, and send it again';
