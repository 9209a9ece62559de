/** What people do to a service: each through a form of a page that they may open, or a link that they were sent. */

import { parse } from 'node-html-parser';
import { handler as directory } from '../../functions/directory/handler.ts';
import { handler as answers } from '../../functions/link-worker-answers/handler.ts';
import { handler as contacts } from '../../functions/link-worker-contacts/handler.ts';
import { handler as review } from '../../functions/link-worker-review/handler.ts';
import { handler as information } from '../../functions/more-information/handler.ts';
import { handler as personPage } from '../../functions/person-page/handler.ts';
import { handler as voice } from '../../functions/person-voice/handler.ts';
import { handler as offerPage } from '../../functions/provider-offer/handler.ts';
import { handler as forms } from '../../functions/public-forms/handler.ts';
import { servedAt } from '../../functions/public-forms/trap.ts';
import { handler as register } from '../../functions/session-register/handler.ts';
import { referralIdOf } from '../../functions/shared/links.ts';
import type { CohortRecord } from '../../workflows/cohort-record.ts';
import { openConcern } from '../../workflows/concerns.ts';
import { dangerStands } from '../../workflows/danger.ts';
import { stepsOf } from '../../workflows/form.ts';
import type { Referral } from '../../workflows/referral.ts';
import { after, isDue, londonDate } from '../../workflows/time.ts';
import { formOf } from './case-world.ts';
import { type Random, randomOf } from './random.ts';
import { type Answer, NO_ANSWER, OTHER_PROGRAMME, PROGRAMME, type Service, type Who } from './service.ts';

type Fields = Record<string, string>;

/** What somebody says of themselves, by chance. Every name and word of theirs is one that must turn up nowhere (holds.ts). */
function personFields(random: Random): Fields {
  const risks = random.chance(0.25);
  return {
    danger: random.chance(0.15) ? 'yes' : 'no',
    firstName: 'Zebulon',
    familyName: `Quixmire${random.below(1000)}`,
    ...{
      'dateOfBirth-day': String(1 + random.below(28)),
      'dateOfBirth-month': '4',
      'dateOfBirth-year': '2007',
    },
    ...(random.chance(0.3) ? { nhsNumber: '943 476 5919' } : {}),
    ...(random.chance(0.8)
      ? {
          email: `zq-person-${random.below(1000)}@people.example`,
          contactMayEmail: random.chance(0.85) ? 'yes' : 'no',
        }
      : {}),
    phone: '07700 900982',
    postcode: 'NW1 8AB',
    gpPractice: 'known',
    gpPracticeCode: 'F83010',
    ...(random.chance(0.5) ? { gpPracticeEmail: 'gp@practice.example' } : {}),
    needs: 'Larkspur and loneliness',
    risks: risks ? 'known' : 'none-known',
    ...(risks ? { risksDetail: 'Larkspur is a risk' } : {}),
    consent: 'yes',
    programmeId: 'advise',
    ...{ oneName: '', contactLeaveMessage: 'yes', contactPreferred: 'phone' },
  };
}

/**
 * Somebody is referred: by a professional, or by themself or their family, one question at a time. Sent again until it is answered. `said`: what is
 * not left to chance; then a professional sends it.
 */
export async function refer(service: Service, random: Random, said?: Fields): Promise<void> {
  const fields = { ...personFields(random), ...said };
  const way = said
    ? 'professional'
    : random.pick(['professional', 'professional', 'professional', 'myself', 'someone-i-know'] as const);
  const referrer = {
    ...{
      referrerName: 'Dr Zebulon Quixmire',
      referrerEmail: 'zq-person-doctor@practice.example',
      referrerRole: 'GP',
    },
    ...{
      referrerOrganisation: 'Example Practice',
      referrerKind: way === 'professional' ? 'professional' : 'family-or-friend',
    },
  };
  if (way !== 'professional') {
    await referBySteps(service, way, way === 'myself' ? fields : { ...fields, ...referrer });
    return;
  }
  const early = after(service.cloud.now, { minutes: -2 });
  const served = await servedAt('professional', early);
  const submissionKey = random.uuid();
  const sent = { ...fields, ...referrer, submissionKey, served };
  for (let tries = 0; tries < 3; tries++) {
    const { status } = await service.ask(forms, { route: 'POST /refer/professional', fields: sent });
    if (status === 303) {
      service.known.add(referralIdOf(submissionKey));
      return;
    }
  }
}

