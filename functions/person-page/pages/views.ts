/** The person's own page: where their referral is, what comes next, their sessions, and the way out. */
import type { Programme } from '../../../workflows/directory.ts';
import type { Session } from '../../../workflows/referral.ts';
import { inWords } from '../../../workflows/time.ts';
import type { Looks } from '../../shared/looks.ts';
import { looksToThePerson } from '../../shared/pages/looks.ts';
import { type Form, page, type Site } from '../../shared/pages/page.ts';
import { communicationItems } from '../../shared/pages/questions.ts';
import { sessionsInWords } from '../../shared/pages/sessions.ts';
import { type Progress, progressInWords } from '../../shared/pages/status.ts';
import correct from './correct.njk';
import corrected from './corrected.njk';
import left from './left.njk';
import person from './person.njk';

export type PersonView = Site &
  Progress & {
    reference: string;
    now: string;
    sessions?: readonly Session[] | undefined;
    /** Those that follow, by the calendar; they move when one is cancelled. */
    coming?: readonly Session[] | undefined;
    planned?: number | undefined;
    /** What is shown only after it was asked for: their name, and where they go. */
    details?: { firstName: string; programme?: Programme | undefined; looks?: readonly Looks[] } | undefined;
    form?: Form | undefined;
  };

/** More of those who looked are not listed. */
const LOOKS_SHOWN = 20;

/** Where the referral is, in plain words. */
export function personPage(view: PersonView) {
  const { reference, stage, now, sessions = [], coming = [], planned, details, form } = view;
  // Where a register is late, the calendar has gone on: a date that has passed is no date to come to.
  const future = (session: Session) => Date.parse(session.startsAt) > Date.parse(now);
  const all = [...sessions, ...coming.filter(future)];
  const next = all.find((session) => session.status === 'planned' && future(session));
  return page(view, {
    title: 'Your referral',
    template: person,
    context: {
      reference,
      ...progressInWords(view, 'person'),
      stepsHeading: 'Where your referral is',
      nextSession: stage === 'programme' && next ? inWords(next.startsAt) : undefined,
      sessions: sessionsInWords(all, now, 'person'),
      datesMayMove: coming.some(future),
      planned,
      details: details && { ...details, looks: details.looks?.slice(0, LOOKS_SHOWN).map(looksToThePerson) },
      canLeave: stage !== 'closing' && stage !== 'closed',
    },
    form,
    fields: ['confirm'],
  });
}

export type CorrectView = Site & { reference: string; back: string; form: Form };

/** What is recorded of the person, for them to correct. */
export function correctPage({ reference, back, form, ...site }: CorrectView) {
  return page(site, {
    title: 'Your details',
    template: correct,
    context: { reference, back, communicationNeeds: communicationItems() },
    form,
    fields: CORRECT_ORDER,
  });
}

/** As the page asks them. */
const CORRECT_ORDER =
  `firstName familyName oneName dateOfBirth postcode noFixedAddress address gpPractice gpPracticeName
  gpPracticeCode nhsNumber phone email contactMayEmail contactPreferred contactLeaveMessage contactPhonePrivate contactNote
  communicationNeeds communicationLanguage communicationDetail`.split(/\s+/);

/**
 * They have corrected them. `corrected` says what only somebody with a working link may read; without it the address has changed, and the
 * page is for whoever comes by.
 */
export function correctedPage({
  corrected: details,
  ...site
}: Site & { corrected?: { reference: string; back: string; mayEmail: boolean } }) {
  return page(site, { title: 'Your details are corrected', template: corrected, context: { details } });
}

export type LeftView = Site & { reference: string; at?: string | undefined };

/** They left. */
export function leftPage({ reference, at, ...site }: LeftView) {
  return page(site, {
    title: 'You have left',
    template: left,
    context: { reference, at: at && inWords(at) },
  });
}
