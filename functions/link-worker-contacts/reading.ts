/** What the forms of the contacts' page say, or what is missing. */
import * as z from 'zod/mini';
import { clean, dateIn, timeIn } from '../../workflows/checks.ts';
import { type Attempt, outcomesOf } from '../../workflows/contacts.ts';
import { LIMITS } from '../../workflows/fields.ts';
import type { FieldErrors, Fields } from '../../workflows/form.ts';
import { CONTACT_CHANNELS, CONTACT_OUTCOMES } from '../../workflows/referral.ts';
import { inWords, londonDate, londonInstant } from '../../workflows/time.ts';
import { outcomeWords } from '../shared/pages/contacts.ts';

/** An attempt and the note about it, as the form says them. `arrived`: when the referral did. */
export function readAttempt(
  fields: Fields,
  arrived: string,
  now: string,
): { attempt: Attempt; text: string } | { errors: FieldErrors } {
  const channel = CONTACT_CHANNELS.find((known) => known === fields.channel);
  const outcome = CONTACT_OUTCOMES.find((known) => known === fields.outcome);
  const when = readWhen(fields, arrived, now);
  const next = readNext(fields, now);
  const note = readText(fields.contactNote, 'contactNote');
  const errors: FieldErrors = {};
  if (!channel) errors.channel = 'Select how you tried to make contact';
  if (!outcome) errors.outcome = 'Select what came of it';
  else if (channel && !outcomesOf(channel).includes(outcome)) errors.outcome = misfit(outcome);
  for (const read of [when, next, note]) if ('errors' in read) Object.assign(errors, read.errors);
  if (!channel || !outcome || 'errors' in when || 'errors' in next || 'errors' in note) return { errors };
  if (Object.keys(errors).length > 0) return { errors };
  return { attempt: { channel, outcome, ...when, ...next }, text: note.text };
}

function misfit(outcome: (typeof CONTACT_OUTCOMES)[number]): string {
  return outcome === 'sent'
    ? `“${outcomeWords.sent}” goes with a text message, an email or a letter only`
    : `“${outcomeWords[outcome]}” does not go with what is sent in writing`;
}

/** How long ago an attempt may be that is still recorded. */
const EARLIEST_DAYS = 92;

function readWhen(fields: Fields, arrived: string, now: string): { at?: string } | { errors: FieldErrors } {
  if (fields.when !== 'earlier')
    return fields.when === 'now' ? {} : { errors: { when: 'Select when it was' } };
  const errors: FieldErrors = {};
  const date = dateIn(fields, 'contactDate');
  const time = timeIn(clean(fields.contactTime));
  if (date === undefined) errors.contactDate = 'Enter a real date, like 15 1 2027';
  if (!time) errors.contactTime = 'Enter a time on the 24-hour clock, like 16:00';
  if (date === undefined || !time) return { errors };
  const at = londonInstant(date, time);
  const days = (Date.parse(now) - Date.parse(at)) / 86_400_000;
  if (date > londonDate(now)) return { errors: { contactDate: 'The date must be today or earlier' } };
  if (days < 0) return { errors: { contactTime: 'The time must be in the past' } };
  // To the minute, as people enter it: what was in the minute of the arrival was after it.
  if (at.slice(0, 16) < arrived.slice(0, 16)) {
    const field = date < londonDate(arrived) ? 'contactDate' : 'contactTime';
    return {
      errors: { [field]: `The referral arrived on ${inWords(arrived)}: enter an attempt since then` },
    };
  }
  if (days > EARLIEST_DAYS) return { errors: { contactDate: 'The date must be in the last 3 months' } };
  return { at: at < arrived ? arrived : at };
}

/** Why no next try is planned (mayPlanTry), and what to do instead. */
export const NOT_REMINDED =
  'Nothing would remind you of that day, since the referral waits for others now. Leave it empty, and add an action with that day to the plan: the team is written to that morning';

/** The furthest that a next try can be away. */
const FURTHEST_DAYS = 366;

function readNext(fields: Fields, now: string): { next?: string } | { errors: FieldErrors } {
  if (PARTS.every((part) => clean(fields[`nextDate-${part}`]) === '')) return {};
  const next = dateIn(fields, 'nextDate');
  if (next === undefined)
    return { errors: { nextDate: 'Enter a real date for the next try, like 15 1 2027' } };
  if (next < londonDate(now)) return { errors: { nextDate: 'The next try must be today or later' } };
  const days = (Date.parse(`${next}T12:00:00Z`) - Date.parse(now)) / 86_400_000;
  return days > FURTHEST_DAYS ? { errors: { nextDate: 'The next try must be within a year' } } : { next };
}

const PARTS = ['day', 'month', 'year'] as const;

/** A text that somebody entered; empty where `missing` does not say what to do about that. */
export function readText(
  value: string | undefined,
  name: string,
  missing?: string,
): { text: string } | { errors: FieldErrors } {
  const text = clean(value);
  if (text === '' && missing !== undefined) return { errors: { [name]: missing } };
  return text.length > LIMITS.text
    ? { errors: { [name]: `Use ${LIMITS.text} characters or fewer` } }
    : { text };
}

/** What somebody did about a recipient whom email does not reach: a note, an address that works, or that theirs does by now. */
export function readReached(
  fields: Fields,
): { text: string; address: string | undefined; again: boolean } | { errors: FieldErrors } {
  const entered = clean(fields.newEmail);
  const wrong: FieldErrors = z.email().safeParse(entered).success
    ? {}
    : { newEmail: 'Enter an email address in the correct format, like name@example.com' };
  if (entered !== '' && wrong.newEmail !== undefined) return { errors: wrong };
  const missing = 'Enter what you did about it';
  const read =
    entered === '' ? readText(fields.reached, 'reached', missing) : readText(fields.reached, 'reached');
  if ('errors' in read) return read;
  return {
    text: read.text,
    address: entered === '' ? undefined : entered,
    again: fields.sendAgain === 'yes',
  };
}