async function referBySteps(
  service: Service,
  way: 'myself' | 'someone-i-know',
  fields: Fields,
): Promise<void> {
  const early = after(service.cloud.now, { minutes: -2 });
  let cookies: string[] = [];
  const send = async (path: string, more: Fields): Promise<Answer> => {
    const at = path === '' ? '' : '/{step}';
    for (let tries = 0; tries < 3; tries++) {
      const answer = await service.ask(forms, {
        route: `POST /refer/${way}${at}`,
        path: { step: path },
        fields: more,
        cookies,
      });
      if (answer.cookies.length > 0) cookies = answer.cookies.map((cookie) => cookie.split(';')[0] ?? '');
      if (answer.status === 303) return answer;
    }
    return NO_ANSWER;
  };
  if ((await send('', { served: await servedAt('begin', early) })).status !== 303) return;
  for (const { id } of stepsOf(way)) if ((await send(id, fields)).status !== 303) return;
  await send('check', { action: 'send', served: await servedAt('check', early), askLinkWorker: 'yes' });
}

/** The hidden fields of the form of a page that has a button for an action; of all forms where none has. */
function hiddenIn(body: string, action = ''): Fields {
  const fields: Fields = {};
  const form = body.split('<form').find((each) => each.includes(`value="${action}"`));
  for (const [input] of (form ?? body).matchAll(/<input[^>]*type="hidden"[^>]*>/g)) {
    const name = /name="([^"]*)"/.exec(input)?.[1];
    const value = /value="([^"]*)"/.exec(input)?.[1] ?? '';
    if (name !== undefined)
      fields[name] = value.replaceAll('&quot;', '"').replaceAll('&amp;', '&').replaceAll('&#39;', "'");
  }
  return fields;
}

const at = (service: Service, { reference }: Referral, path = '') => ({
  get: { route: `GET /referrals/{reference}${path}`, path: { reference } },
  post: { route: `POST /referrals/{reference}${path}`, path: { reference } },
  now: service.cloud.now,
});

/** Somebody of the team opens a page of a referral and sends its form. `twice`: they press the button twice. */
async function onPage(
  service: Service,
  referral: Referral,
  handler: unknown,
  {
    path = '',
    fields,
    as = 'amina',
    twice = false,
  }: { path?: string; fields: Fields; as?: Who; twice?: boolean },
): Promise<Answer> {
  const { get, post } = at(service, referral, path);
  const seen = await pressed(false, () => service.ask(handler, { ...get, as }));
  if (seen.status !== 200) return seen;
  const sent = { ...post, as, fields: { ...hiddenIn(seen.body, fields.action), ...fields } };
  return pressed(twice, () => service.ask(handler, sent));
}

async function byLink(
  service: Service,
  id: string,
  handler: unknown,
  purpose: string,
  {
    path = '',
    fields,
    twice = false,
    session,
  }: { path?: string; fields: Fields; twice?: boolean; session?: number },
): Promise<Answer> {
  const found = service.link(id, purpose);
  if (!found) return NO_ANSWER;
  const query = session === undefined ? found.query : { session: String(session) };
  const sent = { route: `POST /${purpose}/{link}${path}`, path: { link: found.link }, query, fields };
  return pressed(twice, () => service.ask(handler, sent));
}

async function pressed(twice: boolean, send: () => Promise<Answer>): Promise<Answer> {
  const answers = await Promise.all(twice ? [send(), send()] : [send()]);
  const [first = NO_ANSWER] = answers;
  // Whoever sees that something went wrong presses again.
  return first.status === 0 || first.status >= 500 ? send() : first;
}

function dateFields(name: string, date: string): Fields {
  const [year = '', month = '', day = ''] = date.split('-');
  return { [`${name}-day`]: day, [`${name}-month`]: month, [`${name}-year`]: year };
}

type Decision = 'match' | 'ask-for-more' | 'signpost' | 'decline' | 'hold';

