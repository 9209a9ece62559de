/** The person's own pages, with values as they come in life. */
import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { leftPage, type PersonView, personPage } from '../../../functions/person-page/pages/views.ts';
import {
  checkInPage,
  feedbackPage,
  preferencesDoorPage,
  preferencesPage,
  stillWaitingPage,
  thanksPage,
} from '../../../functions/person-voice/pages/views.ts';
import type { Site } from '../../../functions/shared/pages/page.ts';
import type { ListedSession } from '../../../functions/shared/pages/sessions.ts';
import type { Programme } from '../../../workflows/directory.ts';
import { fieldsOfPerson } from '../../../workflows/form.ts';
import type { Session, Stage } from '../../../workflows/referral.ts';
import type { Person } from '../../../workflows/request.ts';
import { after, sameTimeWeeksLater } from '../../../workflows/time.ts';
import { sampleLooks } from './case-samples.ts';

type Samples = Record<string, () => APIGatewayProxyStructuredResultV2>;

const STAGES: Stage[] = ['intake', 'review', 'information', 'offer', 'programme', 'closing', 'closed'];

export function personSamples(
  site: Site,
  {
    person,
    programme: entry,
    sessions: recorded,
  }: { person: Person; programme: Programme; sessions: readonly Session[] },
  now: string,
  mark = '',
): Samples {
  const reference = 'SP-7K4M-2Q9X';
  const address = '/person/x';
  const view = { ...site, reference, address, now };
  const programme: Programme = {
    ...entry,
    postcode: 'NW1 8AB',
    sessions: {
      ...entry.sessions,
      directions: `Chalk Farm station is 5 minutes away. Ring at the blue door in the yard.\nThere are no steps.${mark}`,
      bring: `Nothing but yourself. There is tea, and somebody meets you at the door.${mark}`,
    },
  };
  const sessions: ListedSession[] = [...recorded, ...comingOf(recorded, mark)];
  const next = recorded.find(({ status }) => status === 'planned');
  const inProgramme: PersonView = {
    ...view,
    stage: 'programme',
    sessions,
    planned: 12,
    next,
    calendar: '/person/x/calendar.ics',
  };
  const details = { firstName: `Róisín${mark}`, programme, looks: sampleLooks(mark) };
  const earlier = [{ programme: `${programme.name}${mark}`, sessions: recorded.slice(0, 2) }];
  const shown = { firstName: details.firstName, looks: details.looks };
  const excused = sessions.map((session) =>
    session.number === next?.number ? { ...session, excusedAt: now } : session,
  );
  const wrong = (errors: Record<string, string>, values: Record<string, string> = {}) => ({ values, errors });
  const saying = { ...site, reference, back: address, key: 'key' };
  const feedback = {
    ...saying,
    abouts: ['session-4', 'programme', 'other'] as const,
    sessions: recorded,
    form: { values: { about: 'session-4' } },
  };
  const checkIn = { ...saying, since: now, keepsPlace: true, form: { values: {} } };
  const over = { ...site, reference, back: address, keepsPlace: false };
  const preferences = {
    ...{ ...site, reference, back: address, mayEmail: true },
    form: { values: { ...fieldsOfPerson(person), reminders: 'email' } },
  };
  const text = `I like it, but the room is cold, and I do not know whom to ask.${mark}`;
  return {
    ...Object.fromEntries(
      STAGES.map((stage) => [
        `person-${stage}`,
        () =>
          personPage({
            ...view,
            stage,
            waitlisted: true,
            waits: stage === 'review' || stage === 'offer',
            ...(stage === 'review' ? { by: after(now, { workingDays: 2 }) } : {}),
            ...(stage === 'programme' ? inProgramme : {}),
            ...(stage === 'closing' || stage === 'closed' ? { ending: 'completed' as const } : {}),
          }),
      ]),
    ),
    'person-returned': () =>
      personPage({ ...view, stage: 'review', returned: true, earlier, details: shown }),
    'person-all-over': () =>
      personPage({ ...inProgramme, now: after(now, { days: 400 }), next: undefined, calendar: undefined }),
    'person-off-list': () => personPage({ ...view, stage: 'review', offList: true }),
    'person-errors': () =>
      personPage({
        ...view,
        stage: 'review',
        form: wrong({ confirm: 'Tick the box to confirm that you want to leave' }),
      }),
    'person-named': () => personPage({ ...inProgramme, details }),
    'person-cannot-come': () =>
      personPage({
        ...inProgramme,
        sessions: excused,
        next: next && { ...next, excusedAt: now },
        done: 'cannot-come',
        reminded: 'team',
      }),
    'person-comes': () =>
      personPage({
        ...inProgramme,
        done: 'comes',
        reminded: 'none',
        details: { firstName: details.firstName, programme: entry },
      }),
    'person-too-late': () => personPage({ ...inProgramme, next: undefined, done: 'too-late' }),
    'person-declined': () => personPage({ ...view, stage: 'closed', ending: 'declined' }),
    ...Object.fromEntries(
      (['missed', 'asking', 'at-the-end'] as const).map((contacting) => [
        `person-contacting-${contacting}`,
        () =>
          personPage({
            ...inProgramme,
            next,
            asks: true,
            ...(contacting === 'at-the-end' && { next: undefined, sessions: recorded.slice(0, -1) }),
            contacting,
          }),
      ]),
    ),
    'person-left': () => leftPage({ ...site, reference, address, at: now }),
    'person-left-looks': () => leftPage({ ...site, reference, address, at: now, looks: details.looks }),
    feedback: () => feedbackPage(feedback),
    'feedback-before-programme': () => feedbackPage({ ...feedback, abouts: ['other'], form: { values: {} } }),
    'feedback-errors': () =>
      feedbackPage({
        ...feedback,
        form: wrong({ text: 'Use 4000 characters or fewer' }, { text, unsafe: 'yes', rating: 'mixed' }),
      }),
    'feedback-thanks': () => thanksPage({ ...site, reference, back: address, concern: false }),
    'feedback-concern': () => thanksPage({ ...site, reference, back: address, concern: true }),
    'check-in': () => checkInPage(checkIn),
    'check-in-errors': () =>
      checkInPage({ ...checkIn, form: wrong({ answer: 'Select one of the answers' }, { text }) }),
    'check-in-leaving-errors': () =>
      checkInPage({
        ...checkIn,
        form: wrong(
          { confirm: 'Tick the box to confirm that you no longer want it' },
          { answer: 'no-longer' },
        ),
      }),
    'check-in-no-place': () => checkInPage({ ...checkIn, keepsPlace: false }),
    'check-in-waiting': () => stillWaitingPage({ ...over, waits: true, keepsPlace: true }),
    'check-in-waiting-no-place': () => stillWaitingPage({ ...over, waits: true }),
    'check-in-over': () => stillWaitingPage({ ...over, waits: false }),
    'preferences-door': () =>
      preferencesDoorPage({ ...site, reference, back: address, saved: false, ended: false }),
    'preferences-saved': () =>
      preferencesDoorPage({ ...site, reference, back: address, saved: true, ended: false }),
    'preferences-ended': () =>
      preferencesDoorPage({ ...site, reference, back: address, saved: false, ended: true }),
    preferences: () => preferencesPage(preferences),
    'preferences-errors': () =>
      preferencesPage({
        ...preferences,
        mayEmail: false,
        form: wrong(
          {
            reminders: 'Select how you want to be reminded',
            contactPreferred: 'Enter a phone number, or select another way to make contact',
            communicationLanguage: 'Enter the language of the interpreter',
          },
          {
            contactPreferred: 'text',
            contactNote: `Never on Sundays${mark}`,
            'communicationNeeds-interpreter': 'yes',
          },
        ),
      }),
  };
}

/** Weekly, one of them elsewhere. */
function comingOf(sessions: readonly Session[], mark: string): ListedSession[] {
  const [first] = sessions;
  if (!first) return [];
  return Array.from({ length: 3 }, (_, i) => {
    const startsAt = sameTimeWeeksLater(first.startsAt, sessions.length + i);
    const number = sessions.length + i + 1;
    const place = i === 1 ? { place: `Camden Arts Centre, Arkwright Road${mark}` } : {};
    return { number, startsAt, endsAt: after(startsAt, { minutes: 90 }), status: 'planned', ...place };
  });
}
