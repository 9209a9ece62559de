/** Each way in which a referral may go, played by people who do just that, so that a single fault can be put at any call on the way. */
import type { Referral } from '../../workflows/referral.ts';
import {
  answer,
  decide,
  endAtProvider,
  goOnWith,
  leave,
  openSession,
  record,
  refer,
  reply,
  tellThatTheyLeave,
  undo,
  welfare,
} from './deeds.ts';
import type { Plan } from './faults-of-aws.ts';
import { DoesNotHold } from './life.ts';
import { randomOf } from './random.ts';
import { Service } from './service.ts';

/** What those concerned do whenever it is their turn; `turn` counts from 0. What a way does not say goes on as it does well. */
type Way = {
  name: string;
  act?: (service: Service, referral: Referral) => Promise<unknown> | undefined;
  /** How somebody came to a session. */
  coming?: (session: number) => string;
  notRight?: boolean;
};

const atReview =
  (then: (service: Service, referral: Referral) => Promise<unknown>): NonNullable<Way['act']> =>
  (service, referral) =>
    referral.stage === 'review' ? then(service, referral) : undefined;

export const WAYS: readonly Way[] = [
  { name: 'completed' },
  { name: 'declined', act: atReview((service, referral) => decide(service, referral, 'decline')) },
  { name: 'signposted', act: atReview((service, referral) => decide(service, referral, 'signpost')) },
  { name: 'left before a review', act: atReview((service, referral) => leave(service, referral)) },
  {
    name: 'asked for more, then declined',
    act: (service, referral) => {
      if (referral.stage === 'information') return answer(service, referral);
      return referral.stage === 'review'
        ? decide(service, referral, referral.questions.length === 0 ? 'ask-for-more' : 'decline')
        : undefined;
    },
  },
  {
    name: 'not right for them',
    notRight: true,
    act: atReview((service, referral) =>
      decide(service, referral, referral.offers.length === 0 ? 'match' : 'decline'),
    ),
  },
  {
    name: "the provider's silence",
    act: (service, referral) => {
      if (referral.stage === 'offer') return Promise.resolve();
      return referral.stage === 'review'
        ? decide(service, referral, referral.offers.length === 0 ? 'match' : 'decline')
        : undefined;
    },
  },
  {
    name: 'the provider declines',
    act: (service, referral) => {
      if (referral.stage === 'offer') return reply(service, referral, 'decline', 'no-capacity');
      return referral.stage === 'review'
        ? decide(service, referral, referral.offers.length === 0 ? 'match' : 'decline')
        : undefined;
    },
  },
  {
    name: 'taken back',
    act: (service, referral) => {
      // Before the provider has heard of it there is nobody to tell.
      if (referral.stage === 'offer')
        return service.link(referral.id, 'offer') ? undo(service, referral) : Promise.resolve();
      return referral.stage === 'review'
        ? decide(service, referral, referral.offers.length === 0 ? 'match' : 'signpost')
        : undefined;
    },
  },
  {
    name: 'left in the programme',
    act: (service, referral) =>
      referral.stage === 'programme' && referral.programme.sessions.some(({ status }) => status === 'held')
        ? leave(service, referral)
        : undefined,
  },
  {
    name: 'left while it was offered, as a link worker was told',
    // Once the provider has the email: of an offer that they have not heard of they are told nothing.
    act: (service, referral) => {
      if (referral.stage !== 'offer') return undefined;
      const hasHeard =
        referral.offers.at(-1)?.askedAt !== undefined &&
        !referral.outbox.some(({ key }) => key.startsWith('email:offer:'));
      return hasHeard ? tellThatTheyLeave(service, referral) : Promise.resolve();
    },
  },
  {
    name: 'ended at the provider',
    act: (service, referral) =>
      referral.stage === 'programme' && referral.programme.sessions.some(({ status }) => status === 'held')
        ? endAtProvider(service, referral)
        : undefined,
  },
  {
    name: 'ended after missed sessions',
    coming: () => '3',
    act: (service, referral) =>
      referral.stage === 'programme' &&
      referral.programme.welfare.some(({ outcome }) => outcome === undefined)
        ? welfare(service, referral, 'close')
        : undefined,
  },
];