export async function decide(
  service: Service,
  referral: Referral,
  decision: Decision,
  programmeId = PROGRAMME,
  twice = false,
): Promise<Answer> {
  const fields: Fields = {
    ...{ action: 'decide', decision, programmeId, rankingReason: 'They know it', matchAnyway: 'yes' },
    ...{
      riskSummary: 'Better in small groups',
      askWhom: 'referrer',
      question: 'When?',
      signpostedTo: 'The library',
    },
    ...{ declineReason: 'needs-other-service', holdReason: 'person-asked' },
    ...dateFields('holdUntil', londonDate(after(service.cloud.now, { days: 9 }))),
  };
  const answer = await onPage(service, referral, review, { fields, twice });
  if (answer.status !== 422 || decision !== 'match') return answer;
  // The last place went meanwhile, the ranking is another, or somebody in danger would wait for a place: whoever reads that goes on.
  if (dangerStands(referral)) await callPerson(service, referral, 'reached');
  const { post } = at(service, referral);
  return service.ask(review, {
    ...post,
    as: 'amina',
    fields: { ...hiddenIn(answer.body, 'decide'), ...fields },
  });
}

export function undo(service: Service, referral: Referral): Promise<Answer> {
  return onPage(service, referral, review, { fields: { action: 'undo' } });
}

export function reply(
  service: Service,
  referral: Referral,
  what: 'accept' | 'waitlist' | 'decline',
  declineReason = 'not-eligible',
  twice = false,
): Promise<Answer> {
  const fields = {
    ...{ action: 'reply', reply: what, declineReason, anyDay: 'yes', firstSessionTime: '16:00' },
    ...dateFields('firstSessionDate', londonDate(after(service.cloud.now, { days: 5 }))),
  };
  return byLink(service, referral.id, offerPage, 'offer', { fields, twice });
}

export function answer(service: Service, referral: Referral): Promise<Answer> {
  return byLink(service, referral.id, information, 'information', {
    fields: { action: 'answer', answer: 'On Mondays' },
  });
}

export function askAboutOffer(service: Service, referral: Referral): Promise<Answer> {
  const number = String((referral.offers.at(-1)?.questions?.length ?? 0) + 1);
  return byLink(service, referral.id, offerPage, 'offer', {
    fields: { action: 'ask', question: 'Is there a lift?', number },
  });
}

export function answerAboutOffer(service: Service, referral: Referral): Promise<Answer> {
  return onPage(service, referral, answers, {
    path: '/questions',
    fields: { action: 'answer', answer: 'There is one' },
  });
}

export function leave(service: Service, referral: Referral): Promise<Answer> {
  return byLink(service, referral.id, personPage, 'person', { fields: { action: 'leave', confirm: 'yes' } });
}

/** Somebody phones: a link worker records that they leave. */
export function tellThatTheyLeave(service: Service, referral: Referral): Promise<Answer> {
  return onPage(service, referral, review, { fields: { action: 'told-leaves', leaves: 'yes' } });
}

/** A link worker ends the programme of somebody whose provider holds it no more. */
export function endAtProvider(service: Service, referral: Referral): Promise<Answer> {
  const fields = { action: 'ended-at-provider', endedAtProvider: 'yes' };
  return onPage(service, referral, review, { fields, twice: true });
}

export async function say(service: Service, referral: Referral, unsafe: boolean): Promise<Answer> {
  const found = service.link(referral.id, 'person');
  if (!found) return NO_ANSWER;
  const path = { link: found.link };
  const seen = await service.ask(voice, { route: 'GET /person/{link}/feedback', path });
  const fields = {
    ...hiddenIn(seen.body),
    text: 'Larkspur',
    rating: 'good',
    ...(unsafe ? { unsafe: 'yes' } : {}),
  };
  return service.ask(voice, { route: 'POST /person/{link}/feedback', path, fields });
}

export async function settle(service: Service, referral: Referral): Promise<Answer> {
  return onPage(service, referral, contacts, {
    path: '/contacts',
    fields: { action: 'settle', settled: 'Spoke with them' },
  });
}

export function callPerson(
  service: Service,
  referral: Referral,
  outcome: 'reached' | 'no-answer' = 'no-answer',
): Promise<Answer> {
  const fields = {
    action: 'contact',
    channel: 'phone',
    outcome,
    when: 'now',
    contactNote: 'Larkspur',
  };
  return onPage(service, referral, contacts, { path: '/contacts', fields });
}

