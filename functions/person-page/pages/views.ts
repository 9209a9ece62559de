/** The person's own page: where their referral is, what comes next, their sessions, and the way out. */
import type { Programme } from '../../../workflows/directory.ts';
import { inWords, isDue } from '../../../workflows/time.ts';
import type { Looks } from '../../shared/looks.ts';
import { looksToThePerson } from '../../shared/pages/looks.ts';
import { type Form, page, type Site } from '../../shared/pages/page.ts';
import { communicationItems, DETAILS_ORDER } from '../../shared/pages/questions.ts';
import { type ListedSession, sessionsInWords } from '../../shared/pages/sessions.ts';
import { type Progress, progressInWords } from '../../shared/pages/status.ts';
import correct from './correct.njk';
import corrected from './corrected.njk';
import left from './left.njk';
import person from './person.njk';

export type PersonView = Site &
  Progress & {
    reference: string;
    /** Its own address, whose other pages are below it. */
    address: string;
    now: string;
    /** Of their programme: those that were, and all that are to come as far as the calendar goes, in the order of time. */
    sessions?: readonly ListedSession[] | undefined;
    planned?: number | undefined;
    /** Those of programmes that were not right for them. */
    earlier?: readonly { programme?: string | undefined; sessions: readonly ListedSession[] }[] | undefined;
    /** The address of their calendar, which opens nothing else. */
    calendar?: string | undefined;
    /** The next session, for which they may still say that they cannot come. */
    next?: Pick<ListedSession, 'number' | 'startsAt' | 'excusedAt'> | undefined;
    /** Whether there are questions about how things are for them, to be answered now. */
    asks?: boolean | undefined;
    /** Whether it waits for others, so that they may be asked how they are. */
    waits?: boolean | undefined;
    /** What has just been recorded. */
    done?: 'cannot-come' | 'comes' | 'too-late' | undefined;
    /** What is shown only after it was asked for: their name, and where they go. */
    details?: { firstName: string; programme?: Programme | undefined; looks?: readonly Looks[] } | undefined;
    form?: Form | undefined;
  };

/** More of those who looked are not listed, but for those who are not of the team. */
const LOOKS_SHOWN = 20;

function isListed({ forAReason }: Looks, i: number): boolean {
  return i < LOOKS_SHOWN || forAReason;
}

/** Where the referral is, in plain words. */
export function personPage(view: PersonView) {
  const {
    reference,
    address,
    stage,
    now,
    sessions = [],
    planned,
    earlier = [],
    calendar,
    next,
    waits,
    asks,
    done,
    details,
    form,
  } = view;
  const toCome = sessions.filter(
    ({ status, startsAt }) => status === 'planned' && Date.parse(startsAt) > Date.parse(now),
  );
  const first = toCome[0];
  const held = [...earlier.flatMap((each) => each.sessions), ...sessions].filter(
    ({ status }) => status === 'held',
  );
  const isOver = allOver(view);
  return page(view, {
    title: 'Your referral',
    template: person,
    context: {
      ...{ reference, address, waits, asks },
      ...progressInWords({ ...view, allOver: isOver }, 'person'),
      stepsHeading: 'Where your referral is',
      nextSession: stage === 'programme' && first ? inWords(first.startsAt) : undefined,
      sessions: sessionsInWords(details ? sessions : sessions.map(withoutPlace), now, 'person'),
      earlier: earlier.map((each) => ({
        programme: details && each.programme,
        sessions: sessionsInWords(each.sessions, now, 'person'),
      })),
      datesMayMove: toCome.length > 1,
      planned: stage === 'programme' && !isOver ? planned : undefined,
      calendar,
      upcoming: next && {
        number: next.number,
        when: inWords(next.startsAt),
        excused: next.excusedAt !== undefined,
      },
      done: done && doneWords[done],
      mayRate: held.length > 0 || stage === 'closed' || stage === 'closing',
      details,
      looks: looksInWords(details?.looks),
      canLeave: stage !== 'closing' && stage !== 'closed',
    },
    form,
    fields: ['confirm'],
  });
}

function looksInWords(looks: readonly Looks[] = []) {
  return looks.filter(isListed).map(looksToThePerson);
}

/** Whether the last of their sessions is over, and its register, or an earlier one, is missing still. */
function allOver({ sessions = [], next, now }: Pick<PersonView, 'sessions' | 'next' | 'now'>): boolean {
  const open = sessions.filter(({ status }) => status === 'planned');
  return next === undefined && open.length > 0 && open.every(({ endsAt }) => isDue(endsAt, now));
}

/** Where somebody is at what time is shown to nobody who has not asked for it. */
function withoutPlace({ place: _, ...session }: ListedSession): ListedSession {
  return session;
}

const doneWords = {
  'cannot-come': 'Thank you for telling us. Whoever runs your session sees it.',
  comes: 'Good: we expect you at your next session.',
  'too-late': 'That session has begun, was moved, or is no longer your next one. Nothing was changed.',
} as const;

export type CorrectView = Site & { reference: string; back: string; form: Form };

/** What is recorded of the person, for them to correct. */
export function correctPage({ reference, back, form, ...site }: CorrectView) {
  return page(site, {
    title: 'Your details',
    template: correct,
    context: { reference, back, communicationNeeds: communicationItems() },
    form,
    fields: DETAILS_ORDER,
  });
}

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

export type LeftView = Site & {
  reference: string;
  address: string;
  at?: string | undefined;
  /** Who has looked at their details: shown only after it was asked for. */
  looks?: readonly Looks[] | undefined;
};

/** They left. */
export function leftPage({ reference, address, at, looks, ...site }: LeftView) {
  return page(site, {
    title: 'You have left',
    template: left,
    context: { reference, address, at: at && inWords(at), looks: looksInWords(looks) },
  });
}