/** How it ended, as far as that must be the same whatever failed on the way. */
export type End = { referrals: unknown[]; ledgers: unknown[]; emails: string[] };

export type Gone = { end: End; calls: readonly (readonly [number, string])[]; service: Service };

const DAY = 86_400_000;
/** As many sessions as it takes for every kind: a first, one between, a last. */
const SESSIONS = 3;
const SEED = 7;
/** Somebody who gets every email that there may be. */
const PERSON = {
  ...{ danger: 'no', risks: 'none-known', email: 'zq-person@people.example', contactMayEmail: 'yes' },
  gpPracticeEmail: 'gp@practice.example',
};

/** Goes a way to its end, with a fault where `plan` says. Rejects with DoesNotHold. */
export async function goTheWay(way: Way, plan: Plan): Promise<Gone> {
  const calls: [number, string][] = [];
  const noted: Plan = (number, call) => {
    calls.push([number, JSON.stringify(call)]);
    return plan(number, call);
  };
  const service = await Service.open({ seed: SEED, level: 'single', plan: noted, sessions: SESSIONS });
  const { cloud } = service;
  try {
    cloud.act('refer', () => refer(service, randomOf(SEED, 'person'), PERSON));
    await service.goOn(cloud.nowMs);
    for (let round = 0; round < 120; round++) {
      const open = service.referrals().some(({ stage }) => stage !== 'closed');
      if (!open && service.isAtRest()) break;
      cloud.act('everybody', () => everybody(service, way));
      await service.goOn(cloud.nowMs);
      await service.goOn(cloud.nowMs + (open ? DAY : 100 * DAY));
    }
    service.watch.checkAtRest(service.referrals(), service.ledgers(), service.cohorts(), service.known);
    return { end: endOf(service), calls, service };
  } catch (error) {
    throw new DoesNotHold(error as Error, { faults: cloud.faults, acts: 0 }, cloud.log);
  } finally {
    service.close();
  }
}

async function everybody(service: Service, { act, coming, notRight = false }: Way): Promise<void> {
  for (const cohort of service.cohorts()) {
    const session = openSession(service, cohort);
    if (session !== undefined)
      await record(service, cohort, session, () => coming?.(session) ?? '5', { notRight });
  }
  for (const referral of service.referrals()) {
    const own = act?.(service, referral);
    if (own) await own;
    else await goOnWith(service, referral, true);
  }
}

/** Who is told of a fault, or reminded of what it kept from them, is no part of how it ends; nor who need not be asked any more when it is over. */
const BECAUSE_OF_IT =
  /reminder|escalation|^held |^alert-coordinator |^(review|information|welfare)-(request|answered) /;
/** Nor is what is done about it. */
const ON_THE_WAY = /^(workflow-failed|execution-|.*-reminder$|.*-escalation$|check-in|details)/;

function endOf(service: Service): End {
  const referrals = service.referrals().map((referral) => ({
    stage: referral.stage,
    ending: 'ending' in referral ? { kind: referral.ending.kind, reason: referral.ending.reason } : undefined,
    offers: referral.offers.map(({ result, declineReason }) => [result, declineReason]),
    // Whoever leaves may or may not have a next one by then.
    sessions: referral.programme?.sessions
      .filter(({ status }) => status === 'held')
      .map(({ number, attendance }) => [number, attendance]),
    welfare: referral.programme?.welfare.map(({ outcome }) => outcome),
    history: referral.history
      .filter(({ event }) => !ON_THE_WAY.test(event))
      .map(({ event, detail }) => `${event} ${detail ?? ''}`),
  }));
  const ledgers = service.ledgers().map(({ places, waiting, cohorts }) => ({
    ...{ places, waiting },
    capacities: cohorts.map(({ capacity }) => capacity),
  }));
  const emails = new Set(
    service.cloud.mails.map(({ tags: { message = '', to = '' } }) => `${message} to ${to}`),
  );
  return {
    referrals,
    ledgers,
    emails: [...emails].filter((each) => !BECAUSE_OF_IT.test(each)).sort(),
  };
}
