/**
 * Open referrals at every point of their lives, made by the rules themselves. What the rules would have sent, started and answered is left
 * out: a seeded referral comes to life when somebody does something with it.
 */
import { referralIdOf } from '../../functions/shared/links.ts';
import { personKeysOf } from '../../functions/shared/person-index.ts';
import { assign } from '../../workflows/assignment.ts';
import { isRefusal, type Outcome } from '../../workflows/change.ts';
import { newCohort, recordGroupRegister } from '../../workflows/cohort.ts';
import type { CohortRecord, RegisterCode } from '../../workflows/cohort-record.ts';
import { nextContact, recordContact } from '../../workflows/contacts.ts';
import { dangerStands } from '../../workflows/danger.ts';
import type { Programme } from '../../workflows/directory.ts';
import { newReferral } from '../../workflows/intake.ts';
import { type OfferReply, replyToOffer } from '../../workflows/offer.ts';
import { plannedSession } from '../../workflows/planning.ts';
import { learnOfSession } from '../../workflows/programme.ts';
import { ownCohortId, type Referral, type Step, type TeamMember } from '../../workflows/referral.ts';
import type { Request } from '../../workflows/request.ts';
import { decideReview, type ReviewDecision, speaksFirst } from '../../workflows/review.ts';
import { enterStep } from '../../workflows/steps.ts';
import { after, londonDate, londonInstant } from '../../workflows/time.ts';
import { type Chance, chanceFor } from './chance.ts';
import { submissionFor } from './people.ts';

/** A team that referrals are for, and those of it to whom they are given. */
export type SeedTeam = { id: string; members: readonly TeamMember[] };

export type Seeding = {
  seed: number;
  /** What time it is for the service: everything lies before it, and whatever is due after it. */
  now: string;
  teams: readonly SeedTeam[];
  programmes: readonly Programme[];
  lawfulBasis: NonNullable<Request['lawfulBasis']>;
};

/** For so many days nothing falls due, so that no sweep takes up what was seeded. */
export const QUIET_DAYS = 30;

/** Over how many days after that it falls due. */
const DUE_WITHIN_DAYS = 60;

/** How many of a hundred open referrals are where. */
const MIX: readonly (readonly [of: number, live: (life: Life) => Referral])[] = [
  [1, justReceived],
  [30, inReview],
  [5, onHold],
  [6, asked],
  [14, offered],
  [40, inProgramme],
  [2, missed],
  [2, ending],
];

/** What a life is made of. */
type Life = {
  chance: Chance;
  now: string;
  programme: Programme;
  /** Who decides, and mostly whose it is. */
  member: TeamMember;
  /** The referral as it came in, so many days ago. */
  received(daysAgo: number): Referral;
};

/** Open referral number `number`: the same one for the same seeding. */
export async function seededReferral(number: number, seeding: Seeding): Promise<Referral> {
  const { seed, now, teams, programmes, lawfulBasis } = seeding;
  const chance = chanceFor(seed, number);
  const submission = submissionFor(number, chance, now);
  const personKeys = await personKeysOf(submission.person);
  const team = chance.one(teams);
  const referral = wayOf(chance)({
    chance,
    now,
    programme: chance.one(programmes),
    member: chance.one(team.members),
    received(daysAgo) {
      const at = ago(now, daysAgo);
      const request = { ...submission.request, consent: { given: true, at } } as const;
      const id = referralIdOf(`seed ${seed} ${number}`);
      const intake = { id, now: at, lawfulBasis, personKeys, team: team.id };
      return newReferral({ ...submission, request }, intake);
    },
  });
  return atRest(referral, chance, now);
}

function wayOf(chance: Chance): (life: Life) => Referral {
  let left = chance.between(0, 100);
  for (const [of, live] of MIX) {
    left -= of;
    if (left < 0) return live;
  }
  return inReview;
}

function justReceived({ chance, received }: Life): Referral {
  return received(chance.between(0, 0.01));
}

