/** The pages by which a person says how it is, and how to reach them. */
import type { About } from '../../../workflows/feedback.ts';
import { RATINGS, type Session } from '../../../workflows/referral.ts';
import { dateInWords, dayInWords } from '../../../workflows/time.ts';
import { ratingWords } from '../../shared/pages/feedback.ts';
import { type Form, page, type Site } from '../../shared/pages/page.ts';
import { communicationItems } from '../../shared/pages/questions.ts';
import checkIn from './check-in.njk';
import contact from './contact.njk';
import contactDoor from './contact-door.njk';
import feedback from './feedback.njk';
import stillWaiting from './still-waiting.njk';
import thanks from './thanks.njk';

type View = Site & { reference: string; back: string };

export type FeedbackView = View & {
  /** What the form carries, so that it counts once. */
  key: string;
  abouts: readonly About[];
  sessions: readonly Session[];
  form: Form;
};

/** How it was. */
export function feedbackPage({ reference, back, key, abouts, sessions, form, ...site }: FeedbackView) {
  return page(site, {
    title: 'Tell us how it is',
    template: feedback,
    context: {
      ...{ reference, back, key },
      // With one thing to choose there is nothing to choose.
      abouts:
        abouts.length > 1 ? abouts.map((value) => ({ value, text: aboutInWords(value, sessions) })) : [],
      ratings: RATINGS.map((value) => ({ value, text: ratingWords[value] })),
    },
    form,
    fields: ['about', 'rating', 'text', 'contactMe', 'unsafe'],
  });
}

function aboutInWords(about: About, sessions: readonly Session[]): string {
  const session = sessions.find(({ number }) => about === `session-${number}`);
  if (session) return `The session on ${dayInWords(session.startsAt)}`;
  return about === 'programme' ? 'The programme as a whole' : 'Something else';
}

/** We have it. With a concern, whom to turn to in the meantime comes first. */
export function thanksPage({ reference, back, concern, ...site }: View & { concern: boolean }) {
  return page(site, {
    title: concern ? 'A link worker will contact you' : 'Thank you for telling us',
    template: thanks,
    context: { reference, back, concern },
  });
}

/** Whether there is a place that they keep while they wait. */
type Waiting = View & { keepsPlace: boolean };

export type CheckInView = Waiting & { key: string; since: string; form: Form };

/** How are you while you wait? */
export function checkInPage({ reference, back, key, since, keepsPlace, form, ...site }: CheckInView) {
  return page(site, {
    title: 'How are you while you wait?',
    template: checkIn,
    context: { reference, back, key, since: dateInWords(since), keepsPlace },
    form,
    fields: ['answer', 'text', 'unsafe', 'confirm'],
  });
}

/** They still want it; or they do not wait any more. */
export function stillWaitingPage({
  reference,
  back,
  waits,
  keepsPlace,
  ...site
}: Waiting & { waits: boolean }) {
  return page(site, {
    title: waits ? 'Thank you: you go on waiting' : 'You are not waiting any more',
    template: stillWaiting,
    context: { reference, back, waits, keepsPlace },
  });
}

/** What the form of preferences asks, as its fields begin. */
export const PREFERENCE_FIELDS = [
  ...['reminders', 'contactPreferred', 'contactLeaveMessage', 'contactPhonePrivate', 'contactNote'],
  'communication',
] as const;

/** The way to the form, or that it is saved. */
export function preferencesDoorPage({
  reference,
  back,
  saved,
  ended,
  ...site
}: View & { saved: boolean; ended: boolean }) {
  return page(site, {
    title: saved ? 'We have saved how to reach you' : 'How we reach you',
    template: contactDoor,
    context: { reference, back, saved, ended },
  });
}

export type PreferencesView = View & { mayEmail: boolean; form: Form };

export function preferencesPage({ reference, back, mayEmail, form, ...site }: PreferencesView) {
  return page(site, {
    title: 'How we reach you',
    template: contact,
    context: { reference, back, mayEmail, communicationNeeds: communicationItems() },
    form,
    fields: [
      ...PREFERENCE_FIELDS.slice(0, -1),
      'communicationNeeds',
      'communicationLanguage',
      'communicationDetail',
    ],
  });
}