export function take(service: Service, referral: Referral): Promise<Answer> {
  return onPage(service, referral, review, { fields: { action: 'assign' } });
}

export function welfare(
  service: Service,
  referral: Referral,
  outcome: 'continue' | 'close',
  twice = false,
): Promise<Answer> {
  return onPage(service, referral, review, {
    fields: { action: 'welfare', outcome, note: 'As agreed' },
    twice,
  });
}

/** The session of a group whose register is open. */
export function openSession(service: Service, cohort: CohortRecord): number | undefined {
  return cohort.sessions.find(
    ({ status, startsAt }) => status === 'planned' && isDue(startsAt, service.cloud.now),
  )?.number;
}

/** The facilitator records who came. `codes`: what to say of each, in turn. */
export function record(
  service: Service,
  cohort: CohortRecord,
  session: number,
  said: 'cancelled' | ((person: number) => string),
  { twice = false, notRight = false }: { twice?: boolean; notRight?: boolean } = {},
): Promise<Answer> {
  const fields: Fields = { action: 'record', held: said === 'cancelled' ? 'cancelled' : 'yes' };
  if (said !== 'cancelled') {
    const revision = cohort.sessions.find(({ number }) => number === session)?.register?.revision;
    fields.basedOn = String(revision ?? 'none');
    for (const [i, { id }] of service.referrals().entries()) {
      fields[`attendance-${id}`] = said(i);
      if (notRight && i === 0) {
        fields[`notRight-${id}`] = 'yes';
        fields[`note-${id}`] = 'Larkspur';
      }
    }
  }
  return byLink(service, cohort.id, register, 'register', { fields, session, twice });
}

/** The coordinator says that the first group has so many places. */
export async function places(service: Service, capacity: number): Promise<Answer> {
  const path = { programme: PROGRAMME };
  const seen = await service.ask(directory, { route: 'GET /directory/{programme}', path, as: 'grace' });
  const form = seen.status === 200 && formOf(parse(seen.body), 'input[name=version]');
  if (!form) return NO_ANSWER;
  const fields = { ...form, action: 'save', 'cohort-1-capacity': String(capacity) };
  return service.ask(directory, { route: 'POST /directory/{programme}', path, fields, as: 'grace' });
}

/** Whoever has to act on a referral next does, in the way that brings it to an end. `patience`: how often they still try to find a programme. */
export async function goOnWith(service: Service, referral: Referral, patience: boolean): Promise<void> {
  if (openConcern(referral)) await settle(service, referral);
  switch (referral.stage) {
    case 'review':
      await decide(service, referral, patience && referral.offers.length < 2 ? 'match' : 'decline');
      return;
    case 'information':
      await answer(service, referral);
      return;
    case 'offer': {
      const { waitlistedAt, cohortId, questions = [] } = referral.offers.at(-1) ?? {};
      if (questions.some(({ answer: said }) => said === undefined)) await answerAboutOffer(service, referral);
      if (waitlistedAt === undefined || cohortId !== undefined) {
        await reply(service, referral, 'accept');
        return;
      }
      const { status } = await reply(service, referral, 'decline');
      // Whoever waits for a group is the link workers' to move on: they are told again and again.
      if (status !== 303) await undo(service, referral);
      return;
    }
    case 'programme':
      if (referral.programme.welfare.some(({ outcome }) => outcome === undefined))
        await welfare(service, referral, 'continue');
      return;
  }
}

/** Something that somebody does now, by chance, as far as it makes sense of how things are. */
export async function somethingHappens(service: Service, random: Random): Promise<void> {
  const twice = random.chance(0.15);
  const referrals = service.referrals();
  const open = referrals.filter(({ stage }) => stage !== 'closed');
  if (random.chance(0.08)) return operatorActs(service, random);
  for (const cohort of service.cohorts()) {
    const session = openSession(service, cohort);
    if (session === undefined || random.chance(0.3)) continue;
    const said = random.chance(0.08) ? 'cancelled' : comingBy(service, random);
    await record(service, cohort, session, said, { twice, notRight: random.chance(0.05) });
    return;
  }
  const referral = random.pick(random.chance(0.9) && open.length > 0 ? open : referrals);
  if (!referral) return;
  await actOn(service, random, referral, twice);
}

