/** The pages between a provider and the link workers, with values as they come in life. */
import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { questionsPage } from '../../../functions/link-worker-answers/pages/views.ts';
import {
  codePage,
  type OfferView,
  offerDoorPage,
  offerPage,
  waitlistPage,
} from '../../../functions/provider-offer/pages/views.ts';
import { askPage, offersPage, sentPage } from '../../../functions/provider-offers/pages/views.ts';
import { allProgrammes } from '../../../functions/shared/directory/directory.ts';
import type { OpenOffer } from '../../../functions/shared/open-offers.ts';
import type { Site } from '../../../functions/shared/pages/page.ts';
import { missingIn, type RunningGroup } from '../../../functions/shared/running-groups.ts';
import { newCohort } from '../../../workflows/cohort.ts';
import { sessionsFrom } from '../../../workflows/planning.ts';
import type { Offer, OfferQuestion } from '../../../workflows/referral.ts';
import type { Person } from '../../../workflows/request.ts';
import { accepted, offered } from '../workflows/builders.ts';

const reference = 'SP-7K4M-2Q9X';
const at = '2026-11-24T09:58:00.000Z';
const by = '2026-11-26T10:00:00.000Z';

/** One whose register is missing, one that begins, one person's own that runs. */
function sampleGroups(): RunningGroup[] {
  return [
    ['GR-4KD2-9XQA', '2026-11-03T16:00:00.000Z', 'SP-5T5T-0AAZ', 'SP-8QK4-11ZX'],
    ['GR-72HM-PW31', '2026-12-04T10:00:00.000Z', 'SP-6MM2-8RRQ'],
    ['SP-2GHJ-5KL7', '2026-11-27T16:00:00.000Z', 'SP-2GHJ-5KL7'],
  ].map(([reference = '', firstAt = '', ...people]) => {
    const plan = { programmeId: 'hive-music', cohortId: reference, firstAt, count: 12, minutes: 90 };
    const cohort = newCohort(plan, { id: 'a'.repeat(32), reference, now: firstAt });
    const referral = accepted();
    if (referral.stage !== 'programme') throw new Error('no programme');
    const { programme } = referral;
    return {
      cohort,
      people: people.map((each) => ({
        ...referral,
        reference: each,
        programme: {
          ...programme,
          sessions: programme.sessions.map((session) => ({ ...session, startsAt: firstAt })),
        },
      })),
      next: sessionsFrom(cohort, at)[0],
      missing: missingIn(cohort, at),
    };
  });
}

