/** The person's pages of measures, and reports for funders, with values as they come in life. */
import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { letterPage } from '../../../functions/letters/pages/views.ts';
import { answeredPage, answersPage, questionsPage } from '../../../functions/person-measures/pages/views.ts';
import { programmesPage, reportPage } from '../../../functions/report/pages/views.ts';
import type { Site } from '../../../functions/shared/pages/page.ts';
import { READERS } from '../../../workflows/closing.ts';
import type { Programme } from '../../../workflows/directory.ts';
import { SNOMED } from '../../../workflows/episode-code.ts';
import { licensedInstrumentSchema } from '../../../workflows/instrument.ts';
import { OCCASIONS } from '../../../workflows/measure-times.ts';
import { INSTRUMENTS, type Measurement } from '../../../workflows/measures.ts';
import type { Outcome } from '../../../workflows/outcome.ts';
import { periodsUntil, reportOf } from '../../../workflows/report.ts';
import { licensedInstrument, submitted, validFields } from '../workflows/builders.ts';

type Samples = Record<string, () => APIGatewayProxyStructuredResultV2>;

const version = '2020-05';
const ons4 = { instrument: 'ons4', version };
const ucla3 = { instrument: 'ucla3', version };
const lonely = { instrument: 'lonely', version };
const licensed = licensedInstrumentSchema.parse(licensedInstrument);

/** What a person answered at the start and at the end. */
export function sampleAnswers(mark = ''): Measurement[] {
  return [
    {
      key: 'a',
      at: '2026-11-16T15:00:00.000Z',
      point: 'baseline',
      by: { id: 'amina', name: `Amina Rahman${mark}` },
      sets: [
        { ...ons4, answers: { satisfied: 3, worthwhile: 5, happy: 2, anxious: 8 } },
        { ...ucla3, answers: { companionship: 3, 'left-out': 2, isolated: 3 } },
        { ...lonely, answers: { lonely: 5 } },
        { instrument: 'mycaw', version: '1', answers: { one: 5 }, words: { one: `Getting out${mark}` } },
      ],
    },
    {
      key: 'b',
      at: '2027-02-16T15:00:00.000Z',
      point: 'end',
      sets: [
        { ...ons4, answers: { satisfied: 7, worthwhile: 5, anxious: 9 } },
        { ...ucla3, answers: { companionship: 2, 'left-out': 2, isolated: 1 } },
        { ...lonely, answers: { lonely: 3 } },
      ],
    },
  ];
}

/** What a closing letter has of sessions and measures. */
export function sampleLetter(mark = '') {
  const codes = ['5', '5', '6', '4', '5', '3', '5', '2', '5', '5', '7', '5', '5'] as const;
  return {
    attendance: [{ programme: `The Hive: music${mark}`, codes }],
    measurements: sampleAnswers(mark),
    instruments: [...INSTRUMENTS, licensed],
  };
}

/** An outcome of somebody who came, or whatever `other` says. */
export function sampleOutcome(i: number, other: Partial<Outcome> = {}): Outcome {
  return {
    programmeId: 'hive-music',
    month: '2026-10',
    reply: 'accepted',
    result: 'completed',
    came: true,
    groups: [{ group: `group-${i % 2}`, held: [1, 2, 3, 5, 6], cancelled: [4] }],
    attendance: { '5': 3 + (i % 2), '3': 1, '4': 1, ...(i % 5 === 0 ? { '2': 1 } : {}) },
    measures: [
      {
        ...ons4,
        first: { satisfied: 3, worthwhile: 5, happy: 6, anxious: 8 },
        last: { satisfied: 6 + (i % 3), worthwhile: 5, happy: i % 9 === 0 ? 2 : 7, anxious: 2 },
      },
      {
        ...ucla3,
        first: { companionship: 3, 'left-out': 3, isolated: 2 },
        last: { companionship: 2, 'left-out': 3, isolated: 1 },
      },
    ],
    taken: 2,
    ...other,
  };
}