/** Some are overdue, some are nobody's yet, and some were tried to be reached. */
function inReview(life: Life): Referral {
  const { chance, now, member } = life;
  const days = chance.between(0, 6);
  const referral = reviewed(life, days);
  if (chance.in(0.45)) return referral;
  const taken = done(assign(referral, member, undefined, ago(now, days * 0.9), member));
  const tries = chance.in(0.4) ? chance.whole(1, 3) : 0;
  return Array.from({ length: tries }).reduce((tried: Referral, _, i) => {
    const attempt = { channel: chance.one(['phone', 'text'] as const), outcome: 'not-possible' } as const;
    return done(recordContact(tried, nextContact(tried), attempt, member, ago(now, days * (0.8 - i * 0.2))));
  }, taken);
}

/** Whoever may be in danger was spoken with before somebody decided that they wait, or wrote down what they want. */
function spokenWith(referral: Referral, member: TeamMember, at: string): Referral {
  const call = { channel: 'phone', outcome: 'reached' } as const;
  return dangerStands(referral)
    ? done(recordContact(referral, nextContact(referral), call, member, at))
    : referral;
}

function onHold(life: Life): Referral {
  const { chance, now, member } = life;
  const until = after(now, { days: chance.whole(QUIET_DAYS + 1, 89) });
  const days = chance.between(1, 20);
  const at = ago(now, days * 0.7);
  const referral = spokenWith(reviewed(life, days), member, at);
  return done(
    decideReview(referral, 'review-1', { decision: 'hold', until, reason: 'person-asked' }, at, member),
  );
}

function asked(life: Life): Referral {
  const days = life.chance.between(1, 12);
  const question = 'When is a good time to ring?';
  const referral = decided(life, days, { decision: 'ask-for-more', to: 'referrer', question });
  return entered(referral, 'information', ago(life.now, days * 0.7));
}

/** A third of them waits for a place. */
function offered(life: Life): Referral {
  const { chance, now } = life;
  const days = chance.between(1, 25);
  const referral = withProvider(life, days);
  if (!chance.in(0.33)) return referral;
  const waits = done(replyToOffer(referral, 'offer-1', { reply: 'waitlist' }, ago(now, days * 0.3)));
  return entered(waits, 'place', ago(now, days * 0.3));
}

/** Between the first session and the last but one. Nobody misses two in a row. */
function inProgramme(life: Life): Referral {
  let absent = false;
  return sessionsOf(life, () => {
    absent = !absent && life.chance.in(0.12);
    return absent ? '3' : '5';
  });
}

/** The last two sessions were missed, so that somebody is to be contacted. */
function missed(life: Life): Referral {
  const referral = sessionsOf(life, (_, isLast) => (isLast ? '3' : '5'));
  return entered(referral, 'welfare', lastChange(referral));
}

/** Just signposted or declined; nobody has heard yet. */
function ending(life: Life): Referral {
  const decision = life.chance.in(0.5)
    ? ({ decision: 'signpost', signpostedTo: 'The library’s conversation café, Tuesdays' } as const)
    : ({ decision: 'decline', reason: 'person-does-not-want-it' } as const);
  return decided(life, life.chance.between(1, 10), decision);
}

function reviewed({ received, now }: Pick<Life, 'received' | 'now'>, daysAgo: number): Referral {
  return entered(received(daysAgo), 'review', ago(now, daysAgo));
}

function decided(life: Life, daysAgo: number, decision: ReviewDecision): Referral {
  const at = ago(life.now, daysAgo * 0.7);
  const referral = reviewed(life, daysAgo);
  const known = speaksFirst(decision) ? spokenWith(referral, life.member, at) : referral;
  return done(decideReview(known, 'review-1', decision, at, life.member));
}

function withProvider(life: Life, daysAgo: number): Referral {
  const matched = decided(life, daysAgo, { decision: 'match', programmeId: life.programme.id });
  return entered(matched, 'provider', ago(life.now, daysAgo * 0.7));
}

