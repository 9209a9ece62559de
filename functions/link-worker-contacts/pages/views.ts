/** The page of contacts and notes: how to reach the person safely, what was tried, what is known, and what follows when nobody answers. */
import { concernDue, toSeeTo } from '../../../workflows/concerns.ts';
import { mayPlanTry, outcomesOf } from '../../../workflows/contacts.ts';
import {
  CONTACT_CHANNELS,
  CONTACT_OUTCOMES,
  type Contact,
  type Referral,
} from '../../../workflows/referral.ts';
import { isEnded } from '../../../workflows/steps.ts';
import { dateInWords, inWords } from '../../../workflows/time.ts';
import type { FeedbackNote } from '../../shared/feedback.ts';
import type { Note } from '../../shared/notes.ts';
import { flaggedInWords, personInWords } from '../../shared/pages/case.ts';
import { channelWords, closeStepOf, contactsInRows, outcomeWords } from '../../shared/pages/contacts.ts';
import { concernInWords, concernWords, ratingWords } from '../../shared/pages/feedback.ts';
import { type Form, page, type Site } from '../../shared/pages/page.ts';
import contacts from './contacts.njk';
import { unreachedInWords } from './unreached.ts';

/** What has just been done. */
export type Done = 'contact' | 'note' | 'settled' | 'reached' | 'corrected';

export type ContactsView = Site & {
  referral: Referral;
  now: string;
  /** A page of them, the newest first. */
  notes: readonly Note[];
  /** What the person wrote on their own page, the newest first. */
  feedback: readonly FeedbackNote[];
  /** The key after which the older ones begin, where there are more. */
  older: string | undefined;
  /** Whether these are the newest. */
  newest: boolean;
  /** Of the next attempt. */
  number: number;
  /** What the forms carry, so that a note is kept once. */
  key: string;
  done?: Done | undefined;
  /** What was entered and is not saved: beside something that has just been, or all of it. */
  left?: 'other' | 'all' | undefined;
  form: Form;
};

/** In the order of the page. */
const FIELDS = [
  'settled',
  ...['newEmail', 'reached'],
  ...['channel', 'outcome', 'when', 'contactDate', 'contactTime', 'nextDate', 'contactNote'],
  'note',
] as const;

/** Whoever entered a day keeps it, also where it cannot be planned any more. */
const NEXT_DATE = ['nextDate-day', 'nextDate-month', 'nextDate-year'] as const;

export function contactsPage({
  referral,
  now,
  notes,
  feedback,
  older,
  newest,
  number,
  key,
  done,
  left,
  form,
  ...site
}: ContactsView) {
  const { reference } = referral;
  return page(site, {
    title: 'Contacts and notes',
    template: contacts,
    context: {
      ...{ reference, number, key },
      person: personInWords(referral, now),
      // What they wait for stands here in full.
      flagged: { ...flaggedInWords({ ...referral, now }), concern: undefined, unreached: [] },
      contacts: contactsInRows(referral, now),
      close: closeStepOf(referral, now),
      ended: isEnded(referral),
      notes: notes.map((note) => noteInWords(note, referral.contacts ?? [])),
      concern: concernOf(referral, notes),
      unreached: unreachedInWords(referral),
      feedback: feedback.map((said) => feedbackInWords(said, referral)),
      newestNotes: newest ? undefined : `/referrals/${reference}/contacts#notes`,
      olderNotes: older && `/referrals/${reference}/contacts?${new URLSearchParams({ before: older })}#notes`,
      channelItems: CONTACT_CHANNELS.map((value) => ({ value, text: channelWords[value] })),
      outcomeItems: CONTACT_OUTCOMES.map((value) => ({
        value,
        text: outcomeWords[value],
        hint: outcomeHints[value],
      })),
      plansTry:
        mayPlanTry(referral) ||
        form.errors?.nextDate !== undefined ||
        NEXT_DATE.some((name) => (form.values[name] ?? '') !== ''),
      done: done && doneWords[done],
      left,
    },
    form,
    fields: FIELDS,
  });
}

/** What is to be seen to first, with what a colleague of another team wrote, where it is among these notes. */
function concernOf(referral: Referral, notes: readonly Note[]) {
  const concern = toSeeTo(referral);
  return (
    concern && {
      number: concern.number,
      what: concernInWords(concern),
      grave: concern.kind === 'unsafe',
      isNote: concern.notes !== undefined,
      notes: notes
        .filter(({ key }) => concern.notes?.includes(key))
        .map(({ at, by, text }) => ({ at: inWords(at), by: by.name, text })),
      at: inWords(concern.at),
      by: inWords(concernDue(concern)),
    }
  );
}

function feedbackInWords({ at, about, rating, text, concern }: FeedbackNote, { programme }: Referral) {
  const session = programme?.sessions.find(({ number }) => about === `session-${number}`);
  const what = { programme: 'about the programme', waiting: 'while waiting' }[about];
  return {
    at: inWords(at),
    about: session ? `about the session on ${dateInWords(session.startsAt)}` : what,
    rating: rating && ratingWords[rating],
    text,
    concern: concern && concernWords[concern],
  };
}

function noteInWords({ at, by, text, contact }: Note, contacts: readonly Contact[]) {
  const about = contacts.find(({ number }) => number === contact);
  return {
    at: inWords(at),
    by: by.name,
    text,
    about: about && `${channelWords[about.channel].toLowerCase()} on ${dateInWords(about.at)}`,
  };
}

const outcomeHints: Partial<Record<(typeof CONTACT_OUTCOMES)[number], string>> = {
  sent: outcomesHint(),
  'not-possible': 'For example, the number does not work, or nobody of that name lives there',
};

/** Which of the ways are in writing. */
function outcomesHint(): string {
  const written = CONTACT_CHANNELS.filter((channel) => outcomesOf(channel).includes('sent'));
  const words = written.map((channel) => channelWords[channel].toLowerCase());
  return `For a ${new Intl.ListFormat('en-GB', { type: 'disjunction' }).format(words)}`;
}

const doneWords: Record<Done, string> = {
  contact: 'The contact is recorded',
  note: 'The note is saved',
  settled: 'It is recorded that you have seen to it',
  reached: 'It is recorded that you have seen to it',
  corrected: 'The address is put right, and what they missed is on its way',
};