export function measuresSamples(
  site: Site,
  signedIn: Site,
  programmes: readonly Programme[],
  now: string,
  mark = '',
): Samples {
  const [programme] = programmes;
  const [, answers] = sampleAnswers(mark);
  if (!programme || !answers) throw new Error('nothing to show');
  const reference = 'SP-7K4M-2Q9X';
  const instruments = [...INSTRUMENTS, licensed];
  const asked = { ...site, reference, instruments };
  const notAccepted = { result: undefined, came: false, groups: [], attendance: {}, measures: [], taken: 0 };
  const outcomes = [
    ...Array.from({ length: 23 }, (_, i) => sampleOutcome(i)),
    ...Array.from({ length: 6 }, (_, i) => sampleOutcome(i, { result: 'left', measures: [] })),
    sampleOutcome(1, { result: 'not-right', measures: [] }),
    sampleOutcome(2, { result: 'ended-early', measures: [] }),
    ...Array.from({ length: 7 }, (_, i) =>
      sampleOutcome(i, { ...notAccepted, reply: i < 6 ? 'declined' : 'silence' }),
    ),
  ].map(({ result, ...outcome }) => (result === undefined ? outcome : { ...outcome, result }));
  // Before the last questions are answered, of somebody who was in another programme before, and may not be safe.
  const { person, referrer } = submitted({ ...validFields, gpPracticeEmail: 'practice@surgery.example' });
  const letter = {
    ...{ reference, date: now, createdAt: now, person, referrer, snomed: SNOMED.referral },
    ending: { kind: 'completed' as const, decidedAt: now, reason: 'no-session-left' },
    measuresDue: { point: 'end' as const, link: 'measures-end-1', askedAt: now },
    ...{ until: '2027-05-17T12:00:00.000Z', risk: 'followed-up' as const },
  };
  const rules = { months: 3, fewerThan: 5 };
  const periods = periodsUntil('2027-01', rules, 8);
  const [current, before] = periods;
  if (!current || !before) throw new Error('no period');
  const numbers = {
    programme,
    period: before,
    periods,
    over: true,
    fewerThan: 5,
    now,
    report: reportOf(outcomes, INSTRUMENTS, rules),
  };
  const report = { ...signedIn, ...numbers, back: '/report', address: `/report/${programme.id}` };
  return {
    ...Object.fromEntries(
      [...OCCASIONS.map(({ point }) => point), 'follow-up' as const].map((point) => [
        `person-measures-${point}`,
        () => questionsPage({ ...asked, point }),
      ]),
    ),
    ...Object.fromEntries(
      READERS.map((reader) => [
        `letter-${reader}-so-far`,
        () =>
          letterPage({
            ...{ ...site, ...letter, ...sampleLetter(mark), reader, programme },
            measurements: sampleAnswers(mark).map((each) =>
              each.point === 'end' ? { ...each, point: 'middle' } : each,
            ),
            sessions: { planned: 12, held: 10, attended: 8 },
            earlier: [{ programme: `Garden mornings${mark}`, held: 2, attended: 1 }],
          }),
      ]),
    ),
    'person-measures-errors': () =>
      questionsPage({
        ...asked,
        point: 'middle',
        form: {
          values: { 'ons4-happy': '4', 'mycaw-one-words': mark },
          errors: { 'ons4-satisfied': 'Enter at least one answer' },
        },
      }),
    'person-measures-answered': () => answeredPage({ ...site, reference, at: answers.at }),
    'person-measures-not-wanted': () => answeredPage({ ...site, reference, at: answers.at, notWanted: true }),
    'person-measures-answers': () => answersPage({ ...asked, recorded: answers, other: false }),
    'person-measures-answers-other': () => answersPage({ ...asked, recorded: answers, other: true }),
    'reports-programmes': () => programmesPage({ ...signedIn, programmes }),
    'reports-report': () => reportPage({ ...report, finalOn: '2027-01-31' }),
    'reports-report-provider': () =>
      reportPage({
        ...{ ...site, ...numbers, back: '/offers/x', address: '/offers/x/report/hive-music' },
        // What changed for people is not final yet, and not theirs to see before.
        ...{ finalOn: '2027-01-31', report: { ...numbers.report, changes: [] } },
      }),
    'reports-report-few': () =>
      reportPage({
        ...{ ...report, period: current, over: false },
        report: reportOf(outcomes.slice(0, 3), INSTRUMENTS, rules),
      }),
    'reports-report-none': () => reportPage({ ...report, report: reportOf([], INSTRUMENTS, rules) }),
    'reports-report-too-many': () => reportPage({ ...report, report: undefined }),
  };
}
