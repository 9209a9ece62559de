/** Every page that a function can show, with values as they come in life. */
import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { letterDoorPage, letterPage } from '../../../functions/letters/pages/views.ts';
import {
  casePage,
  otherTeamPage,
  reviewPage,
  welfarePage,
} from '../../../functions/link-worker-review/pages/views.ts';
import { lastPlaceWent } from '../../../functions/link-worker-review/places.ts';
import {
  informationDoorPage,
  informationPage,
  informationRecordedPage,
} from '../../../functions/more-information/pages/views.ts';
import { correctedPage, correctPage } from '../../../functions/person-page/pages/views.ts';
import {
  contactPage,
  offerDoorPage,
  offerPage,
  offerRecordedPage,
  waitlistPage,
} from '../../../functions/provider-offer/pages/views.ts';
import {
  beginPage,
  checkPage,
  deletedPage,
  helpNowPage,
  homePage,
  movedPage,
  privacyPage,
  professionalPage,
  returnPage,
  savedPage,
  savePage,
  sentPage,
  startPage,
  stepPage,
} from '../../../functions/public-forms/pages/views.ts';
import { ASK_ALL_THE_SAME } from '../../../functions/public-forms/professional.ts';
import { statusPage } from '../../../functions/referrer-status/pages/views.ts';
import { allProgrammes } from '../../../functions/shared/directory/directory.ts';
import { whyNotUnreached } from '../../../functions/shared/pages/contacts.ts';
import { communicationNeedsInWords } from '../../../functions/shared/pages/person.ts';
import { conflictPage, PROBLEM_KINDS, problemPage } from '../../../functions/shared/pages/problems.ts';
import { sendAgainPage, signedOutWithTextPage, unsentIn } from '../../../functions/shared/pages/unsent.ts';
import { againstDayWords } from '../../../functions/shared/pages/words.ts';
import {
  type AccountView,
  accountPage,
  signedOutPage,
  signInPage,
} from '../../../functions/sign-in/pages/views.ts';
import { type TeamView, teamPage } from '../../../functions/team/pages/views.ts';
import { searchPage } from '../../../functions/worklist/pages/search-view.ts';
import { type WorklistView, worklistPage } from '../../../functions/worklist/pages/views.ts';
import type { Reader } from '../../../workflows/closing.ts';
import { whyNotEligible } from '../../../workflows/eligibility.ts';
import { SNOMED } from '../../../workflows/episode-code.ts';
import { fieldsOfPerson, parseForm, stepsOf } from '../../../workflows/form.ts';
import type { PlacesSummary } from '../../../workflows/places.ts';
import type { Ending, HistoryEntry, Session, Stage } from '../../../workflows/referral.ts';
import type { Person, Referrer, Request } from '../../../workflows/request.ts';
import { after, sameTimeWeeksLater } from '../../../workflows/time.ts';
import { auditSamples } from './audit-samples.ts';
import { contactsSamples, sampleHappenings } from './case-samples.ts';
import { directorySamples } from './directory-samples.ts';
import { insightsSamples } from './insights-samples.ts';
import { measuresSamples, sampleLetter } from './measures-samples.ts';
import { personSamples } from './person-samples.ts';
import { planSamples } from './plan-samples.ts';
import { providerSamples } from './provider-samples.ts';
import { registerSamples } from './register-samples.ts';
import { rightsSamples } from './rights-samples.ts';
import { asToldSamples, standingSamples } from './standing-samples.ts';

const site = {
  serviceName: 'Open Social Prescribing',
  linkWorkers: 'link-workers@service.example',
  crisisContacts: [
    { when: 'Life in danger', call: '999', note: 'or go to A&E' },
    { when: 'Urgent mental health help', call: '111', note: 'and choose option 2, day or night' },
    { when: 'If you would rather text', text: '85258', word: 'SHOUT' },
  ],
  nhsIdentity: false,
};
const reference = 'SP-7K4M-2Q9X';
const now = '2026-11-24T10:00:00.000Z';
const at = '2026-11-24T09:58:00.000Z';
const by = '2026-11-26T10:00:00.000Z';

type Answer = APIGatewayProxyStructuredResultV2;

