/** The person's own page: where their referral is, what comes next, their sessions, and the way out. */
import type { Programme } from '../../../workflows/directory.ts';
import type { Ending, Session, Stage } from '../../../workflows/referral.ts';
import { dateInWords, inWords } from '../../../workflows/time.ts';
import { type Form, page, type Site } from '../../shared/pages/page.ts';
import { sessionsInWords } from '../../shared/pages/sessions.ts';
import left from './left.njk';
import person from './person.njk';

export type PersonView = Site & {
  reference: string;
  stage: Stage;
  now: string;
  /** In stage `offer`: whether the provider put them on the waiting list. */
  waitlisted?: boolean | undefined;
  /** In stage `information`: whether it is the person who was asked. */
  askedYou?: boolean | undefined;
  ending?: Ending['kind'] | undefined;
  /** By when the next step is expected. */
  by?: string | undefined;
  /** In stage `programme`: whether a link worker is asked to find out how they are before it goes on. */
  contacting?: boolean | undefined;
  sessions?: readonly Session[] | undefined;
  /** Those that follow, by the calendar; they move when one is cancelled. */
  coming?: readonly Session[] | undefined;
  planned?: number | undefined;
  /** What is shown only after it was asked for: their name, and where they go. */
  details?: { firstName: string; programme?: Programme | undefined } | undefined;
  form?: Form | undefined;
};

/** The steps of a referral as the person sees them. */
const STEPS = [
  'Referral received',
  'A link worker reads it',
  'A place is found',
  'Your sessions',
  'Finished',
];

/** Where the referral is, in plain words. */
export function personPage(view: PersonView) {
  const { reference, stage, now, by, sessions = [], coming = [], planned, details, form } = view;
  // Where a register is late, the calendar has gone on: a date that has passed is no date to come to.
  const future = (session: Session) => Date.parse(session.startsAt) > Date.parse(now);
  const all = [...sessions, ...coming.filter(future)];
  const next = all.find((session) => session.status === 'planned' && future(session));
  return page(view, {
    title: 'Your referral',
    template: person,
    context: {
      reference,
      ...whereItIs(view),
      by: by && dateInWords(by),
      steps: stepsInWords(view),
      nextSession: stage === 'programme' && next ? inWords(next.startsAt) : undefined,
      sessions: sessionsInWords(all, now, 'person'),
      datesMayMove: coming.some(future),
      planned,
      details,
      canLeave: stage !== 'closing' && stage !== 'closed',
    },
    form,
    fields: ['confirm'],
  });
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

/** The steps with where the referral is among them; none when it ended on the way, for then some were never taken. */
function stepsInWords(view: PersonView) {
  if (view.ending !== undefined && view.ending !== 'completed') return [];
  const current = stepOf(view);
  return STEPS.map((text, i) => {
    if (i < current) return { text, state: 'done', stateInWords: 'done' };
    return i === current
      ? { text, state: 'current', stateInWords: 'now' }
      : { text, stateInWords: 'to come' };
  });
}

function stepOf({ stage }: PersonView): number {
  switch (stage) {
    case 'intake':
    case 'review':
    case 'information':
      return 1;
    case 'offer':
      return 2;
    case 'programme':
      return 3;
    case 'closing':
    case 'closed':
      return STEPS.length;
  }
}

function whereItIs({ stage, waitlisted, askedYou, contacting, ending }: PersonView): {
  status: string;
  next: string;
} {
  switch (stage) {
    case 'intake':
    case 'review':
      return {
        status: 'A link worker is reading your referral',
        next: 'They decide what could help. They may call you, or ask a question by email.',
      };
    case 'information':
      return {
        status: 'The link worker has asked a question',
        next: askedYou
          ? 'We have sent you an email with a link to it. Please answer it, then they can go on.'
          : 'Whoever referred you has been asked. When they have answered, the link worker goes on.',
      };
    case 'offer':
      return waitlisted
        ? {
            status: 'You are on the waiting list of a programme',
            next: 'When a place is free we email you. You do not need to do anything.',
          }
        : {
            status: 'We have asked a programme whether they have a place for you',
            next: 'When they have answered we email you. If they have no place, the link worker looks for something else.',
          };
    case 'programme':
      if (contacting) {
        return {
          status: 'You have a place, and we have missed you',
          next: 'A link worker will contact you to ask how you are. After that your sessions go on, if you wish.',
        };
      }
      return {
        status: 'You have a place, and your sessions are planned',
        next: 'We remind you by email the day before each session.',
      };
    case 'closing':
    case 'closed':
      return { status: ended(ending), next: 'You get a letter by email that says how it ended.' };
  }
}

function ended(ending: Ending['kind'] | undefined): string {
  switch (ending) {
    case 'completed':
      return 'You have finished the programme';
    case 'signposted':
      return 'The link worker told you about another service';
    case 'declined':
      return 'Your referral could not go further';
    case 'withdrawn':
      return 'You have left';
    default:
      return 'The programme has ended for you';
  }
}