/** One session a week until now, at least two; `attendance` says what each was, and is told whether it is among the last two. */
function sessionsOf(life: Life, attendance: (number: number, isLast: boolean) => RegisterCode): Referral {
  const { chance, now, programme } = life;
  const weeks = chance.whole(2, Math.max(2, programme.sessions.count - 1));
  const firstSessionAt = londonInstant(londonDate(ago(now, weeks * 7 - 1)), programme.sessions.time);
  const days = weeks * 7 + chance.between(14, 50);
  const offered = withProvider(life, days);
  const accept = {
    reply: 'accept',
    cohortId: ownCohortId(offered.id, 1),
    firstSessionAt,
    sessions: programme.sessions.count,
    sessionMinutes: 90,
  } as const;
  const begun = done(replyToOffer(offered, 'offer-1', accept, ago(now, weeks * 7 + 7)));
  let cohort = cohortOf(begun, accept);
  let referral = entered(begun, 'session', ago(now, weeks * 7 + 7), cohort);
  for (let number = 1; number <= weeks; number++) {
    const session = referral.stage === 'programme' ? plannedSession(referral.programme) : undefined;
    if (!session || session.endsAt >= now) break;
    const at = after(session.endsAt, { hours: 1 });
    const { id } = referral;
    const entries = { [id]: { attendance: attendance(number, number > weeks - 2) } };
    const recorded = recordGroupRegister(cohort, session.number, { held: true, entries }, at);
    if ('refused' in recorded) throw new Error('a register was refused');
    cohort = recorded;
    referral = done(learnOfSession(referral, cohort, session.number, at));
    if (number < weeks) referral = entered(referral, 'session', at, cohort);
  }
  return referral;
}

/**
 * With nothing to send, to start or to answer, and due later. Nothing waits for it: whatever is decided then starts an execution by the
 * sweep, as for one whose execution was lost.
 */
function atRest(referral: Referral, chance: Chance, now: string): Referral {
  const { waiting: _nobody, outbox: _unsent, ...rest } = unreminded(referral);
  const at = after(now, { minutes: Math.round(1440 * (QUIET_DAYS + chance.between(0, DUE_WITHIN_DAYS))) });
  return {
    ...rest,
    outbox: [],
    updatedAt: lastChange(referral),
    due: isQuiet(rest.due?.at, now) ? rest.due : { at, step: rest.due?.step ?? 'workflow', count: 0 },
  } as Referral;
}

/** Nobody is reminded of a session while a link worker gets in touch. */
function unreminded(referral: Referral): Referral {
  if (!('programme' in referral) || referral.programme === undefined) return referral;
  const sessions = referral.programme.sessions.map(({ remindAt: _when, ...session }) => session);
  return { ...referral, programme: { ...referral.programme, sessions } } as Referral;
}

function isQuiet(at: string | undefined, now: string): boolean {
  return at !== undefined && at > after(now, { days: QUIET_DAYS });
}

function lastChange({ history, createdAt }: Referral): string {
  return history.at(-1)?.at ?? createdAt;
}

/** The sessions of one person of their own. */
function cohortOf(
  { id, reference, updatedAt: now, offers }: Referral,
  {
    cohortId,
    firstSessionAt: firstAt,
    sessions: count,
    sessionMinutes: minutes,
  }: Extract<OfferReply, { reply: 'accept' }>,
): CohortRecord {
  const programmeId = offers[0]?.programmeId ?? '';
  const plan = { programmeId, cohortId, own: id, firstAt, count, minutes };
  return newCohort(plan, { id, reference, now });
}

function entered(referral: Referral, step: Step, at: string, cohort?: CohortRecord): Referral {
  const token = `seeded-${step}-${referral.history.length}`;
  return done(enterStep(referral, step, { token, execution: referral.execution.name }, at, cohort));
}

function done(outcome: Outcome): Referral {
  if (isRefusal(outcome)) throw new Error(`a rule refused: ${outcome.refused}`);
  return outcome;
}

function ago(now: string, days: number): string {
  return new Date(Date.parse(now) - Math.round(days * 86_400_000)).toISOString();
}