/** The pages by name. `mark` is put into everything that people write themselves. */
export function samplePages(mark = ''): Record<string, () => Answer> {
  const programmes = allProgrammes().map((programme) => ({ ...programme, name: programme.name + mark }));
  const [programme] = programmes;
  if (!programme) throw new Error('the directory is empty');
  const person: Person = {
    firstName: `Róisín${mark}`,
    familyName: `O'Brien${mark}`,
    dateOfBirth: '2009-04-03',
    nhsNumber: '9434765919',
    email: 'roisin@people.example',
    phone: '07700 900982',
    postcode: 'NW1 8AB',
    gpPracticeCode: 'F83010',
    gpPracticeEmail: 'practice@surgery.example',
    address: `Flat 3\n12 Example Street${mark}`,
    gpPracticeName: `Example Surgery${mark}`,
    contact: {
      preferred: 'text',
      leaveMessage: false,
      phonePrivate: true,
      note: `Not before 4 pm, she is at college.${mark}`,
    },
    communication: {
      needs: ['interpreter', 'large-print'],
      language: `Irish${mark}`,
      detail: `Prefers text messages to calls.${mark}`,
    },
  };
  const referrer: Referrer = {
    kind: 'professional',
    name: `Dr Amara Okafor${mark}`,
    email: 'amara.okafor@surgery.example',
    phone: '020 7946 0000',
    role: `GP${mark}`,
    organisation: `Example Practice${mark}`,
    respondTo: { name: `Ward 7${mark}`, email: 'ward-7@hospital.example' },
  };
  const request: Request = {
    needs: `I moved here in the summer and don't know anyone.\n\nI used to sing in a choir and miss it. Evenings are hardest.${mark}`,
    whatMatters: `Singing, my sister, and quiet mornings.${mark}`,
    programmeId: programme.id,
    risks: {
      known: true,
      detail: `Has panic attacks in crowded rooms; a quiet place to step out to helps.${mark}`,
    },
    consent: { given: true, at },
  };
  const history: HistoryEntry[] = [
    { at: '2026-11-16T14:20:00.000Z', by: 'referrer', event: 'submitted' },
    { at: '2026-11-16T14:20:05.000Z', by: 'workflow', event: 'review-requested' },
    { at: '2026-11-17T11:02:00.000Z', by: 'link-worker', event: 'reviewed', detail: 'ask-for-more' },
    { at: '2026-11-18T08:31:00.000Z', by: 'person', event: 'information-given' },
    { at: '2026-11-18T12:00:00.000Z', by: 'link-worker', event: 'matched', detail: 'example-crafts' },
    { at: '2026-11-20T16:45:00.000Z', by: 'provider', event: 'offer-declined', detail: 'no-capacity' },
  ];
  const sessions = sampleSessions();
  const thePerson = {
    reference,
    createdAt: '2026-11-16T14:20:00.000Z',
    person,
    referrer,
    request,
    history,
    programmes,
    now,
    happened: sampleHappenings(mark),
  };
  const wrong = (errors: Record<string, string>, values: Record<string, string> = {}) => ({ errors, values });

  const signedIn = {
    ...{ name: `Amina${mark}`, csrf: 'csrf' },
    links: ['Worklist', 'Find a person', 'Team', 'Directory', 'Audit'].map((text) => ({
      text,
      href: '/worklist',
    })),
  };
  const atWork = { ...site, signedIn, nav: true, standing: standingSamples(mark).nobodys };
  const review = {
    ...{ ...atWork, ...thePerson, stage: 'review' as Stage, review: 'review-1' },
    questions: [
      {
        number: 1,
        to: 'person' as const,
        question: `Which days suit you?${mark}`,
        askedAt: at,
        answer: `Tuesdays or Thursdays, after four.${mark}`,
        answeredAt: at,
      },
    ],
    offers: [
      {
        number: 1,
        programmeId: 'example-crafts',
        offeredAt: at,
        result: 'declined' as const,
        declineReason: 'no-capacity',
        summary: `Likes to make things.${mark}`,
        riskSummary: `Crowded rooms are hard.${mark}`,
      },
    ],
  };
  const welfare = {
    ...{ ...atWork, ...thePerson, stage: 'programme' as Stage, programme, sessions, contact: 'welfare-1' },
    ...{ missed: 2 as number | undefined, mustSayWhy: false, concerned: false },
    ...{ standing: standingSamples(mark).shared, asTold: asToldSamples().inProgramme },
  };
  const caseView = {
    ...review,
    programme: {
      programmeId: programme.id,
      cohortId: '2026-11-03',
      planned: 12,
      firstSessionAt: sessions[0]?.startsAt ?? at,
      sessionMinutes: 90,
      sessions,
      welfare: [
        { number: 1, afterSession: 4, openedAt: at, askedAt: at },
        {
          number: 2,
          afterSession: 4,
          openedAt: at,
          outcome: 'continue' as const,
          note: `Was ill${mark}`,
          decidedAt: at,
        },
      ],
    },
    ending: undefined,
  };
  const offer = {
    ...site,
    reference,
    programme,
    ageBand: '16 to 17',
    young: true,
    area: 'NW1',
    summary: `Loves singing, would like to write songs of her own. New in the area.${mark}`,
    accessNeeds: communicationNeedsInWords(person),
    interests: 'Loneliness and isolation; on weekday evenings',
    openRisk: true,
    riskSummary: `Crowded rooms can be hard; a quiet place helps.${mark}`,
    by,
    firstSession: { date: '2026-12-03', time: '16:00' },
  };
  const answeredReferral = {
    referrerKind: 'professional',
    referrerName: `Dr Amara Okafor${mark}`,
    referrerEmail: 'amara',
    firstName: `Róisín${mark}`,
    'dateOfBirth-day': '31',
    'dateOfBirth-month': '2',
    'dateOfBirth-year': `2009${mark}`,
    postcode: 'NW1',
    needs: `  Lonely since moving.\n\n    Sings.${mark}`,
    risks: 'known',
  };
  const tooOld: Person = { ...person, dateOfBirth: '1980-04-03' };
  /** A directory that knows more than it did when it was delivered. */
  const known = programmes.map((each) => ({
    ...each,
    ...(each.id === 'example-advice' ? {} : { assuredOn: '2026-06-01' }),
    cohorts: [
      {
        id: 'spring',
        startsOn: '2027-01-11',
        capacity: 12,
      },
    ],
  }));
  const checking = { way: 'myself', back: '/refer/myself/consent', programmes, served: 'served' } as const;
  const accountView: AccountView = {
    ...site,
    signedIn,
    who: {
      ...{ sub: 'amina', name: `Amina Rahman${mark}`, email: `amina@example.org${mark}`, teams: ['camden'] },
      ...{ roles: ['link-worker', 'coordinator'], since: at, csrf: 'csrf' },
    },
    teams: [`Camden${mark}`],
    idleMinutes: 30,
    until: after(at, { hours: 12 }),
  };
  const unsent = {
    ...{ csrf: 'old', key: 'key', number: '3', action: 'contact', channel: 'phone', outcome: 'left-message' },
    ...{ 'nextDate-day': '3', 'nextDate-month': '12', 'nextDate-year': '2026', whatMatters: mark },
    contactNote: `Her neighbour answered.\nShe is at her sister’s until Thursday, and would like to sing again.${mark}`,
  };
  const answered = { action: 'answer', answer: `She told me last night that she is afraid.${mark}` };
  const team = { id: 'camden', name: `Camden${mark}` };
  const amina = { id: 'amina', name: `Amina Rahman${mark}`, since: at };
  const item = {
    ...{ place: undefined, where: undefined, due: undefined, assignee: undefined },
    ...{ reference, person, createdAt: at, answered: false },
  };
  const worklistView: WorklistView = {
    ...site,
    signedIn,
    team,
    teams: [team],
    whose: 'everyone',
    mayShare: false,
    whoseLists: { mine: 3, mineDue: 1, nobody: 200, covered: [], named: undefined },
    urgency: undefined,
    where: undefined,
    counts: { danger: 1, risk: 12, none: 200 },
    due: { danger: 1, risk: 3, none: 40 },
    elsewhere: { hold: 2, information: 4, offer: 11, programme: 34, closing: 0 },
    countedTo: 200,
    now,
    next: '2#x',
    first: true,
    items: [
      { ...item, place: { task: 'review', urgency: 'danger', by: '2026-11-24T09:30:00.000Z', isTry: false } },
      { ...item, place: { task: 'reach', urgency: 'danger', by: '2026-11-24T10:00:00.000Z', isTry: false } },
      { ...item, place: { task: 'welfare', urgency: 'risk', by, isTry: false }, missed: 3, assignee: amina },
      { ...item, place: { task: 'welfare', urgency: 'risk', by, isTry: true }, assignee: amina },
      { ...item, place: { task: 'review', urgency: 'none', by, isTry: false }, answered: true },
      { ...item, place: { task: 'review', urgency: 'none', by, isTry: true }, assignee: amina },
      { ...item, place: { task: 'review', urgency: 'none', by, isTry: true }, nextTry: '2027-01-20' },
    ],
  };
  const tom = { sub: 'tom', name: `Tom Field${mark}`, absences: [] };
  const aminaAway = {
    ...{ sub: 'amina', name: `Amina Rahman${mark}` },
    absences: [
      { from: '2026-12-21', until: '2027-01-04', cover: 'tom' },
      { from: '2027-02-12', until: '2027-02-12', cover: 'tom' },
    ],
  };
  const teamView: TeamView = {
    ...site,
    signedIn,
    team,
    teams: [team, { id: 'all', name: 'Everywhere else' }],
    loads: [
      { member: aminaAway, waiting: 12, open: 230 },
      { member: tom, waiting: 0, open: 500 },
    ],
    unassigned: {
      count: 31,
      items: [
        {
          ...{ id: 'a'.repeat(32), reference, person, createdAt: at },
          ...{ task: 'review', urgency: 'danger', by: '2026-11-24T09:30:00.000Z', isTry: false },
        },
        {
          ...{ id: 'b'.repeat(32), reference: 'SP-3M8D-K2TB', person, createdAt: at },
          ...{ task: 'review', urgency: 'none', by, isTry: true },
        },
      ],
    },
    left: [],
    countedTo: 500,
    atOnce: 20,
    now,
  };
  /** What the form itself says of what was entered. */
  const professionalWrong = (fields: Record<string, string>) => {
    const parsed = parseForm({ ...fields, referrerKind: 'professional' }, now, programmes);
    const errors = { ...('errors' in parsed ? parsed.errors : {}), send: 'Please check your answers' };
    return professionalPage({
      ...site,
      submissionKey: 'key',
      served: 'served',
      programmes,
      form: wrong(errors, fields),
    });
  };
  const readers: Reader[] = ['person', 'referrer', 'gp'];
  const unreached = {
    times: 3,
    missing: ['an attempt in another way'],
    review: 'review-1',
    contact: false,
    hold: undefined,
    danger: false,
  };
  // Another team's, opened for a reason: no links to its other pages, and nothing to do but a note.
  const { standing: _theirs, ...uncovered } = caseView;
  const covered = { ...uncovered, signedIn, nav: false, stage: 'programme' as const };
  const pages: Record<string, () => Answer> = {
    ...auditSamples({ ...site, signedIn }, mark),
    ...rightsSamples({ ...site, signedIn: { ...signedIn, coordinates: true } }, mark),
    ...insightsSamples({ ...site, signedIn: { ...signedIn, coordinates: true } }, programmes),
    ...contactsSamples({ ...site, signedIn }, person, now, mark),
    ...personSamples(site, { person, programme, sessions }, now, mark),
    ...directorySamples(site, programmes, now, mark),
    ...planSamples({ ...site, signedIn }, person, now, mark),
    ...measuresSamples(site, { ...site, signedIn }, programmes, now, mark),
    'review-unreached': () =>
      reviewPage({
        ...{ ...review, signedIn, nav: true, close: { ...unreached, state: 'unreached' } },
        request: { ...request, risks: { known: false } },
      }),
    'case-signed-in': () =>
      casePage({
        ...caseView,
        stage: 'offer',
        signedIn,
        nav: true,
        close: { ...unreached, state: 'not-yet' },
      }),
    home: () => homePage(site),
    'home-nhs': () => homePage({ ...site, nhsIdentity: true }),
    worklist: () => worklistPage(worklistView),
    'worklist-next': () =>
      worklistPage({
        ...worklistView,
        teams: [team, { id: 'all', name: 'Everywhere else' }],
        whose: 'mine',
        whoseLists: {
          mine: 3,
          mineDue: 0,
          nobody: 0,
          covered: [{ sub: 'tom', name: 'Tom Field' }],
          named: undefined,
        },
        urgency: 'risk',
        next: '1#x',
        first: false,
        unreadable: 1,
      }),
    'worklist-elsewhere': () =>
      worklistPage({
        ...worklistView,
        whose: 'tom',
        whoseLists: { ...worklistView.whoseLists, named: { sub: 'tom', name: 'Tom Field' } },
        where: 'hold',
        next: undefined,
        items: [{ ...item, where: 'hold', due: '2026-12-20T09:00:00.000Z', assignee: amina }],
      }),
    'worklist-not-found': () => worklistPage({ ...worklistView, notFound: true }),
    'worklist-empty': () =>
      worklistPage({
        ...worklistView,
        whose: 'nobody',
        items: [],
        counts: { danger: 0, risk: 0, none: 0 },
        due: { danger: 0, risk: 0, none: 0 },
        next: undefined,
      }),
    team: () => teamPage(teamView),
    'team-given': () =>
      teamPage({
        ...teamView,
        left: [
          { member: { sub: 'sam', name: `Sam Reid${mark}` }, open: 34 },
          { member: { sub: 'jo', name: `Jo Fairley${mark}` }, open: 1 },
        ],
        result: { to: `Tom Field${mark}`, given: 4, taken: [reference], gone: ['SP-3M8D-K2TB'] },
      }),
    'team-empty': () =>
      teamPage({ ...teamView, teams: [team], loads: [], unassigned: { count: 0, items: [] } }),
    'team-errors': () =>
      teamPage({
        ...teamView,
        left: [{ member: { sub: 'sam', name: `Sam Reid${mark}` }, open: 3 }],
        form: wrong({
          give: 'Select at least one referral to give',
          giveTo: 'Select who is to look after them',
          'heir-sam': 'Select who is to look after Sam’s referrals',
          leaver: 'Select who has left',
          member: 'Select who is away',
          awayFrom: 'Enter the first day away, like 27 3 2027',
          awayUntil: 'Enter the last day away, like 9 4 2027',
          cover: 'Select who covers',
        }),
      }),
    search: () => searchPage({ ...site, signedIn, asked: '' }),
    'search-found': () =>
      searchPage({
        ...site,
        signedIn,
        asked: 'O’Brien',
        results: {
          ours: [
            { reference, person, stage: 'review', createdAt: at },
            {
              reference: 'SP-3M8D-K2TB',
              person,
              stage: 'closed',
              createdAt: '2025-02-03T10:00:00.000Z',
              assignee: amina,
            },
          ],
          others: [{ reference: 'SP-9W2C-77HA' }],
          more: true,
          now,
        },
      }),
    'search-nobody': () =>
      searchPage({ ...site, signedIn, asked: 'Nobody', results: { ours: [], others: [], more: false, now } }),
    'search-errors': () =>
      searchPage({
        ...site,
        signedIn,
        asked: '',
        form: wrong({ query: 'Enter a reference, an NHS number or a name' }),
      }),
    'other-team': () => otherTeamPage({ ...site, signedIn, reference }),
    'other-team-typed': () =>
      otherTeamPage({ ...site, signedIn, reference, passedOn: 'review-1', unsent: unsentIn(unsent) }),
    'other-team-errors': () =>
      otherTeamPage({
        ...site,
        signedIn,
        reference,
        form: wrong(
          { reason: 'Enter why you need to see it in a few words, with 10 letters or more' },
          { reason: `Cover${mark}` },
        ),
      }),
    'review-signed-in': () =>
      reviewPage({
        ...{ ...review, ...site, signedIn, questions: [], offers: [], nav: true },
        otherTeams: [{ id: 'all', name: `Everywhere else${mark}` }],
        standing: standingSamples(mark).held,
      }),
    'review-signed-in-errors': () =>
      reviewPage({
        ...{ ...review, ...site, signedIn, questions: [], offers: [], nav: true },
        otherTeams: [{ id: 'all', name: `Everywhere else${mark}` }],
        standing: standingSamples(mark).nobodys,
        form: wrong(
          {
            holdUntil: 'Enter a day after today',
            holdReason: 'Select why it waits',
            signpost: 'Enter the service that you told them about',
          },
          { decision: 'hold', 'holdUntil-day': '1', 'holdUntil-month': '1', 'holdUntil-year': '2020' },
        ),
      }),
    'case-signed-in-undo': () =>
      casePage({
        ...caseView,
        stage: 'closing',
        signedIn,
        nav: true,
        standing: standingSamples(mark).undoable,
      }),
    'case-signed-in-coordinator': () =>
      casePage({
        ...{ ...caseView, stage: 'offer', signedIn, nav: true },
        ...{ standing: standingSamples(mark).shared, asTold: asToldSamples().offered },
      }),
    'case-in-programme': () =>
      casePage({ ...caseView, stage: 'programme', signedIn, asTold: asToldSamples().inProgramme }),
    'case-in-programme-errors': () =>
      casePage({
        ...{ ...caseView, stage: 'programme', signedIn, asTold: asToldSamples().concerned },
        form: wrong({
          leaves: 'Tick the box to confirm that they told you that they leave',
          endedAtProvider: 'Tick the box to confirm that the provider holds the programme no more',
        }),
      }),
    'conflict-as-told': () =>
      conflictPage({
        ...{ ...site, signedIn, reference, purpose: 'review', title: 'This was not recorded', at },
        ...{ what: 'The person left', by: `Tom Field${mark}` },
      }),
    privacy: () => privacyPage({ ...site, article6: 'public-task', article9: 'health-or-social-care' }),
    start: () => startPage({ ...site, programmeId: 'hive-music' }),
    begin: () => beginPage({ ...site, way: 'myself', served: 'served' }),
    'begin-someone-i-know': () => beginPage({ ...site, way: 'someone-i-know', served: 'served' }),
    'begin-errors': () =>
      beginPage({ ...site, way: 'myself', served: 'served', form: wrong({ send: 'That was very quick' }) }),
    professional: () => professionalPage({ ...site, submissionKey: 'key', served: 'served', programmes }),
    'professional-errors': () =>
      professionalWrong({ ...answeredReferral, 'communicationNeeds-interpreter': 'yes' }),
    'professional-empty-errors': () => professionalWrong({ danger: 'yes' }),
    'professional-not-eligible-errors': () =>
      professionalPage({
        ...site,
        submissionKey: 'key',
        served: 'served',
        programmes,
        notEligible: whyNotEligible(programmes, tooOld, { programmeId: programme.id }, now),
        form: wrong(ASK_ALL_THE_SAME, answeredReferral),
      }),
    ...Object.fromEntries(
      (['myself', 'someone-i-know'] as const).flatMap((way) =>
        stepsOf(way).flatMap((step, i) => {
          const view = {
            ...site,
            way,
            step,
            number: i + 1,
            count: stepsOf(way).length,
            back: `/refer/${way}`,
            change: false,
            programmes,
          };
          const errors = Object.fromEntries(
            step.fields
              .filter((field) => !['oneName', 'noFixedAddress', 'consentDetail'].includes(field))
              .map((field) => [field, `Something is wrong with ${field}`]),
          );
          return [
            [`${way}-${step.id}`, () => stepPage({ ...view, form: { values: {}, errors: {} } })],
            [`${way}-${step.id}-errors`, () => stepPage({ ...view, form: wrong(errors, answeredReferral) })],
          ];
        }),
      ),
    ),
    check: () => checkPage({ ...site, ...checking, fields: { ...answeredReferral, referrerKind: 'self' } }),
    'check-someone-i-know': () =>
      checkPage({
        ...site,
        ...checking,
        way: 'someone-i-know',
        fields: {
          ...answeredReferral,
          referrerKind: 'charity-worker',
          'communicationNeeds-interpreter': 'yes',
          communicationLanguage: `Irish${mark}`,
          contactPreferred: 'text',
        },
      }),
    'check-family-address': () =>
      checkPage({
        ...{ ...site, ...checking, way: 'someone-i-know' },
        fields: {
          ...answeredReferral,
          referrerKind: 'family-or-friend',
          referrerEmail: 'sile@people.example',
          email: 'sile@people.example',
          contactMayEmail: 'yes',
        },
      }),
    'check-not-eligible': () =>
      checkPage({
        ...site,
        ...checking,
        fields: { ...answeredReferral, referrerKind: 'self' },
        notEligible: whyNotEligible(programmes, tooOld, { programmeId: programme.id }, now),
      }),
    'check-no-programme-errors': () =>
      checkPage({
        ...site,
        ...checking,
        fields: { ...answeredReferral, referrerKind: 'self' },
        notEligible: { wanted: undefined, doubts: [], others: [] },
        form: wrong(ASK_ALL_THE_SAME),
      }),
    'help-now': () => helpNowPage({ ...site, self: true, next: '/refer/myself/name' }),
    'help-now-sent': () => helpNowPage({ ...site, self: false, reference }),
    save: () => savePage({ ...site, back: '/refer/myself/check' }),
    'save-errors': () =>
      savePage({ ...site, back: '/refer/myself/check', form: wrong({ saveTo: 'Enter an email address' }) }),
    saved: () => savedPage({ ...site, until: by }),
    return: () => returnPage({ ...site, until: by }),
    'return-errors': () => returnPage({ ...site, until: by, form: wrong({ send: 'Allow cookies' }) }),
    moved: () => movedPage({ ...site, at }),
    deleted: () => deletedPage(site),
    'sent-already': () => sentPage({ ...site, reference, already: 'myself' }),
    status: () => statusPage({ ...site, reference, audience: 'referrer', stage: 'review', by }),
    'status-offer': () => statusPage({ ...site, reference, audience: 'referrer', stage: 'offer', by }),
    'status-ended': () =>
      statusPage({ ...site, reference, audience: 'family-or-friend', stage: 'closed', ending: 'declined' }),
    correct: () =>
      correctPage({ ...site, reference, back: '/person/x', form: { values: fieldsOfPerson(person) } }),
    'correct-errors': () =>
      correctPage({
        ...site,
        reference,
        back: '/person/x',
        form: wrong({ postcode: 'Enter a full UK postcode, like NW1 8AB', phone: 'Enter a phone number' }),
      }),
    corrected: () => correctedPage({ ...site, corrected: { reference, back: '/person/x', mayEmail: true } }),
    'corrected-no-email': () =>
      correctedPage({ ...site, corrected: { reference, back: '/person/x', mayEmail: false } }),
    'corrected-email': () => correctedPage(site),
    'sent-newsletter': () => sentPage({ ...site, reference, newsletter: 'https://news.example/' }),
    'review-flagged': () =>
      reviewPage({
        ...review,
        request: {
          ...request,
          danger: true,
          consent: { given: false, reason: 'best-interests', detail: `Advanced dementia.${mark}`, at },
        },
        corrections: [
          { at, fields: ['familyName', 'phone'], before: { familyName: `Byrne${mark}` } },
          { at, fields: ['postcode', 'address'], before: { postcode: 'NW5 1TL', address: `Hostel${mark}` } },
        ],
        duplicates: [
          {
            ...{ reference: 'SP-0000-1111', createdAt: at, stage: 'offer' },
            ours: {
              ...{ referrer, request, sameNhsNumber: true },
              offers: [{ number: 1, programmeId: 'example-crafts', offeredAt: at }],
            },
          },
          {
            ...{ reference: 'SP-2222-3333', createdAt: at, stage: 'review' },
            ours: {
              ...{ referrer: { kind: 'self', name: `Róisín${mark}` }, offers: [], sameNhsNumber: false },
              request: { needs: request.needs, risks: { known: false }, consent: request.consent },
            },
          },
          { reference: 'SP-4444-5555', createdAt: at, stage: 'programme' },
        ],
        questions: [],
        offers: [],
      }),
    sent: () => sentPage({ ...site, reference }),
    review: () => reviewPage(review),
    'review-errors': () =>
      reviewPage({
        ...review,
        request: { ...request, risks: { known: false } },
        questions: [{ number: 1, to: 'referrer' as const, question: `When?${mark}`, askedAt: at }],
        form: wrong({ programmeId: 'Select a programme' }, { decision: 'match', summary: `Sings${mark}` }),
      }),
    'review-self': () =>
      reviewPage({
        ...review,
        referrer: { kind: 'self', name: `Róisín${mark}` },
        request: { ...request, knownNotEligible: true },
      }),
    'review-family-address': () =>
      reviewPage({
        ...review,
        person: { ...person, contact: { ...person.contact, mayEmail: false } },
        referrer: { kind: 'family-or-friend', name: `Síle${mark}`, email: person.email },
      }),
    'review-risk-errors': () =>
      reviewPage({
        ...review,
        form: wrong({ riskSummary: 'Enter what the provider must know of the risks' }, { decision: 'match' }),
      }),
    'review-assign-errors': () =>
      reviewPage({
        ...{ ...review, ...site, signedIn, questions: [], offers: [], nav: true },
        standing: { ...standingSamples(mark).nobodys, colleagues: standingSamples(mark).shared.colleagues },
        form: wrong(
          {
            to: 'Whom you chose is not on the list of the team any more, so nothing was changed: choose somebody else',
          },
          { to: 'gone', signpost: `The drop-in${mark}` },
        ),
      }),
    'review-names-errors': () =>
      reviewPage({
        ...review,
        form: wrong(
          {
            summary:
              'This has their email address and “Róisín”. The provider reads it before they accept, and must not learn who the person is. Write “they” or “the person” instead. Leave out how to reach them. If these words do not name the person, tick that below',
          },
          { decision: 'match', summary: `Róisín sings, ${person.email}`, riskSummary: `Crowds${mark}` },
        ),
      }),
    'review-danger-errors': () =>
      reviewPage({
        ...review,
        request: { ...request, danger: true, risks: { known: false } },
        form: wrong(
          { decision: 'Speak with them first, and record it: somebody may be in danger' },
          { decision: 'hold' },
        ),
      }),
    'case-left': () =>
      casePage({
        ...{ ...caseView, stage: 'offer', programme: undefined, signedIn, nav: true, left: 'gone' },
        unsent: { typed: [{ label: 'Note', value: `She was away${mark}`, rows: 2 }], chosen: [] },
      }),
    'case-was-in-danger': () =>
      casePage({
        ...caseView,
        ...{ stage: 'offer', programme: undefined, signedIn, nav: true },
        request: { ...request, danger: true, risks: { known: false } },
      }),
    'review-found': () =>
      reviewPage({
        ...review,
        programmes: known.flatMap((each) => [each, { ...each, id: `${each.id}-2` }]),
        form: { values: { decision: 'match', programmeId: 'example-advice', find: `choir${mark}` } },
      }),
    'review-ranked': () =>
      reviewPage({
        ...review,
        person: { ...tooOld, communication: { needs: ['step-free'], detail: `Uses a chair${mark}` } },
        programmes: known.flatMap((each) => [each, { ...each, id: `${each.id}-2` }]),
        preferences: {
          needs: ['loneliness', 'housing'],
          times: ['weekday-morning', 'weekday-afternoon'],
          freeOnly: true,
        },
        counted: {
          waits: new Map([
            ['example-crafts', { days: 33, people: 8 }],
            ['example-gardening', { days: 60, people: 12 }],
            ['example-advice', { days: 9, people: 1 }],
          ]),
          places: new Map(
            known.map((each) => [
              each.id,
              summaryOfPlaces(
                each.id,
                each.id === 'example-gardening' ? { free: 0, waiting: 4 } : { free: 3 },
              ),
            ]),
          ),
        },
      }),
    'review-preferences-errors': () =>
      reviewPage({
        ...review,
        preferences: { needs: ['loneliness'], times: ['weekend'] },
        ethnicGroup: 'mixed',
        ticked: {
          agreed: { preferences: { needs: ['housing'], freeOnly: true }, ethnicGroup: 'other' },
          seen: 'none',
        },
        late: true,
      }),
    'review-left': () =>
      reviewPage({
        ...{ ...review, left: 'other', programmes: known },
        ticked: { agreed: { preferences: { needs: ['housing'] } }, seen: 'none' },
        form: {
          values: { decision: 'match', summary: `Sings${mark}`, signpost: `The drop-in${mark}`, find: mark },
        },
      }),
    'review-last-place-errors': () =>
      reviewPage({
        ...review,
        programmes: known,
        counted: {
          waits: new Map(),
          places: new Map([['example-crafts', summaryOfPlaces('example-crafts', { free: 0 })]]),
        },
        form: wrong(
          { programmeId: lastPlaceWent('Example: drawing and crafts') },
          { decision: 'match', programmeId: 'example-crafts', riskSummary: `Crowds${mark}` },
        ),
      }),
    'review-groups': () =>
      reviewPage({
        ...review,
        preferences: { needs: ['loneliness'], times: ['weekday-afternoon'] },
        programmes: known.map((each) => ({
          ...each,
          cohorts: [
            { id: 'spring', startsOn: '2027-01-11', capacity: 12 },
            ...(each.id === 'example-crafts'
              ? [{ id: 'summer', startsOn: '2027-04-17', capacity: 8, time: '10:30', place: 'Garden Room' }]
              : []),
          ],
        })),
        counted: {
          waits: new Map(),
          places: new Map([['example-crafts', summaryOfPlaces('example-crafts', { free: 0 })]]),
        },
        form: { values: { decision: 'match', programmeId: 'example-crafts/summer' } },
      }),
    'review-ranking-errors': () =>
      reviewPage({
        ...review,
        form: wrong(
          { rankingReason: 'Enter why you choose this one: A choir ranks first' },
          { decision: 'match', programmeId: 'example-gardening', riskSummary: `Crowds${mark}` },
        ),
      }),
    'case-against-ranking': () =>
      casePage({
        ...caseView,
        stage: 'offer',
        programme: undefined,
        preferences: { needs: ['loneliness'] },
        history: [
          ...history,
          { at, by: 'link-worker', event: 'preferences-recorded', name: `Amina${mark}` },
          { at, by: 'link-worker', event: 'assigned', name: `Tom Field${mark}`, whom: `Amina Rahman${mark}` },
          {
            ...{ at, by: 'link-worker', event: 'reviewed', detail: 'hold', name: `Amina Rahman${mark}` },
            hold: { until: '2027-01-20T08:00:00.000Z', reason: 'person-unwell-or-away' },
          },
          { at, by: 'link-worker', event: 'matched-against-ranking', detail: 'example-gardening' },
        ],
        offers: [
          {
            ...{ number: 2, programmeId: 'example-gardening', offeredAt: at },
            againstRanking: { rank: 3, reason: `She knows two people there.${mark}` },
          },
        ],
      }),
    case: () => casePage({ ...caseView, stage: 'programme' }),
    'case-offer': () => casePage({ ...caseView, stage: 'offer', programme: undefined }),
    'case-cover': () => casePage({ ...covered, cover: { reason: mark, key: 'k', saved: true } }),
    'case-cover-errors': () =>
      casePage({
        ...{ ...covered, cover: { reason: mark, key: 'k', saved: false } },
        form: wrong({ coverNote: 'Enter a note' }, { coverNote: mark, coverUnsafe: 'yes' }),
      }),
    'case-closed': () =>
      casePage({
        ...caseView,
        stage: 'closed',
        ending: { kind: 'ended-early', decidedAt: at, reason: 'could-not-reach' },
        summaryGivenAt: at,
      }),
    'case-signposted': () =>
      casePage({
        ...caseView,
        stage: 'closing',
        offers: [],
        questions: [],
        programme: undefined,
        ending: { kind: 'signposted', decidedAt: at, signpostedTo: `The library${mark}` },
      }),
    welfare: () => welfarePage(welfare),
    'welfare-three': () => welfarePage({ ...welfare, missed: 3, mustSayWhy: true }),
    'welfare-corrected': () => welfarePage({ ...welfare, missed: 0, corrected: true }),
    'welfare-at-the-end': () => welfarePage({ ...welfare, missed: undefined, concerned: true }),
    'welfare-over': () => welfarePage({ ...welfare, missed: undefined, excused: 1, isOver: true }),
    'welfare-at-the-end-settled': () => welfarePage({ ...welfare, missed: undefined }),
    'welfare-errors': () =>
      welfarePage({
        ...welfare,
        programme: undefined,
        form: wrong({ outcome: 'Select what came of your contact' }, { note: `Called twice${mark}` }),
      }),
    'welfare-risk-errors': () =>
      welfarePage({
        ...welfare,
        person: { ...person, email: undefined },
        close: {
          state: 'risk-open',
          times: 3,
          missing: [],
          review: undefined,
          contact: true,
          hold: undefined,
          danger: false,
        },
        form: wrong(
          { outcome: whyNotUnreached({ state: 'risk-open' }) ?? '' },
          { outcome: 'could-not-reach', note: `Her phone is off${mark}` },
        ),
      }),
    'information-door': () => informationDoorPage({ ...site, reference, by }),
    information: () => informationPage({ ...site, reference, question: `Which days suit you?${mark}` }),
    'information-errors': () =>
      informationPage({
        ...site,
        reference,
        question: `Which days suit you?${mark}`,
        form: wrong({ answer: 'Enter your answer' }, { answer: '' }),
      }),
    'information-recorded': () => informationRecordedPage({ ...site, reference, at }),
    ...providerSamples({ site, signedIn, offer, person, mark }),
    'offer-door': () => offerDoorPage({ ...site, reference, programmeName: programme.name, by }),
    offer: () => offerPage(offer),
    'offer-errors': () =>
      offerPage({
        ...offer,
        asksForDay: true,
        form: wrong(
          {
            anyDay: againstDayWords['bank-holiday'],
            firstSessionTime: 'Enter a time, like 16:00',
          },
          { reply: 'accept', 'firstSessionDate-day': '1', firstSessionTime: `4pm${mark}` },
        ),
      }),
    'offer-waitlisted': () => waitlistPage({ ...offer, waiting: { since: at } }),
    'offer-still-waitlisted': () => waitlistPage({ ...offer, waiting: { since: at, confirmedAt: now } }),
    'offer-waitlisted-open': () =>
      offerPage({
        ...offer,
        waiting: { since: at },
        young: false,
        summary: undefined,
        accessNeeds: undefined,
        openRisk: false,
        riskSummary: undefined,
      }),
    'offer-risks-unsaid': () => offerPage({ ...offer, riskSummary: undefined }),
    'offer-accepted': () =>
      offerRecordedPage({
        ...site,
        reference,
        programmeName: programme.name,
        decision: 'accept',
        at,
        expected: { startsAt: '2026-12-03T16:00:00.000Z', first: true },
        running: true,
        reminded: true,
      }),
    'offer-over': () =>
      offerRecordedPage({ ...site, reference, programmeName: programme.name, decision: 'accept', at }),
    'offer-declined': () =>
      offerRecordedPage({ ...site, reference, programmeName: programme.name, decision: 'decline', at }),
    contact: () =>
      contactPage({
        ...site,
        reference,
        programmeName: programme.name,
        person,
        openRisk: true,
        riskSummary: offer.riskSummary,
        expected: { startsAt: '2026-12-03T16:00:00.000Z', first: true },
        now,
      }),
    ...registerSamples(site, programme, mark),
    'sign-in': () =>
      signInPage({ ...site, returnTo: `/worklist${mark}`, issuer: 'https://login.example.org' }),
    'signed-out': () => {
      const next = `https://login.example.org/logout?a=b&c=d${encodeURI(mark)}`;
      const answer = signedOutPage({ ...site, next });
      // It would lead away from the sample.
      const { refresh: _, ...headers } = answer.headers ?? {};
      return { ...answer, headers };
    },
    'signed-out-here': () => signedOutPage({ ...site, next: undefined }),
    // Both are there whenever something was typed.
    'unsent-signed-out': () =>
      signedOutWithTextPage({ ...site, signIn: `/sign-in?return=/a${mark}`, fields: unsent }) as Answer,
    'unsent-again': () =>
      sendAgainPage({
        ...site,
        signedIn,
        address: `/referrals/${reference}/contacts`,
        fields: unsent,
      }) as Answer,
    account: () => accountPage(accountView),
    'account-provider': () =>
      accountPage({
        ...accountView,
        who: { ...accountView.who, roles: ['provider-staff'], teams: [] },
        teams: [],
      }),
    'account-without-role': () =>
      accountPage({
        ...accountView,
        who: { ...accountView.who, email: '', roles: [], teams: [] },
        teams: [],
      }),
    conflict: () => conflictPage({ ...site, reference, purpose: 'offer', recorded: 'accept', at }),
    'conflict-moved-on': () => conflictPage({ ...site, reference, purpose: 'review' }),
    'conflict-answer-typed': () =>
      conflictPage({ ...site, reference, purpose: 'information', unsent: unsentIn(answered) }),
    'problem-revoked-typed': () => problemPage('revoked', { ...site, unsent: unsentIn(answered) }),
    'conflict-typed': () =>
      conflictPage({
        ...{ ...site, signedIn, reference, purpose: 'review', recorded: 'decline', at },
        ...{ by: `Tom Field${mark}`, unsent: unsentIn(unsent) },
      }),
    'conflict-taken-back': () =>
      conflictPage({
        ...{ ...site, signedIn, reference, purpose: 'review', recorded: 'decline', at },
        ...{ by: `Amina${mark}`, takenBack: { at, by: `Tom Field${mark}` }, unsent: unsentIn(unsent) },
      }),
    'conflict-another-team': () =>
      conflictPage({
        ...{ ...site, signedIn, reference, purpose: 'review', elsewhere: true, unsent: unsentIn(unsent), at },
        ...{ what: `The referral was passed to another team: Islington${mark}`, by: `Tom Field${mark}` },
      }),
  };
  const endings: Ending[] = [
    { kind: 'completed', decidedAt: at },
    { kind: 'declined', decidedAt: at, reason: 'could-not-reach' },
    { kind: 'signposted', decidedAt: at, signpostedTo: `The drop-in at the library\nTuesdays, 2 pm${mark}` },
    { kind: 'withdrawn', decidedAt: at },
    { kind: 'ended-early', decidedAt: at, reason: 'after-welfare-contact' },
    { kind: 'ended-early', decidedAt: at, reason: 'could-not-reach' },
    { kind: 'ended-early', decidedAt: at, reason: 'ended-at-provider' },
  ];
  const suffixes: Record<string, string> = {
    'could-not-reach': '-unreached',
    'ended-at-provider': '-at-provider',
  };
  for (const reader of readers) {
    pages[`letter-door-${reader}`] = () => letterDoorPage({ ...site, reference, reader });
    if (reader !== 'referrer') {
      const ending: Ending = { kind: 'declined', decidedAt: at, reason: 'duplicate' };
      const letter = { ...site, signedIn, reference, reader, toPrint: true };
      pages[`letter-print-${reader}`] = () =>
        letterPage({
          ...{ ...letter, date: now, createdAt: at, person, referrer, ending },
          snomed: { ...SNOMED.referral, givenOn: at },
        });
    }
    for (const ending of endings) {
      const why = ending.kind === 'ended-early' ? ending.reason : undefined;
      pages[`letter-${reader}-${ending.kind}${suffixes[why ?? ''] ?? ''}`] = () =>
        letterPage({
          ...site,
          reference,
          reader,
          date: now,
          createdAt: '2026-08-16T14:20:00.000Z',
          person,
          referrer,
          ending,
          missed: why === 'could-not-reach',
          ...(ending.kind === 'declined' || ending.kind === 'signposted'
            ? {}
            : { programme, sessions: { planned: 12, held: 12, attended: 10 }, ...sampleLetter(mark) }),
          snomed: SNOMED.referral,
        });
    }
  }
  for (const kind of PROBLEM_KINDS) {
    pages[`problem-${kind}`] = () => problemPage(kind, { ...site, requestId: 'Xb3cQj4sLPEEJ8g=' });
  }
  for (const kind of ['signed-out', 'sign-in-failed'] as const) {
    pages[`problem-${kind}-again`] = () =>
      problemPage(kind, { ...site, signIn: `/sign-in?return=/a${mark}` });
  }
  return pages;
}

/** Of a programme with one group of twelve. */
function summaryOfPlaces(
  programmeId: string,
  { free, waiting = 0 }: { free: number; waiting?: number },
): PlacesSummary {
  const group = { id: 'spring', startsOn: '2027-01-11', joinUntil: '2027-02-15T16:00:00.000Z' };
  const places = { said: 12, capacity: 12, held: 2, taken: 10 - free };
  return { programmeId, version: 1, cohorts: [{ ...group, ...places }], waiting };
}

function sampleSessions(): Session[] {
  const first = '2026-10-27T16:00:00.000Z';
  const statuses = ['held', 'cancelled', 'held', 'held', 'planned'] as const;
  const attendances = ['5', '4', '3', '7', undefined] as const;
  return statuses.map((status, i) => {
    const startsAt = sameTimeWeeksLater(first, i);
    const attendance = attendances[i];
    return {
      number: i + 1,
      startsAt,
      endsAt: after(startsAt, { minutes: 90 }),
      status,
      ...(attendance === undefined ? {} : { attendance }),
    };
  });
}