/** @param mark put into everything that people write themselves. */
export function providerSamples({
  site,
  signedIn,
  offer,
  person,
  mark,
}: {
  site: Site;
  signedIn: NonNullable<Site['signedIn']>;
  offer: OfferView;
  person: Person;
  mark: string;
}): Record<string, () => APIGatewayProxyStructuredResultV2> {
  const open: OfferQuestion = {
    number: 2,
    text: `Would somebody come along the first time?\n\nOur room is on the second floor, and the lift is out of order until January.${mark}`,
    askedAt: at,
  };
  const answered: OfferQuestion = {
    number: 1,
    text: `Does the person read music?${mark}`,
    askedAt: '2026-11-20T11:00:00.000Z',
    answer: `No, and would like to learn. Large print helps.${mark}`,
    answeredAt: '2026-11-20T15:30:00.000Z',
    by: `Amina Rahman${mark}`,
  };
  const theOffer: Offer = {
    number: 2,
    programmeId: 'hive-music',
    offeredAt: at,
    summary: `Loves singing, would like to write songs of her own.${mark}`,
    riskSummary: `Crowded rooms can be hard.${mark}`,
    questions: [answered, open],
  };
  const before: Offer = {
    number: 1,
    programmeId: 'example-crafts',
    offeredAt: at,
    result: 'declined',
    questions: [{ number: 1, text: `Which days are possible?${mark}`, askedAt: at }],
  };
  const questions = {
    ...{ ...site, signedIn, reference, person, open, by },
    offers: [before, theOffer],
    nameOf: (id: string) => (id === 'hive-music' ? `Hive Music${mark}` : undefined),
  };
  const waiting = { since: at };
  const group = {
    ...{ cohortId: 'spring', free: 1, capacity: 12, place: `Room 2, Kentish Town Library${mark}` },
    sessions: ['2027-01-12T16:00:00.000Z', '2027-01-19T16:00:00.000Z'],
  };
  const referral = offered();
  const openOffer = (reference: string, change: Partial<Offer> = {}): OpenOffer => {
    const [first] = referral.offers;
    if (!first) throw new Error('no offer');
    const one = { ...first, ...change };
    return { referral: { ...referral, reference, offers: [one] }, offer: one };
  };
  const allOffers = {
    ...site,
    offers: [
      openOffer('SP-7K4M-2Q9X'),
      openOffer('SP-9W2C-77HA', { waitlistedAt: at, cohortId: 'spring', calledAt: at }),
      openOffer('SP-33TR-0PQX', { waitlistedAt: '2026-10-05T09:00:00.000Z' }),
      openOffer('SP-1B2C-3D4E', { questions: [open] }),
    ],
    more: true,
    address: '/offers/x',
    programmes: allProgrammes().map((each) => ({ ...each, name: each.name + mark })),
    groups: sampleGroups(),
    morePeople: true,
    now: at,
  };
  return {
    'offer-question-waits': () => offerPage({ ...offer, by: undefined, questions: [answered, open] }),
    'offer-question-answered': () => offerPage({ ...offer, questions: [answered], nextQuestion: 2 }),
    'offer-question-errors': () =>
      offerPage({
        ...offer,
        questions: [answered],
        nextQuestion: 2,
        form: { values: { question: '' }, errors: { question: 'Enter your question' } },
      }),
    'offer-door-question': () =>
      offerDoorPage({ ...site, reference, programmeName: `Hive Music${mark}`, asked: at }),
    'offer-group': () => offerPage({ ...offer, group }),
    'offer-group-called': () => waitlistPage({ ...offer, group, waiting }),
    'offer-group-full': () => waitlistPage({ ...offer, full: true, waiting: { ...waiting, noRoom: true } }),
    'offer-waitlisted-question': () => waitlistPage({ ...offer, waiting, asked: at }),
    'offer-code': () => codePage({ ...site, reference, address: 'music@hive.example', sentAt: at }),
    'offer-code-errors': () =>
      codePage({
        ...{ ...site, reference, address: 'music@hive.example' },
        form: {
          values: {},
          errors: { code: 'That is not the code. Look for the newest email, and enter its code' },
        },
      }),
    offers: () => offersPage(allOffers),
    'offers-gone': () => offersPage({ ...allOffers, more: false, gone: true }),
    'offers-none': () => offersPage({ ...allOffers, offers: [], more: false, groups: [], morePeople: false }),
    'offers-groups': () => offersPage({ ...allOffers, offers: [], more: false, morePeople: false }),
    'offers-ask': () => askPage(site),
    'offers-ask-errors': () =>
      askPage({
        ...site,
        form: {
          values: { email: 'music@' },
          errors: { email: 'Enter an email address in the correct format, like name@example.com' },
        },
      }),
    'offers-sent': () => sentPage(site),
    'provider-question': () => questionsPage(questions),
    'provider-question-errors': () =>
      questionsPage({
        ...questions,
        form: {
          values: { answer: `Ask Róisín${mark}` },
          errors: {
            answer:
              'This has “Róisín”. The provider reads it before they accept, and must not learn who the person is. Write “they” or “the person” instead. If these words do not name the person, tick that below',
          },
        },
      }),
    'provider-question-late': () =>
      questionsPage({
        ...{ ...questions, open: undefined, offers: [before, { ...theOffer, questions: [answered] }] },
        late: {
          why: 'Amina has answered this question since you opened the page',
          typed: `Yes, she does${mark}`,
        },
      }),
    'provider-question-answered': () =>
      questionsPage({
        ...{ ...questions, open: undefined, answered: true },
        offers: [before, { ...theOffer, questions: [answered] }],
      }),
    'provider-question-none': () => questionsPage({ ...questions, open: undefined, offers: [] }),
  };
}
