/** The facilitator's pages, with values as they come in life. */
import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import {
  changePage,
  schedulePage,
  tooLatePage,
} from '../../../functions/session-register/pages/schedule-views.ts';
import {
  listPage,
  registerConflictPage,
  registerDoorPage,
  registerPage,
  registerRecordedPage,
} from '../../../functions/session-register/pages/views.ts';
import type { Site } from '../../../functions/shared/pages/page.ts';
import { newCohort } from '../../../workflows/cohort.ts';
import type { CohortSession } from '../../../workflows/cohort-record.ts';
import type { Programme } from '../../../workflows/directory.ts';

type Samples = Record<string, () => APIGatewayProxyStructuredResultV2>;

/** Ten people, the most that fit into twelve taps; two have the same name. */
const NAMES = [
  ...["Róisín O'Brien", 'Sam Okafor', 'Aaliyah Khan', 'Bartholomew Featherstonehaugh-Cholmondeley'],
  ...['Chidi Eze', 'Dafydd Llywelyn', 'Ewa Kowalska', 'Farah Ali (SP-2B7K-9QTX)', 'Farah Ali (SP-8QK4-11ZX)'],
  'Hana Suzuki',
];

export function registerSamples(site: Site, programme: Programme, mark = ''): Samples {
  const at = '2026-11-24T09:58:00.000Z';
  const now = '2026-11-24T10:00:00.000Z';
  const address = '/register/x';
  const calendar = '/register/calendar-token/calendar.ics';
  const seat = { address: `${address}/group`, register: (n: number) => `${address}?session=${n}`, calendar };
  const place = `${programme.sessions.place}${mark}`;
  const group = groupOf(mark);
  const signedIn = { signedIn: { name: `Amina Rahman${mark}`, csrf: 'token' } };
  const late = group.sessions.map((session) =>
    session.number === 4 ? { ...session, asked: { count: 2, next: '2026-11-25T17:30:00.000Z' } } : session,
  );
  const ofTeam = {
    ...{ ...site, ...signedIn, place, now },
    group: { ...group, sessions: late },
    seat: { address: '/groups/GR-7K4M-2Q9X' },
    team: {
      programme: {
        name: programme.name,
        provider: programme.provider.name,
        href: `/directory/${programme.id}`,
      },
      people: [
        { reference: 'SP-5T5T-0AAZ', takesPart: true },
        { reference: 'SP-8QK4-11ZX', takesPart: false },
      ],
      others: 3,
    },
  };
  const register = {
    ...site,
    reference: group.reference,
    programmeName: programme.name,
    number: 4,
    planned: 12,
    session: { startsAt: '2026-11-23T16:00:00.000Z' },
    schedule: `${address}/group`,
  };
  const lastOne = { ...register, number: 12, status: 'held', at, attendance: ['5'], hasNext: false } as const;
  const open = { ...register, list: `${address}/list?session=4` };
  const listOpensAt = '2026-11-22T00:00:00.000Z';
  const people = NAMES.map((name, i) => ({
    id: i.toString(16).repeat(32),
    name: `${name}${mark}`,
    excused: i === 2,
    left: i === 4,
    ...(i === 1 ? { entry: { attendance: '5' as const, notRight: true as const } } : {}),
  }));
  const [first = '', second = ''] = people.map(({ id }) => id);
  const form = { people, corrects: false, basedOn: 'none' as const };
  const typed = {
    [`attendance-${first}`]: '6',
    [`attendance-${second}`]: '3',
    [`note-${first}`]: `She was tired today.${mark}`,
  };
  const change = {
    ...site,
    group,
    session: sessionOf(group, 6),
    back: `${address}/group`,
    usualPlace: place,
  };
  const moved = {
    'startsOn-day': '28',
    'startsOn-month': '12',
    'startsOn-year': `2026${mark}`,
    time: `16:00${mark}`,
    place: `Room 2${mark}`,
  };
  const tooLate = {
    ...site,
    group,
    back: `${address}/group`,
    register: `${address}?session=4`,
    typed: [
      { key: 'New date', value: `28 12 2026${mark}` },
      { key: 'Time it begins', value: '16:00' },
    ],
    sent: true,
  };
  const restores = { ...tooLate, session: sessionOf(group, 3), typed: [], restorableUntil: at };
  return {
    'register-door': () => registerDoorPage({ ...open, listOpensAt, open: true }),
    'register-not-yet': () => registerDoorPage({ ...open, listOpensAt, open: false }),
    'register-no-list-yet': () => registerDoorPage({ ...register, listOpensAt, open: false }),
    register: () => registerPage({ ...open, ...form }),
    'register-nobody': () => registerPage({ ...open, ...form, people: [] }),
    'register-assessment': () =>
      registerPage({
        ...{ ...register, ...form, number: 1, corrects: true, basedOn: 0 },
        people: people.map((person) => ({ ...person, assessment: true })),
      }),
    'register-errors': () =>
      registerPage({
        ...open,
        ...form,
        form: {
          values: typed,
          errors: {
            [`attendance-${people[2]?.id}`]: 'Select whether Aaliyah Khan came',
            [`note-${first}`]: 'Use 4000 characters or fewer',
          },
        },
      }),
    'register-meanwhile': () =>
      registerPage({
        ...register,
        ...form,
        corrects: true,
        basedOn: 1,
        meanwhile: at,
        form: { values: typed },
      }),
    'register-recorded': () =>
      registerRecordedPage({
        ...register,
        status: 'held',
        at,
        attendance: ['5', '5', '3'],
        held: 4,
        hasNext: true,
        missing: [],
        correctableUntil: '2026-11-30T16:00:00.000Z',
      }),
    'register-last': () => registerRecordedPage({ ...lastOne, held: 12, missing: [] }),
    'register-last-missing': () =>
      registerRecordedPage({
        ...{ ...lastOne, held: 11 },
        missing: [{ startsAt: '2026-10-06T15:00:00.000Z', href: `${address}?session=1` }],
      }),
    'register-cancelled': () =>
      registerRecordedPage({
        ...register,
        status: 'cancelled',
        attendance: [],
        held: 3,
        hasNext: true,
        missing: [],
      }),
    'register-cancelled-restorable': () =>
      registerRecordedPage({
        ...{ ...register, status: 'cancelled', attendance: [], held: 3, hasNext: true, missing: [] },
        restore: { until: at, href: `${address}/group?session=4` },
      }),
    'register-conflict': () =>
      registerConflictPage({ ...register, status: 'held', typed: [], correctableUntil: at }),
    'register-conflict-late': () => registerConflictPage({ ...register, status: 'held', typed: [] }),
    'register-conflict-restore': () =>
      registerConflictPage({
        ...{ ...register, status: 'cancelled', typed: [] },
        restore: { until: at, href: `${address}/group?session=4` },
      }),
    'register-conflict-cancelled': () =>
      registerConflictPage({
        ...register,
        status: 'cancelled',
        typed: [
          {
            name: `Róisín O'Brien${mark}`,
            attendance: '6',
            notRight: true,
            note: `Tired today.\nBut sang.${mark}`,
          },
          { name: `Sam Okafor${mark}`, notRight: false },
        ],
      }),
    'register-list': () => listPage({ ...open, back: `${address}?session=4`, place, people, now }),
    'register-list-nobody': () => listPage({ ...open, back: `${address}?session=4`, place, people: [], now }),
    'group-sessions': () => schedulePage({ ...site, group, seat, place, now }),
    'group-sessions-changed': () => schedulePage({ ...site, group, seat, place, now, done: 'changed' }),
    'group-sessions-cancelled': () => schedulePage({ ...site, group, seat, place, now, done: 'cancelled' }),
    'group-of-team': () => schedulePage({ ...ofTeam, done: 'link-sent' }),
    'group-of-team-change': () => changePage({ ...change, ...signedIn, back: ofTeam.seat.address }),
    'group-of-team-too-late': () =>
      tooLatePage({ ...tooLate, ...signedIn, register: undefined, session: sessionOf(group, 4) }),
    'group-change': () => changePage(change),
    'group-change-errors': () =>
      changePage({
        ...change,
        form: {
          values: moved,
          errors: {
            startsOn: 'Enter a real date, like 15 1 2027',
            time: 'Enter a time on the 24-hour clock, like 16:00',
            place: 'Use 200 characters or fewer',
          },
        },
      }),
    'group-change-holiday-errors': () =>
      changePage({
        ...change,
        asksForDay: true,
        form: {
          values: moved,
          errors: {
            anyDay: 'That day is a bank holiday: tick the box to hold it all the same, or enter another date',
          },
        },
      }),
    'group-change-meanwhile': () => changePage({ ...change, meanwhile: true, form: { values: moved } }),
    'group-too-late': () => tooLatePage({ ...tooLate, session: sessionOf(group, 4) }),
    'group-too-late-held': () => tooLatePage({ ...tooLate, session: sessionOf(group, 1), typed: [] }),
    'group-too-late-cancelled': () =>
      tooLatePage({ ...tooLate, session: sessionOf(group, 3), sent: false, typed: [] }),
    'group-too-late-restorable': () => tooLatePage({ ...restores, sent: false }),
    'group-too-many': () => tooLatePage({ ...tooLate, session: sessionOf(group, 4), because: 'too-many' }),
    'group-restore-overlaps': () => tooLatePage({ ...restores, because: 'overlaps' }),
    'group-restore-errors': () => tooLatePage({ ...restores, because: 'other-time' }),
  };
}

/** A group in the middle of its programme: held, cancelled, not recorded yet, moved, to come. */
function groupOf(mark: string) {
  const plan = {
    programmeId: 'hive-music',
    cohortId: 'autumn',
    firstAt: '2026-11-02T16:00:00.000Z',
    count: 12,
    minutes: 90,
  };
  const cohort = newCohort(plan, {
    id: '0'.repeat(32),
    reference: 'GR-7K4M-2Q9X',
    now: '2026-10-01T09:00:00.000Z',
  });
  const sessions = cohort.sessions.map((session): CohortSession => {
    if (session.number === 3) return { ...session, status: 'cancelled', sequence: 1 };
    if (session.number === 6) return { ...session, sequence: 2, place: `Studio 4, Example Arches${mark}` };
    return session.number < 4 ? { ...session, status: 'held' } : session;
  });
  return { ...cohort, sessions };
}

function sessionOf({ sessions }: { sessions: readonly CohortSession[] }, number: number): CohortSession {
  const session = sessions.find((each) => each.number === number);
  if (!session) throw new Error(`no session ${number}`);
  return session;
}