/** Some people miss many sessions. */
function comingBy(service: Service, random: Random): (person: number) => string {
  const code = random.pick(['5', '5', '5', '6', '7', '2']);
  return (person) => {
    const misses = randomOf(service.seed, 'misses', person).chance(0.3);
    return misses && random.chance(0.8) ? '3' : code;
  };
}

async function actOn(service: Service, random: Random, referral: Referral, twice: boolean): Promise<void> {
  if (random.chance(0.08)) return race(service, random, referral);
  const among = random.next();
  if (among < 0.03) await leave(service, referral);
  else if (among < 0.07) await say(service, referral, random.chance(0.4));
  else if (among < 0.11) await callPerson(service, referral);
  else if (among < 0.16) await undo(service, referral);
  else if (among < 0.19) await take(service, referral);
  else if (among < 0.4 && openConcern(referral)) await settle(service, referral);
  else {
    switch (referral.stage) {
      case 'review': {
        const decision = service.crowded
          ? 'match'
          : random.pick([
              'match',
              'match',
              'match',
              'match',
              'match',
              'match',
              'ask-for-more',
              'hold',
              'signpost',
              'decline',
            ] as const);
        await decide(
          service,
          referral,
          decision,
          service.crowded || random.chance(0.85) ? PROGRAMME : OTHER_PROGRAMME,
          twice,
        );
        return;
      }
      case 'information':
        await answer(service, referral);
        return;
      case 'offer': {
        if (referral.offers.at(-1)?.questions?.some(({ answer: said }) => said === undefined)) {
          await answerAboutOffer(service, referral);
          return;
        }
        const what = random.pick([
          'accept',
          'accept',
          'accept',
          'accept',
          'accept',
          'full',
          'decline',
          'waitlist',
          'ask',
        ] as const);
        if (what === 'ask') await askAboutOffer(service, referral);
        else if (what === 'full') await reply(service, referral, 'decline', 'no-capacity', twice);
        else await reply(service, referral, what, 'not-eligible', twice);
        return;
      }
      case 'programme':
        if (referral.programme.welfare.some(({ outcome }) => outcome === undefined)) {
          await welfare(service, referral, random.chance(0.5) ? 'continue' : 'close', twice);
        }
        return;
    }
  }
}

/** Two people press a button at the same moment, each on a page that they have before them. */
async function race(service: Service, random: Random, referral: Referral): Promise<void> {
  const pairs: Record<string, (() => Promise<unknown>)[]> = {
    review: [
      () => decide(service, referral, 'match'),
      () => decide(service, referral, 'decline'),
      () => leave(service, referral),
    ],
    information: [
      () => answer(service, referral),
      () => undo(service, referral),
      () => leave(service, referral),
    ],
    offer: [
      () => reply(service, referral, 'accept'),
      () => undo(service, referral),
      () => leave(service, referral),
    ],
  };
  const acts = pairs[referral.stage] ?? [];
  const first = random.below(Math.max(1, acts.length));
  await Promise.all(acts.filter((_, i) => i !== first).map((act) => act()));
}

async function operatorActs(service: Service, random: Random): Promise<void> {
  const { cloud } = service;
  const what = random.pick(['rebuild', 'restart', 'places', 'look', 'outage', 'sweep'] as const);
  cloud.log.push(`${cloud.now} ${what}`);
  switch (what) {
    case 'places':
      await places(service, 1 + random.below(3));
      return;
    case 'look':
      cloud.invokeLater('directory-sweep', { now: cloud.now });
      return;
    case 'outage':
      service.outageUntil = cloud.nowMs + (1 + random.below(9)) * 86_400_000;
      return;
    case 'sweep':
      // At a time that is past, or by a clock that is ahead.
      // Ahead by less than a claim lasts: by more, an email may go out twice.
      cloud.invokeLater('sweep', { now: after(cloud.now, { minutes: random.pick([-600, -5, 0, 1]) }) });
      return;
    default:
      if (what === 'restart') service.restart();
      await service.rebuild();
  }
}
